"""What is past its period goes, with everything that hangs on it; what is open, and what proves things, stays."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.audit.__main__ import main
from agencykit.decisions import tables
from agencykit.decisions.due import mark_due
from agencykit.evidence.merkle import leaf_hash
from agencykit.refusals import RecordPurged, Refusal
from agencykit.retention.agencies import agency_keeping
from agencykit.retention.declared import EVER, Keeping, Kept, Tally
from agencykit.retention.purging import Purged
from agencykit.rpc.transport import Refusal as Refused
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run
from agencykit.testing.authority import certificates
from agencykit.testing.example_agency import DEFINITION
from agencykit.testing.inline_agency import InlineAgency
from agencykit.testing.purging import FOUR_YEARS, TWELVE_YEARS, purge_later
from agencykit.testing.running import AGENCY_SERVICE
from clearance.agency.v1 import agency_service_pb2 as pb

from .conftest import Harbour

KEEPING = agency_keeping([Kept("weight_notes", EVER, "register")])
# One clearance in each transaction.
ONE_BY_ONE = replace(KEEPING, subjects=(replace(KEEPING.subjects[0], most=1),))
CLOSED = pb.Outcome.KIND_CLOSED
LISTENING = replace(
    DEFINITION,
    interests=lambda view, facts: [("producer", "宁波"), ("yard", "7")],
    outlasting=frozenset({"producer"}),
)


class Crash(Exception):
    """The process ends between two transactions."""


def purge(harbour: Harbour, days: int, keeping: Keeping = KEEPING, **how: Any) -> dict[str, Purged]:
    """Purges as if so many days had passed."""
    return purge_later(harbour.url, keeping, harbour.runtime.clock.now(), days, **how)


async def tell(office: InlineAgency, number: str, kind: "pb.Outcome.Kind.ValueType", order_number: int = 1) -> bool:
    outcome = pb.Outcome(
        request_id=office.app.parts.runtime.ids.uuid(),
        clearance_number=number,
        version=1,
        kind=kind,
        order_number=order_number,
        outcome_time=Timestamp(seconds=1_100_700_000),
    )
    request = pb.RecordOutcomesRequest(outcomes=[outcome])
    answer = await office.gateway.call(f"{AGENCY_SERVICE}RecordOutcomes", request, pb.RecordOutcomesResponse)
    return answer.receipts[0].superseded


async def closed(harbour: Harbour, office: InlineAgency, count: int = 1) -> list[str]:
    """So many clearances, decided and closed."""
    numbers = [harbour.number() for _ in range(count)]
    for number in numbers:
        await harbour.decide(office, number)
        await tell(office, number, CLOSED)
    return numbers


def at(harbour: Harbour, text: str) -> list[Any]:
    engine = make_engine(harbour.url, connections=0)
    with engine.begin() as connection:
        found = run(connection, text)
    engine.dispose()
    return found


def everything(harbour: Harbour) -> str:
    """All tables, as text."""
    return "".join(
        repr([[bytes(cell) if isinstance(cell, (bytes, memoryview)) else cell for cell in row] for row in rows])
        for rows in (at(harbour, f"SELECT * FROM {table.name}") for table in tables.metadata.sorted_tables)
    )


def verified(harbour: Harbour, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    file = folder / "weighbridge.jsonl"
    told = ["--service", "weighbridge", "--district", "ningbo", "--file", str(file)]
    assert main(["export", "--database-url", harbour.url, *told]) == 0
    capsys.readouterr()
    code = main(["verify", str(file), "--ca", str(certificates() / "ca.pem")])
    return code, capsys.readouterr().out.splitlines()


async def test_what_is_closed_goes_after_its_period_and_what_is_open_stays(
    harbour: Harbour, office: InlineAgency
) -> None:
    [over] = await closed(harbour, office)
    open_ = harbour.number()
    await harbour.decide(office, open_)
    found = purge(harbour, FOUR_YEARS)["clearances"]
    assert (found.subjects, found.rows["consignments"], found.rows["decisions"]) == (1, 1, 1)
    assert found.rows["outcomes"] == 1
    for table in (tables.consignments, tables.decisions, tables.outcomes, tables.waits, tables.work):
        assert await harbour.rows(office, table, over) == []
    assert len(await harbour.rows(office, tables.decisions, open_)) == 1
    assert await harbour.numbers(office) == sorted([over, open_]), "the tombstone stays"


async def test_nothing_goes_before_its_period_or_while_it_is_only_looked_for(
    harbour: Harbour, office: InlineAgency
) -> None:
    [over] = await closed(harbour, office)
    assert purge(harbour, 1095)["clearances"].subjects == 0
    foreseen = purge(harbour, FOUR_YEARS, look=True)["clearances"]
    assert (foreseen.subjects, foreseen.rows["decisions"]) == (1, 1)
    assert len(await harbour.rows(office, tables.decisions, over)) == 1


async def test_a_clearance_on_which_officers_have_work_is_kept(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    await harbour.decide(office, number, harbour.bent(number, goods_location_code="HOLD-YARD"))
    await tell(office, number, CLOSED)
    assert purge(harbour, FOUR_YEARS)["clearances"].subjects == 0
    assert len(await harbour.rows(office, tables.work, number)) == 1


async def test_a_refused_version_is_over_and_an_amendment_opens_it_again(
    harbour: Harbour, office: InlineAgency
) -> None:
    number = harbour.number()
    await harbour.decide(office, number)
    await tell(office, number, pb.Outcome.KIND_REFUSED)
    await harbour.decide(office, number, harbour.bent(number, total_gross_mass_kg=7.0), version=2)
    assert purge(harbour, FOUR_YEARS)["clearances"].subjects == 0


async def test_a_late_request_about_what_was_purged_has_no_second_effect(
    harbour: Harbour, office: InlineAgency
) -> None:
    number = harbour.number()
    first = harbour.item(number)
    await office.gateway.assess(first)
    await tell(office, number, CLOSED)
    purge(harbour, FOUR_YEARS)
    for late in (first, harbour.item(number), harbour.item(number, version=2)):
        [answer] = await office.gateway.assess(late)
        assert RecordPurged.reason in str(answer.error), "the same request, another id, another version"
    with pytest.raises((Refusal, Refused), match=r"RECORD_PURGED|retention"):
        await office.gateway.withdraw(number)
    assert await tell(office, number, pb.Outcome.KIND_REOPENED, 2), "kept out as superseded"
    assert await harbour.rows(office, tables.outcomes, number) == []
    assert await harbour.rows(office, tables.consignments, number) == []
    await office.app.parts.database.write(mark_due, [number])
    assert [row.due_time for row in await harbour.rows(office, tables.cases, number)] == [None], (
        "nor is it decided again"
    )


async def test_logs_verify_across_a_purge_and_say_which_row_vouches_for_it(
    harbour: Harbour, office: InlineAgency, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await closed(harbour, office, 2)
    await harbour.weigh(office, {"of nobody": 1.0})
    await harbour.decide(office, harbour.number())
    purge(harbour, 0)  # puts what was written into the chain, as a running service does
    purge(harbour, FOUR_YEARS)
    assert verified(harbour, tmp_path, capsys)[0] == 0
    purge(harbour, TWELVE_YEARS)
    code, lines = verified(harbour, tmp_path, capsys)
    assert code == 0, lines
    assert any("3 decisions, 2 of them purged by row" in line for line in lines)
    assert any("1 of them purged by row" in line and "rows" in line for line in lines), lines


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("DELETE FROM decisions WHERE sequence = 3", "3: the log ends before it"),
        (
            "INSERT INTO purged_leaves SELECT log, sequence, ?, proof, first_sequence FROM decisions",
            "3: its decision was taken out, and no purge says so",
        ),
        ("UPDATE purged_leaves SET leaf = decisions.proof FROM decisions", "1: "),
        ("DELETE FROM purged_leaves WHERE sequence = 2", "2: its decision was deleted"),
        ("UPDATE audit SET details = replace(details, '1-2', '1-3') WHERE act = 'purge'", "1: its decision was taken"),
        ("DELETE FROM audit WHERE act <> 'purge'", "1: its row was deleted"),
    ],
    ids=["a deletion", "a leaf in its place", "another leaf", "a lost leaf", "a purge that says more", "a row deleted"],
)
async def test_what_is_done_beside_a_purge_is_still_found(
    harbour: Harbour, office: InlineAgency, tmp_path: Path, capsys: pytest.CaptureFixture[str], script: str, fault: str
) -> None:
    await harbour.weigh(office, {"of nobody": 1.0})
    await closed(harbour, office, 2)
    await harbour.decide(office, harbour.number())
    purge(harbour, FOUR_YEARS)
    if "?" in script:
        [(content,)] = at(harbour, "SELECT decision FROM decisions")
        blob = leaf_hash(bytes(content)).hex()
        leaf = f"X'{blob}'" if "sqlite" in harbour.url else f"decode('{blob}', 'hex')"
        at(harbour, script.replace("?", leaf))
        at(harbour, "DELETE FROM decisions")
    else:
        at(harbour, script)
    code, lines = verified(harbour, tmp_path, capsys)
    assert code == 1
    assert any(f"first bad sequence {fault}" in line for line in lines), lines


async def test_a_purge_that_was_broken_off_goes_on_where_it_was(
    harbour: Harbour, office: InlineAgency, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await closed(harbour, office, 3)

    def crash(_: float) -> None:
        raise Crash

    with pytest.raises(Crash):
        purge(harbour, FOUR_YEARS, ONE_BY_ONE, rest=crash)
    assert at(harbour, "SELECT count(*) FROM purged_leaves") == [(1,)]
    assert purge(harbour, FOUR_YEARS, ONE_BY_ONE)["clearances"].subjects == 2
    assert purge(harbour, FOUR_YEARS)["clearances"].subjects == 0
    assert at(harbour, "SELECT count(*) FROM audit WHERE act = 'purge'") == [(3,)]
    assert verified(harbour, tmp_path, capsys)[0] == 0


async def test_a_row_behind_one_that_is_too_young_waits_for_it(harbour: Harbour, office: InlineAgency) -> None:
    """A clock that went back made it older than what stands before it: nobody could tell it from one taken out."""
    await harbour.weigh(office, {"of nobody": 1.0})
    await harbour.weigh(office, {"of nobody": 2.0})
    at(harbour, "UPDATE audit SET time = time + 315360000000000 WHERE id = (SELECT min(id) FROM audit)")
    purge(harbour, 0)
    assert purge(harbour, TWELVE_YEARS)["audit"].subjects == 0
    assert purge(harbour, 2 * TWELVE_YEARS)["audit"].subjects == 2


async def test_a_row_that_somebody_changed_is_not_purged_with_the_proof_of_it(
    harbour: Harbour, office: InlineAgency
) -> None:
    await harbour.weigh(office, {"of nobody": 1.0})
    purge(harbour, 0)
    at(harbour, "UPDATE audit SET identity = 'spiffe://ningbo.clearance/operator/nobody'")
    found = purge(harbour, TWELVE_YEARS)["audit"]
    assert (found.subjects, len(found.changed)) == (0, 1)
    assert at(harbour, "SELECT count(*) FROM audit") == [(1,)]


async def test_the_row_of_a_purge_says_what_how_much_up_to_when_and_by_whom(
    harbour: Harbour, office: InlineAgency
) -> None:
    await closed(harbour, office, 2)
    purge(harbour, FOUR_YEARS)
    [(identity, details)] = at(harbour, "SELECT identity, details FROM audit WHERE act = 'purge'")
    assert identity == "dba/chen"
    for told in ('"by": "dba/chen"', '"count": 2', '"consignments": 2', '"until": ', '"weighbridge/1": "1-2"'):
        assert told in details
    assert at(harbour, "SELECT max(last_id) FROM audit_pages") == at(harbour, "SELECT max(id) FROM audit"), (
        "in the chain"
    )


async def test_nothing_of_a_purged_consignment_is_left_in_any_table(harbour: Harbour, office: InlineAgency) -> None:
    [number] = await closed(harbour, office)
    assert f"HLCU{number}" in everything(harbour)
    await asyncio.to_thread(purge, harbour, FOUR_YEARS)
    assert f"HLCU{number}" not in everything(harbour)
    await harbour.decide(office, harbour.number())  # beside the running service


async def test_what_is_closed_waits_no_longer_but_for_what_outlasts_it(harbour: Harbour) -> None:
    office = await harbour.open(LISTENING)
    [number] = await closed(harbour, office)
    assert [row.fact_kind for row in await harbour.rows(office, tables.waits, number)] == ["producer"]
    withdrawn = harbour.number()
    await harbour.decide(office, withdrawn)
    await office.gateway.withdraw(withdrawn)
    assert await harbour.rows(office, tables.waits, withdrawn) == []


async def test_a_late_word_of_closing_ends_no_wait_of_what_was_reopened_since(harbour: Harbour) -> None:
    office = await harbour.open(LISTENING)
    number = harbour.number()
    await harbour.decide(office, number)
    await tell(office, number, pb.Outcome.KIND_REOPENED, 3)
    assert await tell(office, number, CLOSED, 2), "overtaken"
    kinds = {row.fact_kind for row in await harbour.rows(office, tables.waits, number)}
    assert kinds == {"producer", "weight_note", "yard"}, "what would end the recall is still heard"


def test_a_tally_counts_only_what_there_is() -> None:
    tally = Tally(1)
    tally.add("work", 0)
    tally.add("decisions", 2)
    assert tally.rows == {"decisions": 2}
