"""Once all is mended: officers, brokers and trucks do what is left to do, and everything comes to its end."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from chronicle import Chronicle
from clearance_people import People
from clearance_watch import WITHDRAWN, Unsafe, Watch
from mortal_district import AGENCIES, GATEWAY_ROLE, MortalDistrict

from agencykit.refusals import Refusal
from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1.clearance_pb2 import Clearance

# How often, and how long in all, it is looked whether there is anything left to do.
LOOK_SECONDS, MOST_LOOKS = 2.0, 45
# What is left when nothing is left to do; the rest waits for a person by name.
AT_REST = {
    Clearance.STATE_REFUSED,
    Clearance.STATE_WITHDRAWN,
    Clearance.STATE_COLLECTED,
    Clearance.STATE_DEPARTED,
    Clearance.STATE_CLOSED,
}
# What an officer has recalled is his to say anew, or nobody's.
MAY_LEAVE = {Clearance.STATE_RELEASED, Clearance.STATE_RELEASED_ON_GUARANTEE, Clearance.STATE_PARTLY_RELEASED}
# Tables in which something stands only while it is to be done.
ERRANDS = ("inbox", "untold", "outbox", "parked", "called_off")


@dataclass
class Ending:
    """`late` are facts and `holds` their ends that nobody has lodged yet."""

    district: MortalDistrict
    people: People
    watch: Watch
    chronicle: Chronicle
    late: list[dict[str, Any]]
    holds: list[dict[str, Any]]
    tried: set[str] = field(default_factory=set)

    async def come(self) -> None:
        """Raises Unsafe where something does not come to its end."""
        self.people.patience = 1
        await self.people.lodge([*self.late, *self.holds])
        await self._settled()
        while [await self._try_to_clear(agency, piece) for agency in AGENCIES for piece in await self._work_at(agency)]:
            await self._settled()
        for clearance in await self.people.clearances():
            if clearance.state in MAY_LEAVE:
                _require(await self.people.leave(clearance.number), f"LIVE: {clearance.number} may leave and cannot")
        await self._settled()
        clearances = await self.people.clearances()
        self._nothing_was_lost(clearances)
        for clearance in clearances:
            self._is_at_its_end(clearance)
        refused = "SELECT refusals FROM guarantee_releases WHERE refusals <> '[]'"
        for (reasons,) in self._rows(GATEWAY_ROLE, refused):
            self.chronicle.note("exhausted account" if "INSUFFICIENT" in reasons else "guarantee refused", what=reasons)
        self._write_down()

    async def _settled(self) -> None:
        """Waits until nobody has anything to do; says what somebody still has where that never comes."""
        left: list[str] = []
        for _ in range(MOST_LOOKS):
            await asyncio.sleep(LOOK_SECONDS)
            left = self._left_to_do()
            if not left:
                return
        raise Unsafe(f"LIVE: {left[0]}")

    async def _work_at(self, agency: str) -> list[Any]:
        return [piece for piece in await self.people.open_work(agency) if piece.id not in self.tried]

    async def _try_to_clear(self, agency: str, piece: Any) -> None:
        self.tried.add(piece.id)
        try:
            await self.people.do_work(agency, piece)
        except Refusal as refusal:
            self.chronicle.note("work refused", agency, refusal.reason)

    def _nothing_was_lost(self, clearances: list[Clearance]) -> None:
        versions = {each.number: each.version for each in clearances}
        for number, version in self.people.acknowledged.items():
            _require(versions.get(number, 0) >= version, f"G15: {number} v{version} was acknowledged and is lost")
        references = [each.reference for each in clearances]
        _require(len(references) == len(set(references)), "G2: one submission has become two cases")

    def _is_at_its_end(self, clearance: Clearance) -> None:
        number = clearance.number
        state = Clearance.State.Name(clearance.state).removeprefix("STATE_")
        for wait in clearance.waiting:
            _require(bool(wait.party), f"LIVE: {number} waits for nobody")
            _require(wait.kind != Waiting.KIND_MACHINE, f"LIVE: {number} still waits for the machine of {wait.party}")
            owed = f"SELECT count(*) FROM work WHERE clearance_number = '{number}' AND state IN (1, 2)"
            if wait.fact_kind == "officer_result" and wait.party in AGENCIES:
                [(count,)] = self._rows(wait.party, owed)
                _require(count > 0, f"LIVE: {number} waits for {wait.party}'s officers, who have nothing to do")
        at_rest = clearance.state in AT_REST or bool(clearance.waiting)
        _require(at_rest, f"LIVE: {number} is {state} and waits for nobody")
        self.chronicle.seen[f"ends {state}"] += 1

    def _left_to_do(self) -> list[str]:
        return [*self._errands(), *self._disagreements()]

    def _errands(self) -> list[str]:
        left = [
            f"{table} holds {found}"
            for table in ERRANDS
            if (found := self._rows(GATEWAY_ROLE, f"SELECT * FROM {table}"))
        ]
        held = self._rows(GATEWAY_ROLE, "SELECT number, claimed_by FROM cases WHERE claimed_by <> ''")
        now = int(self.district.runtime.clock.now().timestamp() * 1e6)
        text = "SELECT clearance_number FROM cases WHERE due_time IS NOT NULL AND due_time < ?"
        due = [
            f"{agency} has not decided {found} again" for agency in AGENCIES if (found := self._rows(agency, text, now))
        ]
        gone = self._rows("port", "SELECT count(*) FROM gate_outs")
        if gone != self._rows(GATEWAY_ROLE, "SELECT count(*) FROM exits"):
            left.append(f"the gateway has not heard of all {gone} exits")
        return [*left, *([f"{held} are still held"] if held else []), *due]

    def _disagreements(self) -> list[str]:
        """What an agency said last is what the gateway counts, and every agency knows the newest order."""
        found = []
        newest = "SELECT max(revision) FROM decisions WHERE clearance_number = ? AND version = ?"
        counting = "SELECT max(revision) FROM decisions WHERE number = ? AND version = ? AND agency = ? AND counted = 1"
        highest = "SELECT coalesce(max(order_number), 0) FROM outcomes WHERE clearance_number = ?"
        cases = "SELECT number, state, version, order_number FROM cases ORDER BY number"
        for number, state, version, order in self._rows(GATEWAY_ROLE, cases):
            for agency in AGENCIES:
                said, told = self._rows(agency, newest, number, version), self._rows(agency, highest, number)
                counted = self._rows(GATEWAY_ROLE, counting, number, version, agency)
                if said != counted and state != WITHDRAWN:
                    found.append(f"{agency} said {said} of {number}, and {counted} counts")
                if told != [(order,)]:
                    found.append(f"{agency} knows order {told} of {number}, whose newest is {order}")
        return found

    def _write_down(self) -> None:
        """How it all ends is part of the history."""
        for role, table, columns in (
            (GATEWAY_ROLE, "cases", "number, state, version, order_number, epoch, change, waiting"),
            (GATEWAY_ROLE, "audit", "id, time, replica, number, act, agency, details"),
            *(
                (agency, "decisions", "log, sequence, clearance_number, version, revision, hex(decision)")
                for agency in AGENCIES
            ),
        ):
            for row in self._rows(role, f"SELECT {columns} FROM {table} ORDER BY 1, 2"):
                self.chronicle.add(role, f"{table} {row}")

    def _rows(self, role: str, text: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.watch.files[role].execute(text, values).fetchall()


def _require(holds: bool, finding: str) -> None:
    if not holds:
        raise Unsafe(finding)
