"""transit depart, arrive, unload, …: what happens to movements on their way, mostly by officers of customs."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongguan.as_of import parse_as_of
from tongguan.commands.transit import BROKER, CUSTOMS, Mrn, Reason, movements, tell
from tongguan.commands.transit import app as app
from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.district.v1.movement_pb2 import Discrepancy, SealState

Seals = Annotated[str, typer.Option(metavar="STATE", help="intact, broken or none.")]
Seal = Annotated[list[str] | None, typer.Option("--seal", metavar="NUMBER", help="Seal affixed. May be repeated.")]
At = Annotated[datetime | None, typer.Option("--at", metavar="TIME", parser=parse_as_of, help="When; now.")]
RESULTS = ("A1", "A2", "A3")


@app.command()
@command
def depart(
    session: Session,
    mrn: Mrn,
    seal: Seal = None,
    limit_hours: Annotated[
        float | None, typer.Option(min=0.01, metavar="HOURS", help="To be there within; the usual time.")
    ] = None,
    result: Annotated[
        str, typer.Option(metavar="CODE", help="A1 satisfactory, A2 considered so, A3 simplified procedure.")
    ] = "A2",
    control: Annotated[bool, typer.Option("--control", help="It is controlled first.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="It may not leave; with --reason.")] = False,
    reason: Reason = "",
) -> None:
    """Release a movement under seal and time limit, or have it controlled, or refuse it; by customs at the departure.

    \b
    Examples:
      tongguan transit depart 26CN310400000017J4 --seal NB-0021 --limit-hours 48
      tongguan transit depart 26CN310400000017J4 --refuse --reason "seals do not match"
    """
    from clearance.gateway.v1.transit_service_pb2 import DecideDepartureRequest, ReleaseTerms

    if control and refuse:
        raise Misused("controlled or refused?", "give --control or --refuse")
    if refuse and not reason:
        raise Misused("why may it not leave?", "give --reason")
    if result not in RESULTS:
        raise Misused(f"--result {result}: no such result", f"take one of: {', '.join(RESULTS)}")
    desk = movements(session, CUSTOMS)
    if control or refuse:
        decision = DecideDepartureRequest.DECISION_CONTROL if control else DecideDepartureRequest.DECISION_REFUSE
        tell(session, desk.decide(mrn, decision, reason=reason))
        return
    terms = ReleaseTerms(seal_numbers=seal or (), control_result_code=result)
    if limit_hours is not None:
        terms.limit_time.FromDatetime(datetime.now(UTC) + timedelta(hours=limit_hours))
    tell(session, desk.decide(mrn, DecideDepartureRequest.DECISION_RELEASE, terms, reason))


@app.command()
@command
def arrive(
    session: Session,
    mrn: Mrn,
    office: Annotated[str, typer.Option(metavar="CODE", help="Office where the goods are.")],
    seals: Seals = "intact",
    at: At = None,
) -> None:
    """Tell that goods have arrived; by a broker or customs at the destination.

    Example: tongguan transit arrive 26CN310400000017J4 --office 2900 --state .tongguan/hangzhou
    """
    tell(session, movements(session, BROKER).arrive(mrn, office, _seals(seals), at))


@app.command("pass")
@command
def pass_(
    session: Session,
    mrn: Mrn,
    office: Annotated[str, typer.Option(metavar="CODE", help="Office of transit that the goods pass.")],
    seals: Seals = "intact",
    at: At = None,
) -> None:
    """Tell that goods pass an office of transit on their way; by customs there.

    Example: tongguan transit pass 26CN310400000017J4 --office 2900 --state .tongguan/hangzhou
    """
    tell(session, movements(session, CUSTOMS).passage(mrn, office, _seals(seals), at))


@app.command()
@command
def unload(session: Session, mrn: Mrn) -> None:
    """Permit unloading; by customs at the destination."""
    tell(session, movements(session, CUSTOMS).unload(mrn))


@app.command()
@command
def remark(
    session: Session,
    mrn: Mrn,
    seals: Seals,
    conform: Annotated[bool, typer.Option("--conform", help="All is as declared.")] = False,
    discrepancy: Annotated[
        list[str] | None,
        typer.Option(metavar="ITEM:KIND:TEXT", help="What is not, item 0 the whole. May be repeated."),
    ] = None,
    at: At = None,
) -> None:
    """Record what was found on unloading; by customs at the destination.

    \b
    Examples:
      tongguan transit remark 26CN310400000017J4 --conform --seals intact
      tongguan transit remark 26CN310400000017J4 --seals broken --discrepancy "2:missing:3 cartons short"
    Kinds: missing, excess, other_goods, seals, other.
    """
    from clearance.district.v1.movement_pb2 import UnloadingRemarks

    if conform == bool(discrepancy):
        raise Misused("as declared, or not?", "give --conform, or --discrepancy ITEM:KIND:TEXT")
    found = [_discrepancy(each) for each in discrepancy or ()]
    remarks = UnloadingRemarks(conform=conform, seal_state=_seals(seals), discrepancies=found)
    remarks.unload_time.FromDatetime(at or datetime.now(UTC))
    tell(session, movements(session, CUSTOMS).remark(mrn, remarks))


@app.command()
@command
def incident(
    session: Session,
    mrn: Mrn,
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="itinerary, seals, transhipment, danger, unit or other.")
    ] = "",
    place: Annotated[str, typer.Option(help="Where, in words.")] = "",
    text: Annotated[str, typer.Option(help="What happened.")] = "",
    seal: Seal = None,
    container: Annotated[str, typer.Option(metavar="NUMBER", help="Container after another was taken.")] = "",
    transport: Annotated[str, typer.Option(metavar="ID", help="Transport that carries on.")] = "",
    settled: Annotated[bool, typer.Option("--settled", help="What was reported is settled.")] = False,
    at: At = None,
) -> None:
    """Report an incident on the way, or that it is settled; by customs, or a broker with --as.

    Example: tongguan transit incident 26CN310400000017J4 --kind seals --place "G15 km 210" --text "seal torn off"
    """
    from clearance.district.v1.movement_pb2 import Incident

    if settled == bool(kind and place and text):
        raise Misused("what happened, or is it settled?", "give --kind, --place and --text, or --settled")
    reported = None
    if not settled:
        reported = Incident(
            kind=_named(Incident.Kind, "KIND_", "--kind", kind),  # type: ignore[arg-type]  # checked by name
            place=place,
            text=text,
            container_number=container,
            seal_numbers=seal or (),
        )
        reported.incident_time.FromDatetime(at or datetime.now(UTC))
        if transport:
            reported.transport.identification = transport
    tell(session, movements(session, CUSTOMS).incident(mrn, reported))


@app.command()
@command
def divert(
    session: Session, mrn: Mrn, office: Annotated[str, typer.Argument(metavar="OFFICE", help="Where to.")]
) -> None:
    """Send a released movement to another office, of this or another district; by customs at the departure."""
    tell(session, movements(session, CUSTOMS).divert(mrn, office))


@app.command()
@command
def cancel(session: Session, mrn: Mrn, reason: Reason) -> None:
    """Take a movement back before its release; or, --as officer-customs, one that was released and never left."""
    tell(session, movements(session, BROKER).cancel(mrn, reason))


@app.command()
@command
def discharge(session: Session, mrn: Mrn, reason: Reason) -> None:
    """Settle discrepancies, or a movement that is proved otherwise; by customs at the departure."""
    tell(session, movements(session, CUSTOMS).discharge(mrn, reason))


@app.command()
@command
def enquire(
    session: Session,
    mrn: Mrn,
    text: Annotated[str, typer.Option(help="What is known, in words.")],
    step: Annotated[str, typer.Option(metavar="STEP", help="open, answer (at the destination) or recover.")] = "open",
    fraud: Annotated[bool, typer.Option("--fraud", help="Fraud is suspected: the answer has 40 days.")] = False,
) -> None:
    """Open an enquiry, answer one, or begin recovery of the duty; by customs.

    Example: tongguan transit enquire 26CN310400000017J4 --text "not seen at Hangzhou"
    """
    from clearance.gateway.v1.transit_service_pb2 import EnquireMovementRequest

    number = _named(EnquireMovementRequest.Step, "STEP_", "--step", step)
    tell(session, movements(session, CUSTOMS).enquire(mrn, number, text, fraud))  # type: ignore[arg-type]  # checked


@app.command()
@command
def requeue(session: Session, mrn: Mrn) -> None:
    """Have messages tried again that were set aside; by customs."""
    tell(session, movements(session, CUSTOMS).requeue(mrn))


def _seals(name: str) -> "SealState.ValueType":
    from clearance.district.v1.movement_pb2 import SealState

    return _named(SealState, "SEAL_STATE_", "--seals", name)  # type: ignore[return-value]  # checked by name


def _discrepancy(text: str) -> "Discrepancy":
    """Of `2:missing:3 cartons short`; raises Misused."""
    from clearance.district.v1.movement_pb2 import Discrepancy

    item, _, rest = text.partition(":")
    kind, _, words = rest.partition(":")
    if not (item.isascii() and item.isdigit() and words.strip()):
        raise Misused(f"--discrepancy {text}: not understood", "write it as ITEM:KIND:TEXT, item 0 for the whole")
    number = _named(Discrepancy.Kind, "KIND_", "--discrepancy", kind)
    return Discrepancy(item_number=int(item), kind=number, text=words.strip())  # type: ignore[arg-type]  # checked


def _named(enum: Any, prefix: str, option: str, name: str) -> int:
    """The number of a value by its name without prefix, in lower case; raises Misused."""
    known = {key.removeprefix(prefix).lower(): number for key, number in enum.items() if number}
    if name.lower() not in known:
        raise Misused(f"{option} {name}: not known", f"take one of: {', '.join(known)}")
    return int(known[name.lower()])
