"""The import law (.importlinter) holds, and each part of it can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from source_law import ROOT, SOURCES


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Runs the import law; packages found under `paths` stand in for the installed ones."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", "--config", ".importlinter"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_import_law_holds() -> None:
    found = lint()
    assert found.returncode == 0, found.stdout[-4000:] + found.stderr[-2000:]


@pytest.mark.parametrize(
    ("package", "module", "line"),
    [
        ("agencykit", "intruder.py", "from clearance.customs.v1 import anything"),
        ("customs", "app.py", "import inspection"),
        ("port", "rpc.py", "import clearance.gateway"),
        ("gateway", "app.py", "import border"),
        ("tongguan", "intruder.py", "import agencykit"),
        ("border", "domain.py", "import border.rpc"),
        ("customs", "helpers.py", "# a module outside every layer"),
        ("inspection", "storage.py", "import inspection.operations"),
    ],
    ids=lambda value: str(value).replace(" ", "-"),
)
def test_a_breach_of_the_import_law_is_noticed(package: str, module: str, line: str, tmp_path: Path) -> None:
    """The package is a stand-in of its own here, so that the test does not depend on what the real one holds."""
    copy = tmp_path / package
    copy.mkdir()
    for name in ("__init__", "app", "rpc", "operations", "storage", "domain"):
        (copy / f"{name}.py").write_text("")
    if package in ("agencykit", "tongguan"):
        shutil.rmtree(copy)
        shutil.copytree(SOURCES[package] / package, copy)
    (copy / module).write_text(line + "\n")
    found = lint(tmp_path)
    assert found.returncode != 0
    assert "BROKEN" in found.stdout, found.stdout + found.stderr
