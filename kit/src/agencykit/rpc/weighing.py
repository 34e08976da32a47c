"""How much work a request brings, told before it is decoded: in items.

A batch is weighed by its items, which are counted on the wire by their tags; nothing of them is read. A request that is
large for so few weighs what its bytes would hold: a convoy is 256 items or 2 MiB.
"""

from google.protobuf.descriptor import Descriptor, FieldDescriptor

ITEM_BYTES = 8192
_VARINT, _LENGTH_DELIMITED = 0, 2
_FIXED = {1: 8, 5: 4}


def item_tags(request: Descriptor) -> frozenset[int]:
    """The tags of the fields in which requests of this form carry items."""
    return frozenset(
        field.number << 3 | _LENGTH_DELIMITED
        for field in request.fields
        if field.is_repeated and field.type == FieldDescriptor.TYPE_MESSAGE
    )


def items_of(request: bytes, tags: frozenset[int]) -> int:
    """The items of a request, at least one. What is no message of the contract weighs by its bytes alone."""
    heavy = len(request) // ITEM_BYTES or 1
    if not tags:
        return heavy
    counts = dict.fromkeys(tags, 0)
    place, end = 0, len(request)
    try:
        while place < end:
            tag, place = request[place], place + 1
            if tag > 127:
                tag, place = _varint(request, place - 1)
            kind = tag & 7
            if kind == _LENGTH_DELIMITED:
                if tag in counts:
                    counts[tag] += 1
                length, place = request[place], place + 1
                if length > 127:
                    length, place = _varint(request, place - 1)
                place += length
            elif kind == _VARINT:
                place = _varint(request, place)[1]
            elif kind in _FIXED:
                place += _FIXED[kind]
            else:
                break
    except IndexError:
        # Cut short: decoding refuses it.
        pass
    return max(heavy, *counts.values())


def _varint(request: bytes, place: int) -> tuple[int, int]:
    """The number that begins here, and where the next begins."""
    value = shift = 0
    while True:
        byte, place = request[place], place + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 128 or shift >= 70:
            return value, place
