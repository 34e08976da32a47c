"""Messages read into values: submissions, amendments, withdrawals."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from agencykit.identity import Identity
from agencykit.refusals import BrokerMismatch, FormInvalid, TooLarge, Violation
from agencykit.rpc.call import Call
from agencykit.runtime import Runtime
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.gateway.v1.clearance_service_pb2 import (
    AmendClearanceRequest,
    SubmitClearanceRequest,
    WithdrawClearanceRequest,
)
from gateway.domain.commitment import Commitments, Journey
from gateway.domain.identifiers import CODE_LENGTH, ClearanceNumber, clearance_number
from gateway.domain.transit.offices import Offices
from gateway.operations.accept import Submission
from gateway.operations.amend import Amendment
from gateway.operations.limits import Limits
from gateway.operations.ports import Spans
from gateway.operations.questions import Root
from gateway.operations.withdraw import Wish
from gateway.rpc.journeys import DIRECTION_NAMES, MODE_NAMES
from gateway.rpc.sight import BROKER
from gateway.rpc.times import micros


class Numbers:
    """Numbers for new cases. Randomness is fetched for many at once: each fetch is a system call."""

    BLOCK = 64

    def __init__(self, customs_district_code: str, runtime: Runtime) -> None:
        self._district, self._runtime = customs_district_code, runtime
        self._codes: list[str] = []
        # The second of the last number, by the clock's own seconds, with its year and second of the year.
        self._moment = (-1, 0, 0)

    def next(self) -> ClearanceNumber:
        """A number nobody has."""
        if not self._codes:
            drawn = self._runtime.ids.code(CODE_LENGTH * self.BLOCK)
            self._codes = [drawn[place : place + CODE_LENGTH] for place in range(0, len(drawn), CODE_LENGTH)]
        since_1970 = self._runtime.clock.now_ns() // 1_000_000_000
        if since_1970 != self._moment[0]:
            now = datetime.fromtimestamp(since_1970, UTC)
            self._moment = (since_1970, now.year, int((now - datetime(now.year, 1, 1, tzinfo=UTC)).total_seconds()))
        _, year, second = self._moment
        return clearance_number(self._district, year, second, self._codes.pop())


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads requests for one gateway."""

    numbers: Numbers
    limits: Limits
    spans: Spans
    commitments: Commitments
    # By whom goods may be verified: offices of this district and of partners.
    offices: Offices
    # Whether anything is declared here for the port of a partner.
    declares_for_ports: bool = False

    def submission(self, request: SubmitClearanceRequest, call: Call, *, alone: bool) -> tuple[Submission, Root]:
        """A submission with a number for its case. Raises BrokerMismatch or TooLarge.

        Its trace is the one it names, else that of its call if it came `alone`, else one of its own.
        """
        consignment = request.consignment
        check_broker(consignment, call.identity)
        content, digest = self.content(consignment)
        root = self._root(request.trace_context.traceparent, call, alone=alone)
        way = self.journey(consignment)
        keys = self.commitments.keys_of(way)
        submission = Submission(
            self.numbers.next(),
            request.request_id,
            str(call.identity),
            consignment.reference,
            way,
            content,
            digest,
            self.spans.child(root.parent),
            any(key.priority for key in keys),
            tuple([key.id for key in keys]),
        )
        return submission, root

    def _root(self, traceparent: str, call: Call, *, alone: bool) -> Root:
        rpc = self.spans.context(call.trace)
        if traceparent:
            return Root(traceparent, rpc)
        return Root(rpc) if alone else Root("", rpc)

    def amendment(self, request: AmendClearanceRequest, call: Call) -> Amendment:
        """An amendment. Raises BrokerMismatch or TooLarge."""
        consignment = request.consignment
        check_broker(consignment, call.identity)
        content, digest = self.content(consignment)
        return Amendment(
            request.request_id,
            str(call.identity),
            request.number,
            request.version,
            consignment.reference,
            self.journey(consignment),
            content,
            digest,
        )

    def journey(self, consignment: Consignment) -> Journey:
        """What decides policy, commitment and keys. FormInvalid where nobody verifies at the office that it names."""
        office = consignment.verification_office_code
        district = self.offices.district_of(office) if office else self.offices.own
        if district == self.offices.own:
            return journey(consignment)
        if district is None or not self.declares_for_ports:
            message = "is an office at which nothing that is declared here is verified"
            path = "consignment.verification_office_code"
            raise FormInvalid([Violation(path, "verification.office", message, "string")])
        return journey(consignment, verified_at=district)

    def content(self, consignment: Consignment) -> tuple[bytes, bytes]:
        """The bytes that every agency gets, and their SHA-256. Raises TooLarge beyond what a convoy carries."""
        content = consignment.SerializeToString(deterministic=True)
        if len(content) > self.limits.convoy_bytes:
            raise TooLarge(len(content), self.limits.convoy_bytes)
        return content, hashlib.sha256(content).digest()


def wish(request: WithdrawClearanceRequest, call: Call) -> Wish:
    """A withdrawal."""
    return Wish(request.request_id, str(call.identity), request.number, request.version, request.reason)


def check_broker(consignment: Consignment, identity: Identity) -> None:
    """The declared broker must be the certificate's."""
    if identity.role != BROKER or identity.name != consignment.broker_licence:
        raise BrokerMismatch(consignment.broker_licence)


def journey(consignment: Consignment, verified_at: str = "", declared_at: str = "") -> Journey:
    """What decides policy, commitment and keys."""
    arrival = micros(consignment.arrival_time) if consignment.HasField("arrival_time") else None
    mode = MODE_NAMES[consignment.border_transport.mode]
    return Journey(
        DIRECTION_NAMES[consignment.direction],
        mode,
        consignment.special_area_code,
        arrival,
        consignment.port_code,
        consignment.trader.identifier,
        tuple([item.commodity_code for item in consignment.items]),
        verified_at,
        declared_at,
    )
