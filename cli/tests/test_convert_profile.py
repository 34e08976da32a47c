"""A profile supplies what the format cannot know, says so, and never invents what the declaration must tell."""

import re
from datetime import UTC, datetime

import pytest

from clearance.common.v1.consignment_pb2 import Consignment
from tongguan.convert import default_profile
from tongguan.convert.profile import Profile, parse_profile
from tongguan.convert.refusals import ProfileFaulty

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
NEVER_SUPPLIED = re.compile(r"licen[cs]e_|certificate|commodity|mass|value|document(s|\[)|packages|invoice")


def facts(converted, kind):
    return [fact for name, fact in converted.facts if name == kind]


def test_what_is_supplied_is_marked_in_the_submission_and_in_the_report(convert, shellfish):
    converted = convert(shellfish)
    consignment, report = converted.submission.consignment, converted.report
    assert report.supplied == {
        "broker_licence": "3104980001",
        "trade_mode_code": "0110",
        "customs_district_code": "3104",
        "port_code": "CNBLG",
        "transport_document_number": "NGBMEXILLON-0417",
        "border_transport.voyage_number": "026W",
        "trader.identifier": "3302961284",
        "arrival_time": "2026-03-01T00:00Z",
    }
    assert list(consignment.supplied_fields) == list(report.supplied)


def test_only_a_profile_without_entries_supplies_nothing_but_the_broker(convert, shellfish):
    converted = convert(shellfish, profile=Profile(broker_licence="3104980777"))
    assert converted.report.supplied == {"broker_licence": "3104980777"}
    assert converted.facts == ()
    assert converted.submission.consignment.trader.identifier == "ES44444444"


def test_no_field_of_goods_is_ever_supplied(convert, shellfish):
    bare = re.sub(r"<(Commodity|Packaging|AdditionalDocument)>.*?</\1>", "", shellfish, flags=re.DOTALL)
    bare = re.sub(r"<(TotalGrossMassMeasure|TotalPackageQuantity|InvoiceAmount).*?</\1>", "", bare)
    converted = convert(bare)
    item = converted.submission.consignment.items[0]
    assert not item.commodity_code
    assert not item.documents
    assert not any(item.HasField(field) for field in ("gross_mass_kg", "net_mass_kg"))
    assert not any(NEVER_SUPPLIED.search(field) for field in converted.report.supplied)
    assert not facts(converted, "manifest")
    assert [(note.field, note.note) for note in converted.report.withheld] == [
        ("manifest", "the declaration states no packages")
    ]


def test_the_enterprise_stands_for_a_foreign_trader_who_stays_as_the_other_side(convert, shellfish):
    consignment = convert(shellfish).submission.consignment
    assert consignment.trader.identifier == "3302961284"
    assert consignment.consignee.identifier == "ES44444444"
    assert consignment.consignee.name == consignment.trader.name


def test_a_traders_own_enterprise_comes_before_the_general_one(convert, shellfish):
    profile = parse_profile(
        'broker_licence = "1"\n[enterprise]\nnumber = "3302000001"\nnumbers = { ES44444444 = "3302000002" }'
    )
    assert convert(shellfish, profile=profile).submission.consignment.trader.identifier == "3302000002"


@pytest.mark.parametrize("number", ["3302123456", "91330200MA2AFQ9R3C"])
def test_a_domestic_traders_number_is_kept(convert, shellfish, number):
    converted = convert(shellfish.replace("ES44444444", number))
    assert converted.submission.consignment.trader.identifier == number
    assert "trader.identifier" not in converted.report.supplied
    assert not facts(converted, "enterprise")


def test_a_trader_who_is_not_named_is_not_supplied(convert, shellfish):
    text = re.sub("<Importer>.*?</Importer>", "", shellfish, flags=re.DOTALL)
    converted = convert(text)
    assert not converted.submission.consignment.HasField("trader")


def test_what_the_declaration_says_comes_before_the_profile(convert, shellfish):
    text = shellfish.replace("<ModeCode>1<", "<JourneyID>417E</JourneyID><ModeCode>1<", 1).replace(
        "<ContainerCode>",
        "<TransportContractDocument><ID>MAEU9917</ID></TransportContractDocument>"
        "<UnloadingLocation><ID>CNZOS</ID></UnloadingLocation><ContainerCode>",
    )
    converted = convert(text)
    consignment = converted.submission.consignment
    assert consignment.border_transport.voyage_number == "417E"
    assert consignment.transport_document_number == "MAEU9917"
    assert consignment.port_code == "CNZOS"
    assert not {"port_code", "transport_document_number"} & set(converted.report.supplied)


def test_a_conveyance_that_is_not_named_is_the_profiles_for_its_mode(convert, shellfish):
    text = shellfish.replace("<ID>9319466</ID>", "").replace("<ModeCode>1<", "<ModeCode>4<")
    border = convert(text).submission.consignment.border_transport
    assert (border.identification, border.voyage_number) == ("CA8523", "IN")
    assert border.nationality_code == "LR"


def test_the_manifest_is_computed_from_the_declaration(convert, shellfish):
    [manifest] = facts(convert(shellfish), "manifest")
    assert manifest.transport_document_number == "NGBMEXILLON-0417"
    assert (manifest.packages, manifest.gross_mass_kg) == (430, 5230.5)
    assert list(manifest.container_numbers) == ["CSQU3054383", "TEMU9000010"]
    assert (manifest.conveyance_identification, manifest.voyage_number) == ("9319466", "026W")
    no_totals = re.sub(r"<Total(GrossMassMeasure|PackageQuantity).*?</Total\1>", "", shellfish)
    [manifest] = facts(convert(no_totals), "manifest")
    assert (manifest.packages, manifest.gross_mass_kg) == (430, 5230.5)


def test_facts_meet_the_consignment_by_its_keys(convert, shellfish):
    converted = convert(shellfish)
    consignment = converted.submission.consignment
    border = consignment.border_transport
    assert [kind for kind, _ in converted.facts] == [
        "broker", "enterprise", "announcement", "crew_list", "permit", "inspection", "entry_formalities",
        "manifest", "arrival", "place", "place",
    ]  # fmt: skip
    for kind in ("announcement", "crew_list", "permit", "inspection", "entry_formalities"):
        [fact] = facts(converted, kind)
        assert (fact.identification, fact.voyage_number) == (border.identification, border.voyage_number)
    for fact in (*facts(converted, "arrival"), *facts(converted, "place")):
        assert fact.transport_document_number == consignment.transport_document_number
    assert [fact.container_number for fact in facts(converted, "place")] == [
        container.number for container in consignment.containers
    ]
    [announcement] = facts(converted, "announcement")
    assert announcement.expected_time == consignment.arrival_time


def test_pre_lodged_goods_have_not_arrived(convert, shellfish):
    converted = convert(shellfish.replace("IMA<", "IMD<"))
    assert not facts(converted, "arrival")
    assert not facts(converted, "inspection")
    assert not facts(converted, "entry_formalities")
    assert converted.submission.consignment.declaration_type == Consignment.DECLARATION_TYPE_PRE_LODGED
    assert converted.submission.consignment.arrival_time.ToDatetime(UTC) > MORNING


def test_exports_are_loaded_later_and_announced_as_departures(convert, shellfish):
    converted = convert(shellfish.replace("IMA<", "EXA<"))
    consignment = converted.submission.consignment
    assert (consignment.loading_time.ToDatetime(UTC) - MORNING).total_seconds() > 24 * 3600
    [announcement] = facts(converted, "announcement")
    assert announcement.Movement.Name(announcement.movement) == "MOVEMENT_DEPARTURE"
    assert announcement.expected_time == consignment.loading_time
    [permit] = facts(converted, "permit")
    assert permit.movement == announcement.movement
    assert not facts(converted, "entry_formalities")


def test_the_submission_is_the_same_all_day(convert, shellfish):
    evening = MORNING.replace(hour=23, minute=59)
    assert convert(shellfish, as_of=evening).submission == convert(shellfish).submission


def test_the_built_in_profile_is_valid_and_complete():
    profile = default_profile()
    assert profile.facts == {
        "broker",
        "enterprise",
        "announcement",
        "crew_list",
        "permit",
        "inspection",
        "entry_formalities",
        "manifest",
        "arrival",
        "place",
    }
    assert set(profile.times) == {"import", "import_pre_lodged", "export"}
    assert len(profile.crew) == 3


def test_every_fault_of_a_profile_is_named():
    with pytest.raises(ProfileFaulty) as caught:
        parse_profile(
            """
            trade_mode_code = "general"
            certificate = "C640"
            facts = ["manifest", "licence"]
            arrived = "standard"
            [enterprise]
            class = "AEO"
            [port.sea]
            port_code = "Ningbo"
            mass = 12
            [times]
            import = "soon"
            [[crew]]
            name = "Chen Haiming"
            """
        )
    text = str(caught.value)
    for part in (
        "broker_licence is missing",
        "trade_mode_code: it is longer than 4 characters",
        "certificate is not an entry of a profile",
        "facts knows",
        "not licence",
        "arrived is not a list",
        "enterprise.class is not one of A, B, C, D",
        "port.sea.port_code",
        "port.sea.mass is not an entry of a profile",
        "times.import is not a period",
        "crew.document_number is missing",
    ):
        assert part in text
