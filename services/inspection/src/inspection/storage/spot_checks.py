"""Spot checks of exempt goods: drawn, recorded, and what one that fails does, in the transaction that decides.

Exemptions concerned are locked from the moment they are read until the commit, so that a failed check is met by whoever
decides beside it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agencykit.agency import FactKey, Holder
from agencykit.rules import Outcome, Verdict
from agencykit.runtime import Randomness
from agencykit.storage import to_micros
from agencykit.storage.rows import insert, rows_in, run, run_many
from inspection.domain.facts import Facts
from inspection.domain.rules.supervision import exempt_goods_are_spot_checked
from inspection.domain.spot_checks import SpotCheck, draw, secret_of_day
from inspection.domain.supervising import supervisions
from inspection.storage.tables import draw_secrets, exemptions, spot_checks

SECRET_BYTES = 32
_DRAWN = ("clearance_number", "exemption_number", "drawn", "per_million")


@dataclass(frozen=True)
class SpotChecks:
    """A part of inspection's ledger (agencykit.agency.CaseLedger)."""

    randomness: Randomness

    def load(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> None:
        """Draws for whoever holds an exemption; what was drawn before stays, whatever the rate is now."""
        concerned = [holder for holder in holders if holder.facts.exemptions]
        if not concerned:
            return
        numbers = {each.number for holder in concerned for each in holder.facts.exemptions}
        columns = ("number", "suspended_by")
        suspended: dict[str, str] = dict(
            rows_in(connection, exemptions, columns, ("number",), sorted(numbers), lock="wait")
        )
        known = [holder.clearance_number for holder in concerned if holder.known]
        drawn = {row[:2]: SpotCheck(*row[1:]) for row in rows_in(connection, spot_checks, _DRAWN, _DRAWN[:1], known)}
        secret = self._secret(connection)
        for holder in concerned:
            self._complete(holder, suspended, drawn, secret)

    def take(self, holder: Holder, outcome: Outcome) -> None:
        """Which exemptions the decision leans on, and which have failed their check."""
        facts: Facts = holder.facts
        if not facts.exemptions:
            return
        leaning = [each for each in facts.once(supervisions, holder.view, holder.accept_time) if each.exemption]
        failed = {
            number
            for found in outcome.findings
            if found.rule_id == exempt_goods_are_spot_checked.id and found.effect is Verdict.REFUSED
            for number in found.item_numbers
        }
        facts.exemptions_used = tuple(sorted({each.exemption.number for each in leaning if each.exemption}))
        facts.exemptions_failed = tuple(
            sorted({each.exemption.number for each in leaning if each.exemption and each.item.number in failed})
        )

    def store(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> Collection[FactKey]:
        """Records the draws; suspends the exemptions whose check failed, and tells who leans on them."""
        using = [holder for holder in holders if holder.facts.exemptions_used]
        rows = [
            (holder.clearance_number, number, check.drawn, check.per_million, check.checked, False, to_micros(now))
            for holder in using
            for number in holder.facts.exemptions_used
            for check in [holder.facts.spot_checks[number]]
        ]
        insert(connection, spot_checks, rows, "ignore")
        failed = [(holder, number) for holder in using for number in holder.facts.exemptions_failed]
        return self._suspend(connection, failed) if failed else ()

    def give_back(
        self, connection: Connection, clearance_number: str, version: int, now: datetime
    ) -> Collection[FactKey]:
        """A draw stays on record."""
        return ()

    def _secret(self, connection: Connection) -> bytes:
        """Of this database; made at the first draw."""
        text = "SELECT secret FROM draw_secrets WHERE id = 1"
        found = run(connection, text)
        if not found:
            insert(connection, draw_secrets, [(1, self.randomness.bytes(SECRET_BYTES))], "ignore")
            found = run(connection, text)
        return bytes(found[0][0])

    def _complete(
        self, holder: Holder, suspended: dict[str, str], drawn: dict[tuple[str, str], SpotCheck], secret: bytes
    ) -> None:
        facts: Facts = holder.facts
        key = secret_of_day(secret, holder.accept_time)
        rate = facts.reference.modes.spot_checks_per_million
        number = holder.clearance_number
        facts.spot_checks = {
            each.number: drawn.get((number, each.number))
            or SpotCheck(each.number, draw(key, each.number, holder.view), rate)
            for each in facts.exemptions
        }
        # The clearance whose own check failed goes on under it: else its refusal would be forgotten.
        facts.suspended = {each.number for each in facts.exemptions if suspended[each.number] not in ("", number)}

    def _suspend(self, connection: Connection, failed: Sequence[tuple[Holder, str]]) -> set[FactKey]:
        text = "UPDATE exemptions SET suspended_by = ? WHERE number = ? AND suspended_by = ''"
        run_many(connection, text, [(holder.clearance_number, number) for holder, number in failed])
        text = "UPDATE spot_checks SET failed = ? WHERE clearance_number = ? AND exemption_number = ?"
        run_many(connection, text, [(True, holder.clearance_number, number) for holder, number in failed])
        return {
            ("exemption", each.holder_identifier)
            for holder, number in failed
            for each in holder.facts.exemptions
            if each.number == number
        }
