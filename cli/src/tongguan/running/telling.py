"""What is said at the end of a run and of a submission."""

from collections.abc import Sequence
from datetime import UTC, datetime

from clearance.common.v1.decision_pb2 import Decision
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan import statuses
from tongguan.hints import again
from tongguan.lodging.outcome import Outcome
from tongguan.output import Output
from tongguan.report.summary import summarise
from tongguan.report.tables import summary_tables
from tongguan.session import Session

ERRORS_SHOWN = 20
LINES_SHOWN = 5
UNSETTLED_SHOWN = 10
SEND_AGAIN = "see that it runs and send the file again: nothing is done twice"


def tell(session: Session, clearances: Sequence[Clearance]) -> None:
    """The tables, and one trace to look at; with --json the clearances."""
    output = session.output
    for clearance in clearances:
        output.item(clearance)
    if not clearances:
        output.show("nothing was submitted")
        return
    output.show(summary_tables(summarise(clearances, datetime.now(UTC))))
    chosen = worth_a_look(clearances)
    state = session.layout.folder
    output.show(f"Trace {chosen.trace_id} of {chosen.number}. Look at it:\n  {again(state, 'trace', chosen.number)}")


def worth_a_look(clearances: Sequence[Clearance]) -> Clearance:
    """The one most agencies had something to decide on; of these a released one, the newest."""

    def interest(clearance: Clearance) -> tuple[int, bool, int]:
        verdicts = [standing.decision.verdict for standing in clearance.agencies]
        decided = sum(verdict not in (Decision.VERDICT_NOT_SUBJECT, 0) for verdict in verdicts)
        return decided, clearance.HasField("release_time"), clearance.create_time.ToNanoseconds()

    return max(clearances, key=interest)


def tell_errors(output: Output, outcome: Outcome) -> None:
    """Lines that failed, with what to do about them; those that failed alike are told together."""
    alike: dict[str, list[int]] = {}
    for line, status in sorted(outcome.errors, key=lambda error: error[0]):
        advice = statuses.ADVICE.get(statuses.reason(status)) or SEND_AGAIN * statuses.transient(status)
        alike.setdefault(f"{statuses.text(status)}{f' — {advice}' if advice else ''}", []).append(line)
    for said, lines in list(alike.items())[:ERRORS_SHOWN]:
        output.note(f"{_lines(lines)}: {said}", style="red")
    if len(alike) > ERRORS_SHOWN:
        rest = sum(len(lines) for lines in list(alike.values())[ERRORS_SHOWN:])
        output.note(f"… and {rest} more lines failed; --json lists all", style="red")


def _lines(lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    some = ", ".join(map(str, lines[:LINES_SHOWN]))
    return f"{len(lines)} lines ({some}{', …' if len(lines) > LINES_SHOWN else ''})"


def tell_unsettled(output: Output, unsettled: Sequence[tuple[Clearance, str]]) -> None:
    """What still needs a machine when the time is over."""
    for clearance, why in unsettled[:UNSETTLED_SHOWN]:
        output.note(f"not settled: {clearance.number} {clearance.reference}: {why}", style="red")
    if len(unsettled) > UNSETTLED_SHOWN:
        output.note(f"… and {len(unsettled) - UNSETTLED_SHOWN} more are not settled", style="red")
