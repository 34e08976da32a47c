"""Options that every command has, written once: where the district is, by which identity, --json and --csv.

`@command` takes a function whose first parameter is the Session and gives one that typer can read: the Session is
made from these options, failures become one line and an exit code.
"""

import inspect
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from tongguan.failures import Exit, Failure, Misused, Unavailable
from tongguan.output import Output
from tongguan.session import Session, Where
from tongguan.stack.layout import DEFAULT_STATE

DISTRICT_PANEL = "District"
_STATE_HELP = f"State folder; {DEFAULT_STATE} if not given."
State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="DIR",
        envvar="TONGGUAN_STATE",
        help=_STATE_HELP,
        rich_help_panel=DISTRICT_PANEL,
    ),
]
Gateway = Annotated[
    str, typer.Option("--gateway", metavar="HOST:PORT", help="A gateway elsewhere.", rich_help_panel=DISTRICT_PANEL)
]
Authority = Annotated[
    str, typer.Option("--ca", metavar="FILE", help="Its district's authority.", rich_help_panel=DISTRICT_PANEL)
]
Certificate = Annotated[
    str, typer.Option("--cert", metavar="FILE", help="Your certificate.", rich_help_panel=DISTRICT_PANEL)
]
Key = Annotated[str, typer.Option("--key", metavar="FILE", help="Your key.", rich_help_panel=DISTRICT_PANEL)]
Identity = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="IDENTITY",
        help="Identity of the state folder, for instance broker/3104980001 or operator.",
        rich_help_panel=DISTRICT_PANEL,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON Lines and nothing else.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print tables as CSV for a spreadsheet.")]

COMMON = {
    "state": (State, None),
    "gateway": (Gateway, ""),
    "ca": (Authority, ""),
    "cert": (Certificate, ""),
    "key": (Key, ""),
    "identity": (Identity, ""),
    "json_lines": (Json, False),
    "csv": (Csv, False),
}
LOCAL = ("state", "json_lines", "csv")  # for what acts on processes of this machine
_before: dict[str, Any] = {}


def given_before(**values: Any) -> None:
    """Remembers what stood before the command's name (`tongguan --state DIR show …`); what follows it prevails."""
    _before.clear()
    _before.update({name: value for name, value in values.items() if value != COMMON[name][1]})


def command(function: Callable[..., Any]) -> Callable[..., None]:
    """A command that talks to a district. The function gets the Session, then its own arguments."""
    return _with_options(function, tuple(COMMON))


def local_command(function: Callable[..., Any]) -> Callable[..., None]:
    """A command on the state folder alone."""
    return _with_options(function, LOCAL)


def _with_options(function: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., None]:
    @wraps(function)
    def run(**arguments: Any) -> None:
        common = {name: prevailing(name, arguments.pop(name)) for name in names}
        output = Output(common.pop("json_lines"), common.pop("csv"))
        raise typer.Exit(guarded(output, lambda: _run(function, common, arguments, output)))

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [inspect.Parameter(name, keyword, default=COMMON[name][1], annotation=COMMON[name][0]) for name in names]
    parameters = [*(parameter.replace(kind=keyword) for parameter in own), *shared]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del run.__wrapped__  # or inspect would follow it to the function's own signature
    return run


def prevailing(name: str, value: Any) -> Any:
    """The value of a common option: what follows the command's name, else what stood before it."""
    return _before.get(name, value) if value == COMMON[name][1] else value


def _run(function: Callable[..., Any], common: dict[str, Any], arguments: dict[str, Any], output: Output) -> Any:
    if output.json_lines and output.csv:
        raise Misused("--json and --csv are two forms of the same", "give one of them")
    with Session(_where(common), output) as session:
        try:
            return function(session, **arguments)
        except Unavailable as failure:
            raise session.explained(failure) from failure


def _where(common: dict[str, Any]) -> Where:
    where = Where(**common)
    given = [bool(value) for value in (where.ca, where.cert, where.key)]
    if any(given) and not all(given):
        raise Misused("--ca, --cert and --key go together", "give all three")
    if where.gateway and not all(given):
        raise Misused("--gateway needs a certificate", "give --ca, --cert and --key")
    return where


def guarded(output: Output, act: Callable[[], Any]) -> Exit:
    """Runs a command's body and turns every foreseen end into an exit code; what is not foreseen stays a traceback."""
    try:
        return act() or Exit.OK
    except Failure as failure:
        output.failure(failure)
        return failure.exit
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Who read our lines has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
