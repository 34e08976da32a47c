"""Findings, and whom a decision waits for, as bytes, field by field as protobuf would write them: a third of its time.

What stands for nothing (zero, false, empty) is left out, as protobuf does; only a map's entries always hold both parts.
"""

from agencykit.evidence.wire import field, varint
from agencykit.rules import Finding


def finding_bytes(found: Finding) -> bytes:
    """A clearance.common.v1.Finding; its parameters in the order of their names, so that equal findings are equal."""
    parts = [_text(1, found.rule_id), _number(2, found.rule_version), _number(3, found.effect)]
    parameters = found.parameters
    for name in sorted(parameters) if len(parameters) > 1 else parameters:
        parts.append(field(4, field(1, name.encode()) + field(2, parameters[name].encode())))
    if found.item_numbers or found.container_numbers:
        parts.append(field(5, _scope(found)))
    if found.required_action:
        parts.append(_number(6, found.required_action))
    if found.amount_minor_units or found.currency_code:
        parts += _number(7, found.amount_minor_units), _text(8, found.currency_code)
    if found.resolved:
        parts.append(_number(9, 1))
    return b"".join(parts)


def waiting_bytes(kind: int, party: str, fact_kind: str, fact_key: str, rule_id: str) -> bytes:
    """A clearance.common.v1.Waiting; `kind` is a number of its Kind."""
    return _number(1, kind) + _text(2, party) + _text(3, fact_kind) + _text(4, fact_key) + _text(5, rule_id)


def _scope(found: Finding) -> bytes:
    items = field(1, b"".join([varint(number) for number in found.item_numbers])) if found.item_numbers else b""
    return items + b"".join([field(2, number.encode()) for number in found.container_numbers])


def _number(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value) if value else b""


def _text(number: int, value: str) -> bytes:
    return field(number, value.encode()) if value else b""
