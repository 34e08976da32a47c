"""What the import law's file cannot say: the domain stays pure, and protobuf stays at the edge."""

import sys

import pytest
from source_law import AGENCIES, imports, modules, within

SERVICES = (*AGENCIES, "gateway")
PURE = ("agencykit.rules", "stdnum", "iso4217")
WIRE = ("google", "grpc", "clearance", "grpc_status", "protovalidate")
EDGE = ("rpc/", "rpc.py", "app.py")


def impure(service: str, source: str) -> list[str]:
    """Imports by which a domain module would know more than values."""
    own = (f"{service}.domain", *PURE)
    return [
        f"{use.line}: {use.name}"
        for use in imports(source)
        if not within(use.name, *own) and use.name.partition(".")[0] not in sys.stdlib_module_names
    ]


def wire(source: str) -> list[str]:
    """Imports of what belongs on the wire."""
    return [f"{use.line}: {use.name}" for use in imports(source) if within(use.name, *WIRE)]


@pytest.mark.parametrize("service", SERVICES)
def test_the_domain_knows_only_values(service: str) -> None:
    domain = [(name, path) for name, path in modules(service) if name.startswith(("domain/", "domain.py"))]
    assert {name: found for name, path in domain if (found := impure(service, path.read_text()))} == {}


@pytest.mark.parametrize("service", SERVICES)
def test_protobuf_stays_at_the_edge(service: str) -> None:
    inner = [(name, path) for name, path in modules(service) if not name.startswith(EDGE)]
    assert {name: found for name, path in inner if (found := wire(path.read_text()))} == {}


@pytest.mark.parametrize(
    "line", ["import sqlalchemy", "from agencykit.database import x", "from clearance.common.v1 import money_pb2"]
)
def test_an_impure_domain_is_noticed(line: str) -> None:
    assert impure("customs", line)


@pytest.mark.parametrize(
    "line", ["import decimal", "from agencykit.rules import Finding", "from stdnum.cn import uscc"]
)
def test_a_pure_domain_is_left_alone(line: str) -> None:
    assert impure("customs", line) == []


@pytest.mark.parametrize(
    "line", ["import grpc", "from google.protobuf import timestamp_pb2", "from clearance.agency.v1 import work_pb2"]
)
def test_protobuf_inside_is_noticed(line: str) -> None:
    assert wire(f"def f():\n    {line}")
