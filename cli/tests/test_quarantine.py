"""What is set aside, on the command line: what is asked for, and what is told of it."""

from typing import Any

from clearance.gateway.v1 import quarantine_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.quarantine import KINDS, Quarantine
from tongguan.report.quarantine import item_row, item_words

NUMBER = "310020040PX7K3M9QZ2B"
ID = "3f0b6f2f9c1d4e5a"


class Gateway(Peer):
    """Has so many items set aside, of which each request takes two; notes what it was asked for."""

    def __init__(self, count: int = 1, tried: int = 0) -> None:
        self.ids = [f"{place:016x}" for place in range(count)]
        self.item = pb.QuarantinedItem(id=ID, requeues=tried)
        self.asked: list[Any] = []

    def call(self, method: str, request: Any, response: Any, seconds: float = 0.0) -> Any:
        if method.endswith("/GetQuarantinedItem"):
            return response(item=self.item)
        self.asked.append(request)
        if method.endswith("Items"):
            told, self.ids = self.ids[:2], self.ids[2:]
            return response(items=[pb.QuarantinedItem(id=each) for each in told], more=bool(self.ids))
        return response(item=self.item)


def test_a_requeue_repeated_before_the_item_has_come_back_is_one_act() -> None:
    gateway = Gateway()
    for moment in (1, 1, 2):
        gateway.item.last_time.FromMicroseconds(moment)
        Quarantine(gateway).requeue(ID, "海关系统已修复")
    first, again, after_it_came_back = [each.request_id for each in gateway.asked]
    assert first == again
    assert first != after_it_came_back


def test_all_of_a_party_are_requeued_over_as_many_calls_as_that_takes() -> None:
    gateway = Gateway(count=5)
    told = list(Quarantine(gateway).requeue_all(KINDS["called-off"], "customs", "修复"))
    assert len({each.id for each in told}) == 5
    asked = {(each.kind, each.party) for each in gateway.asked}
    assert (len(gateway.asked), asked) == (3, {(pb.QuarantinedItem.KIND_CALLED_OFF, "customs")})


def test_an_item_tells_why_how_often_who_had_it_tried_again_and_its_bytes() -> None:
    item = pb.QuarantinedItem(
        id=ID,
        kind=pb.QuarantinedItem.KIND_DECISION,
        state=pb.QuarantinedItem.STATE_SET_ASIDE,
        party="port",
        number=NUMBER,
        subject="port/1 17",
        reason="GARBLED",
        tries=7,
        content=b"\x0a\xff",
        content_size=2,
        content_digest=b"\xab" * 32,
        requeues=1,
        requeuer="spiffe://ningbo.clearance/operator/li-wei",
    )
    told = item_words(item)
    for words in (f"{ID} decision: SET_ASIDE, GARBLED", "port/1 17", "7, first", "li-wei", "0aff", "ab" * 32):
        assert words in told
    item.content = b'{"office":"CN310400"}'
    assert '{"office":"CN310400"}' in item_words(item)
    assert item_row(item)[:4] == (ID, "decision", "port", NUMBER)
