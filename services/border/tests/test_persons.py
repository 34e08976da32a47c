"""Who meets the watch list: the decision table (persons.txt), line by line."""

from pathlib import Path

import pytest

from border.domain.identifiers import fold
from border.domain.persons import Person, meets, name_key

TABLE = [
    line
    for line in Path(__file__).with_name("persons.txt").read_text("utf-8").splitlines()
    if line and not line.startswith(("#", "aboard"))
]


def person(cell: str) -> Person:
    document, name, born, nationality = ("" if part == "-" else part for part in map(str.strip, cell.split(" / ")))
    return Person(fold(document), name_key(name), int(born or 0), nationality)


@pytest.mark.parametrize("line", TABLE)
def test_the_watch_list_is_met_as_the_table_says(line: str) -> None:
    aboard, watched, answer = [cell for cell in map(str.strip, line.split("  ")) if cell]
    match = meets(person(aboard), person(watched))
    assert (match.value if match else "nobody") == answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CHEN, Hǎi-míng", "haiming chen"),
        ("O’Brien Seán", "SEAN OBRIEN"),
        ("陈 海明", "陈海明"),
        ("Ｃhen Ｈaiming", "Chen Haiming"),
    ],
)
def test_spelling_order_and_accents_do_not_matter(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
