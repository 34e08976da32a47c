"""A quick look at a message that can only say "certainly well formed"; protovalidate is asked about all else.

A look is compiled once for each kind of message, from the very rules that protovalidate reads. It says no for every
breach, and also where it does not know a rule: that costs time and nothing else, for protovalidate alone words what is
wrong. What it must never do is say yes where protovalidate says no, which is why it may be narrower than a rule.
"""

from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.rpc.constraints import NotModelled, message_expressions
from agencykit.rpc.expressions import EXPRESSIONS
from agencykit.rpc.look_source import Look, LookSource
from agencykit.rpc.moments import in_calendar
from agencykit.rpc.text import ignored, innocent


def certainly_well_formed(message: Message) -> bool:
    """Whether a message keeps every rule of the contract and of text. False says nothing."""
    look = _looks.get(message.DESCRIPTOR.full_name) or look_of(message.DESCRIPTOR)
    ascii_texts: list[str] = []
    texts: list[str] = []
    if not look(message, ascii_texts, texts):
        return False
    of_ascii = "".join(ascii_texts)
    return of_ascii.isascii() and of_ascii.isprintable() and innocent("".join(texts))


def never(message: Any, ascii_texts: list[str], texts: list[str]) -> bool:
    """The look of a kind of message with a rule that is not known here."""
    return False


def always(message: Any, ascii_texts: list[str], texts: list[str]) -> bool:
    """The look of a kind of message with neither rules nor text, such as a duration."""
    return True


_looks: dict[str, Look] = {Timestamp.DESCRIPTOR.full_name: in_calendar}


def look_of(descriptor: Any) -> Look:
    """The compiled look of a kind of message."""
    name = descriptor.full_name
    if name not in _looks:
        # A message that holds itself meets its own entry here before it is complete.
        _looks[name] = lambda message, ascii_texts, texts: _looks[name](message, ascii_texts, texts)
        try:
            source = source_of(descriptor)
            _looks[name] = source.compiled() if source else always
        except NotModelled:
            _looks[name] = never
    return _looks[name]


def source_of(descriptor: Descriptor) -> LookSource:
    """The look of a kind of message as Python text. Raises NotModelled."""
    source = LookSource()
    for field in descriptor.fields:
        if field.is_repeated:
            source.add_list(field, look_of)
        elif ignored(field):
            continue
        elif field.message_type is not None:
            look = look_of(field.message_type)
            source.add_message(field, None if look is always else look)
        else:
            source.add_value(field)
    for text in message_expressions(descriptor):
        if text not in EXPRESSIONS:
            raise NotModelled
        source.add_test(EXPRESSIONS[text])
    return source
