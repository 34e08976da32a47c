"""Runs the Node agency: its packages, the contract as a descriptor set, and the process. Skips where node is absent."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.rpc import error_details_pb2

from clearance.agency.v1 import agency_service_pb2
from clearance.common.v1 import consignment_pb2, decision_pb2

FOLDER = Path(__file__).with_name("node_agency")


def install() -> None:
    """`npm ci`, unless it was done for this lock before. The packages lie in node_modules, which git ignores."""
    digest = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == digest:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    stamp.write_text(digest)


def write_descriptors(file: Path) -> Path:
    """The contract as a FileDescriptorSet, in dependency order, without the validation rules' own file."""
    files: dict[str, FileDescriptorProto] = {}

    def add(descriptor: FileDescriptor) -> None:
        needed = [each for each in descriptor.dependencies if not each.name.startswith("buf/")]
        for each in needed:
            add(each)
        if descriptor.name not in files:
            files[descriptor.name] = proto = FileDescriptorProto()
            descriptor.CopyToProto(proto)
            proto.dependency[:] = [each.name for each in needed]

    for module in (agency_service_pb2, consignment_pb2, decision_pb2, error_details_pb2):
        add(module.DESCRIPTOR)
    file.write_bytes(FileDescriptorSet(file=files.values()).SerializeToString())
    return file


@dataclass
class NodeAgency:
    """One Node agency in the port's place; `certificates` holds ca.pem and the port's files."""

    folder: Path
    certificates: Path
    port: int = 0
    weigh_above: int = 20_000
    process: subprocess.Popen[str] | None = None
    decisions_at_start: int = field(default=0, init=False)

    def start(self) -> None:
        """Starts it and waits until it listens."""
        own = self.certificates / "port"
        arguments = {
            "descriptors": write_descriptors(self.folder / "contract.binpb"),
            "state": self.folder / "journal.jsonl",
            "agency": "port",
            "district": "ningbo",
            "listen": f"127.0.0.1:{self.port}",
            "ca": self.certificates / "ca.pem",
            "cert": f"{own}.pem",
            "key": f"{own}.key",
            "signing-cert": f"{own}-signing.pem",
            "signing-key": f"{own}-signing.key",
            "weigh-above": self.weigh_above,
        }
        command = ["node", "agency.js", *(f"--{name}={value}" for name, value in arguments.items())]
        with (self.folder / "node.log").open("a") as log:
            self.process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (self.folder / "node.log").read_text()
        told = json.loads(line)
        self.port, self.decisions_at_start = told["listening"], told["decisions"]

    def kill(self) -> None:
        """kill -9; a dead one stays dead."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate(timeout=10)
            self.process = None


@contextmanager
def node_agency(folder: Path, certificates: Path, port: int = 0, weigh_above: int = 20_000) -> Iterator[NodeAgency]:
    """A running Node agency."""
    agency = NodeAgency(folder, certificates, port, weigh_above)
    agency.start()
    try:
        yield agency
    finally:
        agency.kill()


NodeAgencies = Callable[..., AbstractContextManager[NodeAgency]]


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """Where Node's stock gRPC packages are installed."""
    if shutil.which("node") is None:
        pytest.skip("node is not on this machine")
    install()
    return FOLDER / "node_modules"


@pytest.fixture(scope="session")
def run_node_agency(node_packages: Path) -> NodeAgencies:
    """`run_node_agency(folder, certificates, …)`, its packages installed."""
    return node_agency
