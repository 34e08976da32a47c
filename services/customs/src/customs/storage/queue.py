"""Who waits for the scanner, out of the kit's work table."""

import json
from collections.abc import Callable

from sqlalchemy import Connection

from agencykit.decisions import tables as kit
from agencykit.decisions.lookups import TAKEN
from agencykit.storage.rows import rows_in, run
from agencykit.storage.times import from_micros
from customs.domain.consignment import ConsignmentView
from customs.domain.queue import Waiting

MOST = 10_000
_QUEUE = (
    "SELECT id, clearance_number, version, container_numbers, create_time, state FROM work "
    f"WHERE {kit.AT_SCANNER} ORDER BY create_time LIMIT {MOST}"
)
_KEY = ("clearance_number", "version")


def waiting(connection: Connection, read: Callable[[bytes], ConsignmentView]) -> list[Waiting]:
    """All that wait, at most 10,000; `read` makes a view of a stored consignment."""
    rows = run(connection, _QUEUE)
    keys = sorted({(number, version) for _, number, version, *_ in rows})
    found = rows_in(connection, kit.consignments, (*_KEY, "consignment"), _KEY, keys)
    views = {row[:2]: read(bytes(row[2])) for row in found}
    return [
        Waiting(
            work_id, number, tuple(json.loads(containers)), from_micros(since), state == TAKEN, views[number, version]
        )
        for work_id, number, version, containers, since, state in rows
    ]
