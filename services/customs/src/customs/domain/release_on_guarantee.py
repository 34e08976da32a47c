"""On what guarantee goods may go while something is open (担保放行). Pure.

Which findings a guarantee can stand for is data: a rule, and how far officers have come with it. Whatever else keeps
the goods, such as a licence, prohibited goods, a missing code or trader, or an examination, leaves no terms at all.

Whoever is entitled to the scheme 担保验放 is granted it without being asked: the terms then name his guarantees that
stand for the scheme.
"""

from collections.abc import Collection, Mapping

from agencykit.rules import PASSING, Circumstances, GuaranteeKind, GuaranteeTerms, Outcome, Stage
from customs.domain.consignment import ConsignmentView
from customs.domain.entitlement import scheme_of
from customs.domain.facts import Facts
from customs.domain.highest import LARGEST, OpenQuestion, highest_duty
from customs.domain.payments import Charge
from customs.domain.reference import Charges
from customs.domain.rules.charges import CURRENCY, late_days, late_fee
from customs.domain.schemes import Effect

# What of the duty is open with it. Documents that are asked for about a price prove that price.
_PRICE = frozenset({OpenQuestion.PRICE})
_TO_PAY = frozenset({GuaranteeKind.TAX, GuaranteeKind.LATE_FEE})
_NOTHING: frozenset[OpenQuestion] = frozenset()
# Papers that risk selection has checked may bear on what the goods cost and on where they come from.
_PAPERS = frozenset({OpenQuestion.PRICE, OpenQuestion.ORIGIN})
GUARANTEEABLE: Mapping[tuple[str, Stage], tuple[GuaranteeKind, frozenset[OpenQuestion]]] = {
    ("CUS-112", Stage.FOUND): (GuaranteeKind.VALUATION, _PRICE),
    ("CUS-113", Stage.FOUND): (GuaranteeKind.VALUATION, _PRICE),
    ("CUS-112", Stage.ASKED): (GuaranteeKind.DOCUMENTS, _PRICE),
    ("CUS-113", Stage.ASKED): (GuaranteeKind.DOCUMENTS, _PRICE),
    ("CUS-182", Stage.ASKED): (GuaranteeKind.DOCUMENTS, _PAPERS),
    ("CUS-141", Stage.FOUND): (GuaranteeKind.TAX, _NOTHING),
    ("CUS-142", Stage.FOUND): (GuaranteeKind.LATE_FEE, _NOTHING),
}


def guarantee_terms(
    view: ConsignmentView, facts: Facts, circumstances: Circumstances, outcome: Outcome
) -> GuaranteeTerms | None:
    """The terms, where all that keeps the goods can be guaranteed.

    None also where nothing bounds what may fall due, and where that is zero, as for exports and bonded goods: what is
    open then is not about money, and a guarantee of nothing would undo the officers' look.
    """
    keeping = [each for each in outcome.findings if not each.resolved and each.effect not in PASSING]
    found = [GUARANTEEABLE.get((each.rule_id, each.stage)) for each in keeping]
    known = [each for each in found if each is not None]
    if not known or len(known) < len(found):
        return None
    amount = _most_that_may_fall_due(view, facts, circumstances, frozenset().union(*[asked for _, asked in known]))
    if amount is None or not 0 < amount <= LARGEST:
        return None
    kinds = tuple(sorted({kind for kind, _ in known}))
    covered = facts.cover >= amount
    facts.guarantee_awaited = not covered and _by_scheme(view, facts, circumstances)
    granted = facts.granted_grns if facts.guarantee_awaited else ()
    return GuaranteeTerms(kinds, amount, CURRENCY, covered, granted, _settle_days(kinds, facts.reference.charges))


def _settle_days(kinds: Collection[GuaranteeKind], charges: Charges) -> int:
    """The first term of what is open: to pay, or to settle anything else."""
    return min(charges.payment_days if kind in _TO_PAY else charges.guarantee_days for kind in kinds)


def _by_scheme(view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> bool:
    return scheme_of(Effect.GUARANTEE, view, facts, circumstances.accept_time) is not None


def _most_that_may_fall_due(
    view: ConsignmentView, facts: Facts, circumstances: Circumstances, questions: Collection[OpenQuestion]
) -> int | None:
    """Fen: the highest duty, and the late fee of the highest value, without what is paid; None where there is no
    bound.
    """
    highest = highest_duty(view, facts.reference, questions).total
    days = late_days(view, facts, circumstances)
    if highest is None:
        return None
    duty = max(highest - facts.paid.get(Charge.DUTY_AND_VAT, 0), 0)
    if days <= 0:
        return duty
    # A late fee is owed by bonded goods too.
    valued = highest_duty(view, facts.reference, {*questions, OpenQuestion.TRADE_MODE})
    if valued.missing:
        return None
    fee = late_fee(sum(item.value for item in valued.items), days, facts.reference.charges)
    return duty + max(fee - facts.paid.get(Charge.LATE_FEE, 0), 0)
