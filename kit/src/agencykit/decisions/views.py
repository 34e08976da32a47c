"""One digest for a view, so that an amendment that changes nothing for this agency is known as such."""

from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any


def view_digest(view: Any) -> bytes:
    """SHA-256 of a view of plain values, tuples, mappings, sets and dataclasses; the same in every process."""
    text = repr(view)
    # Only sets and mappings have braces in their repr; their order differs from process to process.
    return sha256((repr(_ordered(view)) if "{" in text else text).encode()).digest()


def _ordered(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, [(field.name, _ordered(getattr(value, field.name))) for field in fields(value)])
    if isinstance(value, Mapping):
        return sorted((repr(_ordered(key)), _ordered(entry)) for key, entry in value.items())
    if isinstance(value, Set):
        return sorted(repr(_ordered(entry)) for entry in value)
    if isinstance(value, (list, tuple)):
        return [_ordered(entry) for entry in value]
    return value
