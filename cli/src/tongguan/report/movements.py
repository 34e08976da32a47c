"""Movements in transit, for people."""

from rich.console import RenderableType
from rich.table import Table

from clearance.district.v1.movement_pb2 import Discrepancy, SealState, UnloadingRemarks
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease
from clearance.gateway.v1.transit_service_pb2 import Movement
from tongguan.failures import Misused
from tongguan.partners import absence_words
from tongguan.report.names import amount, clock
from tongguan.report.tables import table


def movements_table() -> Table:
    """For `movement_row`."""
    whole = {"mrn": 18, "state": 12}
    return table("", "mrn", "lrn", "side", "state", "with", "to", "due", "changed", whole=whole)


def movement_row(movement: Movement) -> tuple[str, ...]:
    """One movement; a conflict between both sides is marked."""
    return (
        movement.mrn or "-",
        movement.lrn or "-",
        side_name(movement),
        state_name(movement.state) + (" (CONFLICT)" if movement.conflict else ""),
        movement.other_district or "-",
        movement.destination_office_code or "-",
        clock(movement.due_time) if movement.HasField("due_time") else "-",
        clock(movement.update_time),
    )


def movement_line(movement: Movement) -> str:
    """Where it stands, in one line."""
    name = movement.mrn or movement.lrn
    lrn = f" (LRN {movement.lrn})" if movement.mrn and movement.lrn else ""
    due = f", due {clock(movement.due_time)}" if movement.HasField("due_time") else ""
    refused = f", refused by {' '.join(movement.guarantee.refusals)}" if movement.guarantee.refusals else ""
    return f"{name}{lrn}: {state_name(movement.state)}{refused}{due}"


def movement_view(movement: Movement) -> list[RenderableType]:
    """All that this side knows."""
    parts: list[RenderableType] = [movement_line(movement), *_lines(movement)]
    if movement.events:
        parts += ["", _events(movement)]
    if movement.messages:
        parts += ["", _messages(movement)]
    return parts


def state_name(state: "Movement.State.ValueType") -> str:
    """`MRN_ALLOCATED`."""
    return Movement.State.Name(state).removeprefix("STATE_")


def side_name(movement: Movement) -> str:
    """`departure` or `destination`."""
    return Movement.Side.Name(movement.side).removeprefix("SIDE_").lower()


def state_number(name: str) -> "Movement.State.ValueType":
    """Of `RELEASED`; raises Misused."""
    known = {key.removeprefix("STATE_"): value for key, value in Movement.State.items() if value}
    if name.upper().removeprefix("STATE_") not in known:
        raise Misused(f"--state-filter {name}: no such state", f"take one of: {', '.join(known)}")
    return known[name.upper().removeprefix("STATE_")]


def side_number(name: str) -> "Movement.Side.ValueType":
    """Of `departure`; 0 for none; raises Misused."""
    known = {
        "": Movement.SIDE_UNSPECIFIED,
        "departure": Movement.SIDE_DEPARTURE,
        "destination": Movement.SIDE_DESTINATION,
        "transit": Movement.SIDE_TRANSIT,
    }
    if name not in known:
        raise Misused(f"--side {name}: no such side", "write departure, destination or transit")
    return known[name]


def _lines(movement: Movement) -> list[str]:
    declaration, other = movement.declaration, movement.other_district or "this district"
    lines = [f"  {side_name(movement)} side, the other is {other}; to office {movement.destination_office_code or '-'}"]
    if movement.conflict:
        lines.append("  CONFLICT: both sides see it in two places; an officer decides")
    if movement.HasField("declaration"):
        goods = f"{len(declaration.items)} item{'s' * (len(declaration.items) != 1)}"
        way = f"office {declaration.departure_office_code} to {declaration.destination_office_code}"
        holder = f"{declaration.holder.name} {declaration.holder.identifier}".strip()
        lines.append(f"  declared: {goods} from {way}, holder {holder}, by {movement.declarant or 'the other side'}")
    lines += _guarantee(movement)
    lines += _seals(movement)
    for passage in movement.passages:
        seals = seal_state(passage.seal_state)
        lines.append(f"  passed {passage.office_code} {clock(passage.passage_time)}, seals {seals}")
    if movement.HasField("arrival"):
        state = seal_state(movement.arrival.seal_state)
        lines.append(
            f"  arrived at {movement.arrival.office_code} {clock(movement.arrival.arrival_time)}, seals {state}"
        )
    if movement.HasField("remarks"):
        lines += _remarks(movement.remarks)
    if movement.HasField("other_absence"):
        lines.append(f"  {absence_words(movement.other_absence)}")
    if movement.shown_by_district:
        lines.append(f"  shown by {movement.shown_by_district}, as far as it lets this identity see")
    return [*lines, f"  trace {movement.trace_id or '-'}"]


def _guarantee(movement: Movement) -> list[str]:
    guarantee = movement.guarantee
    if not guarantee.grns:
        return []
    wanted = amount(guarantee.amount.minor_units, guarantee.amount.currency_code)
    refused = f", refused by {' '.join(guarantee.refusals)}" if guarantee.refusals else ""
    kept = f"{' '.join(guarantee.grns)} kept by {guarantee.home_district or 'this district'}"
    return [f"  guarantee {guarantee.generation}: {_guarantee_state(movement)}, {wanted} on {kept}{refused}"]


def _guarantee_state(movement: Movement) -> str:
    return GuaranteeRelease.State.Name(movement.guarantee.state).removeprefix("STATE_")


def _seals(movement: Movement) -> list[str]:
    affixed = [seal for container in movement.declaration.containers for seal in container.seal_numbers]
    lines = [f"  trader's seals: {' '.join(affixed)}"] if affixed else []
    if movement.HasField("departure"):
        departure = movement.departure
        by_customs = f", customs' seals {' '.join(departure.seal_numbers)}" if departure.seal_numbers else ""
        lines.append(
            f"  released {clock(departure.release_time)} ({departure.control_result_code}), "
            f"to arrive by {clock(departure.limit_time)}{by_customs}"
        )
    return lines


def _remarks(remarks: UnloadingRemarks) -> list[str]:
    found = "as declared" if remarks.conform else "not as declared"
    lines = [f"  unloaded {clock(remarks.unload_time)}: {found}, seals {seal_state(remarks.seal_state)}"]
    for each in remarks.discrepancies:
        kind = Discrepancy.Kind.Name(each.kind).removeprefix("KIND_").lower().replace("_", " ")
        where = f"item {each.item_number}" if each.item_number else "the whole"
        lines.append(f"    {where}: {kind}: {each.text}")
    return lines


def seal_state(state: "SealState.ValueType") -> str:
    """`intact`."""
    return SealState.Name(state).removeprefix("SEAL_STATE_").lower()


def _events(movement: Movement) -> Table:
    made = table("What happened", "", "when", "event", "from", "to", "by", numbers=("",))
    for event in movement.events:
        made.add_row(
            str(event.sequence),
            clock(event.event_time),
            event.event + (" (refused)" if event.refused else ""),
            state_name(event.state_before) if event.state_before else "-",
            state_name(event.state_after),
            event.by,
        )
    return made


def _messages(movement: Movement) -> Table:
    title = "Messages that wait"
    made = table(title, "", "to", "message", "since", "tried", "why", numbers=("", "tried"))
    for message in movement.messages:
        why = message.reason or "-"
        made.add_row(
            str(message.sequence),
            message.district,
            message.kind,
            clock(message.create_time),
            str(message.attempts),
            f"set aside: {why}; `tongguan transit requeue`" if message.set_aside else why,
        )
    return made
