"""Whose goods lie in the same container: by the manifests of one call, and the clearances that declare them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.decisions import tables as kit
from agencykit.storage.rows import delete_in, insert, rows_in
from port.domain.interests import about_goods
from port.storage.tables import manifest_containers, manifests

Call = tuple[str, str]
# Transport document and container.
Box = tuple[str, str]


@dataclass(slots=True)
class Beside:
    """Transport documents of the same call by (document, container), and clearances by the document they name."""

    documents: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    clearances: dict[str, set[str]] = field(default_factory=dict)

    @property
    def numbers(self) -> set[str]:
        """All of these clearances."""
        return set().union(*self.clearances.values())


def documents_beside(connection: Connection, boxes: Collection[Box]) -> dict[Box, set[str]]:
    """Other documents whose goods lie in the box of each (document, container); those that share theirs alone.

    A container is met again on other voyages: only the manifests of the same call count, and a manifest that names no
    call has none beside it. Where no box was ever another's too, that is one query.
    """
    columns, containers = ("container", "document"), sorted({container for _, container in boxes})
    listed: dict[str, set[str]] = {}
    for container, document in rows_in(connection, manifest_containers, columns, ("container",), containers):
        listed.setdefault(container, set()).add(document)
    others = {(own, box): listed[box] - {own} for own, box in boxes if listed.get(box, {own}) != {own}}
    calls = _calls(connection, {document for document, _ in others}.union(*others.values()))
    found = {
        (own, box): {each for each in documents if each in calls and calls[each] == calls.get(own)}
        for (own, box), documents in others.items()
    }
    return {box: documents for box, documents in found.items() if documents}


def read_beside(connection: Connection, boxes: Collection[Box]) -> Beside:
    """What lies beside the goods of each (document, container)."""
    found = Beside({box: {box[0]} for box in boxes})
    for box, documents in documents_beside(connection, boxes).items():
        found.documents[box] |= documents
    named = sorted({about_goods(document) for each in found.documents.values() for document in each})
    names = ("fact_key", "clearance_number")
    for document, number in rows_in(connection, kit.waits, names, ("fact_kind", "fact_key"), named):
        found.clearances.setdefault(document, set()).add(number)
    return found


def _calls(connection: Connection, documents: Collection[str]) -> Mapping[str, Call]:
    columns = ("document", "conveyance", "voyage")
    rows = rows_in(connection, manifests, columns, ("document",), sorted(documents))
    return {document: (conveyance, voyage) for document, conveyance, voyage in rows if conveyance or voyage}


def list_containers(connection: Connection, listed: Mapping[str, Collection[str]]) -> None:
    """Keeps by container what the manifests' newest entries list for each of these documents.

    Call it once their rows are written, and so held: of two corrections at once the later one prevails here too.
    """
    documents = sorted(listed)
    delete_in(connection, manifest_containers, ("document",), [(document,) for document in documents])
    insert(connection, manifest_containers, [(each, box) for each in documents for box in sorted(set(listed[each]))])


def newest_consignments(connection: Connection, numbers: Collection[str]) -> dict[str, bytes]:
    """The consignment of each of these clearances as the port assessed it last."""
    cases = rows_in(connection, kit.cases, ("clearance_number", "version"), ("clearance_number",), sorted(numbers))
    columns, key = ("clearance_number", "consignment"), ("clearance_number", "version")
    return {number: bytes(content) for number, content in rows_in(connection, kit.consignments, columns, key, cases)}
