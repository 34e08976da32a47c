"""A migrated database of the port's, of each kind, and a gateway that signs orders."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.decisions.completeness import Complete
from agencykit.decisions.messages import told
from agencykit.decisions.outcomes import record_outcomes
from agencykit.decisions.tables import consignments, decisions
from agencykit.evidence import Signer, load_signer, sign_orders
from agencykit.evidence.certificates import key_id_of
from agencykit.identity import Identity
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import insert
from agencykit.testing.authority import DISTRICT, certificates, tls_files
from agencykit.testing.postgres import DATABASES, migrated_database
from clearance.agency.v1.agency_service_pb2 import Outcome
from clearance.common.v1.decision_pb2 import Decision, Scope
from clearance.common.v1.order_pb2 import ReleaseOrder
from port.operations.gate import Gate
from port.operations.releases import Readers
from port.rpc.readers import Prover, read_goods, read_scope

from .gating import NOW, agreed, assessed, consignment, ids

pytest.register_assert_rewrite("agencykit.testing.agency_suite")


@pytest.fixture(scope="module", params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database of each kind."""
    yield from migrated_database("port.migrations", request, tmp_path_factory.mktemp("port"))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A transaction that ends with the test, and leaves nothing behind."""
    engine = make_engine(database_url, connections=1)
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
    engine.dispose()


@dataclass(frozen=True)
class Gateway:
    """The district's gateway, as far as it writes and signs orders."""

    signer: Signer
    identity: str = str(Identity.of_district(DISTRICT, "gateway"))

    def order(
        self, of: str, order_number: int, consignment: bytes, decided: bytes = b"", **changes: object
    ) -> ReleaseOrder:
        """A release of version 1 of this consignment, on the port's `decided`; `changes` are other fields."""
        order = ReleaseOrder(
            clearance_number=of,
            number=order_number,
            kind=ReleaseOrder.KIND_RELEASE,
            version=1,
            consignment_digest=sha256(consignment).digest(),
            gateway=self.identity,
            key_id=self.signer.key_id,
            district=DISTRICT,
        )
        for agency in ("border", "customs", "inspection", "port"):
            digest = sha256(decided or agreed(of)).digest()
            order.decisions.add(agency=agency, version=1, revision=1, decision_digest=digest)
        order.issue_time.GetCurrentTime()
        order.MergeFrom(ReleaseOrder(**changes))  # type: ignore[arg-type]
        return order

    def sign(self, order: ReleaseOrder) -> tuple[bytes, bytes]:
        """The order's bytes and the signature over them."""
        content = order.SerializeToString()
        [signature] = sign_orders(self.signer, [content])
        return content, signature

    def release(
        self, clearance_number: str, number: int, consignment: bytes, *containers: str, decided: bytes = b""
    ) -> Outcome:
        """The outcome by which agencies hear of a release, of these containers or of the whole."""
        scope = {"scope": Scope(container_numbers=containers)} if containers else {}
        content, signature = self.sign(self.order(clearance_number, number, consignment, decided, **scope))
        return self.outcome(clearance_number, number, Outcome.KIND_RELEASED, content, signature)

    def outcome(
        self,
        clearance_number: str,
        number: int,
        kind: "Outcome.Kind.ValueType",
        order: bytes = b"",
        signature: bytes = b"",
    ) -> Outcome:
        """Any outcome of version 1."""
        made = Outcome(clearance_number=clearance_number, version=1, kind=kind, order_number=number)
        made.order, made.order_signature = order, signature
        made.outcome_time.GetCurrentTime()
        return made


@pytest.fixture(scope="session")
def order_gateway() -> Gateway:
    files = tls_files("gateway", signs=True)
    folder = files.cert.parent
    return Gateway(load_signer(folder / "gateway-signing.pem", folder / "gateway-signing.key"))


@pytest.fixture
def gate() -> Gate:
    gateway = Identity.of_district(DISTRICT, "gateway")
    tls_files("gateway", signs=True)
    authorities = (certificates() / "ca.pem").read_bytes()
    return Gate(str(gateway), 60, Readers(Prover(gateway, authorities), read_goods, read_scope))


@pytest.fixture
def port(connection: Connection, order_gateway: Any) -> Callable[..., None]:
    """Tells the port outcomes, with the word that these are all, and the consignments they are about."""

    def tell(*outcomes: Outcome, on: Connection = connection) -> None:
        rows = [assessed(number, consignment(number)) for number in {each.clearance_number for each in outcomes}]
        insert(on, consignments, rows, "ignore")
        yes = [
            ("port/1", next(ids), number, 1, 1, Decision.VERDICT_APPROVED, agreed(number), b"", 1, b"")
            for number in sorted({each.clearance_number for each in outcomes})
        ]
        insert(on, decisions, yes, "ignore")
        for each in outcomes:
            each.request_id = f"outcome-{next(ids)}"
        certificate = order_gateway.signer.certificate
        complete = Complete(order_gateway.identity, NOW, [(key_id_of(certificate), certificate)])
        record_outcomes(on, [told(each, order_gateway.identity) for each in outcomes], complete, NOW)

    return tell
