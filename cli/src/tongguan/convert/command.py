"""`tongguan convert`: files of another system to a file for `tongguan submit`."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from google.rpc.code_pb2 import Code

from tongguan.as_of import AsOf, this_hour
from tongguan.convert.conversion import Converted, Limits, Unconverted, convert_files, lines
from tongguan.convert.profile import Profile, default_profile, default_profile_text, load_profile
from tongguan.convert.refusals import ProfileFaulty
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


def _print_profile(asked: bool) -> None:
    if asked:
        typer.echo(default_profile_text(), nl=False)
        raise typer.Exit


def convert(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Files, folders of *.xml, or - for standard input.")
    ],
    source: Annotated[Source, typer.Option("--from", help="What the files are.")],
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="What to supply (TOML); a broker of Ningbo's.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write lines there.")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the full account there, as JSON Lines.")
    ] = None,
    print_profile: Annotated[
        bool,
        typer.Option("--print-profile", is_eager=True, callback=_print_profile, help="Print the built-in profile."),
    ] = False,
    as_of: AsOf = None,
    size_limit: Annotated[
        int, typer.Option(min=1, envvar="TONGGUAN_CONVERT_SIZE_LIMIT", help="Largest file, in bytes.")
    ] = SIZE_LIMIT,
    depth_limit: Annotated[
        int, typer.Option(min=1, max=512, envvar="TONGGUAN_CONVERT_DEPTH_LIMIT", help="Deepest nesting of elements.")
    ] = DEPTH_LIMIT,
    json_lines: Json = False,
) -> None:
    """Turn declarations of the WCO Data Model 3.x (XML) into lines for `tongguan submit`.

    Facts and submissions go to standard output; what the profile supplied, what was assumed and what was not carried
    over goes to standard error, and in full to --report. A file that is no declaration harms no other: it is named,
    and the exit code is 1.

    \b
    Examples:
      tongguan convert --from wco-dm declaration.xml | tongguan submit -
      tongguan convert --from wco-dm declarations/ --output day.jsonl --report day-report.jsonl
      tongguan convert --print-profile > our-profile.toml
      tongguan convert --from wco-dm *.xml --profile our-profile.toml --as-of 2026-03-02T08:00:00Z
    """
    out = Output(prevailing("json_lines", json_lines))

    def act() -> Exit:
        supplied = _profile(profile)
        limits = Limits(size_limit, depth_limit)
        results = convert_files(_expand(files), supplied, as_of or this_hour(), limits)
        with printer(output) as print_line, printer(report, silent=True) as print_report:
            return _write(results, print_line, print_report, out)

    raise typer.Exit(guarded(out, act))


def _profile(path: Path | None) -> Profile:
    try:
        return load_profile(path) if path else default_profile()
    except ProfileFaulty as faulty:
        raise Misused(str(faulty), "correct it; `tongguan convert --print-profile` explains every entry") from faulty


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


def _write(results: Iterable[Converted | Unconverted], print_line: Print, print_report: Print, out: Output) -> Exit:
    """Prints lines and reports as they come; says at the end how many failed."""
    count, failed = 0, 0

    def told() -> Iterator[Converted | Unconverted]:
        nonlocal count, failed
        for result in results:
            if isinstance(result, Converted):
                count += 1
                _tell(result, print_report, out)
            else:
                failed += 1
                _tell_failure(result, print_line, print_report, out)
            yield result

    for line in lines(told()):
        print_line(dump_line(line))
    if not out.json_lines:
        out.note(f"converted {count}, failed {failed}")
    if failed:
        return Exit.FAILED
    return Exit.OK


def _tell(result: Converted, print_report: Print, out: Output) -> None:
    print_report(dump_line({"report": result.report.to_dict()}))
    if not out.json_lines:
        for line in result.report.summary():
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
