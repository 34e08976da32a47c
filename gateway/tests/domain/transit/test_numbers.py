"""Movement reference numbers."""

import pytest

from gateway.domain.transit.numbers import checks, district_code, is_mrn, mrn
from gateway.domain.transit.offices import Offices

OFFICES = Offices("ningbo", {"ningbo": "3100", "shanghai": "2200"})


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("23GB000246IF9W5YJ0", True),
        ("23GB000246IF9W5YJ1", False),
        ("23GB000246IF9W5YJF", True),
        ("23GB000246IF9W5YI0", False),
        ("23gb000246IF9W5YJ0", False),
        ("23GB000246IF9W5YJ", False),
    ],
)
def test_a_number_has_form_procedure_letter_and_check_digit(number: str, right: bool) -> None:
    assert is_mrn(number) is right


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("21DE12345678901234", True),
        ("21DE27364916384836", True),
        ("21DE27364916384835", False),
        ("19GBCKKCQSXV2FGVA8", True),
    ],
)
def test_check_digits_are_those_of_published_numbers(number: str, right: bool) -> None:
    """They are of the older form, whose seventeenth character is no procedure letter."""
    assert checks(number) is right


def test_a_number_that_is_made_tells_its_district() -> None:
    made = mrn(2004, "3100", "7K3M9QZA")
    assert is_mrn(made)
    assert (made[:8], made[16], district_code(made)) == ("04CN3100", "J", "3100")
    assert OFFICES.district_of_number(made) == "ningbo"


def test_a_clearances_number_tells_its_district_by_its_first_four() -> None:
    assert district_code("290020040XKBM7K3M9QZ") == "2900"


@pytest.mark.parametrize(("office", "district"), [("3104", "ningbo"), ("2201", "shanghai"), ("2921", None)])
def test_an_office_is_of_the_district_with_whose_digits_it_begins(office: str, district: str | None) -> None:
    assert OFFICES.district_of(office) == district


def test_a_serial_of_another_length_is_none() -> None:
    with pytest.raises(ValueError, match="serial"):
        mrn(2004, "3100", "7K3")
