"""Releases by hand, for people."""

from collections.abc import Iterable, Iterator

from rich.table import Table

from clearance.gateway.v1.manual_release_service_pb2 import ManualRelease, ManualReleaseTable
from tongguan.report.names import clock, scope_words
from tongguan.report.tables import table


def manual_lines(releases: Iterable[ManualRelease]) -> str:
    """One after the other, each with who did what and what is still to come."""
    return "\n".join(line for each in releases for line in _lines(each))


def _lines(release: ManualRelease) -> Iterator[str]:
    state = ManualRelease.State.Name(release.state).removeprefix("STATE_")
    part = scope_words(release.scope) if release.HasField("scope") else ", the whole"
    absent = ", ".join(release.absent_agencies)
    yield f"{release.number} version {release.version} by hand {release.serial}: {state}{part}, without {absent}"
    yield f"  paper      {release.paper_order_number} ({release.reason_code}, table {release.table_version})"
    yield f"  proposed   by {release.proposer}, {clock(release.propose_time)}: {release.propose_reason}"
    if release.second:
        done = "ordered" if release.order_number else "taken back"
        yield f"  {done:<10} by {release.second}, {clock(release.second_time)}: {release.second_reason}"
    if release.HasField("emergency"):
        under = release.emergency
        number = under.fallback_number or under.emergency_number
        yield f"  emergency  {number} by {under.measure_id}, on guarantee {under.guarantee_reference}"
    if release.revoker:
        yield f"  taken back by {release.revoker}, {clock(release.revoke_time)}"
    if release.settler:
        yield f"  settled    by {release.settler}, {clock(release.settle_time)}: {release.settle_reason}"


def overrides_table(told: ManualReleaseTable) -> Table:
    """In whose place two officers may act, and when."""
    made = table(f"In whose place goods may be released by hand (version {told.version})", "agency", "after minutes")
    for each in told.agencies:
        made.add_row(each.agency, str(each.after_minutes))
    return made


def overrides_words(told: ManualReleaseTable) -> str:
    """The rest of the table."""
    reasons = [f"  {each.code:<14} {each.text.zh}  {each.text.en}" for each in told.reasons]
    never = ", ".join(told.never_commodities)
    return "\n".join(["reasons", *reasons, f"never: commodities that begin with {never}", "never: what was decided"])
