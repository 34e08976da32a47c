"""From a message to a movement and back: the same elements, with the same values, in the same order."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize
from xml.etree.ElementTree import Element, tostring

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from clearance.gateway.v1.transit_service_pb2 import Movement
from tongguan.convert.ncts.conversion import ConvertedMovement, convert_movements
from tongguan.convert.ncts.export import to_ncts
from tongguan.convert.ncts.profile import default_ncts_profile
from tongguan.convert.ncts.sequence import REPEATED, belongs, rank
from tongguan.convert.refusals import NotADeclaration

REAL = Path(os.environ.get("TONGGUAN_NCTS_SAMPLES", Path(__file__).parents[3].parent / "shared" / "data" / "ncts"))
OWN = Path(__file__).parents[1] / "data" / "looms.xml"
NAMESPACE = "{http://ncts.dgtaxud.ec}"


def elements(document: str) -> list[tuple[str, str]]:
    """(path of names, text) of every element in order, read by other means than the converter's; no access codes."""

    def walk(element: Element, path: str) -> Iterator[tuple[str, str]]:
        name = element.tag.removeprefix(NAMESPACE)
        if name != "accessCode":
            yield f"{path}/{name}", re.sub(r"\s*\n\s*", " ", element.text or "").strip("\n")
            for child in element:
                yield from walk(child, f"{path}/{name}")

    return [(path, text if text.strip() else "") for path, text in walk(fromstring(document), "")]


def released(movement: Movement) -> Movement:
    movement.departure.release_time.FromJsonString("2026-11-23T09:30:00Z")
    movement.departure.control_result_code = "A2"
    movement.departure.seal_numbers.append("NB-0021")
    return movement


def test_a_declaration_comes_back_element_by_element(convert: Any, declared: Any, spindles: str) -> None:
    assert elements(to_ncts(declared(convert(spindles)))) == elements(spindles)


@pytest.mark.parametrize("path", [OWN, *sorted(REAL.glob("*.xml"))], ids=lambda path: path.name)
def test_a_released_message_comes_back_element_by_element(convert: Any, declared: Any, path: Path) -> None:
    document = path.read_text("utf-8")
    assert elements(to_ncts(released(declared(convert(document))))) == elements(document)


def test_a_destination_that_does_not_know_the_guarantees_writes_them_all_the_same(
    convert: Any, declared: Any, spindles: str
) -> None:
    movement = declared(convert(spindles))
    movement.ClearField("guarantee")
    assert elements(to_ncts(movement)) == elements(spindles)


def test_prefixes_and_namespaces_may_differ(convert: Any, declared: Any, spindles: str) -> None:
    everywhere = spindles.replace("t:CC015C xmlns:t", "CC015C xmlns").replace("/t:CC015C", "/CC015C")
    nowhere = everywhere.replace(' xmlns="http://ncts.dgtaxud.ec"', "")
    for document in (everywhere, nowhere):
        assert elements(to_ncts(declared(convert(document)))) == elements(spindles)


def test_the_kind_follows_the_movement_and_not_the_source(convert: Any, declared: Any, spindles: str) -> None:
    told = dict(elements(to_ncts(released(declared(convert(spindles))))))
    assert told["/CC029C/messageType"] == "CC029C"
    assert told["/CC029C/TransitOperation/MRN"] == "26CN310400000017J4"
    assert told["/CC029C/TransitOperation/releaseDate"] == "2026-11-23"
    assert told["/CC029C/ControlResult/code"] == "A2"
    assert told["/CC029C/TransitOperation/LRN"] == "SPINDLES-0417"
    assert "/CC029C/TransitOperation/limitDate" not in told
    assert "/CC029C/Consignment/TransportEquipment/Seal/identifier" in told


def test_what_this_district_holds_prevails_where_that_is_asked_for(convert: Any, declared: Any, spindles: str) -> None:
    told = elements(to_ncts(declared(convert(spindles)), own=True))
    assert ("/CC015C/CustomsOfficeOfDeparture/referenceNumber", "3104") in told
    assert ("/CC015C/HolderOfTheTransitProcedure/identificationNumber", "3302961284") in told
    assert ("/CC015C/Guarantee/GuaranteeReference/GRN", "04CN3104000000296") in told
    assert ("/CC015C/Consignment/HouseConsignment/Consignee/name", "Spinnerei Ost") in told


def test_guarantees_that_were_amended_are_those_that_stand_now(convert: Any, declared: Any, spindles: str) -> None:
    movement = declared(convert(spindles))
    movement.guarantee.generation = 2
    del movement.guarantee.grns[:]
    movement.guarantee.grns.append("04CN2900000000017")
    grns = [text for path, text in elements(to_ncts(movement)) if path.endswith("/GRN")]
    assert grns == ["04CN2900000000017"]


def test_customs_seals_are_written_with_those_of_the_only_container(convert: Any, declared: Any, spindles: str) -> None:
    movement = released(declared(convert(spindles)))
    del movement.declaration.supplied_elements[:]
    seals = [text for path, text in elements(to_ncts(movement)) if path.endswith("/Seal/identifier")]
    assert seals == ["BOLT-9", "NB-0021"]


def test_a_side_without_the_declaration_has_nothing_to_write() -> None:
    with pytest.raises(NotADeclaration):
        to_ncts(Movement(mrn="26CN310400000017J4"))


# Any element behind the header, whose message type says what the message is.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)
CHANGES = st.dictionaries(st.integers(6, 120), st.none() | TEXTS | st.sampled_from(["7", "1.50", "N740"]), max_size=6)


def changed(document: str, changes: dict[int, str | None]) -> str:
    """The document with elements, counted from its root, emptied or with another text."""
    root = fromstring(document)
    for element in [each for number, each in enumerate(root.iter()) if changes.get(number, "") is None]:
        for child in list(element):
            element.remove(child)
        element.text = None
    for number, element in enumerate(root.iter()):
        if not len(element) and (text := changes.get(number)):
            element.text = normalize("NFC", text)
    return tostring(root, encoding="unicode")


@given(changes=CHANGES)
def test_whatever_is_converted_comes_back_and_nothing_else(
    changes: dict[int, str | None], spindles: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = changed(spindles, changes)
    path = tmp_path_factory.getbasetemp() / "changed.xml"
    path.write_text(document, "utf-8")
    [result] = convert_movements([path], default_ncts_profile())
    if isinstance(result, ConvertedMovement):
        movement = Movement(declaration=result.request.declaration)
        movement.guarantee.grns.extend(guarantee.grn for guarantee in result.request.guarantees)
        assert said(to_ncts(movement)) == said(document)


def said(document: str) -> list[tuple[str, str]]:
    """Elements that have a text."""
    return [(path, text) for path, text in elements(document) if text]


def test_what_may_repeat_is_known_and_what_is_not_known_comes_last() -> None:
    assert {"HouseConsignment", "Seal", "GuaranteeReference"} <= REPEATED
    assert rank("", "TransitOperation") < rank("", "Consignment") < rank("", "Extension")
    assert not belongs("CC015C", "TransitOperation", "MRN")
