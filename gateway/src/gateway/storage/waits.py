"""Waiting lists as JSON text."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

from gateway.domain.decision import Wait

NONE = "[]"


@lru_cache(maxsize=1024)
def to_text(waits: tuple[Wait, ...]) -> str:
    """`[]` for none. Cases of one convoy wait alike, so few are written."""
    return json.dumps(waits, ensure_ascii=False) if waits else NONE


@lru_cache(maxsize=1024)
def from_text(text: str) -> tuple[Wait, ...]:
    """The inverse of `to_text`."""
    return () if text == NONE else tuple(Wait(*fields) for fields in json.loads(text))


def parties(waits: Iterable[Wait]) -> str:
    """`|broker|customs|`, so that one party can be searched for as `%|customs|%`."""
    return listed(sorted({wait.party.replace("|", "") for wait in waits}))


def listed(words: Sequence[str]) -> str:
    """`|one|two|`, in which a word is found as `%|two|%`; empty for none."""
    return f"|{'|'.join(words)}|" if words else ""
