"""What may stand in a span, a log line or a metric label: the one list, enforced in one place.

Names, prices, document numbers, access codes and keys never leave the database but in an authorised reply. So a field
is let through by its name, and whatever is not listed is withheld. Add a name here only when its values can be none
of those.
"""

from collections.abc import Mapping

Value = str | int | float | bool

ALLOWED = frozenset(
    """
    address agency agency.role alarm attempt batch.size carried_forward claimed clearance.number clearance.state
    clearance.version commit.ms convoy.id convoy.reason convoy.size convoys_in_flight correlation_id count
    days_left db.operation db.system db.table decision.log decision.revision decision.rule_set_version
    decision.sequence decision.verdict direction district dropped due_ms duration duration_ms effect
    emergency.order epoch error.type facts.kind failed fault faults finding.count frames guarantee.use identity
    interval_ms item.count item.id items kind lease.epoch limit listening log.head method mode movement operation
    order.kind order.number outbox.lag outcome parked.reason party peer.identity peer.role peer.trust_domain
    pending pid policy.version port position purpose queue.length queue.name reason remaining_ms replayed
    replica request_id required.action retry.after_ms revision role rpc.grpc.status_code rpc.method rpc.service
    rpc.system rule.id rule.version rule_set scheme scope sequence serial server.address service service.version
    service_name setting signal source state state.from state.to store streams swept target timeout_ms trace_id
    transition transport.mode urgent verdict version violations.count waiting.fact waiting.party withheld
    work.id work.kind work.state writer
    """.split()  # noqa: SIM905
)


def permitted(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """The fields that may be written; what was withheld is named in `withheld`, so that its author notices."""
    if ALLOWED.issuperset(fields):
        return fields
    kept = {name: value for name, value in fields.items() if name in ALLOWED}
    kept["withheld"] = " ".join(sorted(fields.keys() - ALLOWED))
    return kept
