"""What findings wait for."""

from collections.abc import Iterable
from itertools import islice

from agencykit.rules import Awaited

# Of an absurd number of papers only the first are waited for; when they have come, the next are.
MOST_AWAITED = 64


def awaited(kind: str, keys: Iterable[str]) -> tuple[Awaited, ...]:
    """The trader is the one to see to each of these facts."""
    return tuple(Awaited("trader", kind, key) for key in islice(keys, MOST_AWAITED))
