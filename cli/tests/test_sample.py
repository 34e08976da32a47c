"""A sample looks like the traffic of the port: right numbers, shared ships, papers where they are due, known gaps."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import protovalidate
import pytest
from stdnum import imo, iso6346
from stdnum.cn import uscc

from tongguan.facts import dump_line, parse_line
from tongguan.sample import generate
from tongguan.sample.gaps import TRAITS, Gap
from tongguan.sample.numbers import tag
from tongguan.sample.plan import draw
from tongguan.sample.pools import pools
from tongguan.sample.tables import goods

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
COUNT = 800


@pytest.fixture(scope="module")
def messages():
    """(kind, message) of every line, parsed by the contract."""
    return [parse_line(dump_line(line)) for line in generate(COUNT, 20040301, MORNING)]


@pytest.fixture(scope="module")
def consignments(messages):
    return [message.consignment for kind, message in messages if kind == "submission"]


@pytest.fixture(scope="module")
def plans():
    own = tag(20040301, MORNING.isoformat(), "3104980001")
    shared = pools(COUNT, "20040301/3104980001", own, MORNING, "3104980001")
    return [draw(number, shared) for number in range(1, COUNT + 1)]


def of_kind(messages, kind):
    return [message for name, message in messages if name == kind]


def test_every_line_keeps_the_contracts_form(messages):
    for _, message in messages:
        protovalidate.validate(message)


def test_facts_come_first_and_all_submissions_after(messages):
    kinds = [kind for kind, _ in messages]
    assert kinds[-COUNT:] == ["submission"] * COUNT
    assert "submission" not in kinds[:-COUNT]


def test_the_same_seed_and_time_give_the_same_bytes():
    def text(seed, as_of=MORNING, broker="3104980001"):
        return [dump_line(line) for line in generate(40, seed, as_of, broker)]

    assert text(5) == text(5)
    assert text(5) != text(6)
    assert text(5) != text(5, MORNING + timedelta(hours=1))
    assert text(5) != text(5, broker="3104980002")


def test_a_seed_has_the_same_goods_at_every_hour_under_other_numbers():
    def submissions(as_of):
        return [line["submission"]["consignment"] for line in generate(40, 5, as_of) if "submission" in line]

    def goods_of(consignment):
        return [
            {key: value for key, value in item.items() if key != "documents"} for item in consignment["items"]
        ], len(consignment.get("containers", ()))

    morning, evening = submissions(MORNING), submissions(MORNING + timedelta(days=260, hours=9))
    assert [goods_of(each) for each in morning] == [goods_of(each) for each in evening]
    numbers = [{box["number"] for each in day for box in each.get("containers", ())} for day in (morning, evening)]
    assert len(numbers[0]) > 20
    assert numbers[0].isdisjoint(numbers[1])


def test_references_bills_and_request_ids_are_unique_within_and_between_seeds(consignments, messages):
    other = [parse_line(dump_line(line))[1] for line in generate(COUNT, 7, MORNING) if "submission" in line]
    every = [*of_kind(messages, "submission"), *other]
    for part in ("reference", "transport_document_number"):
        assert len({getattr(message.consignment, part) for message in every}) == len(every)
    assert len({message.request_id for message in every}) == len(every)


def test_numbers_have_right_check_digits(consignments, plans):
    mistyped = [plan.number - 1 for plan in plans if plan.gap is Gap.WRONG_SHIP]
    for index, consignment in enumerate(consignments):
        for container in consignment.containers:
            assert iso6346.is_valid(container.number), container.number
        if consignment.border_transport.mode == 1:
            assert imo.is_valid(consignment.border_transport.identification) == (index not in mistyped)
        number = consignment.trader.identifier
        assert uscc.is_valid(number) if len(number) == 18 else re.fullmatch(r"33\d{8}", number)
    assert len(mistyped) > 0


def test_modes_directions_areas_and_types_are_mixed_as_at_the_port(consignments):
    share = Counter()
    for consignment in consignments:
        share["sea"] += consignment.border_transport.mode == 1
        share["air"] += consignment.border_transport.mode == 4
        share["import"] += consignment.direction == 1
        share["special"] += bool(consignment.special_area_code)
        share["pre_lodged"] += consignment.declaration_type == 2
        share["several items"] += len(consignment.items) > 1
    share = {name: number / COUNT for name, number in share.items()}
    assert share["sea"] + share["air"] == 1
    assert 0.8 < share["sea"] < 0.92
    assert 0.35 < share["import"] < 0.52
    assert 0.05 < share["special"] < 0.13
    assert 0.02 < share["pre_lodged"] < 0.1
    assert 0.2 < share["several items"] < 0.5


def test_ships_are_shared_and_every_sound_call_is_announced_crewed_and_permitted(messages, consignments, plans):
    calls = {
        kind: {(fact.identification, fact.voyage_number) for fact in of_kind(messages, kind)}
        for kind in ("announcement", "crew_list", "permit")
    }
    lacking = {Gap.NO_CREW_LIST: "crew_list", Gap.NOT_ANNOUNCED: "announcement", Gap.NO_PERMIT: "permit"}
    for plan, consignment in zip(plans, consignments, strict=True):
        if plan.gap is Gap.WRONG_SHIP:
            continue
        border = consignment.border_transport
        call = (border.identification, border.voyage_number)
        for kind in ("announcement", "crew_list", *(["permit"] if border.mode == 1 else [])):
            assert (call in calls[kind]) == (lacking.get(plan.gap) != kind), (plan.gap, kind)
    assert len(calls["announcement"]) < COUNT / 15


def test_sound_consignments_are_manifested_as_declared(messages, consignments, plans):
    manifests = {fact.transport_document_number: fact for fact in of_kind(messages, "manifest")}
    arrivals = {fact.transport_document_number for fact in of_kind(messages, "arrival")}
    for plan, consignment in zip(plans, consignments, strict=True):
        if plan.gap is Gap.NONE:
            manifest = manifests[consignment.transport_document_number]
            assert manifest.packages == consignment.total_packages
            assert manifest.gross_mass_kg == pytest.approx(consignment.total_gross_mass_kg)
            assert {container.number for container in consignment.containers} == set(manifest.container_numbers)
            assert consignment.transport_document_number in arrivals


def test_goods_add_up(consignments, plans):
    sound = [c for plan, c in zip(plans, consignments, strict=True) if plan.gap is Gap.NONE]
    for consignment in sound:
        assert sum(item.value.minor_units for item in consignment.items) == consignment.invoice_total.minor_units
        gross = sum(item.gross_mass_kg for item in consignment.items)
        assert gross == pytest.approx(consignment.total_gross_mass_kg, abs=0.2)
        for item in consignment.items:
            assert 0 < item.net_mass_kg <= item.gross_mass_kg
            assert item.packages[0].count > 0


def test_papers_are_there_where_goods_need_them(messages, consignments, plans):
    kinds = {row.code: row for row in goods()}
    held = {fact.number for kind in ("certificate", "licence") for fact in of_kind(messages, kind)}
    papers = Counter()
    for plan, consignment in zip(plans, consignments, strict=True):
        for item in consignment.items:
            row = kinds.get(item.commodity_code)
            for need in filter(None, (row.licence, row.certificate) if row else ()):
                named = [document.number for document in item.documents if document.type_code == need]
                papers[plan.gap, bool(named), bool(named) and named[0] in held] += 1
    assert papers[Gap.NONE, True, True] > 20
    assert {gap for gap, named, lodged in papers if not (named and lodged)} <= {
        Gap.NO_CERTIFICATE, Gap.NO_LICENCE, Gap.CERTIFICATE_AWAITED,
    }  # fmt: skip


def test_some_exports_bring_a_certificate_of_inspection_at_origin_that_covers_them(messages, consignments):
    lodged = {fact.number: fact for kind, fact in messages if kind == "certificate"}
    named = [
        (item, document.number)
        for consignment in consignments
        for item in consignment.items
        for document in item.documents
        if document.type_code == "N003"
    ]
    assert named
    for item, number in named:
        assert item.commodity_code.startswith(tuple(lodged[number].commodity_prefixes))
        assert item.net_mass_kg <= lodged[number].limit_net_mass_kg


def test_every_gap_occurs_about_as_often_as_stated():
    shared = pools(20_000, "shares", "SHARES", MORNING, "3104980001")
    found = Counter(draw(number, shared).gap for number in range(1, 6001))
    assert set(found) == {*TRAITS, Gap.NONE}
    for gap, trait in TRAITS.items():
        assert found[gap] == pytest.approx(6 * trait.per_mille, abs=4 + 3 * (6 * trait.per_mille) ** 0.5), gap
    assert 0.9 < found[Gap.NONE] / 6000 < 0.92


def test_every_gap_leads_to_somebody():
    assert {gap for gap, trait in TRAITS.items() if not trait.party} == {Gap.LICENCE_EXPIRED}


def test_firms_in_trouble_are_never_firms_in_good_standing(messages, consignments, plans):
    classes = {fact.identifier: fact for fact in of_kind(messages, "enterprise")}
    for plan, consignment in zip(plans, consignments, strict=True):
        entry = classes.get(consignment.trader.identifier)
        assert (entry is None) == (plan.gap is Gap.UNREGISTERED)
        if entry is not None:
            assert (entry.enterprise_class == 4) == (plan.gap is Gap.CLASS_D)
            assert entry.suspended == (plan.gap is Gap.SUSPENDED)
    share = Counter(fact.enterprise_class for fact in classes.values())
    assert share[2] > share[1] > share[3]


def test_two_samples_of_one_moment_never_contradict_each_other():
    """Facts of one key that two seeds share are the same fact, so that the later sample spoils nothing."""
    keys = {
        "enterprise": ("identifier",),
        "announcement": ("identification", "voyageNumber"),
        "crew_list": ("identification", "voyageNumber"),
        "permit": ("identification", "voyageNumber"),
        "entry_formalities": ("identification", "voyageNumber"),
        "producer": ("identifier",),
    }
    seen: dict[tuple[str, ...], dict] = {}
    shared = 0
    for seed in (1, 2):
        for line in generate(400, seed, MORNING):
            [(kind, fact)] = line.items()
            if kind in keys:
                key = (kind, *(fact[name] for name in keys[kind]))
                shared += key in seen
                assert seen.setdefault(key, fact) == fact
    assert shared > 50


def test_a_large_sample_streams():
    """The first lines of ten thousand come at once, and the registers do not grow with the count without end."""
    begun = list(islice(generate(9_999_999, 3, MORNING), 100))
    assert len(begun) == 100
    assert pools(9_999_999, "t", "T", MORNING, "1").enterprises == 20_000


def test_exports_leave_no_sooner_than_a_day_from_now(consignments):
    for consignment in consignments:
        if consignment.direction == 2:
            assert consignment.loading_time.ToDatetime(UTC) >= MORNING + timedelta(hours=25)
        else:
            assert consignment.arrival_time.ToDatetime(UTC) <= MORNING + timedelta(days=2)
