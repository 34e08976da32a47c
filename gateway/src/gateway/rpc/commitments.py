"""What is promised, written as the contract's PublishedCommitments."""

from collections.abc import Mapping

from clearance.common.v1.text_pb2 import BilingualText
from clearance.gateway.v1.clearance_pb2 import (
    AgencyDeadline,
    JourneyScope,
    KeyTarget,
    PublishedCommitments,
    PublishedPromise,
    UrgentReason,
)
from gateway.domain.commitment import Commitments, Key, Scope
from gateway.domain.policy import Deadline

_KINDS = {
    "port": KeyTarget.KIND_PORT,
    "industry": KeyTarget.KIND_INDUSTRY,
    "enterprise": KeyTarget.KIND_ENTERPRISE,
    "step": KeyTarget.KIND_STEP,
}


def published(commitments: Commitments, deadlines: Mapping[str, Deadline]) -> PublishedCommitments:
    """All of it; deadlines by agency."""
    return PublishedCommitments(
        version=commitments.version,
        promises=[
            PublishedPromise(rule_id=each.rule_id, hours=each.hours, scope=_scope(each.scope))
            for each in commitments.promises
        ],
        keys=[_key(each) for each in commitments.keys],
        urgent_reasons=[
            UrgentReason(code=each.code, text=BilingualText(zh=each.zh, en=each.en))
            for each in commitments.urgent_reasons
        ],
        deadlines=[deadline_message(agency, deadline) for agency, deadline in deadlines.items()],
    )


def deadline_message(agency: str, deadline: Deadline) -> AgencyDeadline:
    """One agency's deadline, or that of all others (`*`)."""
    default = AgencyDeadline.Default.Value(f"DEFAULT_{deadline.default.name}")
    return AgencyDeadline(agency=agency, minutes=deadline.minutes, default_action=default)


def _key(key: Key) -> KeyTarget:
    return KeyTarget(
        id=key.id,
        kind=_KINDS[key.kind],
        display_name=BilingualText(zh=key.zh, en=key.en),
        target_minutes=key.target_minutes,
        priority=key.priority,
        holder=key.holder,
        scope=_scope(key.scope),
    )


def _scope(scope: Scope) -> JourneyScope:
    return JourneyScope(
        directions=sorted(scope.directions),
        modes=sorted(scope.modes),
        special_areas=sorted(scope.special_areas),
        ports=sorted(scope.ports),
        enterprises=sorted(scope.enterprises),
        commodities=scope.commodities,
    )
