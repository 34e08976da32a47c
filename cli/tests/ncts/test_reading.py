"""Which field a message's elements become, and what is said of those that become none."""

import re
from dataclasses import replace
from typing import Any

import protovalidate
import pytest

from clearance.district.v1.movement_pb2 import TransitDeclaration
from tongguan.convert import Unconverted
from tongguan.convert.ncts.profile import NctsProfile, default_ncts_profile, parse_ncts_profile
from tongguan.convert.refusals import ProfileFaulty


def without(document: str, element: str) -> str:
    """The document without the first of these elements."""
    changed = re.sub(rf"<{element}>.*?</{element}>", "", document, count=1, flags=re.DOTALL)
    assert changed != document
    return changed


def kept(converted: Any) -> dict[str, str]:
    return {element.path: element.value for element in converted.request.declaration.supplied_elements}


def test_a_declaration_has_the_contracts_form(convert: Any, spindles: str) -> None:
    protovalidate.validate(convert(spindles).request.declaration)


def test_a_declaration_before_presentation_is_declared_first(convert: Any, spindles: str) -> None:
    declaration = convert(spindles).request.declaration
    assert (declaration.pre_lodged, declaration.mode) == (True, TransitDeclaration.MODE_DECLARE_FIRST)
    presented = convert(spindles.replace("<additionalDeclarationType>D", "<additionalDeclarationType>A"))
    assert presented.request.declaration.mode == TransitDeclaration.MODE_DIRECT


def test_offices_become_ours_and_their_own_codes_are_kept(convert: Any, spindles: str) -> None:
    converted = convert(spindles)
    declaration = converted.request.declaration
    assert declaration.departure_office_code == "3104"
    assert declaration.destination_office_code == "2900"
    assert list(declaration.transit_office_codes) == ["2200", "2300"]
    assert kept(converted)["CustomsOfficeOfDeparture/referenceNumber"] == "GB000060"
    assert "CustomsOfficeOfDestinationDeclared/referenceNumber" not in kept(converted)


def test_items_of_all_house_consignments_are_items_and_keep_their_place(convert: Any, spindles: str) -> None:
    converted = convert(spindles)
    items = converted.request.declaration.items
    assert [(item.number, item.description) for item in items] == [
        (2, "Ring spindles, of steel"),
        (1, "Machine oil"),
        (3, "Cotton waste"),
    ]
    place = "Consignment/HouseConsignment[2]/ConsignmentItem[1]/declarationGoodsItemNumber"
    assert kept(converted)[place] == "1"
    assert kept(converted)["Consignment/HouseConsignment[1]/Consignee/name"] == "Spinnerei Ost"


def test_an_item_has_its_code_masses_packages_documents_and_dangers(convert: Any, spindles: str) -> None:
    spindle, oil, waste = convert(spindles).request.declaration.items
    assert (spindle.commodity_code, spindle.supplementary_quantity) == ("84483300", 120)
    assert not spindle.HasField("net_mass_kg")
    assert not spindle.packages[0].HasField("count")
    assert list(oil.dangerous_goods_codes) == ["1270", "1268"]
    assert (oil.packages[0].count, oil.packages[0].marks) == (5, "OIL 1-5")
    assert [(each.type_code, each.number) for each in oil.documents] == [("N740", "AWB-1")]
    assert list(oil.statement_codes) == ["20300"]
    assert list(waste.container_numbers) == ["CSQU3054383"]


def test_a_container_has_its_seals_and_equipment_without_number_is_kept_beside(convert: Any, spindles: str) -> None:
    converted = convert(spindles)
    [container] = converted.request.declaration.containers
    assert (container.number, list(container.seal_numbers)) == ("CSQU3054383", ["BOLT-9"])
    assert kept(converted)["Consignment/TransportEquipment[2]/Seal[1]/identifier"] == "LORRY-1"


def test_guarantees_of_all_groups_are_named_once_and_their_amounts_are_one_sum(convert: Any, spindles: str) -> None:
    request = convert(spindles).request
    assert [guarantee.grn for guarantee in request.guarantees] == ["19XX0040191000015", "04CN3104000000296"]
    amount = request.declaration.guarantee_amount
    assert (amount.currency_code, amount.minor_units) == ("CNY", 966_393)  # 1000.50 × 7.85 + 200 × 9.05, rounded up


def test_no_access_code_stands_in_the_movement_or_its_report(convert: Any, spindles: str) -> None:
    converted = convert(spindles)
    told = str(converted.request) + str(converted.report.to_dict()) + " ".join(converted.report.summary())
    assert "Q7R2" not in told
    assert "AB01" not in told
    assert len(converted.report.access_codes) == 2


def test_the_code_of_a_guarantee_that_the_profile_replaces_is_not_handed_over(convert: Any, spindles: str) -> None:
    assert convert(spindles).access_codes == (("19XX0040191000015", "Q7R2"),)


@pytest.mark.parametrize(
    ("element", "path"),
    [
        ("LRN", "TransitOperation/LRN"),
        ("CustomsOfficeOfDeparture", "CustomsOfficeOfDeparture/referenceNumber"),
        ("HolderOfTheTransitProcedure", "HolderOfTheTransitProcedure/identificationNumber"),
        ("Consignment", "Consignment/HouseConsignment[1]/ConsignmentItem[1]"),
    ],
)
def test_what_no_movement_can_do_without_is_named(attempt: Any, spindles: str, element: str, path: str) -> None:
    refused = attempt(without(spindles, element))
    assert isinstance(refused, Unconverted)
    assert str(refused.refusal) == f"{path}: it is missing"


def test_every_value_that_cannot_be_mapped_is_named_with_its_path(attempt: Any, spindles: str) -> None:
    wrong = spindles.replace("GB000060", "GB000099").replace("XI000142", "XI000199").replace("SPINDLES-0417", "A B")
    wrong = wrong.replace("<declarationGoodsItemNumber>3</declarationGoodsItemNumber>\n        <Comm", "<Comm")
    refused = attempt(wrong)
    assert isinstance(refused, Unconverted)
    for path in (
        "CustomsOfficeOfDeparture/referenceNumber: office GB000099",
        "CustomsOfficeOfTransitDeclared[1]/referenceNumber: office XI000199",
        "TransitOperation/LRN: it does not fit",
        "Consignment/HouseConsignment[2]/ConsignmentItem[2]/declarationGoodsItemNumber: it is no number",
    ):
        assert path in str(refused.refusal)


def test_what_has_not_the_form_of_an_office_code_is_not_quoted(attempt: Any, spindles: str) -> None:
    refused = attempt(spindles.replace("GB000060", "\u202egnp.exe"))
    assert "CustomsOfficeOfDeparture/referenceNumber" in str(refused.refusal)
    assert "gnp" not in str(refused.refusal)


def test_a_text_that_nothing_can_hold_is_named(attempt: Any, spindles: str) -> None:
    refused = attempt(spindles.replace("CASH-0417", "x" * 513))
    assert isinstance(refused, Unconverted)
    assert str(refused.refusal).startswith("Guarantee[2]/otherGuaranteeReference: no field takes it")


def test_amounts_of_several_currencies_need_rates(attempt: Any, spindles: str) -> None:
    refused = attempt(spindles, NctsProfile(offices={"GB000060": "3104", "XI000142": "2200"}))
    assert "Guarantee[1]/GuaranteeReference[2]/currency: amounts are of several currencies" in str(refused.refusal)


def test_a_profile_stands_in_for_a_guarantee_without_number_and_amount(convert: Any, spindles: str) -> None:
    guarantee = 'grn = "04CN3104000000296"\namount = "250.00"\ncurrency = "CNY"\n'
    profile = parse_ncts_profile(f'{guarantee}[offices]\nGB000060 = "3104"\nXI000142 = "2200"')
    converted = convert(without(spindles, "Guarantee"), profile)
    assert [guarantee.grn for guarantee in converted.request.guarantees] == ["04CN3104000000296"]
    assert converted.request.declaration.guarantee_amount.minor_units == 25_000


def test_an_amount_without_currency_is_of_the_currency_that_guarantees_are_kept_in(convert: Any, spindles: str) -> None:
    amount = convert(spindles.replace("<currency>EUR</currency>", "")).request.declaration.guarantee_amount
    assert (amount.currency_code, amount.minor_units) == ("CNY", 281_050)


def test_a_profile_names_the_holder_where_the_message_does_not(convert: Any, spindles: str) -> None:
    profile = replace(default_ncts_profile(), holder="3302961284")
    unnamed = spindles.replace("<identificationNumber>GB954131544000</identificationNumber>", "")
    converted = convert(unnamed, profile)
    assert converted.request.declaration.holder.identifier == "3302961284"
    assert kept(converted)["HolderOfTheTransitProcedure/identificationNumber"] == ""


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("<CC007C/>", "it is no message CC015C or CC029C"),
        ('<!DOCTYPE CC015C [<!ENTITY a "b">]><CC015C>&a;</CC015C>', "document type or entities"),
        ('<!DOCTYPE CC015C SYSTEM "file:///etc/passwd"><CC015C/>', "document type or entities"),
        ("<CC015C>", "not well-formed"),
    ],
)
def test_another_document_is_refused(attempt: Any, document: str, reason: str) -> None:
    refused = attempt(document)
    assert isinstance(refused, Unconverted)
    assert reason in str(refused.refusal)


def test_a_profile_with_faults_is_refused_with_each_of_them() -> None:
    with pytest.raises(ProfileFaulty, match=r"mode is not one of.*rates.GBP is not a number") as faulty:
        parse_ncts_profile('mode = "sideways"\n[rates]\nGBP = "much"\n')
    assert "offices" not in str(faulty.value)
