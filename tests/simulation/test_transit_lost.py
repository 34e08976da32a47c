"""What a movement goes through when calls are lost, a partner is away for weeks, or one letter cannot be worked on."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest
from aside import aside, changed, requeue
from guaranteed import ABROAD, LEDGER
from in_transit import (
    AS_WAS,
    BROKER,
    DUTY,
    LIMIT,
    TWO,
    InTransit,
    discharged,
    released,
    rest,
    state_of,
    told_in_transit,
)
from keeping_touch import announced

from agencykit.refusals import CallerNotListed, DistrictMismatch, Unavailable
from agencykit.rpc.transport import Unreachable
from agencykit.testing.inline import Moment
from clearance.district.v1 import district_service_pb2 as service
from clearance.district.v1 import movement_pb2 as district
from clearance.gateway.v1.quarantine_service_pb2 import QuarantinedItem as Item

MOMENTS: tuple[Moment, ...] = ("called", "answered")


def losing(link: Any, moment: Moment, method: str, times: int) -> None:
    """The next calls of this method are lost on their way there, or their answers on the way back."""
    left = [times]

    async def hook(now: Moment, called: str) -> None:
        if (now, called) == (moment, method) and left[0]:
            left[0] -= 1
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, f"lost when {moment}")

    link.hook = hook


@pytest.mark.parametrize("moment", MOMENTS)
def test_whatever_letter_is_lost_the_movement_is_discharged_once(moment: Moment, tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        for place, other in ((ningbo, "hangzhou"), (hangzhou, "ningbo")):
            losing(place.district.partners[other], moment, f"{ABROAD}DeliverMovements", 4)
        movement = await ningbo.declare("hangzhou")
        await ningbo.release(movement.mrn)
        await rest(30)
        await hangzhou.arrive(movement.mrn)
        await rest(30)
        await discharged(ningbo, hangzhou, movement.mrn)
        for view in (await ningbo.get(movement.mrn), await hangzhou.get(movement.mrn)):
            names = [event.event for event in view.events]
            assert len(set(names)) == len(names), "each once, however often it came"

    told_in_transit(tmp_path, TWO, story)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("method", ["HoldGuarantees", "ConfirmGuarantees"])
def test_a_declaration_whose_guarantee_was_interrupted_goes_on_when_it_is_repeated(
    moment: Moment, method: str, tmp_path: Path
) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        [link] = ningbo.district.parties["customs"].links
        losing(link, moment, f"{LEDGER}{method}", 1)
        asked = {"lrn": "LRN-1", "request_id": ningbo.id()}
        with pytest.raises(Unavailable):
            await ningbo.declare("hangzhou", **asked)
        again = await ningbo.declare("hangzhou", **asked)
        assert (state_of(again), again.guarantee.generation) == ("MRN_ALLOCATED", 1)
        assert state_of(await ningbo.release(again.mrn)) == "RELEASED"

    told_in_transit(tmp_path, TWO, story)


def test_a_hold_to_which_nobody_comes_back_is_undone_and_other_guarantees_may_be_named(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        [link] = ningbo.district.parties["customs"].links
        losing(link, "answered", f"{LEDGER}HoldGuarantees", 1)
        with pytest.raises(Unavailable):
            await ningbo.declare("hangzhou", lrn="LRN-1")
        ningbo.skip(0.1)
        await rest(10)
        assert await ningbo.ledger() == AS_WAS
        [found] = await ningbo.listed()
        assert state_of(found) == "GUARANTEE_UNDER_AMENDMENT"

    told_in_transit(tmp_path, TWO, story)


def test_a_partner_that_is_away_for_two_weeks_loses_nothing(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        before = await released(ningbo)
        ningbo.part(hangzhou)
        away = await released(ningbo)
        await ningbo.act("CancelMovement", before, reason="lorry broke down")
        ningbo.skip(14)
        await rest(10)
        waiting = await ningbo.get(away)
        assert [letter.kind for letter in waiting.messages] == ["AnticipatedArrival", "StatusRequest"]
        assert not any(letter.set_aside for letter in waiting.messages)
        assert await ningbo.state(before) == "CANCELLING"
        ningbo.meet(hangzhou)
        await rest(30)
        assert (await ningbo.state(before), await hangzhou.state(before)) == ("CANCELLED", "CANCELLED")
        heard = [event.event for event in (await hangzhou.get(away)).events]
        assert heard == ["ANTICIPATED", "STATUS_REQUEST"], "in the order in which they were said"
        await hangzhou.arrive(away)
        await rest()
        await discharged(ningbo, hangzhou, away)

    told_in_transit(tmp_path, TWO, story)


def test_a_letter_that_cannot_be_worked_on_stops_its_own_movement_until_it_is_tried_again(tmp_path: Path) -> None:
    """One that the other side refuses, and one that this side cannot read itself."""

    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        ningbo.part(hangzhou)
        spoilt, sound, strange = [await released(ningbo) for _ in range(3)]
        whole = change_letter(tmp_path, spoilt, lambda text: text.replace('"CN-1"', '"钅"'))
        known = change_letter(tmp_path, strange, lambda _: "[]")
        ningbo.meet(hangzhou)
        await rest(60)
        assert await hangzhou.state(sound) == "EXPECTED", "the other one goes on"
        [letter] = (await ningbo.get(spoilt)).messages
        assert (letter.set_aside, letter.attempts, letter.kind) == (True, 5, "AnticipatedArrival")
        assert "FORM_INVALID" in letter.reason
        items = {each.number: each for each in await aside(ningbo.district)}
        assert {mrn: (each.subject, each.tries) for mrn, each in items.items()} == {
            spoilt: ("destination 1", 5),
            strange: ("destination 1", 5),
        }
        assert items[strange].reason == "UNREADABLE"
        change_letter(tmp_path, spoilt, lambda _: whole)
        await ningbo.act("RequeueMovement", spoilt)
        assert await requeue(ningbo.district, Item.KIND_LETTER) == 1
        await rest(60)
        assert await hangzhou.state(spoilt) == "EXPECTED"
        [back] = await aside(ningbo.district)
        assert (back.number, back.tries) == (strange, 10), "it is still what it was"
        change_letter(tmp_path, strange, lambda _: known)
        await requeue(ningbo.district, Item.KIND_LETTER)
        await rest(20)
        assert await hangzhou.state(strange) == "EXPECTED"
        assert not await aside(ningbo.district)

    told_in_transit(tmp_path, TWO, story)


def change_letter(folder: Path, mrn: str, change: Any) -> str:
    """Changes the one letter about a movement in Ningbo's database; returns what it was."""
    with closing(sqlite3.connect(folder / "ningbo" / "gateway.db")) as database, database:
        [(text,)] = database.execute("SELECT content FROM movement_letters WHERE mrn = ?", (mrn,)).fetchall()
        database.execute("UPDATE movement_letters SET content = ? WHERE mrn = ?", (change(text), mrn))
    return str(text)


def test_a_partner_speaks_of_its_own_movements_and_of_those_that_began_here(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        message = district.MovementMessage(mrn=mrn, sequence=1)
        message.create_time.FromDatetime(ningbo.district.runtime.clock.now())
        message.discharge.discharge_time.CopyFrom(message.create_time)
        link = hangzhou.district.partners["ningbo"]
        request = service.DeliverMovementsRequest(messages=[message])
        with pytest.raises(DistrictMismatch):
            await link.unary(
                f"{ABROAD}DeliverMovements", request, service.DeliverMovementsResponse, timeout_seconds=2.0
            )
        broker = ningbo.district.transport("gateway", BROKER)
        with pytest.raises(CallerNotListed):
            await broker.unary(
                f"{ABROAD}DeliverMovements", request, service.DeliverMovementsResponse, timeout_seconds=2.0
            )
        assert await ningbo.state(mrn) == "RELEASED"

    told_in_transit(tmp_path, TWO, story)


@pytest.mark.parametrize("declaration", [b"\xff\xff no message at all", b""], ids=["garbled", "of nothing"])
def test_a_declaration_that_is_none_is_not_taken_and_spoils_nobodys_list(declaration: bytes, tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        sound = await released(ningbo)
        message = district.MovementMessage(mrn="04CN31007K3M9QZAJ3", sequence=1)
        message.create_time.FromDatetime(ningbo.district.runtime.clock.now())
        record = message.anticipated_arrival.record
        # Empty bytes are refused by form; a declaration without a field keeps no rule.
        record.declaration = declaration or district.TransitDeclaration(declaration_type="T1").SerializeToString()
        record.declaration_digest = hashlib.sha256(record.declaration).digest()
        record.destination_office_code = "2921"
        record.departure.control_result_code = "A1"
        for moment in (record.departure.release_time, record.departure.limit_time):
            moment.CopyFrom(message.create_time)
        link = ningbo.district.partners["hangzhou"]
        request, answer = service.DeliverMovementsRequest(messages=[message]), service.DeliverMovementsResponse
        told = await link.unary(f"{ABROAD}DeliverMovements", request, answer, timeout_seconds=2.0)
        assert [receipt.outcome for receipt in told.receipts] == [district.MovementReceipt.OUTCOME_SET_ASIDE]
        assert [each.mrn for each in await hangzhou.listed()] == [sound]

    told_in_transit(tmp_path, TWO, story)


def test_a_use_that_breaks_the_call_holds_up_no_other_on_its_way_back(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrns = [(await ningbo.declare("hangzhou")).mrn for _ in range(3)]
        [link] = ningbo.district.parties["customs"].links
        plain = link.unary

        async def broken(method: str, request: Any, response: Any, **how: Any) -> Any:
            if method == f"{LEDGER}CancelGuarantees" and mrns[1] in [key.clearance_number for key in request.keys]:
                raise Unreachable(grpc.StatusCode.INTERNAL, "broken")
            return await plain(method, request, response, **how)

        link.unary = broken  # type: ignore[method-assign]  # the transport of a test
        for mrn in mrns:
            await ningbo.act("CancelMovement", mrn, BROKER, reason="sold")
        ningbo.skip(0.01)
        await rest(40)
        assert await ningbo.ledger() == (LIMIT - DUTY, 0, DUTY, 0)
        [item] = await aside(ningbo.district)
        assert (item.kind, item.party, item.number) == (Item.KIND_MOVEMENT_GUARANTEE, "ningbo", mrns[1])
        link.unary = plain  # type: ignore[method-assign]  # likewise
        await requeue(ningbo.district, Item.KIND_MOVEMENT_GUARANTEE)
        await rest(10)
        assert await ningbo.ledger() == AS_WAS

    told_in_transit(tmp_path, TWO, story)


def test_a_movement_that_cannot_be_worked_on_keeps_no_other_from_its_time_limit(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        bad, good = [await released(ningbo) for _ in range(2)]
        await rest()
        row = f"movements WHERE side = 1 AND mrn = '{bad}'"
        whole = changed(tmp_path, "ningbo", "departure", row, "damaged")
        ningbo.part(hangzhou)
        ningbo.skip(9)
        await rest(30)
        assert await ningbo.state(good) != "RELEASED", "nobody said that it arrived in time"
        [item] = await aside(ningbo.district)
        assert (item.kind, item.number, item.tries) == (Item.KIND_MOVEMENT, bad, 5)
        changed(tmp_path, "ningbo", "departure", row, whole)
        await requeue(ningbo.district, Item.KIND_MOVEMENT)
        await rest(10)
        assert await ningbo.state(bad) == await ningbo.state(good)

    told_in_transit(tmp_path, TWO, story)


def test_a_movement_says_that_its_other_side_is_away_and_what_that_announced_until_it_has_ended(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        assert not (await ningbo.get(mrn)).HasField("other_absence")
        await announced(hangzhou, 0, 8)
        await rest(40)
        ningbo.part(hangzhou)
        await rest(40)
        told = (await ningbo.get(mrn)).other_absence
        assert (told.district, told.notice.reason) == ("hangzhou", "new database")
        assert told.HasField("unreached_since_time")
        ningbo.meet(hangzhou)
        await rest(40)
        await hangzhou.arrive(mrn)
        await rest()
        await discharged(ningbo, hangzhou, mrn)
        assert not (await ningbo.get(mrn)).HasField("other_absence")

    told_in_transit(tmp_path, TWO, story)
