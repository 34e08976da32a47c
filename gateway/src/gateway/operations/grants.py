"""Release on guarantee that a scheme grants: asked for by the gateway, in the transaction that finds that it may be.

And what an amendment takes back: a use stands for the version for which it was asked.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from gateway.domain.asking import grant_of, is_due, outdated, terms_of
from gateway.domain.case import Case, Surety
from gateway.domain.decision import Standing
from gateway.domain.guarantee import GuaranteeRelease, ReleaseState, surety
from gateway.domain.identifiers import derived_request_id
from gateway.operations.context import Context
from gateway.storage.audit import Entry, write_audit
from gateway.storage.guarantees import insert_releases, load_releases, update_releases

Found = Mapping[str, Standing]


def grant(connection: Connection, cases: Sequence[tuple[Case, Found]], context: Context) -> None:
    """Asks for each of these cases, whose rows are locked, for which a scheme grants it and nobody has asked yet."""
    named = [(case, found, given) for case, found in cases if (given := grant_of(found, context.ledger))]
    known = load_releases(connection, [case.number for case, _, _ in named])
    granted = []
    for case, found, given in named:
        before = known[case.number]
        if not is_due(given, case, found, context.ledger, before):
            continue
        generation = len(before) + 1
        release = GuaranteeRelease(
            *(case.number, generation, ReleaseState.ASKED, terms_of(given), given.grns),
            # Who grants it names guarantees of its own register.
            *(context.district, case.broker),
            derived_request_id(case.number, generation, "ledger", "guarantee.by_scheme"),
            context.now,
            due_time=context.lease_now(connection),
            version=case.version,
            by_scheme=True,
        )
        granted.append(release)
    insert_releases(connection, granted)
    audit_releases(connection, granted, context)


def give_up_outdated(connection: Connection, case: Case, context: Context) -> Surety:
    """What stands for the version that is now replaced is returned; what the case may rest on from now on."""
    known = load_releases(connection, [case.number])[case.number]
    now = context.lease_now(connection)
    moved = outdated(known, now)
    if not moved:
        return case.surety
    update_releases(connection, moved)
    audit_releases(connection, [after for _, after in moved], context)
    after = {release.generation: release for _, release in moved}
    return surety([after.get(each.generation, each) for each in known], case, context.legal_in(connection))


def audit_releases(connection: Connection, releases: Sequence[GuaranteeRelease], context: Context) -> None:
    """What has become of these, and which of them a scheme granted."""
    entries = []
    for each in releases:
        details: dict[str, object] = {"generation": each.generation} | ({"by": "scheme"} if each.by_scheme else {})
        entries.append(Entry(each.number, f"guarantee {each.state.name.lower()}", details=details))
    write_audit(connection, context.replica, context.now, entries)
