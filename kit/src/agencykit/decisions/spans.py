"""One span for each item, in the clearance's own trace, although a hundred share one RPC and one transaction."""

from collections.abc import Sequence

from agencykit.decisions.candidates import Answer, Decided, Failed
from agencykit.decisions.decider import Decider
from agencykit.decisions.redecide import Redecided
from agencykit.rules import Verdict
from agencykit.telemetry import SpanName, Telemetry
from clearance.agency.v1.agency_service_pb2 import AssessmentItem

_NAMES = {int(verdict): verdict.name for verdict in Verdict}


def assess_spans(
    telemetry: Telemetry,
    agency: str,
    items: Sequence[AssessmentItem],
    answers: Sequence[Answer],
    rpc: SpanName | None,
    start_ns: int,
    end_ns: int,
) -> None:
    """`<agency>.assess` below each item's own context, linked to the RPC that carried it."""
    name, size = f"{agency}.assess", len(items)
    for item, answer in zip(items, answers, strict=True):
        context = item.trace_context.traceparent
        attributes, error = _attributes(agency, answer, item.version, size)
        telemetry.item_span(name, context or None, rpc, start_ns, end_ns, attributes, error)


def decide_spans(telemetry: Telemetry, decider: Decider, done: Sequence[Redecided], start_ns: int, end_ns: int) -> None:
    """`<agency>.decide` below the context stored with the consignment, for each new revision."""
    name, size = f"{decider.agency}.decide", len(done)
    for one in done:
        if one.result is not None:
            attributes, error = _attributes(decider.agency, one.result, one.candidate.version, size)
            telemetry.item_span(name, one.candidate.traceparent or None, None, start_ns, end_ns, attributes, error)


def _attributes(
    agency: str, answer: Answer, version: int, size: int
) -> tuple[dict[str, str | int | float | bool], str | None]:
    attributes: dict[str, str | int | float | bool] = {"agency": agency, "version": version, "batch.size": size}
    if isinstance(answer, Decided):
        attributes["verdict"] = _NAMES[answer.verdict]
        attributes["revision"] = answer.revision
        return attributes, None
    return attributes, type(answer.error).__name__ if isinstance(answer, Failed) else answer.reason
