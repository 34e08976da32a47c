"""Looks through the text of a message for what no contract rule can say: normalisation and unwelcome characters."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.refusals import Violation

# Characters that change the direction of what follows, so that a reader sees another name than the machine.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CATEGORIES = {
    "Cc": ("text.control", "holds a control character"),
    "Cn": ("text.unassigned", "holds a character that Unicode has not assigned"),
    "Cs": ("text.surrogate", "holds half of a surrogate pair"),
    "Zl": ("text.control", "holds a line separator"),
    "Zp": ("text.control", "holds a paragraph separator"),
}


def text_violations(message: Message) -> list[Violation]:
    """Every text that is not in form C, holds a control or unassigned character, or turns the reading direction."""
    return [
        Violation(path, rule, meaning, "string")
        for path, value in leaves(message)
        if isinstance(value, str) and not innocent(value)
        for rule, meaning in _flaws(value)
    ]


def innocent(text: str) -> bool:
    """Whether a text certainly has no flaw. Almost every one is innocent, and so are many texts joined to one.

    Printable means none of the refused categories, and every part of a text in form C is in form C itself.
    """
    return text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text))


def _flaws(text: str) -> Iterator[tuple[str, str]]:
    if not unicodedata.is_normalized("NFC", text):
        yield "text.normalised", "is not in Unicode normalisation form C"
    if not text.isprintable():
        yield from {_CATEGORIES[kind] for kind in map(unicodedata.category, text) if kind in _CATEGORIES}
        if not _DIRECTIONS.isdisjoint(text):
            yield "text.direction", "holds a character that changes the reading direction"


def leaves(message: Message, prefix: str = "") -> Iterator[tuple[str, str | Timestamp]]:
    """Every text and every time with its path, slowly."""
    for field, value in message.ListFields():
        path = f"{prefix}.{field.name}" if prefix else field.name
        if ignored(field):
            continue
        if is_map(field):
            for key in value:
                yield from _values(_entry(field, "key"), key, f'{path}["…"]')
                yield from _values(_entry(field, "value"), value[key], f'{path}["…"]')
        elif field.is_repeated:
            for index, each in enumerate(value):
                yield from _values(field, each, f"{path}[{index}]")
        else:
            yield from _values(field, value, path)


def _values(field: FieldDescriptor, value: Any, path: str) -> Iterator[tuple[str, str | Timestamp]]:
    if field.type == FieldDescriptor.TYPE_STRING or isinstance(value, Timestamp):
        yield path, value
    elif field.message_type is not None:
        yield from leaves(value, path)


@lru_cache(maxsize=4096)
def ignored(field: FieldDescriptor) -> bool:
    """Whether the contract leaves the field's value to the handler, which then looks at each item by itself."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return validate_pb2.IGNORE_ALWAYS in (rules.ignore, rules.repeated.items.ignore)


def _entry(field: Any, name: str) -> FieldDescriptor:
    entry: FieldDescriptor = field.message_type.fields_by_name[name]
    return entry


def is_map(field: FieldDescriptor) -> bool:
    """Whether a repeated field is a map."""
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)
