"""A request for release on guarantee may be repeated, so that it goes on where an outage interrupted it."""

from collections.abc import Sequence
from typing import Any

import pytest

from clearance.gateway.v1 import guarantee_release_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.guarantee_releases import GuaranteeReleases


class Gateway(Peer):
    """Knows uses in these states, and notes under which ids it was asked for another."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.asked: list[str] = []

    def call(self, method: str, request: Any, response: Any, seconds: float = 0.0) -> Any:
        if method.endswith("/ListGuaranteeReleases"):
            states = [pb.GuaranteeRelease.State.Value(f"STATE_{each}") for each in self.states]
            return response(releases=[pb.GuaranteeRelease(state=each) for each in states])
        self.asked.append(request.request_id)
        return response()


def asked_while(*states: Sequence[str]) -> list[str]:
    """The request ids of the same request, made while the uses of the clearance are in these states."""
    gateway = Gateway()
    for gateway.states in states:
        GuaranteeReleases(gateway).request("NINGBO7K3M9QZA2BCD", [("19XX0040191000015", "sesame")])
    return gateway.asked


@pytest.mark.parametrize("interrupted", ["ASKED", "HELD"])
def test_what_is_asked_for_again_while_it_is_under_way_is_the_same_request(interrupted: str) -> None:
    first, again = asked_while(["REFUSED"], ["REFUSED", interrupted])
    assert first == again


@pytest.mark.parametrize("ended", ["REFUSED", "CANCELLED", "CONFIRMED", "RETURNING"])
def test_what_is_asked_for_after_an_end_is_another_request(ended: str) -> None:
    first, after = asked_while([], [ended])
    assert first != after
