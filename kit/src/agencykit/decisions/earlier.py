"""Whether a consignment reads as it did in an earlier version: most amendments change nothing for one agency.

Both versions are read now, from what is stored. Digests of views, made and kept for every assessment although hardly
one is amended, cost up to a tenth of it; and they held only until the next release read more.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from agencykit.agency import AgencyDefinition
from agencykit.decisions import tables
from agencykit.decisions.candidates import Candidate
from agencykit.decisions.prepare import read_consignment
from agencykit.storage.rows import rows_in

_KEY = ("clearance_number", "version")


def unchanged(
    connection: Connection, definition: AgencyDefinition, compared: Collection[tuple[Candidate, int]]
) -> set[tuple[str, int]]:
    """The (clearance number, version) of those whose candidate reads as that version of it did; one query, or none."""
    earlier = {(one.clearance_number, version) for one, version in compared if version != one.version}
    rows = rows_in(connection, tables.consignments, (*_KEY, "consignment"), _KEY, sorted(earlier))
    views = {row[:2]: definition.read(read_consignment(row[2])) for row in rows}
    return {
        (one.clearance_number, version)
        for one, version in compared
        if version == one.version or views[one.clearance_number, version] == one.view
    }
