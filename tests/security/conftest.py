"""The five services as the page of the matrix knows them."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tooling import tool

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def matrix() -> ModuleType:
    """tools/matrix.py as a module."""
    return tool("matrix")


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
