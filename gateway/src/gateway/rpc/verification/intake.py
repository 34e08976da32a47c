"""What a home asks to have verified, read: its form, its evidence, and that this is the port it names."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, ParamSpec, TypeVar

from google.protobuf.message import DecodeError

from agencykit.identity import Identity
from agencykit.refusals import DigestMismatch, EvidenceInvalid, FormInvalid, Malformed, Violation
from agencykit.rpc.validation import validate
from agencykit.runtime import Executor
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.evidence_pb2 import SigningCertificate
from clearance.district.v1.verification_pb2 import VerificationItem
from gateway.domain.commitment import Journey
from gateway.domain.decision import YES, Decision
from gateway.domain.verification import GATEWAY
from gateway.operations.accept import Submission
from gateway.operations.questions import Root
from gateway.rpc.reading import Reader, journey
from gateway.rpc.verification.proofs import Proofs

CUSTOMS = "customs"

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Intake:
    """`own` is this district."""

    own: str
    reader: Reader
    proofs: Proofs
    executor: Executor

    async def read(
        self, items: Sequence[VerificationItem], home: str, certificates: Sequence[SigningCertificate]
    ) -> list[tuple[Submission, Root] | Exception]:
        """Each item as a submission; or, as Originators, EvidenceInvalid, FormInvalid, DigestMismatch, Malformed or
        what went wrong.
        """
        formed = [_or_error(self._form, item, home) for item in items]
        sound = [(item, way) for item, way in zip(items, formed, strict=True) if isinstance(way, _Way)]
        proved = await self.executor.run(self._proved, [item for item, _ in sound], home, certificates)
        made = iter(
            told if isinstance(told, Exception) else self._submission(item, home, way, *told)
            for (item, way), told in zip(sound, proved, strict=True)
        )
        return [next(made) if isinstance(way, _Way) else way for way in formed]

    def _form(self, item: VerificationItem, home: str) -> "_Way":
        """Its consignment's way, once that is found to be one for this port."""
        consignment = Consignment()
        if hashlib.sha256(item.consignment).digest() != item.consignment_digest:
            raise DigestMismatch(item.clearance_number, item.version)
        try:
            consignment.ParseFromString(item.consignment)
        except DecodeError:
            raise Malformed from None
        validate(consignment)
        if self.reader.offices.district_of(consignment.verification_office_code) != self.own:
            message = f"is no office of {self.own}"
            raise FormInvalid([Violation("verification_office_code", "verification.office", message, "string")])
        return _Way(consignment.reference, journey(consignment, declared_at=home))

    def _proved(
        self, items: Sequence[VerificationItem], home: str, certificates: Sequence[SigningCertificate]
    ) -> list[tuple[str, tuple[Decision, ...]] | Exception]:
        """Who asks, and what was decided at home. Pure work of the processor, for the executor."""
        originators = self.proofs.originators(home, certificates)

        def proved(item: VerificationItem) -> tuple[str, tuple[Decision, ...]]:
            broker = originators.of_version(item, item.consignment_digest)
            return str(broker), self._given(item, home, certificates)

        return [_or_error(proved, item) for item in items]

    def _given(
        self, item: VerificationItem, home: str, certificates: Sequence[SigningCertificate]
    ) -> tuple[Decision, ...]:
        """What home's agencies decided: each a yes on these very bytes, customs' among them."""
        number = item.clearance_number
        proved = self.proofs.of_agencies(home, item.decisions, certificates)
        for each in proved:
            if (each.number, each.decision.version, each.digest) != (number, item.version, item.consignment_digest):
                raise EvidenceInvalid(number, "it is about something else")
            if each.decision.verdict not in YES or each.decision.scope is not None:
                raise EvidenceInvalid(number, "it is no yes")
        if f"{home}_{CUSTOMS}" not in {each.decision.agency for each in proved}:
            raise EvidenceInvalid(number, "customs at home has decided nothing")
        return tuple(each.decision for each in proved)

    def _submission(
        self, item: VerificationItem, home: str, way: "_Way", broker: str, given: tuple[Decision, ...]
    ) -> tuple[Submission, Root]:
        root = Root(item.trace_context.traceparent)
        keys = self.reader.commitments.keys_of(way.journey)
        submission = Submission(
            *(item.clearance_number, item.request_id, broker, way.reference, way.journey),
            *(item.consignment, item.consignment_digest, self.reader.spans.child(root.parent)),
            item.urgent or any(key.priority for key in keys),
            tuple([key.id for key in keys]),
            item.version,
            given,
            str(Identity.of_district(home, GATEWAY)),
        )
        return submission, root


class _Way(NamedTuple):
    reference: str
    journey: Journey


def _or_error(
    read: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result | Exception:
    """What is wrong with one item concerns that item alone."""
    try:
        return read(*args, **kwargs)
    except Exception as error:
        return error
