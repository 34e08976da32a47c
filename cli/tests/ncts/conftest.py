"""What the tests of NCTS share: one declaration with everything, and the way to a movement and back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clearance.gateway.v1.transit_service_pb2 import Movement
from tongguan.convert import Unconverted
from tongguan.convert.ncts.conversion import ConvertedMovement, convert_movements
from tongguan.convert.ncts.profile import NctsProfile, default_ncts_profile

Attempt = Callable[..., ConvertedMovement | Unconverted]
Convert = Callable[..., ConvertedMovement]


@pytest.fixture(scope="session")
def spindles() -> str:
    """A CC015C with all that may repeat, repeated, and optional groups at every level."""
    return (Path(__file__).parents[1] / "data" / "spindles.xml").read_text("utf-8")


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    """Converts a text as one file."""

    def convert(document: str, profile: NctsProfile | None = None) -> ConvertedMovement | Unconverted:
        path = tmp_path / "message.xml"
        path.write_text(document, "utf-8")
        [result] = convert_movements([path], profile or default_ncts_profile())
        return result

    return convert


@pytest.fixture
def convert(attempt: Attempt) -> Convert:
    """The message of a text, converted."""

    def convert_one(document: str, profile: NctsProfile | None = None) -> ConvertedMovement:
        result = attempt(document, profile)
        assert isinstance(result, ConvertedMovement), result
        return result

    return convert_one


@pytest.fixture
def declared() -> Callable[..., Movement]:
    """The movement as the gateway holds it once it is declared."""

    def hold(converted: ConvertedMovement, mrn: str = "26CN310400000017J4") -> Movement:
        request = converted.request
        grns = [guarantee.grn for guarantee in request.guarantees]
        declaration = request.declaration
        movement = Movement(mrn=mrn, lrn=declaration.lrn, declaration=declaration, guarantee={"grns": grns})
        movement.create_time.FromJsonString("2026-11-23T07:00:00Z")
        movement.update_time.FromJsonString("2026-11-23T09:30:00Z")
        return movement

    return hold
