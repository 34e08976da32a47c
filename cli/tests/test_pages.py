"""Lists longer than a page."""

from typing import Any

from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.clearance_service_pb2 import ListClearancesRequest, ListClearancesResponse
from tongguan.channels import PAGE, Peer


class Registry(Peer):
    """Holds so many clearances, and notes how many were asked for and from where."""

    def __init__(self, holds: int) -> None:
        self.holds = holds
        self.asked: list[tuple[int, str]] = []

    def call(self, method: str, request: Any, response: Any, seconds: float = 0.0) -> Any:
        assert (method, response) == ("/gateway/ListClearances", ListClearancesResponse)
        self.asked.append((request.page_size, request.page_token))
        begin = int(request.page_token or 0)
        end = min(begin + request.page_size, self.holds)
        token = str(end) if end < self.holds else ""
        return response(clearances=[Clearance(number=f"{n:08}") for n in range(begin, end)], next_page_token=token)


def listed(gateway: Peer, limit: int) -> list[str]:
    answer = gateway.pages(
        "/gateway/ListClearances", ListClearancesRequest(), ListClearancesResponse, "clearances", limit
    )
    return [clearance.number for clearance in answer]


def test_without_a_limit_all_pages_are_read() -> None:
    gateway = Registry(2 * PAGE + 1)
    assert listed(gateway, 0) == [f"{n:08}" for n in range(2 * PAGE + 1)]
    assert gateway.asked == [(PAGE, ""), (PAGE, str(PAGE)), (PAGE, str(2 * PAGE))]


def test_no_more_is_asked_for_than_is_wanted() -> None:
    gateway = Registry(3 * PAGE)
    assert len(listed(gateway, PAGE + 7)) == PAGE + 7
    assert gateway.asked == [(PAGE, ""), (7, str(PAGE))]


def test_an_empty_list_is_one_page() -> None:
    gateway = Registry(0)
    assert listed(gateway, 5) == []
    assert len(gateway.asked) == 1
