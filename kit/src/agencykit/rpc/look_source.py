"""Writes a quick look at one kind of message (see quick_form) as the text of one Python function, and compiles it.

    def look(message, ascii_texts, texts):
        v0, v1, v2 = read(message)
        if len(v0) > 35 or v1 not in g0:
            return False
        ascii_texts += v0,
        if v2:
            if not 1 <= len(v2) <= 99:
                return False
            for each in v2:
                if not g1(each, ascii_texts, texts):
                    return False
        return True

Half the time of calling one small function for each rule.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from agencykit.rpc.constraints import (
    Choice,
    NotModelled,
    Range,
    TextRule,
    ValueRule,
    field_rules,
    list_rule,
    value_rule,
)
from agencykit.rpc.text import ignored, is_map

# Looks at a message, and puts its text aside to be looked at all at once: what must be printable ASCII, and all other
# that no pattern has looked at.
Look = Callable[[Any, list[str], list[str]], bool]


class LookSource:
    """Collects what one kind of message must keep. Only names and numbers made here stand in the text."""

    def __init__(self) -> None:
        # Fields read at once, by one call; `v<place>` is the value.
        self._read: list[str] = []
        # What the text refers to as `g<place>`.
        self._given: list[object] = []
        self._refusals: list[str] = []
        self._ascii: list[str] = []
        self._open: list[str] = []
        self._lines: list[str] = []

    def add_value(self, field: FieldDescriptor) -> None:
        """A text, number, enumeration or bytes. One that may be absent is read as its default, which must be right."""
        rule = value_rule(field, field_rules(field))
        if rule is None:
            return
        if field.has_presence and not rule.allows_default():
            raise NotModelled
        name = self._variable(field)
        self._refusals += self._breaches(rule, name)
        if isinstance(rule, TextRule) and rule.match is None:
            (self._ascii if rule.ascii_only else self._open).append(name)

    def add_message(self, field: FieldDescriptor, look: Look | None) -> None:
        """A part of the message, looked at where it is present and `look` is given."""
        rules = field_rules(field)
        required = rules.pop("required", False)
        if rules:
            raise NotModelled
        present = f'message.HasField("{field.name}")'
        if required:
            self._lines += [f"if not {present}: return False"]
        if look:
            value, called = f"message.{field.name}", self._name(look)
            self._lines += [f"if {present} and not {called}({value}, ascii_texts, texts): return False"]

    def add_list(self, field: FieldDescriptor, look_of: Callable[[Any], Look]) -> None:
        """A repeated field: how many, and each of them."""
        rule = list_rule(field_rules(field))
        name = self._variable(field)
        self._lines += [f"if {name}:", f" if not {rule.least} <= len({name}) <= {rule.most}: return False"]
        if rule.unique:
            self._lines += [f" if len(set({name})) < len({name}): return False"]
        if not ignored(field):
            self._lines += [f" {line}" for line in self._elements(field, rule.each, name, look_of)]
        if rule.least:
            self._lines += ["else: return False"]

    def add_test(self, test: Callable[[Any], bool]) -> None:
        """A rule over the whole message, after all others."""
        self._lines += [f"if not {self._name(test)}(message): return False"]

    def __bool__(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self._read or self._lines)

    def __str__(self) -> str:
        """The function's text."""
        body: list[str] = []
        if self._read:
            body += [f"{''.join(f'v{place}, ' for place in range(len(self._read)))}= read(message)"]
        if self._refusals:
            body += [f"if {' or '.join(self._refusals)}: return False"]
        body += [f"ascii_texts += {', '.join(self._ascii)}," if self._ascii else ""]
        body += [f"texts += {', '.join(self._open)}," if self._open else ""]
        lines = [*filter(None, body), *self._lines, "return True"]
        return "\n".join(["def look(message, ascii_texts, texts):", *(f" {line}" for line in lines), ""])

    def compiled(self) -> Look:
        """The function."""
        names: dict[str, Any] = {f"g{place}": value for place, value in enumerate(self._given)}
        only = self._read[0] if len(self._read) == 1 else ""
        names["read"] = (lambda message: (getattr(message, only),)) if only else attrgetter(*(self._read or ["x"]))
        exec(str(self), names)
        look: Look = names["look"]
        return look

    def _variable(self, field: FieldDescriptor) -> str:
        self._read.append(field.name)
        return f"v{len(self._read) - 1}"

    def _name(self, value: object) -> str:
        self._given.append(value)
        return f"g{len(self._given) - 1}"

    def _breaches(self, rule: ValueRule, name: str) -> list[str]:
        """Conditions under which a value may break its rule."""
        match rule:
            case Choice(allowed):
                return [f"{name} not in {self._name(allowed)}"]
            case Range(least, most, of_length):
                measured = f"len({name})" if of_length else name
                # Not a number is not within.
                return [f"not {least!r} <= {measured} <= {most!r}"]
            case TextRule(least, most, match):
                shorter = [f"len({name}) < {least}"] if least else []
                fitting = [f"not {self._name(match)}({name})"] if match else []
                return [*shorter, f"len({name}) > {most}", *fitting]

    def _elements(
        self, field: FieldDescriptor, rules: dict[str, Any], name: str, look_of: Callable[[Any], Look]
    ) -> list[str]:
        if is_map(field) or (field.message_type is not None and rules):
            return ["return False"]
        if field.message_type is not None:
            look = self._name(look_of(field.message_type))
            return [f"for each in {name}:", f" if not {look}(each, ascii_texts, texts): return False"]
        rule = value_rule(field, rules)
        if rule is None:
            return []
        lines = [f"for each in {name}:", f" if {' or '.join(self._breaches(rule, 'each'))}: return False"]
        if isinstance(rule, TextRule) and rule.match is None:
            lines += [f"{'ascii_texts' if rule.ascii_only else 'texts'}.extend({name})"]
        return lines
