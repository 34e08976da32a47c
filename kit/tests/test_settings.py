"""Settings: where values come from, and that every fault is named at once."""

from pathlib import Path

import pytest
from pydantic import Field

from agencykit.settings import ServiceSettings, SettingsError, load_settings, print_settings


class HarbourSettings(ServiceSettings):
    """A service with a setting of its own."""

    tide_file: Path = Field(Path("tides.csv"), description="tables of the tide")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TONGGUAN_FAULTS", raising=False)


def faults(**environment: str) -> tuple[str, ...]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with pytest.raises(SettingsError) as refused:
            load_settings(HarbourSettings, "harbour")
    return refused.value.faults


def test_environment_prevails_over_file_and_file_over_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "harbour.toml"
    file.write_text('port = 7001\nreplica = "blue"\n[callers]\n"a.v1.A" = ["gateway"]\n')
    monkeypatch.setenv("TONGGUAN_HARBOUR__PORT", "7002")
    monkeypatch.setenv("TONGGUAN_HARBOUR__CALLERS", '{"b.v1.B": ["console"]}')
    monkeypatch.setenv("TONGGUAN_HARBOUR__DATABASE_URL", "postgresql+psycopg://harbour:s3cret@db/harbour")
    settings = load_settings(HarbourSettings, "harbour", file)
    assert (settings.port, settings.replica, settings.district) == (7002, "blue", "ningbo")
    assert settings.callers == {"a.v1.A": ["gateway"], "b.v1.B": ["console"]}
    print_settings(settings)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(HarbourSettings.model_fields)
    assert any(line.startswith("port = 7002  # environment") for line in lines)
    assert any(line.startswith('replica = "blue"  # file') for line in lines)
    assert any(line.startswith('tide_file = "tides.csv"  # default; tables of the tide') for line in lines)
    assert "s3cret" not in "".join(lines)


def test_the_file_may_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "harbour.toml"
    file.write_text("port = 7003\n")
    monkeypatch.setenv("TONGGUAN_HARBOUR__CONFIG", str(file))
    assert load_settings(HarbourSettings, "harbour").port == 7003


def test_every_fault_is_named_at_once_by_the_name_it_was_set_with_and_without_its_value() -> None:
    named = faults(
        TONGGUAN_HARBOUR__PORT="99999",
        TONGGUAN_HARBOUR__HARBOR="misspelt",
        TONGGUAN_HARBOUR__CALLERS="{not json s3cret",
        TONGGUAN_HARBOUR__DISTRICT="Ning Bo",
        TONGGUAN_HARBOUR__SIGNING_CERT_FILE="signing.pem",
        TONGGUAN_HARBOUR__FAULT_ERROR_RATE="0.5",
    )
    names = {fault.partition(":")[0] for fault in named}
    assert names == {
        "TONGGUAN_HARBOUR__PORT",
        "TONGGUAN_HARBOUR__HARBOR",
        "TONGGUAN_HARBOUR__CALLERS",
        "TONGGUAN_HARBOUR__DISTRICT",
        "TONGGUAN_HARBOUR__FAULT_ERROR_RATE",
        "signing_key_file",
    }
    assert not any(value in fault for fault in named for value in ("99999", "misspelt", "s3cret", "Ning Bo"))


def test_an_unknown_name_in_the_file_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "harbour.toml"
    file.write_text("prot = 7001\n")
    with pytest.raises(SettingsError, match="prot: no such setting"):
        load_settings(HarbourSettings, "harbour", file)


@pytest.mark.parametrize(("text", "fault"), [("port = = 1", "not TOML"), (None, "No such file")])
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, text: str | None, fault: str) -> None:
    file = tmp_path / "harbour.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=fault):
        load_settings(HarbourSettings, "harbour", file)


@pytest.mark.parametrize("switch", ["FAULT_ASSESS_DELAY_MS", "FAULT_ERROR_RATE"])
def test_fault_switches_need_permission_and_are_refused_in_production(switch: str) -> None:
    name = f"TONGGUAN_HARBOUR__{switch}"
    assert faults(**{name: "1"}) == (f"{name}: fault switch: needs TONGGUAN_FAULTS=1",)
    production = {"TONGGUAN_HARBOUR__PRODUCTION": "1", "TONGGUAN_FAULTS": "1"}
    assert faults(**{name: "1"}, **production) == (f"{name}: fault switch: refused in production mode",)


def test_a_permitted_fault_switch_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGGUAN_FAULTS", "1")
    monkeypatch.setenv("TONGGUAN_HARBOUR__FAULT_ASSESS_DELAY_MS", "200")
    assert load_settings(HarbourSettings, "harbour").fault_assess_delay_ms == 200


def test_an_empty_path_is_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGGUAN_HARBOUR__SPAN_STORE", "")
    assert load_settings(HarbourSettings, "harbour").span_store is None
