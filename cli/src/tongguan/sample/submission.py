"""The submission line of a drawn consignment: canonical protobuf JSON, written directly.

Directly, because building and serialising a message for each of a million consignments would take most of the time; a
test parses what is written with the contract.
"""

import uuid
from datetime import datetime
from typing import Any

from tongguan.sample.enterprises import producer
from tongguan.sample.gaps import Gap
from tongguan.sample.items import Item
from tongguan.sample.plan import Plan
from tongguan.sample.pools import Pools

# US dollars for one unit, of the plan's time (example), and decimals of the currency.
_RATES = {"USD": (1.0, 2), "EUR": (1.24, 2), "JPY": (0.0092, 0), "GBP": (1.82, 2), "HKD": (0.1283, 2)}
_SEA_UNIT, _AIR_UNIT = "4000", "1000"


def submission(plan: Plan, pools: Pools) -> dict[str, Any]:
    """SubmitClearanceRequest."""
    digest = uuid.uuid5(uuid.NAMESPACE_URL, f"tongguan:sample:{pools.tag}:{plan.number}")
    return {"requestId": str(digest), "consignment": _consignment(plan, pools)}


def inspected_at_origin(plan: Plan, item: Item) -> bool:
    """Every eighth export that inspection supervises passes on a certificate of inspection at origin (产地检验)."""
    return plan.direction == "export" and bool(item.goods.supervised) and plan.number % 8 == 0


def document_number(plan: Plan, index: int, kind: str) -> str:
    """Number of a certificate or licence of one item; facts and submission must agree on it."""
    return f"{kind}-{plan.document[4:]}-{index + 1}"


def reference(plan: Plan, pools: Pools) -> str:
    """The broker's own number of the consignment."""
    return f"NB{pools.tag}{plan.number:07d}"


def declared_packages(plan: Plan) -> int:
    """Total packages as declared; with the gap PACKAGES_DIFFER the manifest says more."""
    return sum(item.packages for item in plan.items)


def declared_mass(plan: Plan) -> float:
    """Total gross mass as declared, in kilograms."""
    return round(sum(item.gross_kg for item in plan.items), 1)


def firm_identifier(plan: Plan, pools: Pools) -> str:
    """Number of the foreign firm; stated only where the watch list must find it."""
    return f"WL{pools.tag}{plan.number}"


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _consignment(plan: Plan, pools: Pools) -> dict[str, Any]:
    imported = plan.direction == "import"
    trader = {"name": plan.enterprise.name, "identifier": plan.enterprise.identifier, "countryCode": "CN"}
    firm: dict[str, Any] = {"name": plan.firm.name, "countryCode": plan.firm.country_code}
    firm |= {"identifier": firm_identifier(plan, pools)} if plan.gap is Gap.WATCHED_PARTY else {}
    firm |= {"addressLines": [plan.firm.city]} if plan.firm.city else {}
    consignment = {
        "reference": reference(plan, pools),
        "direction": f"DIRECTION_{plan.direction.upper()}",
        "declarationType": f"DECLARATION_TYPE_{plan.declaration_type}",
        "brokerLicence": pools.broker_licence,
        "customsDistrictCode": plan.terminal.customs_district_code,
        "portCode": plan.terminal.port_code,
        "specialAreaCode": plan.special_area,
        "tradeModeCode": plan.trade_mode,
        "trader": trader,
        "consignor" if imported else "consignee": firm,
        "borderTransport": _conveyance(plan),
        "transportDocumentNumber": plan.document,
        "containers": [{"number": number, "sealNumbers": [seal]} for number, seal in plan.containers],
        "dispatchCountryCode": plan.market if imported else "CN",
        "destinationCountryCode": "CN" if imported else plan.market,
        "goodsLocationCode": plan.terminal_code,
        "totalPackages": declared_packages(plan),
        "totalGrossMassKg": declared_mass(plan),
        "items": [_item(plan, pools, index, item) for index, item in enumerate(plan.items)],
    }
    _times_and_total(plan, consignment)
    if plan.gap is Gap.WRONG_COUNTRY:
        consignment["dispatchCountryCode" if imported else "destinationCountryCode"] = "XQ"
    return {name: value for name, value in consignment.items() if value not in ("", [], {})}


def _times_and_total(plan: Plan, consignment: dict[str, Any]) -> None:
    if plan.declared_arrival is not None:
        consignment["arrivalTime"] = timestamp(plan.declared_arrival)
    else:
        consignment["loadingTime"] = timestamp(plan.call.expected)
    if plan.gap is not Gap.NO_VALUE:
        units = sum(int(item["value"]["minorUnits"]) for item in consignment["items"])
        consignment["invoiceTotal"] = {"currencyCode": plan.currency, "minorUnits": str(units)}


def _conveyance(plan: Plan) -> dict[str, Any]:
    number = plan.call.identification
    if plan.gap is Gap.WRONG_SHIP:
        number = f"{number[:-1]}{(int(number[-1]) + 3) % 10}"
    return {
        "mode": f"MODE_{plan.mode.upper()}",
        "identification": number,
        "voyageNumber": plan.call.voyage_number,
        "nationalityCode": plan.call.flag,
    }


def _item(plan: Plan, pools: Pools, index: int, item: Item) -> dict[str, Any]:
    goods, first = item.goods, index == 0
    line: dict[str, Any] = {
        "number": index + 1,
        "commodityCode": "" if first and plan.gap is Gap.NO_CODE else goods.code,
        "description": f"{goods.name_zh} {goods.name_en}",
        "originCountryCode": item.origin,
        "grossMassKg": item.gross_kg,
        "netMassKg": item.net_kg,
        "packages": [{"typeCode": goods.package, "count": item.packages}],
        "procedureCodes": [_SEA_UNIT if plan.direction == "import" else _AIR_UNIT],
        "documents": _documents(plan, index, item),
    }
    if goods.pieces:
        line["supplementaryQuantity"] = max(1, round(item.net_kg * goods.pieces))
    if first and plan.gap is Gap.NO_MASS:
        del line["netMassKg"]
    if not (first and plan.gap is Gap.NO_VALUE):
        line["value"] = {"currencyCode": plan.currency, "minorUnits": str(_units(plan, item, first))}
    if item.producer >= 0:
        line["producerIdentifier"] = producer(item.producer)[0].identifier
    return {name: value for name, value in line.items() if value not in ("", [])}


def _units(plan: Plan, item: Item, first: bool) -> int:
    """Minor units of the declaration's currency."""
    rate, digits = _RATES[plan.currency]
    cents = item.usd_cents * (9_000 if first and plan.gap is Gap.UNBELIEVABLE_VALUE else 1)
    units: int = round(cents / 100 / rate * 10**digits)
    return max(1, units)


def _documents(plan: Plan, index: int, item: Item) -> list[dict[str, str]]:
    goods = item.goods
    documents = [{"typeCode": "N935", "number": f"INV{plan.document[4:]}/{index + 1}"}]
    if goods.licence and plan.gap is not Gap.NO_LICENCE:
        documents.append({"typeCode": goods.licence, "number": document_number(plan, index, "LIC")})
    if goods.certificate and plan.gap is not Gap.NO_CERTIFICATE:
        documents.append({"typeCode": goods.certificate, "number": document_number(plan, index, "CERT")})
    if inspected_at_origin(plan, item):
        documents.append({"typeCode": "N003", "number": document_number(plan, index, "ORIG")})
    return documents
