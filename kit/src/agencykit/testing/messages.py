"""Messages of any kind by their rules: one that keeps them all, and what to change in it to break each."""

import math
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from agencykit.rpc.constraints import field_rules, list_rule
from agencykit.rpc.text import is_map
from clearance.common.v1.consignment_pb2 import Consignment

_UUID = "41842f92-ae5a-5f2e-81d8-1eb1b79ec0fc"
# A text that keeps each pattern of the contract and is long enough for every least length.
_KEEPS = {
    "": "Zürich 宁波",
    r"^[\x{20}-\x{7E}]*$": "N/M 12 ~",
    r"^[\x{20}-\x{7E}]*[0-9A-Za-z][\x{20}-\x{7E}]*$": "HZ 3104/17",
    r"^[\x{21}-\x{7E}]*$": "LRN-2004-17~",
    r"^[^\p{Cc}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}]*$": "甬江 Zürich",
    "^[0-9A-Z]*$": "NGB20041117",
    "^[0-9a-f]*$": "7f00c0ffee19a2b4",
    "^[0-9a-z_-]*$": "customs_1",
    "^[A-Z]{3}$": "CNY",
    "^[0-9A-Za-z]*$": "EUR",
    "^[0-9A-Za-z-]*$": "3104980001",
    "^[a-z][a-z0-9_]*$": "arrival_1",
    "^[a-z][a-z0-9-]*$": "customs-1",
    "^[a-z][a-z0-9_-]*$": "port_office",
    "^([a-z][a-z0-9_]*)?$": "customs_1",
    "^([a-z][a-z0-9_-]*)?$": "port_office",
    "^([0-9A-HJKMNP-TV-Z]{26})?$": "7K3M9QZA2BCD7K3M9QZA2BCD7K",
    "^([a-z][a-z0-9-]*)?$": "hangzhou",
    "^[A-Z0-9-]*$": "NINGBO-7K3M9QZA2BCD",
    "^[A-Z_]*$": "PERISHABLE_GOODS",
    "^[A-Za-z0-9._-]*$": "G-4.north_1",
    "^([0-9]{4})?$": "3104",
    "^[0-9]{4}$": "3104",
    "^[0-9]*$": "95030041",
    "^[0-9]{2,10}$": "95030041",
    "^[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[0-9]([A-Z][0-9]{6})?$": "04CN3104000000175",
    "^[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[J-M][0-9F]$": "04CN31047K3M9QZAJ0",
    "^([A-Z]{2}[A-Z2-9]{3})?$": "CNBLG",
    "^(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})?$": f"00-{'4b' * 16}-{'0f' * 8}-01",
}
_FLAWS = (
    "", " ", "\n", "\t", "\0", "\x7f", "\x85", "\xa0", "\u3000", "\xad", "é", "e\u0301", "\u0301", "İ", "ſ", "K", "１",
    "\u200d", "\u202e", "\u2066", "\u061c", "\u200b", "\u2028", "\ufeff", "\ufffe", "\U000e0001", "\U0001f600",
    "\ue000", "\u0378", "|", "]", "^", "$", "\\", "a", "A", "0", "-", "_", "Ａ", "ﬁ",
)  # fmt: skip
_NUMBERS = (0, 1, -1, 999, 1000, 99999999, 100000000, 2**31 - 1, -(2**31))
_FLOATS = (0.0, -0.0, -1e-300, 1.0, 1e9, 1.0000000001e9, 1e12, 1.1e12, math.inf, -math.inf, math.nan, 1.7e308)


def valid(descriptor: Descriptor, depth: int = 0) -> Any:
    """A message with every field set, each as its rule asks."""
    made = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        choice = field.containing_oneof
        # Of a oneof the first; what holds itself only so deep.
        if is_map(field) or depth > 6 or (choice and choice.fields[0].name != field.name):
            continue
        if field.is_repeated:
            each = list_rule(field_rules(field)).each
            getattr(made, field.name).extend([_value_for(field, each, depth)])
        elif field.message_type is not None:
            getattr(made, field.name).CopyFrom(_value_for(field, {}, depth))
        else:
            setattr(made, field.name, _value_for(field, field_rules(field), depth))
    if isinstance(made, Consignment):
        made.items[0].value.currency_code = made.invoice_total.currency_code = "EUR"
    return made


def _value_for(field: FieldDescriptor, rules: dict[str, Any], depth: int) -> Any:
    if field.message_type is not None:
        return valid(field.message_type, depth + 1)
    if field.type == FieldDescriptor.TYPE_STRING:
        text = _UUID if rules.get("string.uuid") else _KEEPS[rules.get("string.pattern", "")]
        return text[: rules.get("string.max_len", len(text))]
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"\7" * rules.get("bytes.len", max(rules.get("bytes.min_len", 1), 1))
    if "enum.in" in rules:
        return rules["enum.in"][0]
    if field.enum_type is not None:
        return next(number for number in sorted(field.enum_type.values_by_number) if number > 0)
    return 1


Place = tuple[Any, FieldDescriptor, int | None]


def places(message: Message) -> list[Place]:
    """Every value of a message, by its holder, field and place in a list; and every part of it."""
    found: list[Place] = []
    for field, value in message.ListFields():
        if is_map(field):
            continue
        elements = list(enumerate(value)) if field.is_repeated else [(None, value)]
        for index, each in elements:
            found.append((message, field, index))
            if field.message_type is not None:
                found += places(each)
    return found


def mutations(field: FieldDescriptor, value: Any) -> list[Any]:
    """Values at and beyond every bound that could be meant."""
    if field.type == FieldDescriptor.TYPE_STRING:
        lengths = (7, 8, 16, 17, 22, 35, 128, 129, 256, 257, 512, 513)
        stretched = [(value or "x") * length for length in lengths]
        cut = [text[:length] for text, length in zip(stretched, lengths, strict=True)]
        return [*cut, *_FLAWS, *(value + flaw for flaw in _FLAWS), *(flaw + value for flaw in _FLAWS), value.upper()]
    if field.type == FieldDescriptor.TYPE_BYTES:
        return [b"\0" * length for length in (0, 1, 31, 32, 33, 63, 64, 65)]
    if field.type == FieldDescriptor.TYPE_ENUM:
        return [-1, *range(10), 2**31 - 1]
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return list(_FLOATS)
    if field.type == FieldDescriptor.TYPE_INT64:
        return [*_NUMBERS, 2**63 - 1, -(2**63)]
    return list(_NUMBERS) if field.type == FieldDescriptor.TYPE_INT32 else []


def put(place: Place, value: Any) -> None:
    holder, field, index = place
    if index is None:
        setattr(holder, field.name, value)
    else:
        getattr(holder, field.name)[index] = value


def drop(place: Place) -> None:
    holder, field, index = place
    if index is None:
        holder.ClearField(field.name)
    else:
        del getattr(holder, field.name)[index]
