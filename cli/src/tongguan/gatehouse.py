"""GateService and the feed of exits, as a terminal and the port's operators use them; releases and exits as rows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.table import Table

from clearance.agency.v1.agency_service_pb2 import Outcome
from clearance.port.v1 import gate_out_feed_service_pb2 as feed
from clearance.port.v1 import gate_service_pb2 as gate
from clearance.port.v1 import release_feed_service_pb2 as feed_of_releases
from clearance.port.v1.release_pb2 import GateOut
from tongguan.channels import Peer
from tongguan.clearances import request_id
from tongguan.facts import BATCH_LIMIT
from tongguan.report.names import clock
from tongguan.report.tables import table
from tongguan.resuming import resumed

_GATE = "/clearance.port.v1.GateService/"
_NOTICES = "/clearance.port.v1.ReleaseFeedService/FollowReleases"
_FEED = "/clearance.port.v1.GateOutFeedService/FollowGateOuts"


class Gatehouse:
    """The port's gate by one identity."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def look_up(self, number: str) -> gate.GetReleaseResponse:
        """What the port holds about a clearance."""
        request = gate.GetReleaseRequest(clearance_number=number)
        return self._peer.call(f"{_GATE}GetRelease", request, gate.GetReleaseResponse)

    def let_out(
        self,
        standing: gate.GetReleaseResponse,
        containers: Sequence[str],
        order: int,
        place: str,
        conveyance: str,
        packages: int = 0,
        at: datetime | None = None,
    ) -> Sequence[gate.GateOutAnswer]:
        """Reports these containers, by default all covered that are not out yet, as leaving by this order.

        Of loose goods so many packages leave; 0 means all that are left.

        Order 0 is the newest. A container leaves once, however often it is reported, and a load once for each moment
        `at` which it left; without one that is now.
        """
        release = standing.release
        gone = {each.container_number for each in standing.gate_outs if each.container_number or each.last}
        leaving = list(containers) or [each for each in release.container_numbers or [""] if each not in gone]
        number, way, by = release.clearance_number, release.way, order or release.order_number
        reports = []
        for container in leaving:
            report = gate.GateOutReport(clearance_number=number, order_number=by, container_number=container, way=way)
            report.place_code, report.conveyance_identification, report.packages = place, conveyance, packages
            report.exit_time.FromDatetime((at or datetime.now(UTC)).replace(microsecond=0))
            second = str(report.exit_time.seconds)
            report.request_id = request_id("gate out", number, by, container, place, conveyance, packages, second)
            reports.append(report)
        requests = [
            gate.ReportGateOutsRequest(reports=reports[first : first + BATCH_LIMIT])
            for first in range(0, len(reports), BATCH_LIMIT)
        ]
        method, response = f"{_GATE}ReportGateOuts", gate.ReportGateOutsResponse
        return [answer for each in requests for answer in self._peer.call(method, each, response).answers]

    def follow(self, position: int, seconds: float) -> Iterator[GateOut]:
        """Exits after this position, for so many seconds (0 means for ever)."""
        request = feed.FollowGateOutsRequest(position=position)
        for answer in resumed(self._peer, _FEED, request, feed.FollowGateOutsResponse, "position", seconds):
            yield from answer.gate_outs

    def notices(self, position: int, seconds: float) -> Iterator[feed_of_releases.ReleaseNotice]:
        """Notices of orders after this position that the identity may see, for so many seconds (0 means for ever)."""
        request, response = (
            feed_of_releases.FollowReleasesRequest(position=position),
            feed_of_releases.FollowReleasesResponse,
        )
        for answer in resumed(self._peer, _NOTICES, request, response, "position", seconds):
            yield from answer.notices


def standing_table(standing: gate.GetReleaseResponse) -> Table:
    """The newest order, and what holds its goods."""
    release = standing.release
    made = table("", "clearance", "order", "says", "document", "terminal", "held")
    made.add_row(
        release.clearance_number,
        str(release.order_number),
        Outcome.Kind.Name(release.kind).removeprefix("KIND_"),
        release.transport_document_number,
        release.terminal_code or "-",
        ", ".join(standing.hold_ids) or "-",
    )
    return made


def goods_table(standing: gate.GetReleaseResponse) -> Table:
    """Its containers, or the loose goods: where each is, whether the order covers it, and when it left."""
    places = {each.container_number: each.place_code for each in standing.places}
    left = {each.container_number: clock(each.exit_time) for each in standing.gate_outs}
    covered = list(standing.release.container_numbers)
    made = table("", "goods", "place", "covered", "out")
    for box in dict.fromkeys([*covered, *places, *left]) or [""]:
        made.add_row(box or "loose", places.get(box, "-"), "yes" if box in covered else "-", left.get(box, "-"))
    if standing.HasField("remaining_packages"):
        made.caption = f"{standing.remaining_packages} of {standing.release.packages} packages are still there"
    return made


def goods_of(left: GateOut) -> str:
    """What of loose goods left."""
    return f"{left.packages} packages by {left.conveyance_identification or '-'}" if left.packages else "the goods"


def exit_line(left: GateOut) -> str:
    """One exit."""
    way = GateOut.Way.Name(left.way).removeprefix("WAY_")
    what = left.container_number or f"{goods_of(left)} of {left.transport_document_number}"
    last = ", the last of it" if left.last else ""
    where = f" at {left.place_code}" if left.place_code else ""
    return f"{clock(left.exit_time)}  {left.clearance_number}  {what}  {way}{where}  order {left.order_number}{last}"


def notice_line(notice: feed_of_releases.ReleaseNotice) -> str:
    """One notice."""
    release = notice.release
    says, where = Outcome.Kind.Name(release.kind).removeprefix("KIND_"), release.terminal_code or "-"
    goods = ", ".join(release.container_numbers) or release.transport_document_number
    number, order = release.clearance_number, release.order_number
    if notice.over:
        return f"{notice.position:>8}  {number}  {goods}: no longer yours to fetch"
    return f"{notice.position:>8}  {clock(release.outcome_time)}  {number}  {says} by order {order}  {goods}  {where}"
