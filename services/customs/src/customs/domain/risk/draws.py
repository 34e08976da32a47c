"""The keyed draw: nobody without the secret can foresee it, anybody with it can work it out again.

It hangs on nothing that a broker could try out: not on the order of arrival, not on an amendment, not on sending again.
"""

import hashlib
import hmac
from datetime import date

from customs.domain.risk.profile import MILLION

SEPARATOR = "\x1f"
_BLOCK = 64  # bytes of SHA-256
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def secret_of_day(secret: bytes, day: date) -> bytes:
    """The key of one day. Giving it to an auditor tells nothing of other days."""
    return hmac.digest(secret, day.isoformat().encode(), "sha256")


class Draws:
    """HMAC-SHA-256 under one key of at most 64 bytes.

    By hand, because `hmac.digest` works the key in anew each time and takes thrice as long; a test compares the two.
    """

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def draw(self, stratum: str, subject: str) -> int:
        """A number from 0 to 999,999, evenly; below a rate in parts of a million it selects. `subject`: see below."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{stratum}{SEPARATOR}{subject}".encode())
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:8], "big") * MILLION >> 64


def subject(broker: str, reference: str, document: str) -> str:
    """What is drawn for: one consignment of one broker, by his reference and its transport document."""
    return f"{broker}{SEPARATOR}{reference}{SEPARATOR}{document}"
