"""Identifiers made from any randomness, real or seeded."""

from uuid import UUID

from agencykit.runtime import Randomness

# Crockford's base 32: no I, L, O or U, so that a number read over the telephone survives.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# The digit that the last five bits of a byte name.
_DIGITS = "".join(CROCKFORD[byte & 31] for byte in range(256)).encode("ascii")


class RandomIds:
    """Ids from a source of randomness; from a seeded one, the same ids in the same order."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness

    def uuid(self) -> str:
        return str(UUID(bytes=self._randomness.bytes(16), version=4))

    def code(self, length: int) -> str:
        return self._randomness.bytes(length).translate(_DIGITS).decode("ascii")
