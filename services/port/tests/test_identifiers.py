"""Container numbers are checked as ISO 6346 says, and numbers are recognised however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso6346

from port.domain.identifiers import container_check_digit, container_checks, conveyance, fold

BODY = st.from_regex(r"[A-Z]{3}[UJZ][0-9]{6}", fullmatch=True)


@given(BODY)
def test_check_digits_are_those_of_an_independent_library(body: str) -> None:
    assert str(container_check_digit(body)) == iso6346.calc_check_digit(body)
    assert container_checks(f"{body}{container_check_digit(body)}")


@given(BODY, st.integers(1, 9))
def test_every_other_check_digit_is_wrong(body: str, off: int) -> None:
    assert not container_checks(f"{body}{(container_check_digit(body) + off) % 10}")


@pytest.mark.parametrize(
    "number", ["CSQU305438", "CSQU30543831", "CSQA3054383", "C5QU3054383", "CSQU30S4383", "", "3054383CSQU"]
)
def test_other_forms_are_no_container_numbers(number: str) -> None:
    assert not container_checks(number)


def test_a_container_is_one_however_it_is_written() -> None:
    assert fold(" csqu 305438-3") == "CSQU3054383"
    assert container_checks(fold("CSQU 305 438 3"))


def test_a_ship_is_one_with_and_without_the_letters_imo() -> None:
    assert conveyance("IMO 9319466") == conveyance("9319466") == "9319466"
