"""Numbers are recognised however they are written, and checked as the official schemes say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import imo

from border.domain.identifiers import (
    call_key,
    conveyance,
    fold,
    is_flight_number,
    is_ship_number,
    is_un_number,
    look_alike,
    ship_check_digit,
)

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=35)


@given(st.integers(0, 9_999_999).map("{:07d}".format))
def test_ship_check_digits_are_those_of_an_independent_library(number: str) -> None:
    assert is_ship_number(number)
    assert (ship_check_digit(number) == int(number[-1])) == imo.is_valid(number)


@given(PRINTABLE)
def test_folding_twice_changes_nothing_more(number: str) -> None:
    folded = fold(number)
    assert fold(folded) == folded == fold(number.lower())
    assert look_alike(look_alike(folded)) == look_alike(folded)


@pytest.mark.parametrize("written", ["9319466", "IMO 9319466", "imo9319466", " 9319466 "])
def test_one_ship_has_one_identification(written: str) -> None:
    assert conveyance(written) == "9319466"


def test_a_name_that_begins_with_the_letters_imo_keeps_them() -> None:
    assert conveyance("IMOGEN 7") == "IMOGEN7"


def test_calls_of_different_conveyances_never_share_a_key() -> None:
    assert call_key("A/B", "C") != call_key("A", "B/C")
    assert call_key("IMO 9319466", "025-w") == "9319466/025W"


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("CA1947", True),
        ("3U8895", True),
        ("MU5101D", True),
        ("MAIL", False),
        ("CA", False),
        ("9319466", False),
        ("CA19471", False),
    ],
)
def test_flight_numbers(number: str, right: bool) -> None:
    assert is_flight_number(number) is right


@pytest.mark.parametrize(
    ("number", "right"), [("UN1263", True), ("1263", True), ("CLASS3", False), ("126", False), ("UN", False)]
)
def test_un_numbers(number: str, right: bool) -> None:
    assert is_un_number(number) is right


def test_a_tired_eye_is_reckoned_with() -> None:
    assert look_alike("G0l2345B".upper()) == look_alike("GO123458")
    assert look_alike("E1234567") != look_alike("E1234568")
