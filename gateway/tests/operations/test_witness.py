"""What was seen is countersigned once; whoever goes back on it is noticed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.evidence import load_signer
from agencykit.evidence.sheets import parse_sheet
from agencykit.identity import Identity
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run
from agencykit.testing.authority import DISTRICT, tls_files
from gateway.domain.head import LogHead, LogKind, is_of
from gateway.operations.witness import MOST_HEADS, Witness, countersign, keep_sheets
from gateway.rpc.proofs import SignedSheets
from gateway.storage.heads import NEWEST, Key, PartnerSheet, insert_sheet, newest_sheets

GATEWAY = Identity.of_district(DISTRICT, "gateway")
KEY = Key(b"17", b"a certificate", "spiffe://hangzhou.clearance/gateway")


@dataclass
class Told:
    """A log that keeps what people are told."""

    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None:
        self.events.append((event, fields))

    warning = error = info


@dataclass
class Now:
    """As much of a context as countersigning asks for."""

    now: int = 1_100_649_600_000_000
    chain: str = "1"


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = make_engine(database_url, connections=1)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def make_sheets() -> SignedSheets:
    folder = tls_files("gateway", signs=True).cert.parent
    return SignedSheets(load_signer(folder / "gateway-signing.pem", folder / "gateway-signing.key"), GATEWAY)


def head(log: str, sequence: int, content: bytes = b"\x11", kind: int = LogKind.DECISIONS) -> LogHead:
    return LogHead(kind, log, sequence, content * 32)


def signed(connection: Connection, witness: Witness, make: Any, *heads: LogHead) -> list[LogHead]:
    return countersign(connection, heads, [], witness, make, Now())  # type: ignore[arg-type]


def test_a_head_stands_on_one_sheet_first_and_the_newest_of_every_log_on_each(
    connection: Connection, make_sheets: SignedSheets
) -> None:
    witness = Witness(Told())
    signed(connection, witness, make_sheets, head("customs/1", 3), head("port/1", 7))
    signed(connection, witness, make_sheets, head("customs/1", 3), head("customs/1", 5), head("customs/1", 5))
    signed(connection, witness, make_sheets, head("customs/1", 5))
    sheets = [
        parse_sheet(bytes(row[0]), b"") for row in run(connection, "SELECT sheet FROM head_sheets ORDER BY number")
    ]
    assert [[(each.log, each.sequence) for each in sheet.heads] for sheet in sheets] == [
        [("customs/1", 3), ("port/1", 7)],
        [("customs/1", 5), ("port/1", 7)],
    ]
    assert sheets[1].previous == sheets[0].digest


def test_more_heads_than_one_sheet_holds_stand_on_several(connection: Connection, make_sheets: SignedSheets) -> None:
    heads = [head("customs/1", number) for number in range(1, MOST_HEADS + 18)]
    signed(connection, Witness(Told()), make_sheets, *heads)
    assert run(connection, "SELECT number, count(*) FROM log_heads GROUP BY number ORDER BY number") == [
        (1, MOST_HEADS),
        (2, 17),
    ]


def test_two_heads_for_one_place_are_a_fork_also_when_they_come_together(
    connection: Connection, make_sheets: SignedSheets
) -> None:
    witness = Witness(Told())
    assert signed(connection, witness, make_sheets, head("customs/1", 3)) == []
    other = head("customs/1", 3, b"\x22")
    assert signed(connection, witness, make_sheets, other) == [other]
    assert signed(connection, witness, make_sheets, head("port/1", 1), head("port/1", 1, b"\x22")) == [
        head("port/1", 1, b"\x22")
    ]


def test_an_agency_whose_log_is_shorter_than_it_was_is_told_of(
    connection: Connection, make_sheets: SignedSheets
) -> None:
    witness = Witness(told := Told())
    witness.heard("customs", [head("customs", 17, kind=LogKind.AUDIT)], {})
    signed(connection, witness, make_sheets, *witness.taken()[0])
    for _ in range(2):
        witness.heard("customs", [head("customs", 16, kind=LogKind.AUDIT)], dict(witness.newest))
    assert told.events == [("log.went_back", {"agency": "customs", "position": 16, "source": "customs"})], "once"


def known(*heads: LogHead) -> dict[str, LogHead]:
    return {each.log: each for each in heads}


def test_a_log_of_which_an_agency_tells_no_more_is_told_of_once_until_it_is_back() -> None:
    witness = Witness(told := Told())
    asked = known(head("customs", 17, kind=LogKind.AUDIT), head("customs/1", 6), head("port/1", 3))
    audit, log = head("customs", 18, kind=LogKind.AUDIT), head("customs/1", 6)
    for heads in ([audit], [audit], [audit, log], [audit]):
        witness.heard("customs", heads, asked)
    gone = ("log.gone", {"agency": "customs", "position": 6, "source": "customs/1"})
    assert told.events == [gone, gone]


def test_what_was_seen_while_an_agency_was_asked_is_no_fault_of_its_answer() -> None:
    witness = Witness(told := Told())
    witness.newest.update(known(head("customs/1", 7), head("customs/2", 1)))
    witness.heard("customs", [head("customs/1", 6)], known(head("customs/1", 6)))
    assert told.events == []


def test_of_an_agency_that_tells_no_heads_nothing_follows() -> None:
    witness = Witness(told := Told())
    witness.heard("tax", [], known(head("tax/1", 7)))
    assert told.events == []


def test_only_logs_of_the_own_district_stand_on_every_sheet(connection: Connection, make_sheets: SignedSheets) -> None:
    """Of partners' there is one for each clearance, and their own gateways countersign them."""
    witness = Witness(Told())
    signed(connection, witness, make_sheets, head("customs/1", 3), head("hangzhou:gateway/3100200400000000017", 1))
    assert list(witness.newest) == ["customs/1"]


@pytest.mark.parametrize(
    "told",
    [
        head("port", 1, kind=LogKind.AUDIT),
        head("customs", 1),
        head("port/1", 1),
        head("customs/1", 0),
        head("customs/1", 1, b""),
        head("customs/" + "7" * 57, 1),
        head("customs/1", 1, kind=3),
    ],
)
def test_an_agency_tells_heads_of_its_own_logs_and_well_formed_ones_alone(told: LogHead) -> None:
    assert not is_of("customs", told)
    assert is_of("customs", head("customs/1", 1))


def test_a_partners_sheets_are_kept_by_the_hour_and_one_that_goes_back_is_told_of(connection: Connection) -> None:
    def sheet(number: int, content: bytes = b"", replica: str = "1") -> PartnerSheet:
        return PartnerSheet("hangzhou", replica, number, content or b"sheet %d" % number, b"", KEY)

    first, hour = Now(), 3_600_000_000
    later = Now(first.now + hour)
    for number, moment in ((3, first), (4, first), (5, later)):
        assert keep_sheets(connection, [sheet(number)], moment.now, moment) == []  # type: ignore[arg-type]
    older, other = sheet(4), sheet(5, b"another")
    told = [older, sheet(5), other, sheet(1, replica="2")]
    assert keep_sheets(connection, told, later.now + 1, later) == [older, other]  # type: ignore[arg-type]
    kept = run(connection, "SELECT replica, number FROM partner_sheets ORDER BY replica, number")
    assert kept == [("1", 4), ("1", 5), ("2", 1)]
    assert run(connection, "SELECT identity FROM signing_keys") == [(KEY.identity,)]
    answered_late = keep_sheets(connection, [older], later.now, later)  # type: ignore[arg-type]
    assert answered_late == [], "another replica asked later and was answered sooner"


def test_the_newest_sheet_of_each_chain_is_found_without_reading_the_others(
    connection: Connection, make_sheets: SignedSheets
) -> None:
    assert newest_sheets(connection) == []
    for replica in ("1", "2", "10"):
        for number in (1, 2, 3):
            stored = make_sheets(replica, number, b"", [head(f"port/{replica}", number)], Now().now)
            insert_sheet(connection, replica, number, 0, stored, [])
    found = [parse_sheet(each.sheet, b"").heads[0] for each in newest_sheets(connection)]
    assert sorted((each.log, each.sequence) for each in found) == [("port/1", 3), ("port/10", 3), ("port/2", 3)]
    if connection.dialect.name == "sqlite":
        plan = [str(row[3]) for row in run(connection, f"EXPLAIN QUERY PLAN {NEWEST}")]
        read = [step for step in plan if step.split()[1:2] in (["s"], ["h"], ["n"], ["head_sheets"])]
        assert len(read) >= 3, plan
        assert all(step.startswith("SEARCH") for step in read), plan
