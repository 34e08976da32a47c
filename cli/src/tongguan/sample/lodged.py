"""The facts of a sample: registers and calls once, then what each drawn consignment needs to be released."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tongguan.sample.calls import Call, crew, flight_call, ship_call
from tongguan.sample.enterprises import Enterprise, enterprise, producer
from tongguan.sample.gaps import Gap
from tongguan.sample.items import Item
from tongguan.sample.plan import Plan
from tongguan.sample.pools import Pools
from tongguan.sample.submission import (
    declared_mass,
    declared_packages,
    document_number,
    firm_identifier,
    inspected_at_origin,
    timestamp,
)

Line = dict[str, Any]

# Invented firms, by the names in their certificates.
HAULIERS = ("YONGGANG", "BEILUN-EXPRESS", "SIMING-TRUCKS")


def registers(pools: Pools) -> Iterator[Line]:
    """Broker, enterprises, producers, and every call of the pools with its crew list and permit."""
    yield {"broker": {"licence": pools.broker_licence, "name": "宁波海曙报关有限公司"}}
    for index in range(pools.enterprises):
        yield _enterprise(enterprise(index), pools.as_of)
    for index in range(pools.producers):
        firm, inspection_class = producer(index)
        line = {"identifier": firm.identifier, "name": firm.name, "inspectionClass": inspection_class}
        yield {"producer": line}
    for direction in ("import", "export"):
        for index in range(pools.ships):
            yield from _call(ship_call(index, direction, pools.as_of), pools.as_of)
        for index in range(pools.flights):
            yield from _call(flight_call(index, direction, pools.as_of), pools.as_of)
    for index in range(pools.incoming):
        yield from _call(ship_call(index, "import", pools.as_of, incoming=True), pools.as_of)


def facts(plan: Plan, pools: Pools) -> Iterator[Line]:
    """What the consignment's own gap leaves of its facts."""
    gap = plan.gap
    if gap in (Gap.CLASS_D, Gap.SUSPENDED):
        yield _enterprise(plan.enterprise, pools.as_of, suspended=gap is Gap.SUSPENDED)
    if gap in (Gap.NO_CREW_LIST, Gap.NOT_ANNOUNCED, Gap.NO_PERMIT, Gap.SHORT_NOTICE):
        yield from _call(plan.call, pools.as_of, gap)
    if gap is Gap.WATCHED_PARTY:
        subject = firm_identifier(plan, pools)
        yield {"watch_entry": {"id": f"W-{subject}", "kind": "KIND_PARTY", "subject": subject}}
    for index, item in enumerate(plan.items):
        yield from _papers(plan, index, item, pools.as_of)
    yield from _at_the_port(plan, pools)


def _enterprise(firm: Enterprise, as_of: datetime, suspended: bool = False) -> Line:
    line = {
        "identifier": firm.identifier,
        "name": firm.name,
        "enterpriseClass": f"ENTERPRISE_CLASS_{firm.enterprise_class}",
        "validFromTime": timestamp(as_of - timedelta(days=700)),
    }
    until = timestamp(as_of + timedelta(days=400))
    line |= {"highTechUntilTime": until} if firm.high_tech else {}
    line |= {"networkedUntilTime": until} if firm.networked else {}
    line |= {"premises": firm.premises} if firm.premises else {}
    return {"enterprise": line | ({"suspended": True} if suspended else {})}


def _call(call: Call, as_of: datetime, gap: Gap = Gap.NONE) -> Iterator[Line]:
    key = {"identification": call.identification, "voyageNumber": call.voyage_number}
    if gap is not Gap.NOT_ANNOUNCED:
        movement = "ARRIVAL" if call.direction == "import" else "DEPARTURE"
        yield {
            "announcement": key
            | {
                "mode": f"MODE_{call.mode.upper()}",
                "movement": f"MOVEMENT_{movement}",
                "announceTime": timestamp(call.announced),
                "expectedTime": timestamp(call.expected),
                "nationalityCode": call.flag,
                "portCode": "CNNGB" if call.mode == "air" else "CNBLG",
                "name": call.name,
            }
        }
    if gap is not Gap.NO_CREW_LIST:
        yield {"crew_list": key | {"members": crew(call), "lodgeTime": timestamp(call.announced)}}
    if call.mode == "sea" and call.direction == "import" and call.expected <= as_of:
        inspected = {"movement": "MOVEMENT_ARRIVAL", "inspectTime": timestamp(call.expected), "passed": True}
        yield {"inspection": key | inspected}
        completed = min(call.expected + timedelta(hours=5), as_of)
        yield {
            "entry_formalities": key | {"arriveTime": timestamp(call.expected), "completeTime": timestamp(completed)}
        }
    if gap is not Gap.NO_PERMIT and call.mode == "sea":
        granted = min(call.expected, as_of) if call.direction == "import" else as_of
        movement = "MOVEMENT_ARRIVAL" if call.direction == "import" else "MOVEMENT_DEPARTURE"
        yield {"permit": key | {"movement": movement, "grantTime": timestamp(granted)}}


def _papers(plan: Plan, index: int, item: Item, as_of: datetime) -> Iterator[Line]:
    """Licence and certificate of one item, covering it with some room."""
    goods = item.goods
    limit = round(item.net_kg * 1.2, 1)
    if goods.licence and plan.gap is not Gap.NO_LICENCE:
        days = -3 if plan.gap is Gap.LICENCE_EXPIRED else 180
        yield {
            "licence": {
                "number": document_number(plan, index, "LIC"),
                "typeCode": goods.licence,
                "holderIdentifier": plan.enterprise.identifier,
                "commodityPrefixes": [goods.code[:4]],
                "limitNetMassKg": limit,
                "validUntilTime": timestamp(as_of + timedelta(days=days)),
            }
        }
    if goods.certificate and plan.gap not in (Gap.NO_CERTIFICATE, Gap.CERTIFICATE_AWAITED):
        yield {
            "certificate": {
                "number": document_number(plan, index, "CERT"),
                "kind": "KIND_HEALTH" if goods.certificate == "N853" else "KIND_PHYTOSANITARY",
                "issueCountryCode": item.origin,
                "commodityPrefixes": [goods.code[:4]],
                "limitNetMassKg": limit,
                "validUntilTime": timestamp(as_of + timedelta(days=60)),
                "transportDocumentNumber": plan.document,
            }
        }
    if inspected_at_origin(plan, item):
        yield {
            "certificate": {
                "number": document_number(plan, index, "ORIG"),
                "kind": "KIND_ORIGIN_INSPECTION",
                "issueCountryCode": "CN",
                "commodityPrefixes": [goods.code[:4]],
                "limitNetMassKg": limit,
                "validUntilTime": timestamp(as_of + timedelta(days=60)),
            }
        }


def _at_the_port(plan: Plan, pools: Pools) -> Iterator[Line]:
    """Manifest, arrival, place and hold."""
    gap, document = plan.gap, {"transportDocumentNumber": plan.document}
    if gap is not Gap.NO_MANIFEST:
        numbers = [number for number, _ in plan.containers]
        mass = declared_mass(plan) * (1.3 if gap is Gap.MASS_DIFFERS else 1.0)
        yield {
            "manifest": document
            | {
                "conveyanceIdentification": plan.call.identification,
                "voyageNumber": plan.call.voyage_number,
                "packages": declared_packages(plan) + (7 if gap is Gap.PACKAGES_DIFFER else 0),
                "grossMassKg": round(mass, 1),
                "containerNumbers": numbers[1:] if gap is Gap.CONTAINER_NOT_MANIFESTED else numbers,
                "portCode": plan.terminal.port_code,
            }
        }
    if plan.arrived is None:
        return
    yield {"arrival": document | {"arriveTime": timestamp(plan.arrived), "terminalCode": plan.terminal_code}}
    if gap is not Gap.NOT_PLACED:
        block = f"{plan.terminal_code}/{chr(ord('A') + plan.number % 20)}"
        assigned = {"assignTime": timestamp(plan.arrived)}
        boxes: list[dict[str, str]] = [{"containerNumber": number} for number, _ in plan.containers]
        for index, box in enumerate(boxes or [{}]):
            place = {"placeCode": f"{block}{(plan.number + index) % 37 + 1:02d}"}
            yield {"place": document | box | place | assigned}
    if plan.call.direction == "import":
        haulier = HAULIERS[plan.number % len(HAULIERS)]
        yield {"delivery_order": document | {"haulierCode": haulier}}
    if gap is Gap.PORT_HOLD:
        reason = "破损箱待检 damaged, to be surveyed"
        yield {"hold": {"id": f"H-{pools.tag}{plan.number}", "subject": plan.document, "reason": reason}}
