"""One span for each item, in the clearance's own trace, although a hundred share one RPC and one transaction."""

from collections.abc import Sequence

from agencykit.decisions.candidates import Answer, Decided, Failed
from agencykit.decisions.decider import Decider
from agencykit.decisions.redecide import Redecided
from agencykit.refusals import Refusal
from agencykit.rules import Verdict
from agencykit.telemetry import SpanName, Telemetry
from agencykit.telemetry.allowed import Value
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
    # Most items of a batch say the same.
    known: dict[tuple[int, int, int], dict[str, Value]] = {}
    for item, answer in zip(items, answers, strict=True):
        error = None
        if isinstance(answer, Decided):
            said = (answer.verdict, answer.version, answer.revision)
            attributes = known.get(said) or known.setdefault(said, _decided(agency, answer, size))
        else:
            attributes, error = _common(agency, item.version, size), _error(answer)
        telemetry.item_span(name, item.trace_context.traceparent, rpc, start_ns, end_ns, attributes, error)


def decide_spans(telemetry: Telemetry, decider: Decider, done: Sequence[Redecided], start_ns: int, end_ns: int) -> None:
    """`<agency>.decide` below the context stored with the consignment, for each new revision."""
    name, size = f"{decider.agency}.decide", len(done)
    for one in done:
        if one.result is not None:
            given = one.result
            if isinstance(given, Decided):
                attributes, error = _decided(decider.agency, given, size), None
            else:
                attributes, error = _common(decider.agency, one.candidate.version, size), _error(given)
            telemetry.item_span(name, one.candidate.traceparent, None, start_ns, end_ns, attributes, error)


def _common(agency: str, version: int, size: int) -> dict[str, Value]:
    return {"agency": agency, "version": version, "batch.size": size}


def _decided(agency: str, answer: Decided, size: int) -> dict[str, Value]:
    told: dict[str, Value] = {"verdict": _NAMES[answer.verdict], "revision": answer.revision}
    return _common(agency, answer.version, size) | told


def _error(answer: Refusal | Failed) -> str:
    return type(answer.error).__name__ if isinstance(answer, Failed) else answer.reason
