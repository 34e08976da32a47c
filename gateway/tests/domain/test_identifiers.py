"""Numbers and request ids."""

from uuid import UUID

import pytest

from gateway.domain.identifiers import clearance_number, derived_request_id, withdraw


def test_a_number_is_made_of_district_year_second_and_lot() -> None:
    assert clearance_number("3100", 2004, 27_734_400, "7K3M9QZ") == "31002004TECC07K3M9QZ"


def test_later_numbers_of_a_year_stand_after_earlier_ones() -> None:
    seconds = [0, 1, 31, 32, 1023, 1024, 86_400, 27_734_400, 366 * 86_400 - 1]
    numbers = [clearance_number("3100", 2004, second, "ZZZZZZZ") for second in seconds]
    assert numbers == sorted(numbers)
    assert len({len(number) for number in numbers}) == 1


@pytest.mark.parametrize("parts", [("310", 2004, 0, "7K3M9QZ"), ("3100", 4, 0, "7K3M9QZ"), ("3100", 2004, 0, "7K3M")])
def test_other_parts_make_no_number(parts: tuple[str, int, int, str]) -> None:
    with pytest.raises(ValueError, match="4 \\+ 4 \\+ 5 \\+ 7"):
        clearance_number(*parts)


def test_the_request_id_of_an_ask_is_the_same_for_ever() -> None:
    assert derived_request_id("310020040PX7K3M9QZ2B", 1, "customs", "assess") == "f91c9708-811b-80d3-b6bc-4c5ccdefce7f"


def test_every_part_of_an_ask_makes_another_request_id() -> None:
    asks = [("N1", 1, "customs", "assess"), ("N1", 2, "customs", "assess"), ("N1", 1, "port", "assess")]
    asks += [("N1", 1, "customs", withdraw(1)), ("N1", 1, "customs", withdraw(2)), ("N2", 1, "customs", "assess")]
    assert len({derived_request_id(*ask) for ask in asks}) == len(asks)


def test_request_ids_of_one_second_lie_together() -> None:
    ids = {derived_request_id(f"31002004TECC0{lot}", 1, "customs", "assess")[:8] for lot in ("7K3M9QZ", "00000A1")}
    assert len(ids) == 1
    assert derived_request_id("31002004TECC17K3M9QZ", 1, "customs", "assess")[:8] not in ids


def test_a_request_id_is_a_uuid_of_version_8() -> None:
    for number in range(64):
        found = UUID(derived_request_id(f"N{number}", 1, "customs", "assess"))
        assert (found.version, found.variant) == (8, "specified in RFC 4122")
