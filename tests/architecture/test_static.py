"""Style, types and declared dependencies, by the tools that know."""

import subprocess
import sys
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
@pytest.mark.xdist_group("types")
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
        options += ["--per-rule-ignores", f"DEP002={unseen}"]
    found = run("deptry", "src", *options, folder=ROOT / distribution)
    assert found.returncode == 0, found.stderr[-4000:]
