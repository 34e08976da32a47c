"""The quick look at form: whatever it lets pass, protovalidate lets pass too; and it lets pass what is usual."""

import importlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from buf.validate import validate_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

import clearance.common.v1
from agencykit.rpc.constraints import NotModelled, field_rules, translated
from agencykit.rpc.quick_form import certainly_well_formed, look_of, never, source_of
from agencykit.rpc.text import ignored, is_map
from agencykit.rpc.validation import slow_violations, violations
from agencykit.testing import counts
from agencykit.testing.messages import drop, mutations, places, put, valid
from clearance.agency.v1.agency_service_pb2 import AssessmentItem
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import GuaranteeTerms
from clearance.common.v1.party_pb2 import Party
from clearance.gateway.v1.clearance_service_pb2 import SubmitClearanceRequest


def contract_types() -> list[Descriptor]:
    """Every kind of message of the contract."""
    folder = Path(str(next(iter(clearance.common.v1.__path__)))).parents[2]
    names = [".".join(file.relative_to(folder).with_suffix("").parts) for file in folder.rglob("clearance/**/*_pb2.py")]
    files = [importlib.import_module(name).DESCRIPTOR for name in sorted(names)]
    return list(chain.from_iterable(_with_nested(file.message_types_by_name.values()) for file in files))


def _with_nested(kinds: Any) -> Iterator[Descriptor]:
    for kind in kinds:
        if not kind.GetOptions().map_entry:
            yield kind
            yield from _with_nested(kind.nested_types)


TYPES = contract_types()
# Of the parts of a large message each so-many-th.
SOME = counts.count(97, 23)


def agrees(message: Message) -> bool:
    """What the quick look says, after a check that it says yes only where protovalidate and the look at text do."""
    quick = certainly_well_formed(message)
    if quick:
        assert slow_violations(message) == []
    return quick


def test_every_rule_of_the_contract_is_known_to_the_quick_look() -> None:
    """A new kind of rule is not wrong, only slow: write it down in constraints.py, or name its message here."""
    assert {kind.full_name for kind in TYPES if look_of(kind) is never} == set()
    assert {name for kind in TYPES for field in kind.fields for name in field_rules(field)} == {
        *("bytes.len", "bytes.max_len", "bytes.min_len", "double.finite", "double.gte", "double.lte"),
        *("enum.defined_only", "enum.in", "enum.not_in", "required"),
        *("int32.gte", "int32.lte", "int64.gte", "int64.lte"),
        *("repeated.items.bytes.len", "repeated.items.enum.defined_only", "repeated.items.enum.not_in"),
        *("repeated.items.ignore", "repeated.items.int32.gte", "repeated.items.int32.lte"),
        *("repeated.items.string.max_len", "repeated.items.string.min_len", "repeated.items.string.pattern"),
        *("repeated.max_items", "repeated.min_items", "repeated.unique"),
        *("string.max_bytes", "string.max_len", "string.min_len", "string.pattern", "string.uuid"),
    }


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.full_name)
def test_a_full_message_passes_quickly(kind: Descriptor) -> None:
    message = valid(kind)
    assert slow_violations(message) == []
    assert agrees(message)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.full_name)
def test_what_passes_quickly_passes_slowly_whatever_one_value_is(kind: Descriptor) -> None:
    agrees(message_factory.GetMessageClass(kind)())
    whole = valid(kind)
    all_places = places(whole)
    for number, (_, field, index) in enumerate(all_places):
        # Parts are looked at as kinds of their own; of large messages' parts some are enough.
        if len(all_places) > 40 and field.containing_type is not kind and number % SOME:
            continue
        current = getattr(all_places[number][0], field.name)
        for changed in mutations(field, current if index is None else current[index]):
            message = type(whole).FromString(whole.SerializeToString())
            try:
                put(places(message)[number], changed)
            except ValueError:
                continue
            agrees(message)
        message = type(whole).FromString(whole.SerializeToString())
        drop(places(message)[number])
        agrees(message)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.full_name)
def test_lists_are_counted(kind: Descriptor) -> None:
    for field in kind.fields:
        if not field.is_repeated or is_map(field) or ignored(field):
            continue
        for count in (0, 1, 8, 9, 16, 17, 99, 100, 256, 257):
            message = valid(kind)
            elements = getattr(message, field.name)
            element = elements[0]
            del elements[:]
            elements.extend([element] * count)
            for number, each in enumerate(message.items if isinstance(message, Consignment) else ()):
                each.number = number + 1
            agrees(message)


@pytest.mark.parametrize(("kinds", "differ"), [([1], True), ([1, 2], True), ([1, 2, 3, 4, 5], True), ([2, 2], False)])
def test_what_may_stand_once_in_a_list_stands_there_once(kinds: list[int], differ: bool) -> None:
    message = valid(GuaranteeTerms.DESCRIPTOR)
    message.kinds[:] = kinds
    assert agrees(message) is differ


@pytest.mark.parametrize("count", [1, 2, 99, 100, 998, 999, 1000])
def test_a_consignment_of_many_items(count: int) -> None:
    message = valid(Consignment.DESCRIPTOR)
    item = message.items[0]
    del message.items[:]
    for number in range(count):
        message.items.add().CopyFrom(item)
        message.items[-1].number = number + 1
    assert agrees(message) is (count <= 999)
    message.items[-1].number = 1
    assert agrees(message) is (count == 1)


@pytest.mark.parametrize("total", ["", "EUR", "USD", None])
@pytest.mark.parametrize("first", ["EUR", "USD", None])
@pytest.mark.parametrize("second", ["", "EUR", None])
def test_currencies_are_compared_as_the_contract_says(total: str | None, first: str | None, second: str | None) -> None:
    message = valid(Consignment.DESCRIPTOR)
    message.items.add().CopyFrom(message.items[0])
    message.items[1].number = 2
    for holder, name, currency in (
        (message, "invoice_total", total),
        (message.items[0], "value", first),
        (message.items[1], "value", second),
    ):
        if currency is None:
            holder.ClearField(name)
        else:
            getattr(holder, name).currency_code = currency
    assert agrees(message) is (slow_violations(message) == [])


@settings(max_examples=300)
@given(data=st.data())
def test_what_passes_quickly_passes_slowly_whatever_several_values_are(data: st.DataObject) -> None:
    message = valid(SubmitClearanceRequest.DESCRIPTOR)
    for _ in range(data.draw(st.integers(0, 4))):
        found = places(message)
        if not found:
            break
        place = holder, field, index = found[data.draw(st.integers(0, len(found) - 1))]
        current = getattr(holder, field.name)
        value = current if index is None else current[index]
        changed = mutations(field, value)
        if not changed or data.draw(st.integers(0, 3)) == 0:
            drop(place)
        else:
            chosen = st.sampled_from(changed)
            put(place, data.draw(chosen | st.text() if isinstance(value, str) else chosen))
    agrees(message)


@settings(max_examples=300)
@given(name=st.text(max_size=300), identifier=st.text(max_size=40), lines=st.lists(st.text(max_size=260), max_size=9))
def test_any_text_is_judged_alike(name: str, identifier: str, lines: list[str]) -> None:
    agrees(Party(name=name, identifier=identifier, address_lines=lines))


@pytest.mark.parametrize(
    ("pattern", "kept", "broken"),
    [
        (r"^[\x{21}-\x{7E}]*$", ["", "!~", "a" * 99], [" ", "a\n", "\n", "\x7f", "é"]),
        ("^[0-9A-Z]*$", ["", "A9"], ["a", "A\n", "Ａ", "１"]),
        ("^([0-9]{4})?$", ["", "3104"], ["310", "31045", "3104\n", "٣١٠٤"]),
        ("^[a-z][a-z0-9-]*$", ["a", "a-9"], ["", "-", "9", "ſ"]),
        ("^(ab{2,3}){2}$", ["abbabb", "abbbabb"], ["abb", "ab"]),
    ],
)
def test_patterns_that_both_languages_read_alike(pattern: str, kept: list[str], broken: list[str]) -> None:
    match = translated(pattern)
    assert match is not None
    assert [text for text in kept if not match(text)] == []
    assert [text for text in broken if match(text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"[0-9]", r"^[0-9]", r"[0-9]$", r"^.*$", r"^a|b$", r"^\d$", r"^(?i)a$", r"^(?i:a)$", r"^[^a]*$",
        r"^[[:alpha:]]$",
        r"^[\x{20}-\x{FF}]*$", r"^\x{1F600}$", r"^[\x{00}-\x{7E}]*$", r"^[^\p{Cc}a]*$", r"^[^\p{Cc}\x{41}]*$",
        r"^[^\p{Lu}]*$", r"^a{,3}$", r"^a*+$", r"^a**$", r"^(a$", r"^[一-龥]*$", r"^$a$", r"^^a$", r"^\x{7F}$",
    ],
)  # fmt: skip
def test_any_other_pattern_is_left_to_protovalidate(pattern: str) -> None:
    with pytest.raises(NotModelled):
        translated(pattern)


def with_rule(options: validate_pb2.FieldRules, kind: int = FieldDescriptor.TYPE_STRING) -> Any:
    """A kind of message with one field, whose rule is new to the quick look."""
    file = descriptor_pb2.FileDescriptorProto(name=f"odd{id(options)}.proto", package=f"odd{id(options)}")
    file.syntax = "proto3"
    file.dependency.append("buf/validate/validate.proto")
    field = file.message_type.add(name="Odd").field.add(name="value", number=1, type=kind)  # type: ignore[arg-type]
    field.label = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
    field.options.Extensions[validate_pb2.field].CopyFrom(options)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{file.package}.Odd"))


Rules = validate_pb2.FieldRules


@pytest.mark.parametrize(
    ("rules", "kind", "good"),
    [
        (Rules(string=validate_pb2.StringRules(email=True)), FieldDescriptor.TYPE_STRING, "a@b.example"),
        (Rules(string=validate_pb2.StringRules(const="x")), FieldDescriptor.TYPE_STRING, "x"),
        (Rules(string=validate_pb2.StringRules(min_len=2), ignore=1), FieldDescriptor.TYPE_STRING, ""),
        (Rules(required=True), FieldDescriptor.TYPE_STRING, "x"),
        (Rules(int32=validate_pb2.Int32Rules(gt=2)), FieldDescriptor.TYPE_INT32, 3),
        (Rules(int32=validate_pb2.Int32Rules(gte=5, lte=2)), FieldDescriptor.TYPE_INT32, 7),
        (Rules(uint32=validate_pb2.UInt32Rules(gte=2)), FieldDescriptor.TYPE_UINT32, 3),
        (Rules(bool=validate_pb2.BoolRules(const=True)), FieldDescriptor.TYPE_BOOL, True),
        (Rules(cel=[validate_pb2.Rule(id="odd", expression="this != 7")]), FieldDescriptor.TYPE_INT32, 3),
    ],
)
def test_a_rule_that_is_not_known_is_left_to_protovalidate(rules: Any, kind: int, good: Any) -> None:
    odd = with_rule(rules, kind)
    with pytest.raises(NotModelled):
        source_of(odd.DESCRIPTOR)
    message = odd(value=good)
    assert not certainly_well_formed(message)
    assert violations(message) == []


def test_a_changed_expression_is_left_to_protovalidate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agencykit.rpc.quick_form.EXPRESSIONS", {})
    with pytest.raises(NotModelled):
        source_of(Consignment.DESCRIPTOR)


def test_the_look_is_plain_python() -> None:
    assert str(source_of(Party.DESCRIPTOR)).splitlines() == [
        "def look(message, ascii_texts, texts):",
        " v0, v1, v2, v3, = read(message)",
        " if len(v0) > 256 or len(v1) > 35 or len(v2) > 8: return False",
        " ascii_texts += v1, v2,",
        " texts += v0,",
        " if v3:",
        "  if not 0 <= len(v3) <= 8: return False",
        "  for each in v3:",
        "   if len(each) > 256: return False",
        "  texts.extend(v3)",
        " return True",
    ]


def test_bytes_of_any_length_are_measured() -> None:
    item = valid(AssessmentItem.DESCRIPTOR)
    item.consignment = b"\0" * 2097152
    assert agrees(item)
    item.consignment += b"\0"
    assert not agrees(item)
