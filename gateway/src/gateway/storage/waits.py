"""Waiting lists as JSON text."""

import json
from collections.abc import Iterable

from gateway.domain.decision import Wait

NONE = "[]"


def to_text(waits: Iterable[Wait]) -> str:
    """`[]` for none."""
    listed = list(waits)
    return json.dumps(listed, ensure_ascii=False) if listed else NONE


def from_text(text: str) -> tuple[Wait, ...]:
    """The inverse of `to_text`."""
    return () if text == NONE else tuple(Wait(*fields) for fields in json.loads(text))


def parties(waits: Iterable[Wait]) -> str:
    """`|broker|customs|`, so that one party can be searched for as `%|customs|%`."""
    found = sorted({wait.party.replace("|", "") for wait in waits})
    return f"|{'|'.join(found)}|" if found else ""
