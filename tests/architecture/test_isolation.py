"""Each service installs, migrates, starts and passes its own tests with only the contract and the kit beside it.

Installed from wheels, so that a file forgotten in the packaging shows; from what set-up fetched, so offline suffices.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from source_law import AGENCIES, ROOT

from agencykit.testing.counts import FULL

UV = Path(sys.executable).with_name("uv")
SERVICES = {**{name: ROOT / "services" / name for name in AGENCIES}, "gateway": ROOT / "gateway"}
FOREIGN = {*SERVICES, "tongguan", "typer", "ruff", "mypy"}


def clean() -> dict[str, str]:
    """An environment without the caller's: no PYTHONPATH, no settings."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {
        name: value
        for name, value in os.environ.items()
        if name in kept or name.startswith(("UV_", "SSL_", "TONGGUAN_TEST"))
    }


def run(*command: str | Path, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command and shows what it said when it fails."""
    done = subprocess.run(command, cwd=folder, env=clean() | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-4000:]}"
    return done


def wheel(distribution: Path, folder: Path) -> Path:
    """Builds a distribution with the locked build backend."""
    target = folder / distribution.name
    run(Path(sys.executable).with_name("hatchling"), "build", "-t", "wheel", "-d", target, folder=distribution)
    return next(target.glob("*.whl"))


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what every service may have beside itself, its modules compiled by having been imported."""
    folder = tmp_path_factory.mktemp("common")
    contract, kit = (wheel(ROOT / name, folder) for name in ("contract", "kit"))
    environment = folder / "environment"
    run(UV, "venv", "--quiet", "--python", sys.executable, environment)
    install([str(contract), f"{kit}[test]"], environment)
    run(
        environment / "bin" / "python",
        "-m",
        "pytest",
        "--collect-only",
        "-p",
        "no:cacheprovider",
        ROOT / "kit/tests/rpc",
    )
    return environment


def install(wanted: list[str], environment: Path) -> None:
    """Adds wheels and what they ask for, at locked versions."""
    options = ["--python", environment / "bin" / "python", "--constraint", ROOT / "requirements" / "test.txt"]
    command = [UV, "pip", "install", "--quiet", "--no-build", *options, *wanted]
    offline = subprocess.run([*command, "--offline"], capture_output=True, text=True, check=False)
    if offline.returncode != 0:
        run(*command)


def alone(service: str, common: Path, folder: Path) -> Path:
    """An environment of its own that holds what is common and the service; gives its bin folder."""
    environment = folder / "environment"
    # Linked, for copies would be compiled anew; whoever writes one of these files puts another in its place.
    shutil.copytree(common, environment, symlinks=True, copy_function=os.link)
    install([f"{wheel(SERVICES[service], folder / 'wheels')}[test]"], environment)
    return environment / "bin"


def settings(service: str, here: Path, folder: Path) -> dict[str, str]:
    """What a service must be told: a database of its own, a certificate, a key that signs, a free port."""
    run(here / "python", "-m", "agencykit.pki", "--out", folder, "--identity", service, folder=folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {
        "PORT": port,
        "DATABASE_URL": f"sqlite+pysqlite:///{folder / 'own.db'}",
        "CA_FILE": folder / "ca.pem",
        "CERT_FILE": folder / f"{service}.pem",
        "KEY_FILE": folder / f"{service}.key",
        "SIGNING_CERT_FILE": folder / f"{service}-signing.pem",
        "SIGNING_KEY_FILE": folder / f"{service}-signing.key",
    }
    if service == "gateway":  # it must know whom its policy asks; that none of them answers stops nobody here
        told["AGENCIES"] = json.dumps(dict.fromkeys(AGENCIES, "127.0.0.1:1"))
    return {f"TONGGUAN_{service.upper()}__{name}": str(value) for name, value in told.items()}


def serves_until_told_to_stop(service: str, here: Path, folder: Path, told: dict[str, str]) -> None:
    with subprocess.Popen(
        [here / "python", "-m", service], cwd=folder, env=clean() | told, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if '"listening"' in line:
                    break
            assert process.poll() is None, "".join(said)
            run(here / "python", "-m", service, "--check-health", folder=folder, **told)
        finally:
            process.send_signal(signal.SIGTERM)
            _, rest = process.communicate(timeout=30)
    assert process.returncode == 0, rest[-4000:]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_stands_alone(service: str, common: Path, tmp_path: Path) -> None:
    """(1) install, (2) nothing else came along, (3) migrate, (4) start, answer for its health, stop, (5) its tests."""
    here = alone(service, common, tmp_path)  # (1)

    foreign = sorted(FOREIGN - {service})
    asked = f"import importlib.util as u; print([name for name in {foreign} if u.find_spec(name)])"
    assert run(here / "python", "-c", asked, folder=tmp_path).stdout.strip() == "[]"  # (2)
    assert service in run(here / "python", "-m", service, "--help", folder=tmp_path).stdout

    told = settings(service, here, tmp_path)
    run(here / "python", "-m", service, "--migrate", folder=tmp_path, **told)  # (3)
    assert (tmp_path / "own.db").stat().st_size > 0
    serves_until_told_to_stop(service, here, tmp_path, told)  # (4)

    passes_its_tests(service, here)  # (5)


# At reduced counts a part that starts everything stands for the whole of what takes minutes; all are collected, so that
# each module finds what it imports.
PARTS = {
    "gateway": "test_requests or test_received or test_visibility or test_submit",
    **dict.fromkeys(AGENCIES, "test_service"),
}


def passes_its_tests(service: str, here: Path) -> None:
    """At full counts all of them; else few examples on SQLite only: the main run has the same tests on both databases.

    What measures time is left to the main run, where it has the machine for itself.
    """
    which = [] if FULL else ["-k", f"({PARTS[service]}) and not postgresql"]
    command = [here / "python", "-m", "pytest", "--quiet", "-p", "no:cacheprovider", SERVICES[service] / "tests"]
    done = run(*command, "-m", "not alone", *which, TONGGUAN_TEST_COUNTS="full" if FULL else "few")
    assert " passed" in done.stdout
