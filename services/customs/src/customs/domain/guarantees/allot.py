"""How much of each guarantee a use takes."""

from collections.abc import Sequence

from customs.domain.guarantees.account import Account
from customs.domain.guarantees.kinds import FIRST
from customs.domain.guarantees.objection import Objection, insufficient
from customs.domain.guarantees.use import Part


def allotted(accounts: Sequence[Account], units: int, currency_code: str) -> tuple[Part, ...] | Objection:
    """Comprehensive guarantee or waiver first, then what tops it up, by GRN; each gives what it has until all is there.

    What a guarantee would give nothing to is not part of the use.
    """
    parts = []
    lacking = units
    for account in sorted(accounts, key=_order):
        share = min(account.balances.available, lacking)
        if share:
            parts.append(Part(account.terms.grn, share, share))
        lacking -= share
    return insufficient(lacking, currency_code) if lacking else tuple(parts)


def _order(account: Account) -> tuple[bool, str]:
    return account.terms.type not in FIRST, account.terms.grn
