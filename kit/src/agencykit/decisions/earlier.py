"""Whether a consignment reads as it did in an earlier version: most amendments change nothing for one agency.

Both versions are read now, from what is stored. Digests of views, made and kept for every assessment although hardly
one is amended, cost up to a tenth of it; and they held only until the next release read more.
"""

from collections.abc import Collection, Mapping, Set
from types import MappingProxyType

from sqlalchemy import Connection

from agencykit.agency import AgencyDefinition
from agencykit.decisions import tables
from agencykit.decisions.asked import pairs, without_answers
from agencykit.decisions.candidates import Candidate
from agencykit.decisions.prepare import read_consignment
from agencykit.storage.rows import rows_in
from clearance.common.v1.consignment_pb2 import Consignment

_KEY = ("clearance_number", "version")


def unchanged(
    connection: Connection,
    definition: AgencyDefinition,
    compared: Collection[tuple[Candidate, int]],
    supplied: Mapping[str, Set[str]] = MappingProxyType({}),
) -> set[tuple[str, int]]:
    """The (clearance number, version) of those whose candidate reads as that version of it did; one query, or none.

    `supplied` holds, by clearance number, the kinds of documents that officers have asked for: to name such a document
    changes nothing that an officer had looked at.
    """
    earlier = earlier_versions(connection, compared)
    return {
        (one.clearance_number, version)
        for one, version in compared
        if version == one.version
        or _alike(definition, one, earlier[one.clearance_number, version], supplied.get(one.clearance_number))
    }


def earlier_versions(
    connection: Connection, compared: Collection[tuple[Candidate, int]]
) -> dict[tuple[str, int], Consignment]:
    """Those of the (clearance number, version) that are not their candidate's own version; one query, or none."""
    keys = {(one.clearance_number, version) for one, version in compared if version != one.version}
    rows = rows_in(connection, tables.consignments, (*_KEY, "consignment"), _KEY, sorted(keys))
    return {row[:2]: read_consignment(row[2]) for row in rows}


def _alike(definition: AgencyDefinition, one: Candidate, earlier: Consignment, supplied: Set[str] | None) -> bool:
    view = definition.read(earlier)
    if view == one.view or not supplied:
        return bool(view == one.view)
    return bool(view == definition.read(without_answers(read_consignment(one.consignment), supplied, pairs(earlier))))
