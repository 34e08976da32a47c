"""A partner's gateway, as whoever keeps in touch with it sees it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from agencykit.bundles import Bundle
from agencykit.evidence import EvidenceInvalid
from agencykit.evidence.certificates import key_id_of
from agencykit.evidence.sheets import GATEWAY, verify_sheets
from agencykit.identity import Identity
from agencykit.rpc.transport import Transport
from agencykit.rpc.validation import violations
from agencykit.runtime import Clock
from clearance.common.v1.evidence_pb2 import SignedHeadSheet
from clearance.district.v1 import district_service_pb2 as pb
from clearance.district.v1.bulletin_pb2 import Bulletin
from gateway.domain.bulletin import is_bulletin_of
from gateway.operations.bulletins import BATCH
from gateway.operations.notices import ToTell
from gateway.operations.partners import Description, Fetched
from gateway.operations.ports import CallFailed
from gateway.rpc.bulletin_messages import read_bulletin
from gateway.rpc.guarantee_ledger import PARTNER, called
from gateway.rpc.notices import write_notice
from gateway.rpc.times import micros
from gateway.storage.heads import Key, PartnerSheet


@dataclass(frozen=True, slots=True)
class TransportPartner:
    """See PartnerPort. `transport` is the bare connection: nothing is agreed yet where these calls are made."""

    transport: Transport
    district: str
    budget_seconds: float
    clock: Clock
    # Hears what time it is there (seconds since 1970), and how long the answer took.
    heard: Callable[[float, float], None]
    # Hears what it keeps of this gateway's own sheets, with certificates.
    shown: Callable[[Iterable[SignedHeadSheet], Iterable[bytes]], Awaitable[None]]

    async def describe(self, contract_versions: Sequence[int]) -> Description:
        """See PartnerPort."""
        request = pb.DescribeDistrictRequest(contract_versions=contract_versions)
        method, seconds = f"{PARTNER.service}/DescribeDistrict", self.budget_seconds
        asked = self.clock.monotonic()
        told = await called(self.transport, method, request, pb.DescribeDistrictResponse, seconds)
        if told.HasField("answer_time"):
            self.heard(micros(told.answer_time) / 1e6, self.clock.monotonic() - asked)
        who = (told.district, told.customs_district_code, tuple(told.contract_versions))
        return Description(*who, told.gateway_version[:64], told.bundle_version)

    async def bundle(self) -> bytes:
        """See PartnerPort."""
        method, request = f"{PARTNER.service}/GetTrustBundle", pb.GetTrustBundleRequest()
        told = await called(self.transport, method, request, pb.GetTrustBundleResponse, self.budget_seconds)
        return told.bundle.SerializeToString()

    async def heads(self, bundle: Bundle) -> list[PartnerSheet]:
        """See PartnerPort."""
        method, request = f"{PARTNER.service}/GetHeadSheets", pb.GetHeadSheetsRequest()
        told = await called(self.transport, method, request, pb.GetHeadSheetsResponse, self.budget_seconds)
        signed = [(each.sheet, each.signature) for each in told.sheets]
        certificates = [each.certificate for each in told.certificates]
        await self.shown(told.kept, certificates)
        try:
            sheets = verify_sheets(bundle.district, bundle.authorities_pem, signed, certificates)
        except EvidenceInvalid:
            raise CallFailed("UNTRUSTED") from None
        gateway = str(Identity.of_district(bundle.district, GATEWAY))
        keys = {key_id_of(each): Key(key_id_of(each), each, gateway) for each in certificates}
        return [PartnerSheet(s.district, s.replica, s.number, s.sheet, s.signature, keys[s.key_id]) for s in sheets]

    async def bulletins(self, position: int, code: str) -> Fetched:
        """See PartnerPort."""
        method, request = f"{PARTNER.service}/FetchBulletins", pb.FetchBulletinsRequest(position=position)
        told = await called(self.transport, method, request, pb.FetchBulletinsResponse, self.budget_seconds)
        given = list(told.bulletins)[:BATCH]
        sound = [read_bulletin(each) for each in given if self._is_own(each, code)]
        return Fetched(sound, len(given) - len(sound), told.position, len(given) == BATCH and told.position > position)

    def _is_own(self, bulletin: Bulletin, code: str) -> bool:
        """Nobody publishes for another district; and what it says keeps the contract's form, as requests do."""
        own = bulletin.district == self.district and is_bulletin_of(bulletin.number, code)
        return own and not violations(bulletin)

    async def tell(self, told: ToTell) -> int:
        """See PartnerPort."""
        notices = [write_notice(each) for each in told.notices]
        method = f"{PARTNER.service}/TellUnavailability"
        request = pb.TellUnavailabilityRequest(revision=told.revision, notices=notices)
        answer = await called(self.transport, method, request, pb.TellUnavailabilityResponse, self.budget_seconds)
        return answer.revision
