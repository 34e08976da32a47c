"""Room by slots: the decision table (slots.txt), the list of resources, and that no slot is ever overbooked."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencykit.settings import SettingsError
from port.domain.capacity import Kind, Resource, Taken, Wish, booked, no_room, what_is_wrong, yard_of
from port.storage.capacity import read_capacity

from .rooms import DAY, GATE, HOUR, MINUTE, RESOURCES

HEADING = ("taken", "wish", "now", "answer")
TABLE = [
    line
    for line in Path(__file__).with_name("slots.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def moment(text: str) -> int:
    hour, _, minute = text.partition(":")
    return DAY + int(hour) * HOUR + int(minute or 0) * MINUTE


def taken_of(cell: str) -> list[Taken]:
    found = []
    for each in cell.split() if cell != "-" else ():
        units, _, span = each.partition("@")
        start, end = span.split("-")
        found.append(Taken(moment(start), moment(end), int(units)))
    return found


@pytest.mark.parametrize("line", TABLE[1:])
def test_room_is_as_the_table_says(line: str) -> None:
    taken, wished, now, answer = (cell.strip() for cell in line.split("  ") if cell.strip())
    units, at, slots = wished.replace("@", " ").split()
    wish = Wish(moment(at), int(slots.removeprefix("x")), int(units))
    wrong = what_is_wrong(GATE, wish, moment(now))
    full = no_room(GATE, booked(GATE, taken_of(taken)), wish)
    said = f"full at {(full.start - DAY) // HOUR}, {full.free} free" if full else "fits"
    assert (wrong or said) == answer


@given(st.lists(st.tuples(st.integers(8, 20), st.integers(1, 4), st.integers(1, 3)), max_size=40))
def test_whatever_is_booked_in_turn_no_slot_has_more_than_its_capacity(wishes: list[tuple[int, int, int]]) -> None:
    taken: list[Taken] = []
    for hour, slots, units in wishes:
        wish = Wish(DAY + hour * HOUR, slots, units)
        if no_room(GATE, booked(GATE, taken), wish) is None:
            taken.append(Taken(wish.start, wish.end(GATE), units))
    for start in range(DAY, DAY + 30 * HOUR, HOUR):
        there = [each.units for each in taken if each.start < start + HOUR and each.end > start]
        assert sum(there) == booked(GATE, taken)[start] <= GATE.capacity


def test_the_list_that_comes_with_the_port_has_every_kind() -> None:
    resources = read_capacity(None)
    assert {each.kind for each in resources.values()} == set(Kind)
    assert all(code == each.code for code, each in resources.items())


def test_a_bad_list_is_refused_with_every_fault(tmp_path: Path) -> None:
    file = tmp_path / "capacity.toml"
    file.write_text('[A]\nkind = "QUAY"\nslot_minutes = 7\ncapacity = 0\n[B]\nkind = "GATE"\ncolour = 1\n')
    with pytest.raises(SettingsError) as refused:
        read_capacity(file)
    faults = "\n".join(refused.value.faults)
    for fault in (
        "A: terminal is missing",
        "A: kind must",
        "A: slot_minutes",
        "A: capacity",
        "B: colour",
        "B: terminal",
    ):
        assert fault in faults
    file.write_text("[A\n")
    with pytest.raises(SettingsError):
        read_capacity(file)


@pytest.mark.parametrize(
    ("place", "yard"),
    [
        ("BEILUN-2/C07", "BEILUN-2/YARD"),
        ("BEILUN-2/YARD/C07", "BEILUN-2/YARD"),
        ("BEILUN-2", "BEILUN-2/YARD"),
        ("BEILUN-21/C07", ""),
        ("BEILUN-3/C07", ""),
        ("BEILUN-3/EAST/C07", "BEILUN-3/EAST"),
        ("WAREHOUSE-3", ""),
    ],
)
def test_a_place_names_its_yard_or_the_terminal_that_has_only_one(place: str, yard: str) -> None:
    others = [Resource(f"BEILUN-3/{name}", Kind.YARD, "BEILUN-3", 1440, 3) for name in ("EAST", "WEST")]
    assert yard_of([*RESOURCES.values(), *others], place) == yard
