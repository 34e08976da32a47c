"""Each service installs, migrates, starts and passes its own tests with only the contract and the kit beside it.

Installed from wheels, so that a file forgotten in the packaging shows; from what set-up fetched, so offline suffices.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from source_law import AGENCIES, ROOT

UV = Path(sys.executable).with_name("uv")
SERVICES = {**{name: ROOT / "services" / name for name in AGENCIES}, "gateway": ROOT / "gateway"}
FOREIGN = {*SERVICES, "tongguan", "typer", "ruff", "mypy"}


def run(*command: str | Path, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command and shows what it said when it fails. No PYTHONPATH, no settings of the caller."""
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/nonexistent"), "LANG": "C.UTF-8"}
    clean |= {name: value for name, value in os.environ.items() if name.startswith(("UV_", "SSL_", "TONGGUAN_TEST"))}
    done = subprocess.run(command, cwd=folder, env=clean | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-4000:]}"
    return done


def wheel(distribution: Path, folder: Path) -> Path:
    """Builds a distribution with the locked build backend."""
    target = folder / distribution.name
    run(Path(sys.executable).with_name("hatchling"), "build", "-t", "wheel", "-d", target, folder=distribution)
    return next(target.glob("*.whl"))


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What every service may have beside itself."""
    folder = tmp_path_factory.mktemp("wheels")
    return [wheel(ROOT / name, folder) for name in ("contract", "kit")]


def install(service: str, wheels: list[Path], folder: Path) -> Path:
    """A clean environment that holds the wheels and what they ask for, at locked versions; gives its bin folder."""
    run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    wanted = [f"{path}[test]" if path == wheels[-1] else str(path) for path in wheels]
    options = ["--python", folder / "bin" / "python", "--constraint", ROOT / "requirements" / "test.txt"]
    command = [UV, "pip", "install", "--quiet", "--no-build", *options, *wanted]
    offline = subprocess.run([*command, "--offline"], capture_output=True, text=True, check=False)
    if offline.returncode != 0:
        run(*command)
    return folder / "bin"


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("isolation")
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_stands_alone(service: str, common: list[Path], tmp_path: Path) -> None:
    here = install(service, [*common, wheel(SERVICES[service], tmp_path / "wheels")], tmp_path / "environment")
    foreign = sorted(FOREIGN - {service})
    found = run(
        here / "python",
        "-c",
        f"import importlib.util as u; print([n for n in {foreign} if u.find_spec(n)])",
        folder=tmp_path,
    )
    assert found.stdout.strip() == "[]"

    assert service in run(here / "python", "-m", service, "--help", folder=tmp_path).stdout
    database = f"sqlite+pysqlite:///{tmp_path / 'own.db'}"
    run(
        here / "python",
        "-m",
        service,
        "--migrate",
        folder=tmp_path,
        **{f"TONGGUAN_{service.upper()}__DATABASE_URL": database},
    )
    assert (tmp_path / "own.db").stat().st_size > 0

    tests = run(here / "pytest", "--quiet", "-p", "no:cacheprovider", SERVICES[service] / "tests")
    assert " passed" in tests.stdout
