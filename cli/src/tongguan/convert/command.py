"""`tongguan convert`: files of another system to a file for `tongguan submit` or `tongguan transit declare`."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from google.rpc.code_pb2 import Code

from tongguan.as_of import AsOf, this_hour
from tongguan.convert.conversion import Limits, Unconverted, convert_files, lines
from tongguan.convert.ncts.conversion import convert_movements, keeping_codes, movement_lines
from tongguan.convert.ncts.profile import default_ncts_profile, default_ncts_profile_text, load_ncts_profile
from tongguan.convert.ncts.report import MovementReport
from tongguan.convert.profile import default_profile, default_profile_text, load_profile
from tongguan.convert.refusals import ProfileFaulty
from tongguan.convert.report import Report
from tongguan.convert.tree import DEPTH_LIMIT, SIZE_LIMIT
from tongguan.facts import dump_line
from tongguan.failures import Exit, Misused
from tongguan.lines import Print, printer
from tongguan.options import Json, guarded, prevailing
from tongguan.output import Output
from tongguan.statuses import make, to_json


class Source(StrEnum):
    """What the files are."""

    WCO_DM = "wco-dm"
    NCTS = "ncts"


def convert(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Files, folders of *.xml, or - for standard input.")
    ] = None,
    source: Annotated[Source | None, typer.Option("--from", help="What the files are.")] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="What to supply (TOML); a broker of Ningbo's.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write lines there.")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the full account there, as JSON Lines.")
    ] = None,
    print_profile: Annotated[
        bool, typer.Option("--print-profile", help="Print the built-in profile, and convert nothing.")
    ] = False,
    access_codes: Annotated[
        Path | None,
        typer.Option(
            "--access-codes", metavar="FILE", help="Write guarantees' access codes there, readable by you alone (ncts)."
        ),
    ] = None,
    as_of: AsOf = None,
    size_limit: Annotated[
        int, typer.Option(min=1, envvar="TONGGUAN_CONVERT_SIZE_LIMIT", help="Largest file, in bytes.")
    ] = SIZE_LIMIT,
    depth_limit: Annotated[
        int, typer.Option(min=1, max=512, envvar="TONGGUAN_CONVERT_DEPTH_LIMIT", help="Deepest nesting of elements.")
    ] = DEPTH_LIMIT,
    json_lines: Json = False,
) -> None:
    """Turn declarations of other systems (XML) into lines for `tongguan submit` or `tongguan transit declare`.

    wco-dm: the WCO Data Model 3.x; facts and submissions go to standard output. ncts: IE015 and IE029 of NCTS phase 5;
    movements go there, and access codes of guarantees nowhere but to --access-codes.

    What the profile supplied, what was assumed and what was not carried over goes to standard error, and in full to
    --report. A file that is no declaration harms no other: it is named, and the exit code is 1.

    \b
    Examples:
      tongguan convert --from wco-dm declaration.xml | tongguan submit -
      tongguan convert --from wco-dm declarations/ --output day.jsonl --report day-report.jsonl
      tongguan convert --print-profile > our-profile.toml
      tongguan convert --from wco-dm *.xml --profile our-profile.toml --as-of 2026-03-02T08:00:00Z
      tongguan convert --from ncts ie015.xml --access-codes codes.txt | tongguan transit declare - --codes codes.txt
      tongguan convert --from ncts --print-profile > our-offices.toml
    """
    out = Output(prevailing("json_lines", json_lines))

    def act() -> Exit:
        if print_profile:
            typer.echo(default_ncts_profile_text() if source == Source.NCTS else default_profile_text(), nl=False)
            return Exit.OK
        if source is None or not files:
            raise Misused("what shall be converted?", "name what the files are (--from wco-dm or ncts), and files")
        if access_codes is not None and source != Source.NCTS:
            raise Misused("--access-codes is for --from ncts", "leave it out")
        results, as_lines = _conversion(source, files, profile, as_of, Limits(size_limit, depth_limit), access_codes)
        with printer(output) as print_line, printer(report, silent=True) as print_report:
            return _write(results, as_lines, print_line, print_report, out)

    raise typer.Exit(guarded(out, act))


def _conversion(
    source: Source, files: list[Path], profile: Path | None, as_of: Any, limits: Limits, access_codes: Path | None
) -> tuple[Iterator[Any], Callable[[Iterator[Any]], Iterator[dict[str, Any]]]]:
    """The results, and how they become lines."""
    if source == Source.NCTS:
        movements = convert_movements(
            _expand(files), _profile(profile, load_ncts_profile, default_ncts_profile, "--from ncts "), limits
        )
        return (keeping_codes(movements, access_codes) if access_codes else movements), movement_lines
    supplied = _profile(profile, load_profile, default_profile)
    return convert_files(_expand(files), supplied, as_of or this_hour(), limits), lines


Profile = TypeVar("Profile")


def _profile(
    path: Path | None, load: Callable[[Path], Profile], default: Callable[[], Profile], of: str = ""
) -> Profile:
    try:
        return load(path) if path else default()
    except ProfileFaulty as faulty:
        advice = f"correct it; `tongguan convert {of}--print-profile` explains every entry"
        raise Misused(str(faulty), advice) from faulty


def _expand(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as given; of a folder its *.xml, in the order of their names."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.glob("*.xml"))
        if not found:
            raise Misused(f"the folder {path} holds no *.xml", "name a folder of declarations")
        yield from found


def _write(
    results: Iterable[Any],
    as_lines: Callable[[Iterator[Any]], Iterator[dict[str, Any]]],
    print_line: Print,
    print_report: Print,
    out: Output,
) -> Exit:
    """Prints lines and reports as they come; says at the end how many failed."""
    count, failed = 0, 0

    def told() -> Iterator[Any]:
        nonlocal count, failed
        for result in results:
            if isinstance(result, Unconverted):
                failed += 1
                _tell_failure(result, print_line, print_report, out)
            else:
                count += 1
                _tell(result.report, print_report, out)
            yield result

    for line in as_lines(told()):
        print_line(dump_line(line))
    if not out.json_lines:
        out.note(f"converted {count}, failed {failed}")
    if failed:
        return Exit.FAILED
    return Exit.OK


def _tell(report: Report | MovementReport, print_report: Print, out: Output) -> None:
    print_report(dump_line({"report": report.to_dict()}))
    if not out.json_lines:
        for line in report.summary():
            out.note(line)


def _tell_failure(result: Unconverted, print_line: Print, print_report: Print, out: Output) -> None:
    place: dict[str, Any] = {"file": result.file} | ({"declaration": result.position} if result.position else {})
    line = dump_line({"error": to_json(make(Code.INVALID_ARGUMENT, str(result.refusal)))} | place)
    print_report(line)
    if out.json_lines:
        print_line(line)
    else:
        where = f", declaration {result.position}" if result.position else ""
        out.note(f"{result.file}{where}: not converted: {result.refusal}", style="red")
