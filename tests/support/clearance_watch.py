"""What must hold after every step of a district, worked out anew from the databases alone.

G1   an order lets go only what every required agency has agreed to, for this very version, by a decision that stands
     signed in its own database; on guarantee only what is confirmed in the ledger, and recorded as such
G2   an agency decides once for each revision, its logs have no gaps, and nothing withdrawn is decided again
G5   every account of the ledger sums, and is never overdrawn
G8   order numbers, versions and leases only grow, at the gateway and at the gate
G14  no state without its audit row, and the reverse
G24  whoever sets a clock, nothing expires and no deadline passes before its time
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from agency_watch import AgencyWatch, Unsafe, require
from mortal_district import AGENCIES, GATEWAY_ROLE

from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.order_pb2 import ReleaseOrder

YES = {Decision.VERDICT_APPROVED, Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, Decision.VERDICT_NOT_SUBJECT}
RELEASED, ON_GUARANTEE, STOPPED, WITHDRAWN, PARTLY = 6, 7, 8, 10, 15
# Names of states as the audit writes them.
STATE_NAMES = dict(
    enumerate(
        [
            "RECEIVED",
            "IN_PROGRESS",
            "INFORMATION_REQUIRED",
            "EXAMINATION",
            "ON_HOLD",
            "RELEASED",
            "RELEASED_ON_GUARANTEE",
            "RELEASE_STOPPED",
            "REFUSED",
            "WITHDRAWN",
            "EXPIRED",
            "COLLECTED",
            "DEPARTED",
            "CLOSED",
            "PARTLY_RELEASED",
            "GUARANTEE_AMENDMENT",
        ],
        start=1,
    )
)
CONFIRMED_USE, CLAIMED_USE = 2, 4
__all__ = ["Unsafe", "Watch"]


@dataclass
class CaseSeen:
    """A case as the watch knows it, from rows and from audit rows apart."""

    state: int
    version: int
    order_number: int
    epoch: int
    audited: str = ""
    amended: int = 0


@dataclass
class Watch(AgencyWatch):
    """One district's. `look` is called after each step; it reads only what has changed."""

    cases: dict[str, CaseSeen] = field(default_factory=dict)

    def look(self, role: str) -> None:
        """After a step of this party."""
        if role not in self.files:
            return
        [(mark,)] = self._rows(role, "PRAGMA data_version")
        if self.marks.get(role) == mark:
            return
        self.marks[role] = mark
        if role == GATEWAY_ROLE:
            self._look_at_gateway()
            return
        self._look_at_log(role)
        if role == "customs":
            self._look_at_ledger()
        if role == "port":
            self._look_at_gate()

    def _look_at_gateway(self) -> None:
        key = "changes"
        text = "SELECT change, number, state, version, order_number, epoch FROM cases WHERE change > ? ORDER BY change"
        changed = self._rows(GATEWAY_ROLE, text, self.read[key])
        for number, act, details in self._new(GATEWAY_ROLE, "audit", "number, act, details"):
            self._take_audit(number, act, json.loads(details))
        for change, number, state, version, order_number, epoch in changed:
            self.read[key] = change
            self._take_case(number, CaseSeen(state, version, order_number, epoch))
        for row in self._new(GATEWAY_ROLE, "orders", "number, order_number, kind, version, order_bytes"):
            self._take_order(*row)

    def _take_audit(self, number: str, act: str, details: dict[str, Any]) -> None:
        case = self.cases.get(number)
        self.district.chronicle.seen[f"audit {act}"] += 1
        # Deadlines are hours long, and no story is.
        require(act != "DEADLINE_PASSED", f"G24: a deadline of {number} has passed before its time")
        if act == "accepted":
            require(case is None, f"G14: {number} was accepted twice")
            self.cases[number] = CaseSeen(1, 1, 0, 0, "RECEIVED")
        elif act in ("state", "amended"):
            require(case is not None, f"G14: {number} moved before it was accepted")
            assert case is not None
            was = details["from"]
            require(was == case.audited, f"G14: the audit takes {number} from {was}, it was {case.audited}")
            case.audited = details["to"]
            case.amended += act == "amended"
            self.district.chronicle.seen[f"state {details['to']}"] += 1

    def _take_case(self, number: str, now: CaseSeen) -> None:
        before = self.cases.get(number)
        require(before is not None, f"G14: {number} is there without an audit row")
        assert before is not None
        name = STATE_NAMES[now.state]
        require(before.audited == name, f"G14: {number} is {name}, and the audit has it {before.audited}")
        times = before.amended
        require(now.version == 1 + times, f"G14: {number} has version {now.version}, and was amended {times} times")
        require(now.version >= before.version, f"G2: {number} went back to version {now.version}")
        require(now.order_number >= before.order_number, f"G8: {number} went back to order {now.order_number}")
        require(now.epoch >= before.epoch, f"G11: the lease of {number} went back to {now.epoch}")
        require(before.state != WITHDRAWN or now.state == WITHDRAWN, f"G2: {number} came back after its withdrawal")
        if now.state in (RELEASED, ON_GUARANTEE, PARTLY, STOPPED):
            text = "SELECT kind, version FROM orders WHERE number = ? AND order_number = ?"
            found = self._rows(GATEWAY_ROLE, text, number, now.order_number)
            wanted = [(2 if now.state == STOPPED else 1, now.version)]
            require(found == wanted, f"G1: {number} is {name} on {found}, not on order {now.order_number}")
        now.audited, now.amended = before.audited, before.amended
        self.cases[number] = now

    def _take_order(self, number: str, order_number: int, kind: int, version: int, content: bytes) -> None:
        order = ReleaseOrder.FromString(content)
        require(
            (order.clearance_number, order.number, order.kind, order.version) == (number, order_number, kind, version),
            f"G12: order {order_number} of {number} says something else than its row",
        )
        text = "SELECT max(order_number) FROM orders WHERE number = ?"
        newest = self._rows(GATEWAY_ROLE, text, number)
        require(newest == [(order_number,)], f"G8: {number} has an order above {order_number}")
        if kind == ReleaseOrder.KIND_RELEASE:
            self._may_go(order)
            self.district.chronicle.seen["released"] += 1
        else:
            self.district.chronicle.seen["stopped"] += 1

    def _may_go(self, order: ReleaseOrder) -> None:
        """Every agency of the district must agree (gateway/domain/policy.toml, read here as what it says in words)."""
        number, version = order.clearance_number, order.version
        [(current, digest)] = self._rows(GATEWAY_ROLE, "SELECT version, digest FROM cases WHERE number = ?", number)
        require(version == current, f"G1: {number} was released for version {version}, and is at {current}")
        require(bytes(digest) == order.consignment_digest, f"G1: {number} was released with another content")
        named = {each.agency: each for each in order.decisions}
        for agency in AGENCIES:
            require(agency in named, f"G1: {number} was released without {agency}")
            self._agreed(agency, order, named[agency])

    def _agreed(self, agency: str, order: ReleaseOrder, named: Any) -> None:
        number, version = order.clearance_number, order.version
        require(named.version == version, f"G1: {number} v{version} rests on {agency} for version {named.version}")
        text = "SELECT decision, verdict FROM decisions WHERE clearance_number = ? AND version = ? AND revision = ?"
        found = self._rows(agency, text, number, version, named.revision)
        require(len(found) == 1, f"G1: {number} rests on a decision that {agency} never took")
        content, verdict = found[0]
        same = hashlib.sha256(content).digest() == named.decision_digest
        require(same, f"G1: {number} rests on other words of {agency}")
        decision = Decision.FromString(content)
        require(
            decision.verdict == verdict and verdict in YES, f"G1: {number} was released and {agency} said {verdict}"
        )
        # The gateway cannot know what it was not told; what it has recorded counts at once.
        text = "SELECT max(revision) FROM decisions WHERE number = ? AND agency = ? AND version = ? AND counted = 1"
        [(newest,)] = self._rows(GATEWAY_ROLE, text, number, agency, version)
        said = named.revision
        require(newest == said, f"G1: {number} was released on {agency}'s revision {said} of {newest}")
        text = "SELECT digest FROM consignments WHERE clearance_number = ? AND version = ?"
        same = self._rows(agency, text, number, version) == [(order.consignment_digest,)]
        require(same, f"G1: {agency} decided on another content of {number}")
        text = "SELECT covered FROM decisions WHERE number = ? AND agency = ? AND version = ? AND revision = ?"
        [(covered,)] = self._rows(GATEWAY_ROLE, text, number, agency, version, named.revision)
        if covered:
            self._is_confirmed(number)

    def _is_confirmed(self, number: str) -> None:
        text = "SELECT state FROM guarantee_uses WHERE clearance_number = ? AND state IN (?, ?)"
        found = self._rows("customs", text, number, CONFIRMED_USE, CLAIMED_USE)
        require(bool(found), f"G1: {number} was released on a guarantee that is not confirmed")
        text = "SELECT count(*) FROM guarantee_releases WHERE number = ? AND confirm_time IS NOT NULL"
        recorded = self._rows(GATEWAY_ROLE, text, number) != [(0,)]
        require(recorded, f"G1: {number} was released on a guarantee whose confirmation nobody has recorded")
        self.district.chronicle.seen["released on guarantee"] += 1
