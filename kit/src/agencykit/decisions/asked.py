"""Documents that an officer has asked for (补充单证): what was asked, until when, and whether the answer is there.

The answer is an amendment that names a document of every kind asked for, with a number that the version the officer
looked at did not have. Nothing is settled by it: the matter goes back to the officers, and so it does when the term
passes. Until then the finding asks the broker.
"""

import json
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

from agencykit.rules import WorkOutcome
from agencykit.storage.times import from_micros
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.goods_pb2 import Document

Pair = tuple[str, str]
"""Kind and number of a document."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One asking. `kinds` are document codes, `text` names them with the officer's reasons."""

    kinds: frozenset[str]
    text: str
    until: datetime
    answered: bool = False

    def standing(self, now: datetime) -> bool:
        """Whether the broker is still waited for."""
        return not self.answered and now <= self.until

    def outcome(self, now: datetime) -> WorkOutcome | None:
        """What it makes of the finding now."""
        return WorkOutcome.DOCUMENTS_REQUESTED if self.standing(now) else None

    def notes(self, now: datetime) -> tuple[tuple[str, str], ...]:
        """What a finding tells of it."""
        standing = "documents_requested" if self.standing(now) else "documents_overdue"
        said = "documents_answered" if self.answered else standing
        return (said, self.text), ("documents_until", f"{self.until:%Y-%m-%dT%H:%MZ}")


def asked_of(documents: str, until: int | None) -> Asked | None:
    """From a row of work: JSON [[kind, reason]] and microseconds since 1970; None where nothing was asked for."""
    wanted = json.loads(documents)
    if not wanted or until is None:
        return None
    text = "; ".join(f"{kind} ({reason})" if reason else kind for kind, reason in wanted)
    return Asked(frozenset(kind for kind, _ in wanted), text, from_micros(until))


def pairs(consignment: Consignment) -> set[Pair]:
    """The documents with a number, of the whole and of its items."""
    return {
        (each.type_code, each.number.strip())
        for documents in _documents(consignment)
        for each in documents
        if each.number.strip()
    }


def is_answered(kinds: Set[str], before: Consignment, after: Consignment) -> bool:
    """Whether `after` names a new document of each kind."""
    return kinds <= {kind for kind, _ in pairs(after) - pairs(before)}


def without_answers(consignment: Consignment, kinds: Iterable[str], before: Set[Pair]) -> Consignment:
    """The consignment as it would be without documents of these kinds that were not there before."""
    stripped, supplied = Consignment(), frozenset(kinds)
    stripped.CopyFrom(consignment)
    for documents in _documents(stripped):
        kept = [
            each
            for each in documents
            if each.type_code not in supplied or (each.type_code, each.number.strip()) in before
        ]
        del documents[:]
        documents.extend(kept)
    return stripped


def _documents(consignment: Consignment) -> list[RepeatedCompositeFieldContainer[Document]]:
    """The lists of documents, of the whole and of each item."""
    return [consignment.documents, *(item.documents for item in consignment.items)]
