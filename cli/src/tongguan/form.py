"""Whether a value fits a field's form, read from the rules of the contract itself, and put there if it does."""

import functools
import math
import re
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor

_CODE_POINT = re.compile(r"\\x\{([0-9A-Fa-f]+)\}")
_INTEGERS = {FieldDescriptor.CPPTYPE_INT32: "int32", FieldDescriptor.CPPTYPE_INT64: "int64"}


@functools.cache
def _rules(field: FieldDescriptor) -> Any:
    """The rules of a field or, where it is repeated, of its elements."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return rules.repeated.items if field.is_repeated else rules


@functools.cache
def _pattern(field: FieldDescriptor) -> re.Pattern[str]:
    """The field's pattern; RE2 writes code points and classes in its own way."""
    pattern = _rules(field).string.pattern.replace("\\p{Cc}", "\\x00-\\x1f\\x7f-\\x9f")
    return re.compile(
        _CODE_POINT.sub(lambda found: re.escape(chr(int(found.group(1), 16))), pattern).replace("$", r"\Z")
    )


def limit(field: FieldDescriptor) -> int:
    """Most characters of a text field, or most elements of a repeated one."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return int(rules.repeated.max_items if field.is_repeated else rules.string.max_len)


def text_limit(field: FieldDescriptor) -> int:
    """Most characters of a text field or of an element of a repeated one."""
    return int(_rules(field).string.max_len)


def fault(field: FieldDescriptor, value: str | int | float) -> str:
    """Why the value does not fit the field, in words for a report; empty when it fits."""
    if isinstance(value, str):
        if len(value) > text_limit(field):
            return f"it is longer than {text_limit(field)} characters"
        return "" if _pattern(field).match(value) else "it holds characters that the field does not allow"
    rules = getattr(_rules(field), _INTEGERS.get(field.cpp_type, "double"))
    if (
        not math.isfinite(value)
        or (rules.HasField("gte") and value < rules.gte)
        or (rules.HasField("lte") and value > rules.lte)
    ):
        return "it is out of the field's range"
    return ""
