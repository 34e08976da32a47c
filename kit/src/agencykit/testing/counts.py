"""How much a test tries: reduced for `make test`, full for `make verify`."""

import os

# few: where the same tests run in full beside
COUNTS = os.environ.get("TONGGUAN_TEST_COUNTS") or "reduced"
FULL = COUNTS == "full"


def count(reduced: int, full: int) -> int:
    """The number for `make test`, or the one for `make verify`."""
    return full if FULL else reduced
