"""What districts say about movements, as messages: field by field, by their names.

A domain's `…_time` is microseconds and the contract's a Timestamp; enums have the contract's numbers; a tuple is a
repeated field; None and an absent message are the same.
"""

import re
from dataclasses import fields, is_dataclass
from enum import IntEnum
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from google.protobuf.message import Message

from clearance.district.v1 import movement_pb2 as pb
from gateway.domain.transit.content import KINDS, Content
from gateway.operations.transit.receive import Heard
from gateway.rpc.times import micros, timestamp
from gateway.storage.movement_mail import Posted

Value = TypeVar("Value")
_TIME = "_time"


def _field_name(kind: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()


_KIND_OF = {_field_name(name): kind for name, kind in KINDS.items()}


def write(value: Any, message: Message) -> None:
    """Copies a domain's value into an empty message of the same fields."""
    message.SetInParent()
    for each in fields(value):
        found = getattr(value, each.name)
        if found is None:
            continue
        if each.name.endswith(_TIME):
            getattr(message, each.name).CopyFrom(timestamp(found))
        elif is_dataclass(found):
            write(found, getattr(message, each.name))
        elif isinstance(found, tuple):
            _write_all(found, getattr(message, each.name))
        else:
            setattr(message, each.name, found)


def _write_all(values: tuple[Any, ...], repeated: Any) -> None:
    for value in values:
        if is_dataclass(value):
            write(value, repeated.add())
        else:
            repeated.append(value)


def read(kind: type[Value], message: Message) -> Value:
    """A domain's value from a message of the same fields; ValueError where an enum has another number."""
    return kind(**{name: _read(hint, name, message) for name, hint in _hints(kind).items()})


_HINTS: dict[Any, dict[str, Any]] = {}


def _hints(kind: type[Any]) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind)
    return _HINTS[kind]


def _read(hint: Any, name: str, message: Message) -> Any:
    found = getattr(message, name)
    if get_origin(hint) is UnionType:
        if not message.HasField(name):
            return None
        hint = get_args(hint)[0]
    if name.endswith(_TIME):
        return micros(found)
    if get_origin(hint) is tuple:
        each = get_args(hint)[0]
        return tuple(read(cast(type[Any], each), one) if is_dataclass(each) else one for one in found)
    if is_dataclass(hint):
        return read(cast(type[Any], hint), found)
    return hint(found) if isinstance(hint, type) and issubclass(hint, IntEnum) else found


def message_of(letter: Posted) -> pb.MovementMessage:
    """A letter as it travels."""
    message = pb.MovementMessage(mrn=letter.stream.mrn, sequence=letter.sequence, traceparent=letter.trace)
    message.create_time.CopyFrom(timestamp(letter.create_time))
    write(letter.content, getattr(message, _field_name(letter.kind)))
    return message


def heard_of(message: pb.MovementMessage, sender: str) -> Heard | None:
    """What a message says; None for what this version of the contract does not know."""
    name = message.WhichOneof("content")
    if name not in _KIND_OF:
        return None
    kind: type[Content] = _KIND_OF[name]
    try:
        content = read(kind, getattr(message, name))
    except ValueError:
        return None
    return Heard(sender, message.mrn, message.sequence, content, message.traceparent)
