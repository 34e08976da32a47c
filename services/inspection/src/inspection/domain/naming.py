"""Which certificates goods name: by the documents of the item and of the whole consignment."""

from datetime import datetime

from inspection.domain.consignment import ConsignmentView, Item
from inspection.domain.facts import Facts
from inspection.domain.reference import CertificateKind


def named_certificates(
    item: Item, kind: CertificateKind, view: ConsignmentView, facts: Facts, moment: datetime
) -> tuple[str, ...]:
    """Numbers of the documents of a kind, of the item or of the whole consignment."""
    kinds = facts.reference.certificate_kinds
    own = {number for code, number in item.documents if kinds.get(code) is kind} if item.documents else None
    whole = facts.once(_named_for_all, view, moment) if view.documents else {}
    of_whole = whole.get(kind, ())
    return tuple(sorted(own.union(of_whole))) if own else of_whole


def _named_for_all(view: ConsignmentView, facts: Facts, moment: datetime) -> dict[CertificateKind, tuple[str, ...]]:
    """Certificates that the whole consignment names, by kind."""
    named: dict[CertificateKind, set[str]] = {}
    for code, number in view.documents:
        if kind := facts.reference.certificate_kinds.get(code):
            named.setdefault(kind, set()).add(number)
    return {kind: tuple(sorted(numbers)) for kind, numbers in named.items()}
