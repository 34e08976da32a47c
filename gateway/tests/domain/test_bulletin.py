"""Bulletins: their numbers, and when two versions say the same."""

from dataclasses import replace

import pytest
from stdnum import iso6346

from gateway.domain.bulletin import Bulletin, Kind, Words, bulletin_number, is_bulletin_of

WORDS = Words("Holidays", ("The lane stays open.",))
BULLETIN = Bulletin(
    "B31002004000017X", 1, "ningbo", "customs", Kind.PROCEDURE, WORDS, WORDS, 7, None, (), (), False, 5, 3
)


def test_a_number_tells_its_district_and_holds_a_check_digit() -> None:
    number = bulletin_number("3100", 2004, 17)
    assert number[:-1] == "B31002004000017"
    assert iso6346.calc_check_digit(number[:-1]) == number[-1]
    assert is_bulletin_of(number, "3100")
    assert not is_bulletin_of(number, "2900")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not is_bulletin_of(wrong, "3100")


@pytest.mark.parametrize(("code", "year", "serial"), [("310", 2004, 1), ("3100", 204, 1), ("3100", 2004, 10**6)])
def test_a_number_is_made_of_parts_of_their_length(code: str, year: int, serial: int) -> None:
    with pytest.raises(ValueError, match="a number is made of"):
        bulletin_number(code, year, serial)


def test_where_a_version_stands_in_a_list_is_no_part_of_what_it_says() -> None:
    assert BULLETIN.says_the_same(replace(BULLETIN, position=900, publish_time=6))
    assert not BULLETIN.says_the_same(replace(BULLETIN, withdrawal=True))
    assert not BULLETIN.says_the_same(replace(BULLETIN, en=Words("Holidays", ("The lane is closed.",))))
