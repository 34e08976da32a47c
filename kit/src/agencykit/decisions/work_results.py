"""An officer's result out of its message, and what no field's own form can say of it."""

from agencykit.decisions.messages import micros
from agencykit.decisions.work_acts import Result
from agencykit.refusals import FormInvalid, Violation
from agencykit.rules import Part
from clearance.agency.v1 import work_service_pb2 as pb


def read_result(said: pb.WorkResult) -> Result:
    """The result. FormInvalid with every fault of its scope and of what is asked of the broker."""
    if violations := _violations(said):
        raise FormInvalid(violations)
    return Result(
        said.outcome,
        said.reason,
        tuple((each.quantity, each.found, each.limit) for each in said.measurements),
        tuple([(find.kind, find.description, tuple(find.item_numbers)) for find in said.finds]),
        tuple((each.type_code, each.reason) for each in said.documents),
        micros(said.answer_until_time) if said.HasField("answer_until_time") else None,
        Part(tuple(said.scope.container_numbers), tuple(said.scope.item_numbers)) if said.HasField("scope") else None,
    )


def _violations(said: pb.WorkResult) -> list[Violation]:
    documents, until, scope = "result.documents", "result.answer_until_time", "result.scope"
    found = []
    if said.HasField("scope") and not (said.scope.container_numbers or said.scope.item_numbers):
        found.append(_violation(scope, "missing", "name something, or leave it out for all that the work is about"))
    if said.outcome != pb.WorkResult.OUTCOME_DOCUMENTS_REQUESTED:
        stray = ((documents, bool(said.documents)), (until, said.HasField("answer_until_time")))
        only = "belongs to DOCUMENTS_REQUESTED only"
        return found + [_violation(path, "stray", only) for path, there in stray if there]
    if said.HasField("scope"):
        found.append(_violation(scope, "stray", "documents are asked for all that the work is about"))
    kinds = [each.type_code for each in said.documents]
    if not kinds:
        found.append(_violation(documents, "missing", "name what the broker is asked for"))
    if len(set(kinds)) < len(kinds):
        found.append(_violation(documents, "unique", "each kind of document once"))
    if not said.HasField("answer_until_time"):
        found.append(_violation(until, "missing", "say until when the answer is waited for"))
    return found


def _violation(path: str, constraint: str, message: str) -> Violation:
    return Violation(path, constraint, message, "message")
