"""A running district is upgraded under load, replica by replica, from the version before (before.txt) to this one.

The version before is taken from the repository's own history and runs with the packages of this one. A checkout without
that history fails here and says so: nothing is passed over.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from district import AGENCIES, district, eventually
from replicated import Replicated
from under_load import all_settled, load

pytestmark = [pytest.mark.timeout(2400), pytest.mark.full]
ROOT = Path(__file__).parents[2]
BEFORE = (ROOT / "tests/upgrade/before.txt").read_text().strip()
REPLICAS = "gateway=2,customs=2"


@dataclass
class Upgraded(Replicated):
    """A district whose processes are of either version; `sources` are those of the one before."""

    sources: str = ""

    def roll(self, replica: str, *, before: bool = False) -> None:
        """Puts a process of this version in its place, or of the one before."""
        environment = os.environ | ({"PYTHONPATH": self.sources} if before else {})
        done = self.tongguan("restart", replica, env=environment)
        assert done.returncode == 0, done.stderr
        assert self.is_before(replica) is before

    def is_before(self, replica: str) -> bool:
        """Whether the process runs the version before."""
        return self.sources.encode() in Path(f"/proc/{self.process(replica)}/environ").read_bytes()

    def migrate(self, service: str) -> None:
        """This version's migrations, beside whatever runs."""
        file = self.state / "config" / f"{service}.toml"
        command = [sys.executable, "-m", service, "--migrate", "--config", str(file)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)

    def replicas(self, *services: str) -> list[str]:
        """All of these services."""
        every = [each["replica"] for each in self.standing()]
        return [each for each in every if each.partition("-")[0] in services]


def sources_before(folder: Path) -> str:
    """As PYTHONPATH has them."""
    archive = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.fail(f"{BEFORE}, the version before, is not in this checkout: git fetch --unshallow")
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    found = [*folder.glob("*/src"), *folder.glob("services/*/src")]
    return os.pathsep.join(str(each) for each in sorted(found))


@pytest.fixture(scope="module")
def ningbo() -> Iterator[Upgraded]:
    folder = Path(tempfile.mkdtemp(prefix="tongguan-", dir="/tmp"))
    folder.chmod(0o711)
    (folder / "before").mkdir()
    sources = sources_before(folder / "before")
    given = ("--database", "postgresql", "--replicas", REPLICAS)
    try:
        with district(folder, *given, environment={"PYTHONPATH": sources}) as made:
            yield Upgraded(made.state, sources)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def goes_on(answered: "object", begun: int) -> None:
    """Another ten are answered."""
    assert callable(answered)
    eventually(lambda: answered() >= begun + 10, within_s=120, otherwise=answered)


def test_a_district_of_the_version_before_becomes_one_of_this_under_load_and_no_client_notices(
    ningbo: Upgraded, tmp_path: Path
) -> None:
    every = ningbo.replicas("gateway", *AGENCIES)
    assert all(ningbo.is_before(each) for each in every)
    with load(ningbo, tmp_path, 3000) as answered:
        for service in ("gateway", *AGENCIES):
            ningbo.migrate(service)
        for replica in ningbo.replicas(*AGENCIES):
            ningbo.roll(replica)
        # Gateways of the version before beside agencies of this one.
        goes_on(answered, answered())
        for replica in ningbo.replicas("gateway"):
            ningbo.roll(replica)
        goes_on(answered, answered())
    assert not any(ningbo.is_before(each) for each in every)
    all_settled(ningbo)


def test_a_gateway_of_this_version_goes_on_beside_agencies_that_were_put_back_to_the_one_before(
    ningbo: Upgraded, tmp_path: Path
) -> None:
    """An upgrade that was called off half way: agencies of before on databases that are newer than they."""
    with load(ningbo, tmp_path, 4000) as answered:
        for replica in ningbo.replicas(*AGENCIES):
            ningbo.roll(replica, before=True)
        goes_on(answered, answered())
        for replica in ningbo.replicas(*AGENCIES):
            ningbo.roll(replica)
    all_settled(ningbo)
    ningbo.whole()
