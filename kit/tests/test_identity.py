"""Identities and the patterns of caller lists."""

import pytest

from agencykit.identity import Identity, IdentityError

BROKER = Identity.parse("spiffe://ningbo.clearance/broker/3104980001")
GATEWAY = Identity.parse("spiffe://ningbo.clearance/gateway")


def test_an_identity_tells_its_parts_and_is_written_as_it_was_read() -> None:
    assert (BROKER.role, BROKER.name, BROKER.trust_domain) == ("broker", "3104980001", "ningbo.clearance")
    assert (GATEWAY.role, GATEWAY.name) == ("gateway", "")
    assert str(BROKER) == "spiffe://ningbo.clearance/broker/3104980001"
    assert Identity.of_district("ningbo", "gateway") == GATEWAY


@pytest.mark.parametrize(
    "uri",
    [
        "https://ningbo.clearance/gateway",
        "spiffe://ningbo.clearance",
        "spiffe://ningbo.clearance/",
        "spiffe:///gateway",
        "spiffe://Ningbo.clearance/gateway",
        "spiffe://ningbo.clearance/broker/",
        "spiffe://ningbo.clearance/broker/1/2",
        "spiffe://ningbo.clearance/broker/..",
        "spiffe://ningbo.clearance/broker/*",
        "spiffe://ningbo.clearance/gateway?as=customs",
        "spiffe://ningbo.clearance:8080/gateway",
        "spiffe://ningbo.clearance/gate\u200bway",
        "spiffe://ningbo.clearance/a.b",
    ],
)
def test_what_is_not_an_identity_is_refused(uri: str) -> None:
    with pytest.raises(IdentityError):
        Identity.parse(uri)


@pytest.mark.parametrize(
    ("identity", "pattern", "listed"),
    [
        (GATEWAY, "gateway", True),
        (BROKER, "broker/*", True),
        (BROKER, "broker/3104980001", True),
        (BROKER, "spiffe://ningbo.clearance/broker/*", True),
        (BROKER, "spiffe://shanghai.clearance/broker/*", False),
        (BROKER, "broker/3104980002", False),
        (BROKER, "broker", False),
        (BROKER, "*", False),
        (BROKER, "*/3104980001", False),
        (GATEWAY, "gateway/*", False),
        (GATEWAY, "gate*", False),
        (GATEWAY, "", False),
    ],
)
def test_a_pattern_names_a_role_or_one_party(identity: Identity, pattern: str, listed: bool) -> None:
    assert identity.matches(pattern, "ningbo.clearance") is listed


def test_a_plain_pattern_never_names_somebody_of_another_district() -> None:
    shanghai = Identity.of_district("shanghai", "gateway")
    assert not shanghai.matches("gateway", "ningbo.clearance")
    assert shanghai.matches("spiffe://shanghai.clearance/gateway", "ningbo.clearance")


def test_host_names_are_as_different_as_identities() -> None:
    assert GATEWAY.host_name == "gateway.ningbo.clearance"
    assert BROKER.host_name == "3104980001.broker.ningbo.clearance"
