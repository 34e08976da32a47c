"""The contract's words for what a decision says and what officers do, as numbers (clearance.common.v1.Decision).

Used through `agencykit.rules`. Only the standard library is used here, so that `domain/` may import it.
"""

from enum import IntEnum


class Verdict(IntEnum):
    """Numbers are the contract's."""

    APPROVED = 1
    APPROVED_WITH_OBLIGATIONS = 2
    NOT_SUBJECT = 3
    PENDING = 4
    INFORMATION_REQUESTED = 5
    EXAMINE = 6
    HOLD = 7
    REFUSED = 8
    RECALLED = 9


class RequiredAction(IntEnum):
    """Numbers are the contract's."""

    NONE = 0
    SUPPLY_DOCUMENT = 1
    PRESENT = 2
    SAMPLE = 3
    TREAT = 4
    PAY = 5
    DO_NOT_LOAD = 6
    RETURN = 7
    DESTROY = 8
    SEIZE = 9


class WorkOutcome(IntEnum):
    """What an officer records. Numbers are the contract's."""

    CLEARED = 1
    REFUSED = 2
    SAMPLED = 3
    DOCUMENTS_REQUESTED = 4
    SUSPICIOUS = 5
    UNREADABLE = 6


class Stage(IntEnum):
    """How far officers have come with a finding that is not settled."""

    FOUND = 0
    SAMPLED = 1
    """A sample was taken, and the laboratory's result is waited for."""
    ASKED = 2
    """Documents were asked for, and are waited for until their term."""
    IMAGE = 3
    """An image of the goods is to be looked at, and they are opened only if it does not clear them."""


class GuaranteeKind(IntEnum):
    """What may be open when goods go on a guarantee. Numbers are the contract's."""

    VALUATION = 1
    DOCUMENTS = 2
    TAX = 3
    LATE_FEE = 4
    FORMALITIES = 5


# Gravest first. NOT_SUBJECT is never a finding's effect beside others: it is the answer when no rule applies.
GRAVITY = (
    Verdict.RECALLED,
    Verdict.REFUSED,
    Verdict.HOLD,
    Verdict.INFORMATION_REQUESTED,
    Verdict.EXAMINE,
    Verdict.PENDING,
    Verdict.APPROVED_WITH_OBLIGATIONS,
    Verdict.APPROVED,
)

# Effects that do not keep goods from release.
PASSING = frozenset({Verdict.APPROVED, Verdict.APPROVED_WITH_OBLIGATIONS})

# Effects that an officer's recorded result can settle; all others are settled by facts or by an amendment.
OFFICER_EFFECTS = frozenset({Verdict.EXAMINE, Verdict.HOLD})
