"""The contract as its guardians see it: sources, generated package, image, baseline."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from tooling import tool

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def generator() -> ModuleType:
    """tools/generate.py as a module."""
    return tool("generate")


@pytest.fixture(scope="session")
def image(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Today's contract as descriptors with comments."""
    path: Path = tmp_path_factory.mktemp("image") / "today.binpb"
    generator.write_image(path)
    return path


@pytest.fixture
def changed(generator: ModuleType, tmp_path: Path) -> Callable[[str, str, str], Path]:
    """The image of a copy of the contract in which one text of one file was replaced."""

    def change(file: str, old: str, new: str) -> Path:
        sources = tmp_path / "protos"
        shutil.copytree(ROOT / "protos", sources)
        text = (sources / file).read_text()
        assert old in text, f"{file} no longer says {old!r}"
        (sources / file).write_text(text.replace(old, new, 1))
        generator.write_image(tmp_path / "changed.binpb", sources)
        return tmp_path / "changed.binpb"

    return change


@pytest.fixture(scope="session")
def buf() -> Callable[..., subprocess.CompletedProcess[str]]:
    """buf with the contract's configuration; it reads images only, so it fetches nothing."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [Path(sys.executable).with_name("buf"), *arguments, "--config", ROOT / "protos" / "buf.yaml"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run
