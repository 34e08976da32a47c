"""Tokens: where a page or a watch goes on. A token holds only with the filter it was made for."""

import base64
import binascii
import hashlib
import json

from agencykit.refusals import PageTokenInvalid


def to_token(method: str, wanted: object, *place: int | str) -> str:
    """A token for `place`, of this method and filter, which its text tells from others."""
    content = json.dumps([_seal(method, wanted), *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode()


def from_token(method: str, wanted: object, token: str) -> list[int | str]:
    """The place; PageTokenInvalid for a token that this method did not make for this filter."""
    try:
        content = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error, UnicodeError, RecursionError):
        raise PageTokenInvalid from None
    if not isinstance(content, list) or not content or content[0] != _seal(method, wanted):
        raise PageTokenInvalid
    place = content[1:]
    if not all(isinstance(part, int | str) for part in place):
        raise PageTokenInvalid
    return place


def _seal(method: str, wanted: object) -> str:
    """Not a secret: whoever forges a token sees only what the filter lets him see anyway."""
    return hashlib.sha256(f"{method}\n{wanted!r}".encode()).hexdigest()[:16]
