"""Simulated districts keep their databases in memory."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from in_memory import memory


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """As pytest's own, and gone at the end."""
    with TemporaryDirectory(prefix="tongguan-", dir=memory()) as folder:
        yield Path(folder)
