"""A guarantee lives where its number says: in the district of its office, and where no partner keeps it in the own."""

import pytest

from gateway.domain.home import Homes, ManyHomes

HOMES = Homes("hangzhou", {"0040": "ningbo", "0041": "ningbo", "2200": "shanghai"})
OF_NINGBO, ALSO_OF_NINGBO, OF_SHANGHAI, OWN = (
    *("19XX0040191000015", "04CN0041000000012A000001", "04CN2200000000011", "04CN0290000000013"),
)


@pytest.mark.parametrize(
    ("grns", "home"),
    [
        ([OWN], "hangzhou"),
        ([OF_NINGBO], "ningbo"),
        ([OF_NINGBO, ALSO_OF_NINGBO], "ningbo"),
        ([OF_SHANGHAI], "shanghai"),
        (["0040"], "hangzhou"),
        ([""], "hangzhou"),
    ],
)
def test_the_office_in_its_number_tells_where_a_guarantee_lives(grns: list[str], home: str) -> None:
    assert HOMES.of(grns) == home


@pytest.mark.parametrize("grns", [[OF_NINGBO, OF_SHANGHAI], [OWN, OWN, OF_NINGBO], [OF_NINGBO, OWN]])
def test_guarantees_of_two_districts_have_no_home(grns: list[str]) -> None:
    with pytest.raises(ManyHomes) as many:
        HOMES.of(grns)
    assert many.value.grn == grns[-1]
