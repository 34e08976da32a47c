"""Nothing is dropped silently: every value is carried into a field that holds it, or listed as not carried."""

import os
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import protovalidate
from defusedxml.ElementTree import fromstring
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from tongguan.convert import Converted, convert_files, default_profile
from tongguan.convert.ledger import Entry
from tongguan.convert.writer import minor_digits

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("TONGGUAN_WCO_SAMPLES", ROOT.parent / "shared" / "data" / "wco"))
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)

# Carried as a code of the contract, or by the order of things, so that the value itself is not found.
TRANSLATED = re.compile(
    r"/(TypeCode|FunctionCode|ModeCode|ContainerCode|GoodsItemQuantity|SequenceNumeric|IdentificationTypeCode"
    r"|@unitCode|@formatCode|DateTimeString)(\[\d+\])?$"
)
INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


def name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def values_of(element: ElementTree.Element) -> Iterator[str]:
    """Every value of a document, read by other means than the converter's."""
    for node in element.iter():
        found = [(node.text or "") + "".join(child.tail or "" for child in node)]
        found += [value for attribute, value in node.attrib.items() if not attribute.startswith(INSTANCE)]
        yield from (value.strip(" \t\r\n") for value in found if value.strip(" \t\r\n"))


def leaf_strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaf_strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaf_strings(inner)
    else:
        yield str(value)


def at(consignment: dict[str, object], field: str) -> object:
    """What stands at a path such as `items[0].value.minor_units`."""
    found: object = consignment
    for part in re.findall(r"[a-z_]+|\d+", field):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def stands_in(entry: Entry, consignment: dict[str, object]) -> bool:
    """Whether a value stands where the account says: as it is, within a joined code, or as the same number."""
    held = list(leaf_strings(at(consignment, entry.field)))
    text = unicodedata.normalize("NFC", entry.value)
    if TRANSLATED.search(entry.path) or any(text in one for one in held):
        return True
    cleaned = re.sub("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", text).strip(" ")
    if any(one and cleaned.startswith(one) for one in held if len(one) > 200) or cleaned in held:
        return True
    try:
        number = Decimal(text)
    except ArithmeticError:
        return False
    numbers = {Decimal(one) for one in held if re.fullmatch(r"-?\d+(\.\d+)?", one)}
    scaled = {number.scaleb(digits) for digits in range(5)} | {number * 1000, number / 1000}
    return bool(numbers & scaled)


def check_account(document: bytes, converted: Converted) -> None:
    report = converted.report
    entries = [*report.carried, *report.not_carried]
    assert sorted(entry.value for entry in entries) == sorted(values_of(fromstring(document)))
    assert len({entry.path for entry in entries}) == len(entries)
    consignment = MessageToDict(
        converted.submission.consignment, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    lost = [entry for entry in report.carried if not stands_in(entry, consignment)]
    assert not lost
    assert all(entry.reason for entry in report.not_carried)
    protovalidate.validate(converted.submission)
    for _, fact in converted.facts:
        protovalidate.validate(fact)


def test_the_sample_is_accounted_for_to_the_last_value(convert, shellfish):
    check_account(shellfish.encode(), convert(shellfish))


def test_an_element_nobody_knows_is_listed_with_its_path(convert, shellfish):
    text = shellfish.replace("<TradeTerms>", "<Astrology sign='Aries'><House>7</House></Astrology><TradeTerms>")
    paths = {entry.path: entry.value for entry in convert(text).report.not_carried}
    assert paths["Declaration/GoodsShipment/Astrology/@sign"] == "Aries"
    assert paths["Declaration/GoodsShipment/Astrology/House"] == "7"


def test_a_second_element_where_one_is_expected_is_listed(convert, shellfish):
    text = shellfish.replace("<ExportCountry>", "<ExportCountry><ID>FR</ID></ExportCountry><ExportCountry>", 1)
    converted = convert(text)
    assert converted.submission.consignment.dispatch_country_code == "FR"
    assert "Declaration/GoodsShipment/ExportCountry[2]/ID" in [entry.path for entry in converted.report.not_carried]


def test_text_between_elements_is_listed(convert, shellfish):
    converted = convert(shellfish.replace("<TradeTerms>", "call me<TradeTerms>"))
    assert ("Declaration/GoodsShipment", "call me") in [(e.path, e.value) for e in converted.report.not_carried]


# Documents grown from the sample: values replaced, elements removed, doubled or renamed.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\t\n"), min_size=1, max_size=40
)
NUMBERS = st.one_of(
    st.integers(-5, 10**10).map(str), st.decimals(0, 10**7, places=3).map(str), st.just("9" * 30), st.just("1.50")
)
CODES = st.text("ABCXYZ0123456789-./ ", min_size=1, max_size=40)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("set", "remove", "double", "rename")), st.integers(0, 10**6), st.one_of(TEXTS, NUMBERS, CODES)
    ),
    min_size=1,
    max_size=12,
)
KEPT = ("MetaData", "Declaration", "GoodsShipment", "GovernmentAgencyGoodsItem", "FunctionCode", "TypeCode")
SAMPLE = (Path(__file__).parent / "data" / "shellfish.xml").read_bytes()


def changed(changes: list[tuple[str, int, str]]) -> bytes:
    root = ElementTree.fromstring(SAMPLE)
    for kind, place, value in changes:
        parents = {child: parent for parent in root.iter() for child in parent}
        candidates = [element for element in parents if name(element) not in KEPT]
        element = candidates[place % len(candidates)]
        parent = parents[element]
        if kind == "remove":
            parent.remove(element)
        elif kind == "double":
            parent.append(ElementTree.fromstring(ElementTree.tostring(element)))
        elif kind == "rename":
            element.tag += "X"
        elif len(element) == 0:
            element.text = value
            for attribute in element.attrib:
                element.set(attribute, value)
    return ElementTree.tostring(root, encoding="utf-8")


@given(CHANGES)
def test_every_value_of_any_document_is_carried_or_listed(tmp_path_factory, changes):
    document = changed(changes)
    path = tmp_path_factory.getbasetemp() / "changed.xml"
    path.write_bytes(document)
    [converted] = convert_files([path], default_profile(), MORNING)
    assert isinstance(converted, Converted), converted
    check_account(document, converted)


def real_documents() -> list[Path]:
    return sorted(REAL.glob("*.xml"))


def test_real_declarations_are_accounted_for_to_the_last_value():
    for path in real_documents():
        [converted] = convert_files([path], default_profile(), MORNING)
        assert isinstance(converted, Converted), path.name
        check_account(path.read_bytes(), converted)


def test_real_declarations_keep_their_goods():
    """Codes, masses, values, packages and containers, read from the documents by other means."""
    for path in real_documents():
        [converted] = convert_files([path], default_profile(), MORNING)
        root = fromstring(path.read_bytes())
        items = [element for element in root.iter() if name(element) == "GovernmentAgencyGoodsItem"]
        consignment = converted.submission.consignment
        assert len(consignment.items) == len(items), path.name
        for element, item in zip(items, consignment.items, strict=True):
            check_item(element, item, path.name)
        declared = {e.text for e in root.iter() if name(e) == "ID" and name_of_parent(root, e) == "TransportEquipment"}
        assert {container.number for container in consignment.containers} == declared, path.name


def name_of_parent(root: ElementTree.Element, element: ElementTree.Element) -> str:
    return next(name(parent) for parent in root.iter() if element in list(parent))


def check_item(element: ElementTree.Element, item, file: str) -> None:
    def texts(*path: str) -> list[str]:
        found = [element]
        for part in path:
            found = [child for parent in found for child in parent if name(child) == part]
        return [(child.text or "").strip() for child in found]

    kinds = dict(
        zip(
            texts("Commodity", "Classification", "IdentificationTypeCode"),
            texts("Commodity", "Classification", "ID"),
            strict=True,
        )
    )
    assert item.commodity_code == kinds.get("TSP", "") + (kinds.get("TRC", "") if "TSP" in kinds else ""), file
    for field, part in (("gross_mass_kg", "GrossMassMeasure"), ("net_mass_kg", "NetNetWeightMeasure")):
        declared = texts("Commodity", "GoodsMeasure", part)
        assert ([getattr(item, field)] if item.HasField(field) else []) == [float(text) for text in declared], file
    price = texts("Commodity", "InvoiceLine", "ItemChargeAmount") or texts("StatisticalValueAmount")
    assert item.HasField("value") == bool(price), file
    if price:
        digits, _ = minor_digits(item.value.currency_code)
        assert item.value.minor_units == Decimal(price[0]).scaleb(digits), file
    assert [p.count for p in item.packages] == [int(text) for text in texts("Packaging", "QuantityQuantity")], file
