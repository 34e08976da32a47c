"""A gateway with a published table of its own, and two officers at it."""

from pathlib import Path
from typing import Any

import pytest

from .hands import FANG, TABLE, WEI, Hands


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "manual_releases.toml"
    file.write_text(TABLE, "utf-8")
    return file


@pytest.fixture
async def gateway(district: Any, table: Path) -> Any:
    return await district.open_gateway(manual_releases_file=table)


@pytest.fixture
def wei(gateway: Any) -> Hands:
    return Hands(gateway.caller(WEI))


@pytest.fixture
def fang(gateway: Any) -> Hands:
    return Hands(gateway.caller(FANG))
