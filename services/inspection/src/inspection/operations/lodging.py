"""Certificates and register entries come in: each function stores rows in the caller's transaction and returns the
keys of the facts that came.

Rows are mappings of column names to values. A known key is replaced; of a key twice in one batch the last counts.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from agencykit.decisions.due import claim_facts
from agencykit.refusals import StateForbids
from agencykit.storage.bulk import insert_rows, select_in
from agencykit.storage.rows import insert
from inspection.domain.transfers import AT_REST, State
from inspection.storage.tables import certificate_balances, certificates, exemptions, producers, transfers

Entry = Mapping[str, Any]
FactKey = tuple[str, str]


def lodge_certificates(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores certificates that were lodged here. One is good in one place: StateForbids where one is on its way in a
    transfer."""
    claim_facts(connection)
    _check_at_rest(connection, {entry["number"] for entry in entries})
    return enter_certificates(connection, entries)


def enter_certificates(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores certificates, in force or revoked. What is written off one stays so when it is replaced."""
    _replace(connection, certificates, entries)
    balances = [(number, 0) for number in sorted({entry["number"] for entry in entries})]
    insert(connection, certificate_balances, balances, "ignore")
    return {("certificate", entry["number"]) for entry in entries}


def register_exemptions(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores exemptions; they wake the goods of their holders that are to be inspected. One that is entered again is no
    longer suspended."""
    claim_facts(connection)  # decisions lock exemptions before they wait for anything else
    _replace(connection, exemptions, entries)
    return {("exemption", entry["holder_identifier"]) for entry in entries}


def register_producers(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores producers with their class."""
    _replace(connection, producers, entries)
    return {("producer", entry["identifier"]) for entry in entries}


def _check_at_rest(connection: Connection, numbers: Collection[str]) -> None:
    found = select_in(connection, (transfers.c.state,), transfers.c.certificate_number, numbers)
    for (state,) in found:
        if state not in AT_REST:
            raise StateForbids(State(state).name, "lodge")


def _replace(connection: Connection, table: Table, entries: Sequence[Entry]) -> None:
    """Writes rows in key order, so that two batches at once cannot wait for each other."""
    (key,) = [column.name for column in table.primary_key.columns]
    newest = {entry[key]: entry for entry in entries}
    insert_rows(connection, table, [newest[each] for each in sorted(newest)], on_conflict="replace")
