"""What an agency's tests supply, and what all parts of the suite use."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from agencykit.agency import AgencyDefinition
from agencykit.refusals import Refusal, from_status
from agencykit.settings import ServiceSettings
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.running import Build, Caller, RunningAgency
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision

_numbers = itertools.count(1)


def new_number() -> str:
    """A clearance number nobody has used in this process."""
    return f"NGB2004{next(_numbers):08d}"


def answered(answer: pb.AssessmentAnswer) -> SignedDecision:
    """The decision of an answer that must have one."""
    assert answer.WhichOneof("answer") == "decision", answer.error
    return answer.decision


def refused(answer: pb.AssessmentAnswer) -> str:
    """The reason of an answer that must be a refusal."""
    assert answer.WhichOneof("answer") == "error", Decision.FromString(answer.decision.decision)
    refusal = from_status(answer.error)
    assert refusal is not None
    return refusal.reason


@contextmanager
def refuses(kind: type[Refusal]) -> Iterator[None]:
    """The call within must be refused in this way, over the socket."""
    with pytest.raises(kind):
        yield


class Supplied:
    """What an agency's tests supply. The defaults fit an agency that has a say on `sea_import`."""

    role: ClassVar[str]
    settings_class: ClassVar[type[ServiceSettings]] = ServiceSettings
    definition: ClassVar[AgencyDefinition]
    build: ClassVar[Build]
    # Settings of the agency's own, for instance paths of its lists.
    settings: ClassVar[dict[str, object]] = {}

    async def prepare(self, operator: Caller) -> None:
        """Lodges facts that every test may rely on, once for each database."""

    def decided(self, reference: str) -> Consignment:
        """A consignment on which the agency decides somehow."""
        return sea_import(reference)

    def unaffected(self, consignment: Consignment) -> Consignment:
        """The same, amended in a way that does not concern this agency."""
        amended = Consignment()
        amended.CopyFrom(consignment)
        amended.supplied_fields.append("consignee.name")
        return amended

    def awaiting(self, reference: str) -> Consignment:
        """A consignment that waits for a fact, which `supply` then lodges."""
        raise pytest.UsageError("give a consignment that waits for a fact of this agency")

    async def supply(self, operator: Caller, consignment: Consignment) -> None:
        """Lodges the fact that `awaiting` waits for; the decision must change."""
        raise pytest.UsageError("lodge the fact that the consignment waits for")

    def for_officers(self, reference: str) -> Consignment | None:
        """A consignment that an officer must look at (EXAMINE or HOLD); None where the agency has no such rule."""
        return None

    async def supply_for_officers(self, operator: Caller, consignment: Consignment) -> None:
        """Lodges what it takes for `for_officers` to reach an officer."""


class Suite(Supplied):
    """A part of the suite: tests use these two."""

    def item(self, agency: RunningAgency, number: str, consignment: Consignment, **fields: Any) -> pb.AssessmentItem:
        """An item with a request id of its own."""
        fields.setdefault("request_id", agency.runtime.ids.uuid())
        return assessment_item(number, consignment, **fields)

    async def decide(self, agency: RunningAgency, number: str, consignment: Consignment, version: int = 1) -> Decision:
        """Has one version decided, and verifies it."""
        [answer] = await agency.gateway.assess(self.item(agency, number, consignment, version=version))
        return agency.verified(answered(answer))
