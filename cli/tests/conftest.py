"""What the converter's tests share: one declaration that has everything, and how to convert a text."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tongguan.convert import Converted, Limits, Profile, Unconverted, convert_files, default_profile

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)

Convert = Callable[..., Converted]


@pytest.fixture(scope="session")
def shellfish() -> str:
    """An import of mussels and oysters: two items, two containers, every element the mapping knows."""
    return (Path(__file__).parent / "data" / "shellfish.xml").read_text("utf-8")


@pytest.fixture
def attempt(tmp_path: Path) -> Callable[..., list[Converted | Unconverted]]:
    """Converts a document (text or bytes) as one file."""

    def convert(
        document: str | bytes, profile: Profile | None = None, limits: Limits | None = None, as_of: datetime = MORNING
    ) -> list[Converted | Unconverted]:
        path = tmp_path / "declaration.xml"
        path.write_bytes(document.encode() if isinstance(document, str) else document)
        return list(convert_files([path], profile or default_profile(), as_of, limits))

    return convert


@pytest.fixture
def convert(attempt: Callable[..., list[Converted | Unconverted]]) -> Convert:
    """The one declaration of a document, converted."""

    def convert_one(document: str | bytes, **options: object) -> Converted:
        [result] = attempt(document, **options)
        assert isinstance(result, Converted), result
        return result

    return convert_one
