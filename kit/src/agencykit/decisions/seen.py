"""What officers had before them when they found against goods, read from the decisions that asked them to look."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.evaluate import fingerprint
from agencykit.rules import Finding, RequiredAction, Verdict
from agencykit.storage.rows import rows_in
from clearance.common.v1 import decision_pb2 as pb


def findings_seen(connection: Connection, wanted: Mapping[str, Collection[str]]) -> Mapping[str, Mapping[str, Finding]]:
    """For each clearance, its findings by the fingerprints that are wanted of it; one query, or none."""
    found: dict[str, dict[str, Finding]] = {number: {} for number in wanted}
    columns = ("clearance_number", "decision")
    for number, decision in rows_in(connection, tables.decisions, columns, ("clearance_number",), sorted(wanted)):
        for message in pb.Decision.FromString(decision).findings:
            finding = _finding(message)
            if (seen := fingerprint(finding)) in wanted[number]:
                found[number][seen] = finding
    return found


def _finding(message: pb.Finding) -> Finding:
    return Finding(
        message.rule_id,
        message.rule_version,
        Verdict(message.effect),
        parameters=dict(message.parameters),
        item_numbers=tuple(message.scope.item_numbers),
        container_numbers=tuple(message.scope.container_numbers),
        required_action=RequiredAction(message.required_action),
        amount_minor_units=message.amount_minor_units,
        currency_code=message.currency_code,
    )
