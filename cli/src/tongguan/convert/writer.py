"""Writes values of a document into a message, and says in the ledger and the report what became of each.

A value that does not fit its field's form is left out, never bent; only free text is shortened or cleaned, and that is
noted.
"""

import re
import unicodedata
from decimal import Context, Decimal
from typing import Any

import iso4217
from google.protobuf.descriptor import FieldDescriptor

from clearance.common.v1.money_pb2 import Money
from tongguan.convert.ledger import Node
from tongguan.convert.report import Note, Report
from tongguan.form import fault, limit, text_limit

_DECIMAL = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)\Z", re.ASCII)
_UNWANTED = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_MOST_UNITS = 2**63
_EXACT = Context(prec=200)  # a number of the document has at most 64 characters


def decimal(text: str) -> Decimal | None:
    """A number as XML Schema's decimal writes it, else None."""
    return Decimal(text) if _DECIMAL.match(text) and len(text) <= 64 else None


class Writer:
    """One message, and where it stands in the submission (`items[0]`)."""

    def __init__(self, message: Any, report: Report, where: str = "") -> None:
        self.message = message
        self.report = report
        self.where = where

    def path(self, name: str) -> str:
        """Path of a field in the submission."""
        return f"{self.where}.{name}" if self.where else name

    def inside(self, name: str) -> "Writer":
        """A writer for a field that is a message."""
        return Writer(getattr(self.message, name), self.report, self.path(name))

    def add(self, name: str) -> "Writer | None":
        """A writer for a new element of a repeated field, or None where it is full."""
        elements = getattr(self.message, name)
        if len(elements) >= limit(self._field(name)):
            return None
        return Writer(elements.add(), self.report, f"{self.path(name)}[{len(elements) - 1}]")

    def code(self, name: str, *nodes: Node, value: str = "") -> bool:
        """Writes a code or identifier exactly: `value`, or the nodes' texts joined. A repeated field grows by it."""
        text = unicodedata.normalize("NFC", value or "".join(node.text for node in nodes))
        field = self._field(name)
        reason = fault(field, text)
        if field.is_repeated and len(getattr(self.message, name)) >= limit(field):
            reason = f"the submission holds at most {limit(field)}"
        if reason:
            self._leave(nodes, reason)
        elif text:
            self._carry(nodes, self._put(field, text))
        return bool(text) and not reason

    def text(self, name: str, node: Node) -> bool:
        """Writes free text: NFC, without control and direction characters, cut to what the field holds."""
        field, whole = self._field(name), node.text
        text = unicodedata.normalize("NFC", whole)
        notes = ["normalised to NFC"] if text != whole else []
        if unwanted := sorted({f"U+{ord(char):04X}" for run in _UNWANTED.findall(text) for char in run}):
            text = _UNWANTED.sub(" ", text).strip(" ")
            notes.append(f"control characters replaced by a space: {', '.join(unwanted)}")
        if len(text) > (most := text_limit(field)):
            notes.append(f"shortened from {len(text)} to {most} characters")
            text = text[:most]
        if not text:
            node.leave("nothing printable is left of it")
            return False
        written = self.code(name, node, value=text)
        self.report.altered.extend(Note(self.path(name), note, node.path) for note in notes if written)
        return written

    def number(self, name: str, node: Node, factor: Decimal = Decimal(1)) -> bool:
        """Writes a number times `factor`; one that is none, or does not fit the field, is left out."""
        number = decimal(node.text)
        if number is None:
            node.leave("it is not a number")
            return False
        field = self._field(name)
        exact = _EXACT.multiply(number, factor)
        value: int | float = float(exact)
        if field.cpp_type == FieldDescriptor.CPPTYPE_INT32:
            if exact != exact.to_integral_value():
                node.leave("it is not a whole number")
                return False
            value = int(exact)
        if reason := fault(field, value):
            node.leave(reason)
            return False
        if Decimal(repr(value)) != exact:
            self.report.altered.append(Note(self.path(name), "carried as the nearest binary number", node.path))
        self._carry((node,), self._put(field, value))
        return True

    def money(self, name: str, node: Node) -> bool:
        """Writes an amount with its currency as whole minor units; one that would have to be rounded is left out."""
        amount, currency = decimal(node.text), node.attribute("currencyID")
        digits, known = minor_digits(currency)
        units = None if amount is None else _EXACT.scaleb(amount, digits)
        if not currency:
            reason = "it names no currency"
        elif units is None:
            reason = "it is not an amount"
        elif units != units.to_integral_value() or abs(units) >= _MOST_UNITS:
            reason = f"it is not a whole number of minor units of {currency[:8]}, which has {digits} decimals"
        else:
            reason = fault(Money.DESCRIPTOR.fields_by_name["currency_code"], currency)
        if reason or units is None:
            node.leave(reason)
            node.leave(reason, "currencyID")
            return False
        money = self.inside(name)
        money.message.currency_code = currency
        money.message.minor_units = int(units)
        node.carry(money.path("minor_units"))
        node.carry(money.path("currency_code"), "currencyID")
        if not known:
            note = f"{digits} decimals, because {currency} is not a currency of ISO 4217 with minor units"
            self.report.assumed.append(Note(self.path(name), note, node.path))
        return True

    def _field(self, name: str) -> FieldDescriptor:
        field: FieldDescriptor = self.message.DESCRIPTOR.fields_by_name[name]
        return field

    def _put(self, field: FieldDescriptor, value: str | int | float) -> str:
        """Sets or appends; returns where it now stands."""
        if field.is_repeated:
            elements = getattr(self.message, field.name)
            elements.append(value)
            return f"{self.path(field.name)}[{len(elements) - 1}]"
        setattr(self.message, field.name, value)
        return self.path(field.name)

    def _carry(self, nodes: tuple[Node, ...], path: str) -> None:
        for node in nodes:
            node.carry(path)

    def _leave(self, nodes: tuple[Node, ...], reason: str) -> None:
        for node in nodes:
            node.leave(reason)


def minor_digits(currency: str) -> tuple[int, bool]:
    """Decimals of a currency, and whether they are known; two are assumed for any other."""
    try:
        exponent = iso4217.Currency(currency).exponent
    except ValueError:
        exponent = None
    return (2, False) if exponent is None else (exponent, True)
