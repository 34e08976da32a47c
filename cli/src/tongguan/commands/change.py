"""amend and withdraw: acts of the case's own broker."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.common.v1.consignment_pb2 import Consignment
    from clearance.gateway.v1.clearance_pb2 import Clearance

Number = Annotated[str, typer.Argument(metavar="NUMBER|LRN", help="Its number, or the broker's own reference.")]
Version = Annotated[int, typer.Option(min=0, help="Version to act on; 0 takes the current one.")]


@command
def amend(
    session: Session,
    number: Number,
    file: Annotated[Path, typer.Argument(help="The new consignment as a whole: a submission line, or it alone.")],
    version: Version = 0,
) -> None:
    """Replace the consignment by a new version, which all agencies then look at again."""
    from tongguan.lookup import find, owner

    consignment = _consignment(file)
    before = find(session, number)
    after = owner(session, before).amend(before.number, version or before.version, consignment)
    _show(session, after)


@command
def withdraw(
    session: Session,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why.")],
    version: Version = 0,
) -> None:
    """Withdraw a clearance for good; an agency may refuse it."""
    from tongguan.lookup import find, owner

    before = find(session, number)
    _show(session, owner(session, before).withdraw(before.number, version or before.version, reason))


def _show(session: Session, clearance: "Clearance") -> None:
    from tongguan.report.rows import change_line

    session.output.item(clearance)
    session.output.show(change_line(clearance))


def _consignment(file: Path) -> "Consignment":
    """From `{"submission": {"consignment": …}}`, `{"consignment": …}` or the consignment itself."""
    from google.protobuf.json_format import ParseDict, ParseError

    from clearance.common.v1.consignment_pb2 import Consignment

    try:
        value: Any = json.loads(file.read_bytes())
        for key in ("submission", "consignment"):
            value = value[key] if isinstance(value, dict) and key in value else value
        return ParseDict(value, Consignment())
    except OSError as error:
        raise Misused(f"{file}: {error.strerror}", "name a file that holds the new consignment") from error
    except (ValueError, ParseError) as error:
        raise Misused(f"{file}: not a consignment: {error}", "write it as in a submission line") from error
