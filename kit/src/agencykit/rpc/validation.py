"""Form: the rules written in the contract, and what they cannot say of Unicode text and of times. Every violation is
told at once.

Rules are evaluated by protovalidate, so every language that speaks the contract applies the same. Beyond them all text
is in normalisation form C and of assigned characters, without controls (NUL among them) and without characters that
turn the reading direction: two texts that look alike are then the same bytes, in every database. Times are those of
the calendar.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import protovalidate
from google.protobuf.message import Message

from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.moments import moment_violations
from agencykit.rpc.quick_form import certainly_well_formed
from agencykit.rpc.text import text_violations

_validator = protovalidate.Validator()


def violations(message: Message) -> list[Violation]:
    """Every breach of form in a message. Almost every message has none, which a quick look sees."""
    if certainly_well_formed(message):
        return []
    return slow_violations(message)


def slow_violations(message: Message) -> list[Violation]:
    """The same by protovalidate and a look at each text and time: whatever is told of form is told by these."""
    try:
        found = [_told(breach) for breach in _validator.collect_violations(message)]
    except protovalidate.EvaluationError:
        # A rule of the contract ran out of its budget of steps: only an absurdly large message does that.
        found = [Violation("", "form.too_much", "is too large for its rules to be evaluated", "message")]
    # A pattern of the contract may have refused the same characters already.
    known = {broken.path for broken in found}
    further = text_violations(message) + moment_violations(message)
    return found + [broken for broken in further if broken.path not in known]


def validate(message: Message) -> None:
    """Raises FormInvalid with every violation (path, rule, message, kind of value; never the value)."""
    found = violations(message)
    if found:
        raise FormInvalid(found)


def validate_items(items: Iterable[Message]) -> list[FormInvalid | None]:
    """Looks at each item of a batch by itself: None where it is well formed, in the items' order."""
    return [FormInvalid(found) if (found := violations(item)) else None for item in items]


def warm_up(kinds: Iterable[type[Message]]) -> None:
    """Compiles rules and walkers before the first call, which would else wait tens of milliseconds for them."""
    for kind in kinds:
        violations(kind())


def _told(breach: protovalidate.Violation) -> Violation:
    proto = breach.proto
    elements: Sequence[Any] = proto.field.elements if proto.field else ()
    kind = elements[-1].field_type.name.lower() if elements else "message"
    return Violation(_path(elements), proto.rule_id or "", proto.message or "breaks the rule", kind)


def _path(elements: Sequence[Any]) -> str:
    """`items[2].value.currency_code`; a map's key is not told, because it may be anybody's text."""
    parts = []
    for element in elements:
        subscript = element.subscript
        index = "" if subscript is None else f"[{subscript.value}]" if subscript.field == "index" else '["…"]'
        parts.append(f"{element.field_name}{index}")
    return ".".join(parts)
