"""Looks through the text of a message for what no contract rule can say: normalisation and unwelcome characters."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from agencykit.refusals import Violation

# Adds every text of a message to a list, but for those that the contract's own rules leave nothing to look for in.
Collector = Callable[[Any, list[str]], None]

# Characters that change the direction of what follows, so that a reader sees another name than the machine.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CATEGORIES = {
    "Cc": ("text.control", "holds a control character"),
    "Cn": ("text.unassigned", "holds a character that Unicode has not assigned"),
    "Cs": ("text.surrogate", "holds half of a surrogate pair"),
    "Zl": ("text.control", "holds a line separator"),
    "Zp": ("text.control", "holds a paragraph separator"),
}

# In a pattern: negated classes, any character, alternatives, groups with flags, classes by name.
_MAY_LET_MORE_IN = re.compile(r"\[\^|\.|\||\(\?|\\(?!x\{)|\[:")
_CODES = re.compile(r"\\x\{([0-9A-Fa-f]+)\}")


def text_violations(message: Message) -> list[Violation]:
    """Every text that is not in form C, holds a control or unassigned character, or turns the reading direction.

    Almost every message is innocent, and all of its text is looked at in one go: printable means none of the refused
    categories. Only what fails this is looked at text by text.
    """
    texts: list[str] = []
    collector_of(message.DESCRIPTOR)(message, texts)
    text = "".join(texts)
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return []
    return [
        Violation(path, rule, meaning, "string")
        for path, value in _texts(message, "")
        for rule, meaning in _flaws(value)
    ]


def _flaws(text: str) -> Iterator[tuple[str, str]]:
    if not unicodedata.is_normalized("NFC", text):
        yield "text.normalised", "is not in Unicode normalisation form C"
    if not text.isprintable():
        yield from {_CATEGORIES[kind] for kind in map(unicodedata.category, text) if kind in _CATEGORIES}
        if not _DIRECTIONS.isdisjoint(text):
            yield "text.direction", "holds a character that changes the reading direction"


def _texts(message: Message, prefix: str) -> Iterator[tuple[str, str]]:
    """Every text with its path, slowly."""
    for field, value in message.ListFields():
        path = f"{prefix}.{field.name}" if prefix else field.name
        if ignored(field):
            continue
        if _is_map(field):
            for key in value:
                yield from _values(_entry(field, "key"), key, f'{path}["…"]')
                yield from _values(_entry(field, "value"), value[key], f'{path}["…"]')
        elif field.is_repeated:
            for index, each in enumerate(value):
                yield from _values(field, each, f"{path}[{index}]")
        else:
            yield from _values(field, value, path)


def _values(field: FieldDescriptor, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if field.type == FieldDescriptor.TYPE_STRING:
        yield path, value
    elif field.message_type is not None:
        yield from _texts(value, path)


@lru_cache(maxsize=4096)
def ignored(field: FieldDescriptor) -> bool:
    """Whether the contract leaves the field's value to the handler, which then looks at each item by itself."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return validate_pb2.IGNORE_ALWAYS in (rules.ignore, rules.repeated.items.ignore)


def _entry(field: Any, name: str) -> FieldDescriptor:
    entry: FieldDescriptor = field.message_type.fields_by_name[name]
    return entry


@lru_cache(maxsize=4096)
def proven(field: FieldDescriptor) -> bool:
    """Whether the contract's own rule lets only printable ASCII into a text, so that nothing is left to look for.

    A cautious reading: a pattern that could let more in is taken as if it did.
    """
    rules = field.GetOptions().Extensions[validate_pb2.field]
    text = rules.repeated.items.string if field.is_repeated else rules.string
    return text.uuid or _only_printable(text.pattern)


def _only_printable(pattern: str) -> bool:
    whole = pattern.startswith("^") and pattern.endswith("$")
    if not whole or not pattern.isascii() or _MAY_LET_MORE_IN.search(pattern):
        return False
    return all(0x20 <= int(code, 16) <= 0x7E for code in _CODES.findall(pattern))


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


_collectors: dict[str, Collector] = {}


def collector_of(descriptor: Any) -> Collector:
    """The compiled collector of a kind of message."""
    found = _collectors.get(descriptor.full_name)
    if found is None:
        # A message that holds itself meets its own entry here before it is complete.
        _collectors[descriptor.full_name] = lambda message, out: _collectors[descriptor.full_name](message, out)
        found = _collectors[descriptor.full_name] = _compile(descriptor)
    return found


def _compile(descriptor: Descriptor) -> Collector:
    fields = [field for field in descriptor.fields if not ignored(field)]
    maps = [field.name for field in fields if _is_map(field)]
    fields = [field for field in fields if not _is_map(field)]
    strings = [field for field in fields if field.type == FieldDescriptor.TYPE_STRING and not proven(field)]
    single = _reader([field.name for field in strings if not field.is_repeated])
    lists = [field.name for field in strings if field.is_repeated]
    nested = [field for field in fields if field.message_type is not None and holds_text(field.message_type)]
    parts = [(field.name, collector_of(field.message_type)) for field in nested if not field.is_repeated]
    rows = [(field.name, collector_of(field.message_type)) for field in nested if field.is_repeated]

    def collect(message: Any, out: list[str]) -> None:
        out += single(message)
        for name in lists:
            out += getattr(message, name)
        for name, collect_part in parts:
            if message.HasField(name):
                collect_part(getattr(message, name), out)
        for name, collect_row in rows:
            for each in getattr(message, name):
                collect_row(each, out)
        for name in maps:
            _collect_map(getattr(message, name), out)

    return collect


def _reader(names: list[str]) -> Callable[[Any], tuple[str, ...]]:
    """All of these attributes in one call."""
    if not names:
        return lambda message: ()
    if len(names) == 1:
        only = names[0]
        return lambda message: (getattr(message, only),)
    return attrgetter(*names)


def _collect_map(entries: Any, out: list[str]) -> None:
    for key in entries:
        value = entries[key]
        if isinstance(key, str):
            out.append(key)
        if isinstance(value, str):
            out.append(value)
        elif isinstance(value, Message):
            collector_of(value.DESCRIPTOR)(value, out)


def holds_text(descriptor: Descriptor, above: frozenset[str] = frozenset()) -> bool:
    """Whether text that the contract's rules leave open can stand anywhere in a kind of message."""
    if descriptor.full_name in above:
        return False
    below = above | {descriptor.full_name}
    return any(
        (field.type == FieldDescriptor.TYPE_STRING and not proven(field))
        or (field.message_type is not None and holds_text(field.message_type, below))
        for field in descriptor.fields
        if not ignored(field)
    )
