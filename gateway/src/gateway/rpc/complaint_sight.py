"""Whose a complaint is to see and to act on, in one place.

Whoever complains: a broker what he filed under his certificate, anybody by the token that was made at filing.
Officers: an agency's what is theirs, the port office's all. Whoever it is not for hears that there is none.
"""

import hashlib
from collections.abc import Callable
from hmac import compare_digest

from agencykit.refusals import NotFound
from agencykit.rpc.call import Call
from gateway.domain.bulletin import PORT_OFFICE
from gateway.domain.complaint import Complaint
from gateway.rpc.sight import confined_to

CONSOLE = "console"
May = Callable[[Complaint], None]


def digest_of(token: str) -> bytes:
    """What of a token is kept; nothing of none. It holds 130 bits by chance, so that its digest tells nothing of it."""
    return hashlib.sha256(token.encode()).digest() if token else b""


def is_filers(call: Call, token: str, complaint: Complaint) -> bool:
    """Whether the caller is who complains, or has the token."""
    if complaint.filer and complaint.filer == confined_to(call):
        return True
    return bool(token and complaint.token_digest) and compare_digest(complaint.token_digest, digest_of(token))


def filers(call: Call, token: str) -> May:
    """For acts of whoever complains."""

    def may(complaint: Complaint) -> None:
        if not is_filers(call, token, complaint):
            raise NotFound("complaint", complaint.number)

    return may


def handled_by(party: str, complaint: Complaint) -> bool:
    """Whether it is that agency's, or the asker the port office's."""
    return party in (PORT_OFFICE, complaint.agency)


def handlers(party: str) -> May:
    """For acts of officers of that agency, or of the port office."""

    def may(complaint: Complaint) -> None:
        if not handled_by(party, complaint):
            raise NotFound("complaint", complaint.number)

    return may


def answerers(party: str) -> May:
    """For answers: they are whose the complaint is, and nobody else's."""

    def may(complaint: Complaint) -> None:
        if complaint.agency != party:
            raise NotFound("complaint", complaint.number)

    return may
