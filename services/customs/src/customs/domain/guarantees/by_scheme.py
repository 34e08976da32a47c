"""Which guarantees of a trader the scheme 担保验放 takes up for his consignment, without being asked."""

from collections.abc import Iterable

from customs.domain.consignment import ConsignmentView
from customs.domain.guarantees.account import Terms, UseKey
from customs.domain.guarantees.kinds import FIRST
from customs.domain.guarantees.terms import Reference, Wanted, against
from customs.domain.rules.charges import CURRENCY

MOST = 9


def granted(standing: Iterable[Terms], key: UseKey, view: ConsignmentView, now: int) -> tuple[str, ...]:
    """GRNs, in their order, of those that may be used for it.

    Of comprehensive ones and waivers the first, since two of them are not combined, with all that may top it up. What
    is left of each is seen when the amount is held.
    """
    wanted = Wanted(
        key=key,
        units=1,
        currency_code=CURRENCY,
        holder=view.trader_identifier,
        references=(),
        caller="",
        content=b"",
        expire_time=now,
        office=view.customs_office_code,
        commodity_codes=tuple([item.code for item in view.items]),
        by_scheme=True,
    )
    taken: list[Terms] = []
    for terms in sorted(standing, key=lambda each: each.grn):
        second = terms.type in FIRST and any(each.type in FIRST for each in taken)
        if not second and against(terms, wanted, Reference(terms.grn), now) is None:
            taken.append(terms)
    return tuple([terms.grn for terms in taken[:MOST]])


def begins(standing: Iterable[Terms], now: int) -> int | None:
    """When the first of those begins that are not valid yet; None where there is none."""
    return min((terms.valid_from for terms in standing if terms.valid_from > now), default=None)
