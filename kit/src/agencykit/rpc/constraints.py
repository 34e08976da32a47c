"""The rules of the contract as plain values, for a quick look (see quick_form). Read from the descriptors' own options.

Every reader here may be narrower than the rule it reads, never wider; what it does not know raises NotModelled.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from agencykit.rpc.text import innocent

PRINTABLE_ASCII = r"^[\x{20}-\x{7E}]*$"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_CODE = r"\\x\{[0-9A-Fa-f]+\}"
_CODES = re.compile(r"\\x\{([0-9A-Fa-f]{2})\}")
_RANGE = re.compile(r"\\x\{([0-9A-Fa-f]+)\}(?:-\\x\{([0-9A-Fa-f]+)\})?")
# Any number of characters that are neither controls nor one of these.
_REFUSING = re.compile(rf"\^\[\^\\p\{{Cc\}}((?:{_CODE}(?:-{_CODE})?)*)\]\*\$")
# What RE2 and Python read alike: characters of ASCII, classes of them, groups, counts. No dot but in a class, no
# alternative, flag, negation or class by name, and no caret or dollar but at the ends.
_ATOM = rf"(?:[0-9A-Za-z_-]|{_CODE}|\[(?:[0-9A-Za-z_.-]|{_CODE})+\]|\((?!\?)|\))"
_SHARED = re.compile(rf"\^((?:{_ATOM}(?:[?*+]|\{{[0-9]+(?:,[0-9]*)?\}})?)*)\$")
_NUMBERS = {
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_DOUBLE: "double",
}


class NotModelled(Exception):
    """A rule that is not written down here: only protovalidate knows what it says."""


@dataclass(frozen=True, slots=True)
class TextRule:
    """Bounds of a text in code points; `match` where a pattern is left that the look at all text does not cover."""

    least: int
    most: int
    match: Callable[[str], object] | None
    # Nothing but printable ASCII is allowed: looked at with all such texts at once.
    ascii_only: bool

    def allows_default(self) -> bool:
        """Whether the empty text keeps the rule."""
        return self.least == 0 and (self.match is None or bool(self.match("")))


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that a number, or a length in bytes, may be; both included and both finite."""

    least: int | float
    most: int | float
    of_length: bool = False

    def __post_init__(self) -> None:
        if self.least > self.most:
            # To the contract's language that means "outside of".
            raise NotModelled

    def allows_default(self) -> bool:
        """Whether zero keeps the rule."""
        return self.least <= 0 <= self.most


@dataclass(frozen=True, slots=True)
class Choice:
    """The numbers that an enumeration may have."""

    allowed: frozenset[int]

    def allows_default(self) -> bool:
        """Whether "not stated" keeps the rule."""
        return 0 in self.allowed


ValueRule = TextRule | Range | Choice


@dataclass(frozen=True, slots=True)
class ListRule:
    """How many elements a list may have, whether they differ, and the rules of each."""

    least: int
    most: int
    unique: bool
    each: dict[str, Any]


def field_rules(field: FieldDescriptor) -> dict[str, Any]:
    """A field's rules by their dotted names: `string.max_len`, `repeated.items.string.pattern`."""
    return dict(_flat(field.GetOptions().Extensions[validate_pb2.field], ""))


def message_expressions(descriptor: Descriptor) -> list[str]:
    """The CEL expressions of a message. Raises NotModelled where it has rules of another kind, or a oneof has any."""
    rules = descriptor.GetOptions().Extensions[validate_pb2.message]
    of_oneofs = [oneof.GetOptions().Extensions[validate_pb2.oneof] for oneof in descriptor.oneofs]
    if any(field.name != "cel" for field, _ in rules.ListFields()) or any(each.ListFields() for each in of_oneofs):
        raise NotModelled
    return [rule.expression for rule in rules.cel]


def list_rule(rules: dict[str, Any]) -> ListRule:
    """What a list must keep, made of all of these rules."""
    unique = rules.pop("repeated.unique", False)
    least, most = rules.pop("repeated.min_items", 0), rules.pop("repeated.max_items", sys.maxsize)
    prefix = "repeated.items."
    if not all(name.startswith(prefix) for name in rules):
        raise NotModelled
    return ListRule(least, most, unique, {name.removeprefix(prefix): value for name, value in rules.items()})


def value_rule(field: FieldDescriptor, rules: dict[str, Any]) -> ValueRule | None:
    """What one value of a field must keep, made of all of these rules; None where nothing is asked of it."""
    left = dict(rules)
    rule: ValueRule | None = None
    if field.type == FieldDescriptor.TYPE_STRING:
        rule = _text_rule(left)
    elif rules and field.type == FieldDescriptor.TYPE_BYTES:
        rule = _length_rule(left)
    elif rules and field.enum_type is not None:
        left.pop("enum.defined_only", None)
        allowed = frozenset(field.enum_type.values_by_number).difference(left.pop("enum.not_in", ()))
        rule = Choice(allowed.intersection(left.pop("enum.in", allowed)))
    elif rules and field.type in _NUMBERS:
        rule = _number_rule(left, _NUMBERS[field.type])
    if left:
        raise NotModelled
    return rule


def _text_rule(left: dict[str, Any]) -> TextRule:
    most = left.pop("string.max_len", sys.maxsize)
    # Narrower than the rule: no code point takes more than four bytes.
    most = min(most, left.pop("string.max_bytes", sys.maxsize) // 4)
    least = left.pop("string.min_len", 0)
    pattern, uuid = left.pop("string.pattern", ""), left.pop("string.uuid", False)
    if pattern and uuid:
        raise NotModelled
    match = _UUID.fullmatch if uuid else translated(pattern)
    return TextRule(least, most, match, pattern == PRINTABLE_ASCII)


def _length_rule(left: dict[str, Any]) -> Range:
    least, most = left.pop("bytes.min_len", 0), left.pop("bytes.max_len", sys.maxsize)
    exact = left.pop("bytes.len", None)
    return Range(least, most, True) if exact is None else Range(max(least, exact), min(most, exact), True)


def _number_rule(left: dict[str, Any], kind: str) -> Range:
    # With bounds on both sides neither infinity nor what is not a number passes.
    left.pop(f"{kind}.finite", None)
    return Range(left.pop(f"{kind}.gte", -sys.float_info.max), left.pop(f"{kind}.lte", sys.float_info.max))


def translated(pattern: str) -> Callable[[str], object] | None:
    """What Python must match for a pattern of the contract (RE2) to be kept; None where all innocent text keeps it.

    Raises NotModelled for anything but the plain syntax that both read alike.
    """
    if not pattern or pattern == PRINTABLE_ASCII:
        return None
    if refusing := _REFUSING.fullmatch(pattern):
        if any(innocent(chr(code)) for code in _codes(refusing[1])):
            raise NotModelled
        # It refuses nothing but what is never innocent.
        return None
    shared = _SHARED.fullmatch(pattern)
    if shared is None or not all(0x20 <= code <= 0x7E for code in _codes(pattern)):
        raise NotModelled
    try:
        return re.compile(_CODES.sub(r"\\x\1", shared[1])).fullmatch
    except re.error as error:
        raise NotModelled from error


def _codes(ranges: str) -> list[int]:
    bounds = [(int(first, 16), int(last or first, 16)) for first, last in _RANGE.findall(ranges)]
    return [code for first, last in bounds for code in range(first, last + 1)]


def _flat(rules: Message, prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for field, value in rules.ListFields():
        name = f"{prefix}{field.name}"
        nested = field.message_type is not None and not field.is_repeated
        found += _flat(value, f"{name}.") if nested else [(name, value)]
    return found
