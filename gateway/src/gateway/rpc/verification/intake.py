"""What a home asks to have verified, read: its form, its evidence, and that this is the port it names."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from agencykit.identity import Identity
from agencykit.refusals import DigestMismatch, EvidenceInvalid, FormInvalid, Malformed, Violation
from agencykit.rpc.validation import validate
from agencykit.runtime import Executor
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.evidence_pb2 import SigningCertificate
from clearance.district.v1.verification_pb2 import VerificationItem
from gateway.domain.decision import YES, Decision
from gateway.domain.verification import GATEWAY
from gateway.operations.accept import Submission
from gateway.operations.questions import Root
from gateway.rpc.reading import Reader, journey
from gateway.rpc.verification.proofs import Proofs

CUSTOMS = "customs"


@dataclass(frozen=True, slots=True)
class Intake:
    """`own` is this district."""

    own: str
    reader: Reader
    proofs: Proofs
    executor: Executor

    async def read(
        self, item: VerificationItem, home: str, certificates: Sequence[SigningCertificate]
    ) -> tuple[Submission, Root]:
        """The item as a submission; as Originators, EvidenceInvalid, FormInvalid, DigestMismatch or Malformed."""
        consignment, digest = Consignment(), hashlib.sha256(item.consignment).digest()
        if digest != item.consignment_digest:
            raise DigestMismatch(item.clearance_number, item.version)
        try:
            consignment.ParseFromString(item.consignment)
        except DecodeError:
            raise Malformed from None
        validate(consignment)
        if self.reader.offices.district_of(consignment.verification_office_code) != self.own:
            message = f"is no office of {self.own}"
            raise FormInvalid([Violation("verification_office_code", "verification.office", message, "string")])
        originators = self.proofs.originators(home, certificates)
        broker = await self.executor.run(originators.of_version, item, digest)
        given = await self._given(item, home, certificates, digest)
        way, root = journey(consignment, declared_at=home), Root(item.trace_context.traceparent)
        keys = self.reader.commitments.keys_of(way)
        submission = Submission(
            *(item.clearance_number, item.request_id, str(broker), consignment.reference, way),
            *(item.consignment, digest, self.reader.spans.child(root.parent)),
            item.urgent or any(key.priority for key in keys),
            tuple([key.id for key in keys]),
            item.version,
            given,
            str(Identity.of_district(home, GATEWAY)),
        )
        return submission, root

    async def _given(
        self, item: VerificationItem, home: str, certificates: Sequence[SigningCertificate], digest: bytes
    ) -> tuple[Decision, ...]:
        """What home's agencies decided: each a yes on these very bytes, customs' among them."""
        number = item.clearance_number
        proved = await self.executor.run(self.proofs.of_agencies, home, tuple(item.decisions), certificates)
        for each in proved:
            if (each.number, each.decision.version, each.digest) != (number, item.version, digest):
                raise EvidenceInvalid(number, "it is about something else")
            if each.decision.verdict not in YES or each.decision.scope is not None:
                raise EvidenceInvalid(number, "it is no yes")
        if f"{home}_{CUSTOMS}" not in {each.decision.agency for each in proved}:
            raise EvidenceInvalid(number, "customs at home has decided nothing")
        return tuple(each.decision for each in proved)
