"""Text from outside is only text: a terminal obeys none of it, and none of it is taken for markup."""

import io
import json

import pytest
from rich.panel import Panel
from rich.text import Text

from clearance.customs.v1.register_service_pb2 import GetCarrierResponse
from clearance.gateway.v1.transit_service_pb2 import Movement
from tongguan.console import PlainConsole
from tongguan.plain import escaped, shown
from tongguan.report.movements import movement_row, movement_view, movements_table
from tongguan.report.registers import carrier_lines
from tongguan.report.tables import table

# Clears the screen, sets the title, turns the direction of writing, returns to the line's beginning.
COMMANDS = "\x1b[2J\x1b]0;owned\x07\u202egnitirw\r\x9b31m"
MARKUP = "[/] [red]Mule & Jenny[/red] :bomb: [link=file:///etc/passwd]x[/link]"


def printed(*renderables: object) -> str:
    screen = io.StringIO()
    PlainConsole(file=screen, width=300, color_system=None).print(*renderables)
    return screen.getvalue()


def test_commands_are_shown_as_pictures_wherever_they_stand() -> None:
    cells = table("", "name")
    cells.add_row(COMMANDS)
    for each in (COMMANDS, Text(COMMANDS), Panel(COMMANDS), cells):
        text = printed(each)
        assert not set(text) & set("\x1b\x07\r\x9b\u202e"), repr(text)
        assert "\u241b[2J" in text


def test_markup_and_emoji_codes_are_what_they_say() -> None:
    cells = table("", "name")
    cells.add_row(MARKUP)
    for each in (MARKUP, cells):
        assert MARKUP in printed(each)


def test_on_a_terminal_the_house_still_has_its_colours() -> None:
    screen = io.StringIO()
    console = PlainConsole(file=screen, width=80, force_terminal=True, color_system="standard")
    console.print("REFUSED\x1b[0m", style="red")
    assert "\x1b[31m" in screen.getvalue()
    assert "\u241b[0m" in screen.getvalue()


def test_what_a_partner_or_a_register_says_brings_no_report_down() -> None:
    movement = Movement(mrn="26CN310400000017J4", lrn=MARKUP, declarant=COMMANDS, shown_by_district=MARKUP)
    movement.messages.add(reason=f"{MARKUP}{COMMANDS}", kind="Passage")
    rows = movements_table()
    rows.add_row(*movement_row(movement))
    carrier = GetCarrierResponse()
    carrier.carrier.name = f"{MARKUP}{COMMANDS}"
    text = printed(*movement_view(movement), rows, carrier_lines(carrier))
    assert "[red]Mule" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("text", "picture"),
    [("\x00", "\u2400"), ("\x7f", "\u2421"), ("\x85", "\ufffd"), ("a\nb", "a\nb"), ("宁波", "宁波")],
)
def test_each_command_has_its_picture(text: str, picture: str) -> None:
    assert shown(text) == picture


def test_a_json_line_says_the_same_without_commands() -> None:
    line = escaped(json.dumps({"name": COMMANDS}, ensure_ascii=False))
    assert json.loads(line) == {"name": COMMANDS}
    assert not set(line) & set("\x1b\x9b\u202e")
