"""ManualReleaseService: officers of the port office release goods by hand (人工放行), two together."""

from agencykit.refusals import CallerNotListed, FormInvalid, Violation
from agencykit.rpc.call import Call
from clearance.gateway.v1 import manual_release_service_pb2 as pb
from gateway.operations.hands import Hands
from gateway.operations.manual import Deed
from gateway.rpc.manual_messages import manual_message, table_message, wanted
from gateway.rpc.paging import from_token, to_token

_PAGE = 100


class Officers:
    """Who of the operators may act for the port office."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._patterns = patterns

    def check(self, call: Call) -> str:
        """His identity; CallerNotListed for anybody else."""
        if not any(call.identity.matches(pattern) for pattern in self._patterns):
            raise CallerNotListed(call.identity, call.method)
        return str(call.identity)


class ManualReleaseServicer:
    """Answers operators; only `officers` act."""

    def __init__(self, hands: Hands, officers: Officers) -> None:
        self._hands, self._officers = hands, officers

    async def OrderManualRelease(
        self, request: pb.OrderManualReleaseRequest, call: Call
    ) -> pb.OrderManualReleaseResponse:
        """Proposed, or ordered."""
        self._officers.check(call)
        known = self._hands.rules.table.reason_codes
        if request.reason_code not in known:
            said = f"must be one of {', '.join(sorted(known))}"
            raise FormInvalid([Violation("reason_code", "manual_reason.known", said, "string")])
        return pb.OrderManualReleaseResponse(release=manual_message(await self._hands.order(wanted(request, call))))

    async def WithdrawManualRelease(
        self, request: pb.WithdrawManualReleaseRequest, call: Call
    ) -> pb.WithdrawManualReleaseResponse:
        """Taken back."""
        deed = Deed(request.request_id, self._officers.check(call), request.number, request.reason)
        return pb.WithdrawManualReleaseResponse(release=manual_message(await self._hands.withdraw(deed)))

    async def SettleManualRelease(
        self, request: pb.SettleManualReleaseRequest, call: Call
    ) -> pb.SettleManualReleaseResponse:
        """Its conflict settled."""
        deed = Deed(request.request_id, self._officers.check(call), request.number, request.reason)
        return pb.SettleManualReleaseResponse(release=manual_message(await self._hands.settle(deed)))

    async def ListManualReleases(
        self, request: pb.ListManualReleasesRequest, call: Call
    ) -> pb.ListManualReleasesResponse:
        """Of one clearance, of one emergency, or of all that are not reconciled."""
        if request.number:
            return pb.ListManualReleasesResponse(
                releases=[manual_message(each) for each in await self._hands.of(request.number)]
            )
        size, wanted_of = request.page_size or _PAGE, request.emergency_number
        after = ("", 0)
        if request.page_token:
            number, serial = from_token(call.method, wanted_of, request.page_token)
            after = (str(number), int(serial))
        found = await self._hands.page(wanted_of, after, size)
        token = ""
        if len(found) == size:
            token = to_token(call.method, wanted_of, found[-1].number, found[-1].serial)
        return pb.ListManualReleasesResponse(releases=[manual_message(each) for each in found], next_page_token=token)

    async def DescribeManualReleases(
        self, request: pb.DescribeManualReleasesRequest, call: Call
    ) -> pb.DescribeManualReleasesResponse:
        """The published table."""
        return pb.DescribeManualReleasesResponse(table=table_message(self._hands.rules.table))
