"""Electronic transfer of inspection at origin (电子转单): its states, its number, its password."""

import base64
import hashlib
from collections.abc import Mapping
from enum import IntEnum, StrEnum

CODE_LENGTH = 12
# About 40 ms and 16 MiB for each try: a stolen table does not give its passwords away at once.
_SCRYPT = {"n": 16384, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": 32}


class State(IntEnum):
    """Numbers are the contract's."""

    ISSUED = 1
    SENT = 2
    CLAIMED = 3
    LOCKED = 4
    CANCELLED = 5


# In these the certificate is on its way no longer.
AT_REST = frozenset({State.CLAIMED, State.CANCELLED})


class Act(StrEnum):
    """What is done to a transfer; the value stands in refusals and in the audit."""

    CLAIM = "claim"
    LOCK = "lock"
    UNLOCK = "unlock"
    CANCEL = "cancel"
    DISPATCH = "dispatch"


# What is not in it is refused.
TRANSITIONS: Mapping[tuple[Act, State], State] = {
    (Act.CLAIM, State.ISSUED): State.CLAIMED,
    (Act.LOCK, State.ISSUED): State.LOCKED,
    (Act.UNLOCK, State.LOCKED): State.ISSUED,
    (Act.CANCEL, State.ISSUED): State.CANCELLED,
    (Act.CANCEL, State.LOCKED): State.CANCELLED,
    (Act.DISPATCH, State.ISSUED): State.SENT,
}


def transfer_number(district: str, officer: str, request_id: str) -> str:
    """`NINGBO-7K3M9QZA2BCD`: the same for ever for one request of one officer, so that a repeated one finds it."""
    digest = hashlib.sha256(f"{district}\n{officer}\n{request_id}".encode()).digest()
    return f"{district.upper()}-{base64.b32encode(digest).decode()[:CODE_LENGTH]}"


def password_hash(password: str, salt: bytes) -> bytes:
    """scrypt of a password. Takes a while: never on the event loop, never inside a transaction."""
    return hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)
