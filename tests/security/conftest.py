"""The five services as the page of the matrix knows them."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def matrix() -> ModuleType:
    """tools/matrix.py as a module."""
    spec = importlib.util.spec_from_file_location("matrix", ROOT / "tools" / "matrix.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look themselves up by name.
    sys.modules["matrix"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the certificates of both districts, each in a folder of its name."""
    return tmp_path_factory.mktemp("matrix")


@pytest.fixture(scope="session")
def parties(matrix: ModuleType, folder: Path) -> Iterator[Any]:
    """The services, composed."""
    with matrix.composed(folder) as made:
        yield made


@pytest.fixture(scope="session")
def page() -> str:
    """docs/security.md."""
    return (ROOT / "docs" / "security.md").read_text("utf-8")
