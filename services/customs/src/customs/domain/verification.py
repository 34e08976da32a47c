"""Declared at home, verified at the port (属地申报、口岸验放): which part of it this customs has."""

from collections.abc import Iterator
from enum import Enum, auto

from agencykit.rules import Circumstances, Finding, Given, RequiredAction, Verdict
from customs.domain.consignment import ConsignmentView

CUSTOMS = "customs"
# Characters of an office's code, and of a clearance's number, that tell the district.
_DISTRICT = slice(0, 2)


class Part(Enum):
    """Of one consignment."""

    WHOLE = auto()
    """Declared and verified here."""
    HOME = auto()
    """Declared here: all but the look at the goods."""
    PORT = auto()
    """Verified here, on what customs of another district has decided."""


def part_of(view: ConsignmentView, circumstances: Circumstances) -> Part:
    """A number tells its district; what another customs decided is given with the consignment to the port alone."""
    office = view.verification_office_code
    if not office:
        return Part.WHOLE
    if any(given.agency == CUSTOMS for given in circumstances.given):
        return Part.PORT
    return Part.WHOLE if office[_DISTRICT] == circumstances.clearance_number[_DISTRICT] else Part.HOME


def ordered(circumstances: Circumstances) -> Iterator[tuple[Given, Finding]]:
    """What customs at home would have looked at (布控查验)."""
    for given in circumstances.given:
        for found in given.findings if given.agency == CUSTOMS else ():
            owed = found.effect is Verdict.APPROVED_WITH_OBLIGATIONS and not found.resolved
            if owed and found.required_action is RequiredAction.PRESENT:
                yield given, found
