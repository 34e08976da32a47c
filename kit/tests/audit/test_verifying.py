"""Edit, deletion, cut tail, swap, fork, old backup: each is found, and the first bad sequence is named."""

import pytest
from sqlalchemy import Connection

from agencykit.audit import exporting
from agencykit.audit.__main__ import main
from agencykit.audit.sealing import seal_audit
from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit

from .conftest import NOW, Archive

Out = pytest.CaptureFixture[str]
# Acts 4 and 5 change places: the ids of their rows are exchanged.
SWAP = "UPDATE audit SET id = id - 9 WHERE id IN (4, 5); UPDATE audit SET id = -id WHERE id < 0;"


def test_an_untouched_archive_holds_and_says_how_much_of_it_others_vouch_for(archive: Archive, capsys: Out) -> None:
    assert archive.verified(capsys) == (0, [])
    assert archive.files == [
        "ningbo customs: 7 rows, 3 countersigned heads agree",
        "ningbo customs/1: 6 decisions, 3 countersigned heads agree",
        "ningbo sheets/1: 3 in order",
    ]


def test_sheets_are_exported_whole_in_pages(archive: Archive, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST", 2)
    assert archive.verified(capsys) == (0, [])
    assert "ningbo sheets/1: 3 in order" in archive.files


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("UPDATE audit SET details = '{}' || ' ' WHERE id = 4", "4: its row is not the one that was written"),
        ("DELETE FROM audit WHERE id = 4", "4: its row was deleted"),
        ("DELETE FROM audit WHERE id > 5", "6: its row was deleted"),
        (SWAP, "4: its row is not the one that was written"),
        (
            "DELETE FROM audit WHERE id > 5; DELETE FROM audit_pages WHERE first_sequence > 5",
            "6: the log ends before it, and 7 was countersigned at 2004-11-17 08:00:45 UTC",
        ),
        ("DELETE FROM audit_pages WHERE first_sequence = 3", "3: a page is missing"),
        (
            "UPDATE audit_pages SET head = zeroblob(32) WHERE first_sequence = 3",
            "3: the page from it to 5 has another head than its rows make",
        ),
        (
            "INSERT INTO audit VALUES (-7, 1, 'operator/nobody', 'clear', '31002004A', '{}')",
            "1: its row is not the one that was written",
        ),
        (
            "DROP TABLE audit_pages; UPDATE audit SET act = 'clear'",
            "1: the export has none of it, and 7 was countersigned at 2004-11-17 08:00:45 UTC",
        ),
    ],
    ids=[
        "an edit",
        "a deletion",
        "a cut tail",
        "a swap",
        "a cut tail with its page",
        "a lost page",
        "another head",
        "a row before the first",
        "no chain",
    ],
)
def test_what_was_done_to_an_audit_is_named_with_its_first_bad_sequence(
    archive: Archive, capsys: Out, script: str, fault: str
) -> None:
    archive.change(script)
    assert archive.verified(capsys) == (1, [f"ningbo customs: first bad sequence {fault}"])


def test_a_row_put_in_is_named(archive: Archive, capsys: Out) -> None:
    """An older row's place is free where a transaction was rolled back; here 6 moves on by one to make room."""
    archive.change(
        "UPDATE audit SET id = 30 WHERE id = 7; UPDATE audit_pages SET last_id = 30 WHERE first_sequence = 6;"
        "INSERT INTO audit VALUES (7, 1, 'operator/nobody', 'clear', '31002004A', '{}')"
    )
    code, [fault] = archive.verified(capsys)
    assert (code, fault) == (1, "ningbo customs: first bad sequence 7: its row is not the one that was written")


def test_another_chain_over_other_rows_disagrees_with_what_was_countersigned(archive: Archive, capsys: Out) -> None:
    """Who holds the database can make leaves and heads anew, but not the sheets: the first two acts still agree."""
    archive.change("DELETE FROM audit_pages WHERE first_sequence > 2; UPDATE audit SET act = 'clear' WHERE id = 5")
    archive.acts()
    assert archive.verified(capsys) == (
        1,
        [
            "ningbo customs: first bad sequence 3: another head was countersigned at 5 (2004-11-17 08:00:30 UTC); "
            "what stands up to 2 agrees"
        ],
    )


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("UPDATE decisions SET decision = decision || X'00' WHERE sequence = 4", "4: the decision is not in the"),
        ("DELETE FROM decisions WHERE sequence = 4", "4: its decision was deleted"),
        ("DELETE FROM decisions WHERE sequence = 6", "6: the log ends before it, and says itself that it ends at 6"),
        ("UPDATE seals SET signature = zeroblob(64) WHERE first_sequence = 3", "3: the signature is not the key's"),
        (
            "DELETE FROM logs; DELETE FROM decisions; DELETE FROM seals",
            "1: the export has none of it, and 6 was countersigned at 2004-11-17 08:00:45 UTC",
        ),
        (
            "UPDATE decisions SET sequence = sequence - 9 WHERE sequence IN (4, 5);"
            "UPDATE decisions SET sequence = -sequence WHERE sequence < 0",
            "4: it stands elsewhere than its seal says",
        ),
    ],
    ids=["an edit", "a deletion", "a cut tail", "another signature", "the whole log", "a swap"],
)
def test_what_was_done_to_a_log_of_decisions_is_named_with_its_first_bad_sequence(
    archive: Archive, capsys: Out, script: str, fault: str
) -> None:
    archive.change(script)
    code, [named] = archive.verified(capsys)
    assert code == 1
    assert named.startswith(f"ningbo customs/1: first bad sequence {fault}")


NOW_MICROS = int(NOW.timestamp()) * 1_000_000
DAY = 86_400_000_000


def purged_says(archive: Archive, sequences: str) -> None:
    """Somebody writes the row of a purge with an honest time and moment, and it is chained."""
    details = {"subject": "audit", "until": NOW_MICROS - 3653 * DAY, "logs": {"audit": sequences}}

    def written(connection: Connection) -> None:
        write_audit(connection, [AuditEntry(NOW_MICROS, "dba/chen", "purge", "", details)])
        seal_audit(connection, tables.audit, tables.audit_pages, NOW_MICROS)

    archive.at_customs(written)


@pytest.mark.parametrize("names", [("customs",), ("customs", "gateway")], ids=["alone", "with the gateway's export"])
def test_young_rows_are_not_taken_for_purged_because_a_purge_says_so(
    archive: Archive, capsys: Out, names: tuple[str, ...]
) -> None:
    """Act 8 stays, of yesterday like 9: the ones before it are of 1970."""
    archive.acts("examine", "seize", time=NOW_MICROS - DAY)
    archive.countersigns()
    purged_says(archive, "9")
    archive.change("DELETE FROM audit WHERE id = 9")
    fault = "its row was written after what the purge says that it took"
    assert archive.verified(capsys, *names) == (1, [f"ningbo customs: first bad sequence 9: {fault}"])


def test_where_nothing_before_them_is_left_heads_that_were_countersigned_say_that_rows_were_young(
    archive: Archive, capsys: Out
) -> None:
    archive.change("DELETE FROM audit WHERE id < 6")
    purged_says(archive, "1-5")
    fault = "its row was written after what the purge says that it took"
    assert archive.verified(capsys, "customs", "gateway") == (1, [f"ningbo customs: first bad sequence 3: {fault}"])


def test_old_rows_that_a_purge_took_hold(archive: Archive, capsys: Out) -> None:
    archive.change("DELETE FROM audit WHERE id < 6")
    purged_says(archive, "1-5")
    assert archive.verified(capsys, "customs") == (0, [])


def test_an_old_backup_is_found_by_what_the_gateway_countersigned_since(archive: Archive, capsys: Out) -> None:
    archive.copy("customs", "backup")
    archive.acts("appeal")
    archive.decides("31002004G")
    archive.countersigns()
    archive.copy("backup", "customs")
    code, faults = archive.verified(capsys)
    assert code == 1
    assert [fault.partition(": the log ends")[0] for fault in faults] == [
        "ningbo customs: first bad sequence 8",
        "ningbo customs/1: first bad sequence 7",
    ]


def test_an_old_backup_of_a_whole_district_is_found_by_what_a_partner_keeps(archive: Archive, capsys: Out) -> None:
    for name in ("customs", "gateway"):
        archive.copy(name, f"{name}-backup")
    archive.acts("appeal")
    archive.countersigns()
    for name in ("customs", "gateway"):
        archive.copy(f"{name}-backup", name)
    assert archive.verified(capsys, "customs", "gateway") == (0, []), "the district by itself cannot know"
    code, faults = archive.verified(capsys)
    assert code == 1
    at = "2004-11-17 08:01:00 UTC"
    assert faults == [
        f"ningbo customs: first bad sequence 8: the log ends before it, and 8 was countersigned at {at}",
        f"ningbo sheets/1: first bad sequence 4: it ends there, and hangzhou keeps 4 of {at}",
    ]


def test_sheets_that_are_all_gone_are_missed_where_a_partner_keeps_them(archive: Archive, capsys: Out) -> None:
    """Without the gateway's export nobody says that they are gone."""
    archive.change("DELETE FROM head_sheets", "gateway")
    code, faults = archive.verified(capsys)
    assert (code, faults) == (
        1,
        [
            "ningbo sheets/1: first bad sequence 1: the export has none of it, and hangzhou keeps 3 of 2004-11-17 "
            "08:00:45 UTC"
        ],
    )
    assert archive.verified(capsys, "customs", "hangzhou") == (0, [])


def test_two_sheets_of_one_number_are_a_fork(archive: Archive, capsys: Out) -> None:
    """The gateway's newest sheet is gone from its database, and another took its place."""
    archive.change("DELETE FROM head_sheets WHERE number = 3", "gateway")
    archive.sheets = 2
    archive.acts("appeal")
    archive.previous = b""
    archive.countersigns()
    _, faults = archive.verified(capsys)
    assert "ningbo sheets/1: first bad sequence 3: it does not follow the one before: one of them was changed" in faults


def test_a_file_that_was_cut_short_or_is_none_is_not_taken_for_an_export(archive: Archive, capsys: Out) -> None:
    archive.verified(capsys)
    file, ca = archive.folder / "customs.jsonl", archive.folder / "ca.pem"
    lines = file.read_text().splitlines(keepends=True)
    for content in ("".join(lines[:-1]), "[]\n", "", "\x00"):
        file.write_text(content)
        assert main(["verify", str(file), "--ca", str(ca)]) == 2
