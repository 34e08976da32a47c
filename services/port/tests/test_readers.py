"""Orders are proved by the port itself: what they say, who signed them, and when his certificate was in force."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.evidence.certificates import key_id_of
from agencykit.identity import Identity
from agencykit.testing.authority import DISTRICT, certificates
from agencykit.testing.consignments import sea_import
from clearance.common.v1.decision_pb2 import Scope as ScopePb
from clearance.common.v1.order_pb2 import ReleaseOrder
from port.domain.goods import WHOLE, Scope
from port.operations.releases import Proved
from port.rpc.readers import Prover, read_goods
from port.storage.releases import StoredOrder

from .gating import agreed

NUMBER = "310020041117AAAA"
CONSIGNMENT = sea_import(NUMBER).SerializeToString(deterministic=True)
LONG_AGO = Timestamp()
LONG_AGO.FromDatetime(datetime.now(UTC) - timedelta(days=4000))


@pytest.fixture
def prove(order_gateway: Any) -> Any:
    """Proves an order that says what these changes make of a good one; `spoil` changes bytes and signature after."""
    prover = Prover(Identity.of_district(DISTRICT, "gateway"), (certificates() / "ca.pem").read_bytes())
    known = {key_id_of(order_gateway.signer.certificate): order_gateway.signer.certificate}

    def proved(spoil: Any = lambda content, signature: (content, signature), **changes: Any) -> Proved:
        content, signature = spoil(*order_gateway.sign(order_gateway.order(NUMBER, 1, CONSIGNMENT, **changes)))
        stored = StoredOrder(NUMBER, 1, 1, 1, 0, content, signature, sha256(CONSIGNMENT).digest(), CONSIGNMENT)
        stored = replace(stored, decided=frozenset([sha256(agreed(NUMBER)).digest()]))
        return prover(stored, known)

    return proved


def test_an_order_of_the_gateway_is_proved_with_its_scope(prove: Any) -> None:
    agencies = frozenset({"border", "customs", "inspection", "port"})
    assert prove() == Proved("", WHOLE, agencies)
    scope = ScopePb(container_numbers=["csqu 305438-3"], item_numbers=[2])
    assert prove(scope=scope) == Proved("", Scope(frozenset({2}), frozenset({"CSQU3054383"})), agencies)


FORGERIES: dict[str, tuple[dict[str, Any], str]] = {
    "of another case": ({"clearance_number": "310020041117BBBB"}, "something else"),
    "with another number": ({"number": 7}, "something else"),
    "of another version": ({"version": 2}, "something else"),
    "to stop": ({"kind": ReleaseOrder.KIND_STOP}, "something else"),
    "about other goods": ({"consignment_digest": b"7" * 32}, "another consignment"),
    "of another district's gateway": ({"gateway": "spiffe://nanjing.clearance/gateway"}, "another gateway"),
    "on what the port never said": ({"decided": b"another yes"}, "never made"),
    "by an unknown key": ({"key_id": b"k" * 32}, "no such key"),
    "from before the certificate": ({"issue_time": LONG_AGO}, "not in force"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_an_order_that_says_something_else_is_not_proved(prove: Any, forgery: str) -> None:
    changes, flaw = FORGERIES[forgery]
    assert flaw in prove(**changes).flaw


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content, signature: (content.replace(b"2004.1", b"2004.3"), signature),
        lambda content, signature: (content, signature[:-1] + bytes([signature[-1] ^ 1])),
        lambda content, signature: (content, b""),
        lambda content, signature: (b"\xff" + content, signature),
    ],
    ids=["order", "signature", "no signature", "no order"],
)
def test_an_order_with_one_bit_changed_is_not_proved(prove: Any, spoil: Any) -> None:
    assert prove(spoil, policy_version="2004.1").flaw


def test_the_goods_of_a_consignment_are_read_with_the_boxes_of_each_item() -> None:
    made = sea_import(NUMBER)
    made.containers.add(number="mskr 123")
    made.items[0].container_numbers.append("csqu 305438 3")
    goods = read_goods(made.SerializeToString())
    assert (goods.document, goods.containers) == (f"HLCU{NUMBER}", ("CSQU3054383", "MSKR123"))
    assert goods.items == ((1, ("CSQU3054383",)),)
