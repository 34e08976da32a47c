"""The acts on uses, one after the other within a transaction: the state afterwards, or why not.

A refusal changes nothing.

    hold      nothing → HELD           confirm   HELD → CONFIRMED
    cancel    HELD → CANCELLED, nothing → CANCELLED for ever (tombstone)
    expire    HELD → EXPIRED           by the clock alone
    credit    CONFIRMED → CREDITED     or stays, when only a part comes back
    claim     CONFIRMED → CLAIMED      likewise

Repeated, each answers what it has led to.
"""

from dataclasses import dataclass, field

from customs.domain.guarantees.account import Account, Posting, Side, UseKey, returned
from customs.domain.guarantees.allot import allotted
from customs.domain.guarantees.kinds import Act, UseState
from customs.domain.guarantees.objection import Objection, Reason, forbidden, insufficient, objection
from customs.domain.guarantees.terms import Wanted, against, combination, spent, standing
from customs.domain.guarantees.use import Part, Use, shares

Case = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A demand on one guarantee. `lowered` is by how much it took the limit down."""

    use: UseKey
    grn: str
    units: int
    lowered: int


@dataclass(slots=True)
class Book:
    """Accounts and uses of one transaction, read and locked before.

    `uses` holds every generation of the cases concerned; `cases` for each guarantee the cases it stands or stood for.
    """

    accounts: dict[str, Account]
    uses: dict[UseKey, Use]
    cases: dict[str, frozenset[Case]] = field(default_factory=dict)
    claims: list[Claimed] = field(default_factory=list)

    def hold(self, wanted: Wanted, now: int) -> Use | Objection:
        """Takes the amount up."""
        if (known := self.uses.get(wanted.key)) is not None:
            return _again(known, wanted)
        if self._newest(wanted.key) > wanted.key.generation:
            return forbidden("superseded", "hold")
        accounts = self._named(wanted, now)
        if isinstance(accounts, Objection):
            return accounts
        parts = allotted(accounts, wanted.units, wanted.currency_code)
        if isinstance(parts, Objection):
            return parts
        case = (wanted.key.district, wanted.key.case)
        for part in parts:
            self.accounts[part.grn].post([Posting(Act.HOLD, Side.AVAILABLE, Side.HELD, part.units, wanted.key)])
            self.cases[part.grn] = self.cases.get(part.grn, frozenset()) | {case}
        use = Use(wanted.key, UseState.HELD, wanted.currency_code, wanted.caller, wanted.content)
        use.hold_time, use.expire_time = now, wanted.expire_time
        use.move(UseState.HELD, parts, now)
        self.uses[wanted.key] = use
        return use

    def _newest(self, key: UseKey) -> int:
        generations = [each.generation for each in self.uses if (each.district, each.case) == (key.district, key.case)]
        return max(generations, default=0)

    def _named(self, wanted: Wanted, now: int) -> list[Account] | Objection:
        accounts = []
        case = (wanted.key.district, wanted.key.case)
        for reference in sorted(wanted.references, key=lambda each: each.grn):
            account = self.accounts.get(reference.grn)
            if account is None:
                return objection(Reason.UNKNOWN, grn=reference.grn)
            found = against(account.terms, wanted, reference, now)
            found = found or spent(account.terms, case, self.cases.get(reference.grn, frozenset()))
            if found is not None:
                return found
            accounts.append(account)
        return combination(tuple(account.terms for account in accounts)) or accounts

    def confirm(self, key: UseKey, caller: str, now: int) -> Use | Objection:
        """From now on no clock ends it."""
        use = self.own(key, caller)
        if isinstance(use, Objection) or use.state in {UseState.CONFIRMED, UseState.CREDITED, UseState.CLAIMED}:
            return use
        if use.state is not UseState.HELD:
            return forbidden(use.state.name, "confirm")
        for part in use.parts:
            if (state := standing(self.accounts[part.grn].terms, now)) != "active":
                return objection(Reason.NOT_VALID, grn=part.grn, state=state)
        for part in use.parts:
            self.accounts[part.grn].post([Posting(Act.CONFIRM, Side.HELD, Side.CONFIRMED, part.units, key)])
        use.move(UseState.CONFIRMED, use.parts, now)
        return use

    def cancel(self, key: UseKey, caller: str, now: int) -> Use | Objection:
        """Gives back what is held. Of something unknown it leaves a tombstone."""
        if key not in self.uses:
            use = Use(key, UseState.CANCELLED, caller=caller, hold_time=now, end_time=now, changed=True)
            self.uses[key] = use
            return use
        known = self.own(key, caller)
        if isinstance(known, Objection):
            return known
        if known.state in {UseState.CANCELLED, UseState.EXPIRED}:
            return known
        if known.state is not UseState.HELD:
            return forbidden(known.state.name, "cancel")
        return self._give_back(known, Act.CANCEL, UseState.CANCELLED, now)

    def expire(self, key: UseKey, now: int) -> Use | Objection:
        """Gives back what was held for too long."""
        use = self.uses[key]
        if use.state is not UseState.HELD or now < use.expire_time:
            return forbidden(use.state.name, "expire")
        return self._give_back(use, Act.EXPIRE, UseState.EXPIRED, now)

    def _give_back(self, use: Use, act: Act, state: UseState, now: int) -> Use:
        back = []
        for part in use.parts:
            account = self.accounts[part.grn]
            account.post(returned(account.balances, act, Side.HELD, part.outstanding, use.key))
            back.append(part.less(part.outstanding, claimed=False))
        use.move(state, tuple(back), now)
        self._forget(use)
        return use

    def _forget(self, use: Use) -> None:
        """A guarantee for one case that was only held for it is free for another."""
        case = (use.key.district, use.key.case)
        kept = {
            part.grn
            for other in self.uses.values()
            if (other.key.district, other.key.case) == case
            and other.state not in {UseState.CANCELLED, UseState.EXPIRED}
            for part in other.parts
        }
        for part in use.parts:
            if part.grn not in kept:
                self.cases[part.grn] = self.cases.get(part.grn, frozenset()) - {case}

    def credit(self, key: UseKey, caller: str, units: int, now: int) -> Use | Objection:
        """Gives back `units` of what is confirmed, or with 0 all of it: the obligation has been met so far."""
        return self._resolve(key, caller, units, now, claimed=False)

    def claim(self, key: UseKey, caller: str, units: int, now: int) -> Use | Objection:
        """Demands `units`, or with 0 all that is outstanding, of the guarantors."""
        return self._resolve(key, caller, units, now, claimed=True)

    def _resolve(self, key: UseKey, caller: str, units: int, now: int, *, claimed: bool) -> Use | Objection:
        use = self.own(key, caller)
        if isinstance(use, Objection):
            return use
        if use.state is not UseState.CONFIRMED:
            return forbidden(use.state.name, "claim" if claimed else "credit")
        if units > use.outstanding:
            return insufficient(units - use.outstanding, use.currency_code)
        parts = {part.grn: part for part in use.parts}
        for part, share in shares(use.parts, units or use.outstanding):
            self._move_back(use.key, part.grn, share, claimed=claimed)
            parts[part.grn] = part.less(share, claimed=claimed)
        use.move(_resolved(tuple(parts.values())), tuple(parts.values()), now)
        return use

    def _move_back(self, key: UseKey, grn: str, units: int, *, claimed: bool) -> None:
        account = self.accounts[grn]
        if not claimed:
            account.post(returned(account.balances, Act.CREDIT, Side.CONFIRMED, units, key))
            return
        filled = min(units, account.balances.shortfall)
        both = ((Side.SHORTFALL, filled), (Side.LIMIT, units - filled))
        account.post([Posting(Act.CLAIM, Side.CONFIRMED, target, moved, key) for target, moved in both if moved])
        account.claimed += units
        self.claims.append(Claimed(key, grn, units, units - filled))

    def own(self, key: UseKey, caller: str) -> Use | Objection:
        """The use, for who asked for it; to others it does not exist."""
        use = self.uses.get(key)
        if use is None or use.caller != caller:
            return objection(Reason.NOT_FOUND, resource="guarantee use", name=f"{key.case}/{key.generation}")
        return use


def _again(known: Use, wanted: Wanted) -> Use | Objection:
    if not known.parts and known.state is UseState.CANCELLED:
        return forbidden("CANCELLED", "hold")
    if (known.caller, known.content) != (wanted.caller, wanted.content):
        return objection(Reason.USE_REUSED, clearance_number=wanted.key.case, generation=wanted.key.generation)
    return known


def _resolved(parts: tuple[Part, ...]) -> UseState:
    if any(part.outstanding for part in parts):
        return UseState.CONFIRMED
    return UseState.CLAIMED if any(part.claimed for part in parts) else UseState.CREDITED
