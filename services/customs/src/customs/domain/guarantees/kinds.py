"""Types of guarantee and states; numbers are the contract's."""

from enum import IntEnum


class Type(IntEnum):
    """Types of guarantee, by NCTS code plus one: the contract's zero is taken."""

    WAIVER = 1
    COMPREHENSIVE = 2
    INDIVIDUAL = 3
    CASH = 4
    VOUCHER = 5
    WAIVER_SMALL_AMOUNT = 6
    PUBLIC_BODY = 9
    INDIVIDUAL_MULTIPLE_USE = 10

    @property
    def code(self) -> int:
        """The official code: 0 to 5, 8 and 9."""
        return self.value - 1


# Used with GRN, holder and access code (NCTS codes 0, 1, 2, 4, 9).
WITH_ACCESS_CODE = frozenset(
    (Type.WAIVER, Type.COMPREHENSIVE, Type.INDIVIDUAL, Type.VOUCHER, Type.INDIVIDUAL_MULTIPLE_USE)
)
# May stand for one case only, whatever is left of them.
FOR_ONE_CASE = frozenset((Type.INDIVIDUAL, Type.CASH, Type.VOUCHER))
# Is emptied first, and what it lacks may be topped up.
FIRST = frozenset((Type.WAIVER, Type.COMPREHENSIVE))
# May top up.
INDIVIDUAL = frozenset((Type.INDIVIDUAL, Type.CASH, Type.VOUCHER, Type.INDIVIDUAL_MULTIPLE_USE))
# May stand for the scheme 担保验放: those that serve case after case, by an undertaking.
FOR_SCHEME = FIRST | {Type.INDIVIDUAL_MULTIPLE_USE}
# A claim that is paid restores what they stand for; a deposit or an undertaking for one case is spent.
RESTORED_BY_PAYMENT = frozenset(
    (Type.WAIVER, Type.COMPREHENSIVE, Type.WAIVER_SMALL_AMOUNT, Type.PUBLIC_BODY, Type.INDIVIDUAL_MULTIPLE_USE)
)


class AccountState(IntEnum):
    """State of a guarantee. Whether it has run out is seen from its dates."""

    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3


class UseState(IntEnum):
    """State of a use. HELD may be cancelled or expire; CONFIRMED ends by credit or claim alone."""

    HELD = 1
    CONFIRMED = 2
    CREDITED = 3
    CLAIMED = 4
    CANCELLED = 5
    EXPIRED = 6


OPEN = frozenset((UseState.HELD, UseState.CONFIRMED))


class Act(IntEnum):
    """What an entry records."""

    REGISTER = 1
    RAISE_LIMIT = 2
    LOWER_LIMIT = 3
    HOLD = 4
    CONFIRM = 5
    CANCEL = 6
    EXPIRE = 7
    CREDIT = 8
    CLAIM = 9
    RESTORE = 10


class ClaimState(IntEnum):
    """State of a demand on a guarantor."""

    OPEN = 1
    PAID = 2
    REFUNDED = 3
