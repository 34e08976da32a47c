"""The published lists: the examples are whole, and a bad file is refused with all its faults."""

from dataclasses import replace
from pathlib import Path

import pytest

from agencykit.list_files import ListsInvalid
from agencykit.runtime.real import SystemRandomness
from agencykit.settings import SettingsError
from inspection.app import InspectionSettings, definition
from inspection.domain.consignment import Direction
from inspection.domain.reference import CertificateKind, CodeState, Mode, Reference
from inspection.storage.reference import ReferenceFiles, load_reference


def test_every_country_is_known(reference: Reference) -> None:
    assert len(reference.countries) == 249
    assert reference.wood.origins <= reference.countries
    assert all(closed.countries <= reference.countries for closed in reference.closed_origins)


def test_every_kind_of_certificate_that_goods_need_can_be_named(reference: Reference) -> None:
    needed = {entry.certificate for entry in reference.catalogue.values() if entry.certificate}
    assert needed == {CertificateKind.HEALTH, CertificateKind.PHYTOSANITARY}
    assert set(reference.certificate_kinds.values()) == set(CertificateKind)


def test_a_worse_class_or_a_higher_risk_is_never_supervised_less(reference: Reference) -> None:
    severity = [Mode.RELEASE, Mode.SAMPLE, Mode.EXAMINE].index
    exports = reference.modes.exports
    for (grade, producer_class), mode in exports.items():
        assert severity(mode) <= severity(exports[grade, min(producer_class + 1, 3)])
        assert severity(mode) <= severity(exports[max(grade - 1, 1), producer_class])


@pytest.mark.parametrize(
    ("code", "direction", "state"),
    [
        ("", Direction.IMPORT, CodeState.UNUSABLE),
        ("4602", Direction.IMPORT, CodeState.UNUSABLE),
        ("95030041", Direction.IMPORT, CodeState.LISTED),
        ("36041000", Direction.IMPORT, CodeState.OUTSIDE),
        ("36041000", Direction.EXPORT, CodeState.LISTED),
        ("73181631", Direction.EXPORT, CodeState.OUTSIDE),
    ],
)
def test_codes_are_listed_for_their_direction(
    reference: Reference, code: str, direction: Direction, state: CodeState
) -> None:
    assert reference.commodity(code, direction).state is state


def test_the_longest_prefix_counts(reference: Reference) -> None:
    shellfish, fish = (reference.commodity(code, Direction.IMPORT).entry for code in ("03073110", "03031310"))
    assert shellfish is not None
    assert fish is not None
    assert (shellfish.prefix, fish.prefix) == ("0307", "03")


def test_every_fault_of_every_file_is_named_at_once(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text(
        "prefix,quarantine,grade,direction,certificate,name_zh,name_en\n"
        "01,mineral,1,both,health,活,Live\n"
        "02,animal,4,both,health,肉,Meat\n"
        "03,animal,1,sideways,health,鱼,Fish\n"
        "04,animal,1,both,letter,乳,Milk\n"
    )
    modes = tmp_path / "modes.toml"
    modes.write_text("[export]\n")
    files = replace(ReferenceFiles(), catalogue=catalogue, modes=modes, countries=tmp_path / "none.txt")
    with pytest.raises(ListsInvalid) as refused:
        load_reference(files)
    places = [fault.removeprefix(f"{tmp_path}/").partition(": ")[0] for fault in refused.value.faults]
    assert places == [
        "none.txt",
        *(f"catalogue.csv:{n}" for n in (2, 3, 4, 5)),
        "modes.toml",
        "catalogue.csv",
    ]


@pytest.mark.parametrize("rate", ["-1", "1000001", "0.02", "true"])
def test_a_rate_of_spot_checks_is_a_count_in_a_million(tmp_path: Path, rate: str) -> None:
    modes = tmp_path / "modes.toml"
    whole = ReferenceFiles().modes.read_text()
    modes.write_text(whole.replace("spot_checks_per_million = 20000", f"spot_checks_per_million = {rate}"))
    with pytest.raises(ListsInvalid, match="spot_checks_per_million"):
        load_reference(replace(ReferenceFiles(), modes=modes))


def test_bad_lists_are_refused_as_bad_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        definition(
            InspectionSettings(catalogue_file=tmp_path / "none.csv", country_file=tmp_path / "none.txt"),
            SystemRandomness(),
        )
    assert [fault.rpartition(": ")[2] for fault in refused.value.faults] == ["No such file or directory"] * 2
