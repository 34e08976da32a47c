"""Guarantees and their uses, for people."""

from collections.abc import Sequence

from rich.table import Table

from clearance.common.v1.decision_pb2 import GuaranteeTerms
from clearance.customs.v1.guarantee_pb2 import Guarantee, GuaranteeUse
from clearance.customs.v1.guarantee_register_service_pb2 import GuaranteeClaim
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease
from tongguan.partners import absence_words
from tongguan.report.names import amount, clock
from tongguan.report.tables import table


def guarantee_lines(guarantee: Guarantee) -> str:
    """What it is, and where its limit lies."""
    code = guarantee.limit.currency_code
    kind = Guarantee.Type.Name(guarantee.type).removeprefix("TYPE_").lower().replace("_", " ")
    state = Guarantee.State.Name(guarantee.state).removeprefix("STATE_")
    until = f"until {clock(guarantee.valid_until_time)}" if guarantee.HasField("valid_until_time") else "without end"
    lines = [
        f"{guarantee.grn} ({kind}) of {guarantee.holder_identifier}: {state}, "
        f"from {clock(guarantee.valid_from_time)} {until}",
        f"limit {amount(guarantee.limit.minor_units, code)}: {amount(guarantee.available_units, code)} available, "
        f"{amount(guarantee.held_units, code)} held, {amount(guarantee.confirmed_units, code)} confirmed",
    ]
    if guarantee.for_scheme:
        lines.append("stands for 担保验放: used for its holder without being asked for")
    if guarantee.shortfall_units:
        short = f"{amount(guarantee.shortfall_units, code)} short"
        lines.append(f"{short}, to be made good by {clock(guarantee.shortfall_until_time)}")
    if guarantee.claimed_units:
        lines.append(f"{amount(guarantee.claimed_units, code)} claimed and not yet paid")
    return "\n".join(lines)


def uses_table(grn: str, uses: Sequence[GuaranteeUse]) -> Table:
    """What each case has of this guarantee."""
    columns = ("clearance", "generation", "state", "taken", "in use", "returned", "claimed", "held since")
    made = table(f"Uses of {grn}", *columns, numbers=("generation", *columns[3:7]))
    for use in uses:
        code = use.amount.currency_code
        for part in use.parts:
            if part.grn == grn:
                units = (part.units, part.outstanding_units, part.returned_units, part.claimed_units)
                made.add_row(
                    use.key.clearance_number,
                    str(use.key.generation),
                    GuaranteeUse.State.Name(use.state).removeprefix("STATE_"),
                    *[amount(each, code) for each in units],
                    clock(use.hold_time),
                )
    return made


def releases_lines(releases: Sequence[GuaranteeRelease]) -> str:
    """What was asked for one clearance, and how far it has come: a line for each generation."""
    return "\n".join([f"Guarantees for {releases[0].number}", *(_release_line(each) for each in releases)])


def _release_line(release: GuaranteeRelease) -> str:
    kinds = ", ".join(GuaranteeTerms.Kind.Name(kind).removeprefix("KIND_").lower() for kind in release.kinds)
    state = GuaranteeRelease.State.Name(release.state).removeprefix("STATE_")
    wanted = amount(release.amount.minor_units, release.amount.currency_code)
    asked = "granted by scheme" if release.granted_by_scheme else "asked"
    kept = f"{' '.join(release.grns)} kept by {release.home_district}"
    words = [f"{state}, {wanted} for {kinds} on {kept}, {asked} {clock(release.request_time)}"]
    words += [f"ended {clock(release.end_time)}"] if release.HasField("end_time") else []
    if release.HasField("settle_until_time"):
        until = clock(release.settle_until_time)
        words.append(f"OVERDUE since {until}" if release.overdue else f"to be settled by {until}")
    if release.state == GuaranteeRelease.STATE_CONFIRMED and release.claim_proposer:
        words.append(f"claim proposed by {release.claim_proposer}, to be made by another officer")
    words += [f"refused by {' '.join(release.refusals)}"] if release.refusals else []
    if release.state == GuaranteeRelease.STATE_REFUSED and release.HasField("amend_until_time"):
        words.append(f"others may be named until {clock(release.amend_until_time)}")
    words += [absence_words(release.home_absence)] if release.HasField("home_absence") else []
    return f"  {release.generation}: {', '.join(words)}"


def claims_table(claims: Sequence[GuaranteeClaim]) -> Table:
    """What is demanded of guarantors, and until when."""
    columns = ("claim", "guarantee", "clearance", "units", "state", "due", "settled")
    made = table("Claims (units: smallest of the currency)", *columns, numbers=("units",))
    for claim in claims:
        made.add_row(
            claim.claim_id,
            claim.grn,
            claim.key.clearance_number,
            str(claim.units),
            GuaranteeClaim.State.Name(claim.state).removeprefix("STATE_"),
            clock(claim.due_time),
            clock(claim.end_time) if claim.HasField("end_time") else "",
        )
    return made


def claim_line(claim: GuaranteeClaim) -> str:
    """One line for each guarantee of a claim."""
    state = GuaranteeClaim.State.Name(claim.state).removeprefix("STATE_")
    return f"{claim.grn}: {claim.units} (smallest unit) for {claim.key.clearance_number}, {state}"
