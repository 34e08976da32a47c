"""Numbers and request ids."""

from uuid import UUID

import pytest

from gateway.domain.identifiers import clearance_number, derived_request_id, withdraw


def test_a_number_is_made_of_district_year_and_twelve_characters() -> None:
    assert clearance_number("3100", 2004, "0PX7K3M9QZ2B") == "310020040PX7K3M9QZ2B"


@pytest.mark.parametrize("parts", [("310", 2004, "0PX7K3M9QZ2B"), ("3100", 4, "0PX7K3M9QZ2B"), ("3100", 2004, "0PX7")])
def test_other_parts_make_no_number(parts: tuple[str, int, str]) -> None:
    with pytest.raises(ValueError, match="4 \\+ 4 \\+ 12"):
        clearance_number(*parts)


def test_the_request_id_of_an_ask_is_the_same_for_ever() -> None:
    assert derived_request_id("310020040PX7K3M9QZ2B", 1, "customs", "assess") == "382cfe85-811b-80d3-b6bc-4c5ccdefce7f"


def test_every_part_of_an_ask_makes_another_request_id() -> None:
    asks = [("N1", 1, "customs", "assess"), ("N1", 2, "customs", "assess"), ("N1", 1, "port", "assess")]
    asks += [("N1", 1, "customs", withdraw(1)), ("N1", 1, "customs", withdraw(2)), ("N2", 1, "customs", "assess")]
    assert len({derived_request_id(*ask) for ask in asks}) == len(asks)


def test_a_request_id_is_a_uuid_of_version_8() -> None:
    for number in range(64):
        found = UUID(derived_request_id(f"N{number}", 1, "customs", "assess"))
        assert (found.version, found.variant) == (8, "specified in RFC 4122")
