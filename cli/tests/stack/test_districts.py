"""Several districts on one machine: each whole, with its own authority, code and folder."""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tongguan.convert.ncts.profile import default_ncts_profile_text
from tongguan.convert.ncts.values import values_of
from tongguan.convert.tree import parse
from tongguan.failures import Misused
from tongguan.output import Output
from tongguan.running.moving import move, partner_layouts
from tongguan.session import Session, Where
from tongguan.stack.districts import CODES, parse_districts
from tongguan.stack.layout import DISTRICTS, Layout, layout_of, own_layout

pytestmark = pytest.mark.timeout(200)
Lines = Callable[[Any], list[dict[str, Any]]]
# Its office, 2900, is Hangzhou's.
GRN = "04CN2900000000017"
REAL = Path(__file__).parents[3].parent / "shared" / "data" / "ncts" / "ie029_example.xml"
# A message that nobody here wrote, where it lies beside the project; else one of its own.
IE029 = REAL if REAL.exists() else Path(__file__).parents[1] / "data" / "looms.xml"


def test_districts_are_named_each_once_and_known() -> None:
    assert parse_districts("hangzhou, Ningbo") == ("hangzhou", "ningbo")
    for wrong in ("", "ningbo,ningbo", "atlantis", "ningbo,"):
        with pytest.raises(Misused, match="--districts"):
            parse_districts(wrong)


def test_a_folder_of_several_districts_means_the_first_and_each_is_found_by_its_own(tmp_path: Path) -> None:
    (tmp_path / DISTRICTS).write_text("hangzhou\nningbo\n")
    assert layout_of(tmp_path) == Layout(tmp_path / "hangzhou", "hangzhou")
    assert own_layout(tmp_path / "ningbo") == Layout(tmp_path / "ningbo", "ningbo")
    assert own_layout(tmp_path / "other") == Layout(tmp_path / "other")


def test_a_partner_of_a_run_is_found_by_its_folder_and_the_run_stays_itself(tmp_path: Path) -> None:
    partners = partner_layouts(Layout(tmp_path), ("hangzhou", "nanjing"))
    assert partners == [own_layout(tmp_path / "hangzhou"), own_layout(tmp_path / "nanjing")]
    assert own_layout(tmp_path) == Layout(tmp_path)


@pytest.mark.parametrize("content", [None, b"\xff", b"atlantis"], ids=["folder", "bytes", "text"])
def test_what_is_called_districts_beside_a_state_folder_may_be_somebody_elses(
    content: bytes | None, tmp_path: Path
) -> None:
    state = tmp_path / "atlantis"
    if content is None:
        (tmp_path / DISTRICTS).mkdir()
    else:
        (tmp_path / DISTRICTS).write_bytes(content)
    assert own_layout(state) == Layout(state)


class Two:
    """Ningbo and Hangzhou, and commands on each."""

    def __init__(self, state: Path, inside: Callable[..., Any]) -> None:
        self.state, self._inside = state, inside

    def __call__(self, district: str, *arguments: str, input: str | None = None) -> Any:
        return self._inside(*arguments, "--state", str(self.state / district), input=input)

    def told(self) -> list[dict[str, Any]]:
        """endpoints.json of both."""
        found: list[dict[str, Any]] = json.loads((self.state / "endpoints.json").read_text())
        return found


@pytest.fixture(scope="module")
def two(running: Any, inside: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two")
    with running(folder / "state", folder / "up.log", "--districts", "ningbo,hangzhou"):
        yield Two(folder / "state", inside)
    assert not (folder / "state" / "endpoints.json").exists()


def test_each_district_has_numbers_and_people_of_its_own(two: Two, inside: Any, sample: Any, json_lines: Lines) -> None:
    for name in ("ningbo", "hangzhou"):
        [clearance] = json_lines(two(name, "submit", "-", "--json", input=sample(1, 100)))
        assert clearance["number"].startswith(CODES[name])
        assert clearance["broker"].startswith(f"spiffe://{name}.clearance/")
    ningbo, hangzhou = two.told()
    own, gateway = ningbo["identities"]["operator"], hangzhou["services"]["gateway"]
    foreign = ("--gateway", gateway["address"], "--cert", own["cert"], "--key", own["key"], "--ca", gateway["ca"])
    assert inside("list", *foreign).returncode != 0


def test_goods_at_ningbo_go_on_a_guarantee_that_hangzhou_keeps(
    two: Two,
    sample: Any,
    json_lines: Lines,
    wait_for: Callable[..., Any],
    submit_until_decided: Callable[..., list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TONGGUAN_ACCESS_CODE", "7Q4M")
    lines = [json.loads(line) for line in sample(1, 118).splitlines()]
    consignment = lines[-1]["submission"]["consignment"]
    for price in (consignment["invoiceTotal"], *(item["value"] for item in consignment["items"])):
        price["minorUnits"] = f"{price['minorUnits']}0000"
    [clearance] = submit_until_decided(partial(two, "ningbo"), "\n".join(map(json.dumps, lines)))
    number, holder = clearance["number"], consignment["trader"]["identifier"]
    entered = two("hangzhou", "guarantee", "register", GRN, "--holder", holder, "--limit", "9999999999.00")
    assert entered.returncode == 0, entered.stderr
    asked = two("ningbo", "guarantee", "release", number, "--grn", GRN)
    assert (asked.returncode, "CONFIRMED" in asked.stdout, "hangzhou" in asked.stdout) == (0, True, True), asked.stderr
    wait_for(lambda: "RELEASED_ON_GUARANTEE" in two("ningbo", "show", number).stdout)
    assert f"{number}" in two("hangzhou", "guarantee", "uses", GRN, "--json").stdout
    there = ("--agency", "customs", "--json")
    [review] = json_lines(two("ningbo", "work", "list", "--clearance", number, *there))
    assert two("ningbo", "work", "take", review["id"], *there).returncode == 0
    settled = ("--outcome", "cleared", "--reason", "invoice and payment agree")
    assert two("ningbo", "work", "record", review["id"], *settled, *there).returncode == 0
    wait_for(lambda: "CREDITED" in two("ningbo", "guarantee", "releases", number).stdout)
    assert "0.00 CNY held, 0.00 CNY confirmed" in two("hangzhou", "guarantee", "show", GRN).stdout
    assert "all balances agree" in two("hangzhou", "guarantee", "reconcile").stdout


def test_a_certificate_issued_at_hangzhou_is_claimed_at_ningbo(
    two: Two, json_lines: Lines, wait_for: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGGUAN_TRANSFER_PASSWORD", "Jinhua-17")
    (tmp_path / "certificate.json").write_text(json.dumps({"number": "JH-1", "kind": "KIND_ORIGIN_INSPECTION"}))
    issued = two("hangzhou", "certificate", "issue", str(tmp_path / "certificate.json"), "--to", "ningbo", "--json")
    [transfer] = json_lines(issued)
    wait_for(lambda: two("ningbo", "certificate", "claim", transfer["number"]).returncode == 0)
    assert "JH-1" in two("ningbo", "certificate", "show", "JH-1").stdout


def test_partners_hear_of_each_other_renew_their_trust_and_show_what_they_may(
    two: Two, sample: Any, json_lines: Lines, wait_for: Callable[..., Any]
) -> None:
    def partner(district: str) -> dict[str, Any]:
        [one] = json_lines(two(district, "partner", "list", "--json"))
        return one

    assert "version 2" in two("ningbo", "partner", "bundle", "issue").stdout
    times = ("--from", "+1", "--until", "+2", "--reason", "new roof")
    # Whoever has something to tell asks his partner at once.
    announced = two("hangzhou", "partner", "announce", *times, "--scope", "queries")
    assert announced.returncode == 0, announced.stderr
    wait_for(lambda: (found := partner("hangzhou"))["bundleVersion"] == "2" and found["reach"] == "REACH_ANSWERS")
    assert "hangzhou announced queries unavailable" in two("ningbo", "partner", "list").stdout
    [clearance] = json_lines(two("ningbo", "submit", "-", "--json", input=sample(1, 101)))
    shown = two("hangzhou", "show", clearance["number"], "--as", "officer-customs")
    assert "shown by   ningbo" in shown.stdout, shown.stderr
    assert "broker" not in shown.stdout


def movement_of(district: str, two: Two, json_lines: Lines, mrn: str) -> dict[str, Any]:
    """The movement as a district sees it; nothing where it does not."""
    shown = two(district, "transit", "show", mrn, "--json")
    return json_lines(shown)[0] if shown.returncode == 0 else {"state": ""}


def done(two: Two, district: str, *arguments: str) -> None:
    """A command of transit that must go well."""
    result = two(district, "transit", *arguments)
    assert result.returncode == 0, result.stderr


def carrier_of(declaration: dict[str, Any]) -> dict[str, Any]:
    """Registered as the message names it, with the vehicle it names; else its holder, who carries by rail."""
    vehicle = declaration.get("transport", {}).get("identification")
    return declaration.get("carrier", {"identifier": "3302961284"}) | (
        {"vehicleIdentifications": [vehicle]} if vehicle else {}
    )


def test_a_message_of_ncts_moves_from_ningbo_to_hangzhou_and_is_given_back(
    two: Two, inside: Any, json_lines: Lines, wait_for: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("TONGGUAN_ACCESS_CODE", "AB01")
    profile, grn = tmp_path / "profile.toml", "04CN3104000000296"
    profile.write_text(default_ncts_profile_text().replace('"2200"', '"2900"'))
    assert two("ningbo", "guarantee", "register", grn, "--holder", "3302961284", "--limit", "90500.00").returncode == 0
    converted = inside("convert", "--from", "ncts", str(IE029), "--profile", str(profile))
    unregistered = two("ningbo", "transit", "declare", "-", input=converted.stdout)
    assert (unregistered.returncode, "CARRIER_NOT_REGISTERED" in unregistered.stderr) == (1, True)
    carrier = json.dumps({"carrier": carrier_of(json.loads(converted.stdout)["movement"]["declaration"])})
    declared = two("ningbo", "transit", "declare", "-", "--json", input=f"{carrier}\n{converted.stdout}")
    assert declared.returncode == 0, declared.stderr
    mrn = json_lines(declared)[0]["mrn"]
    done(two, "ningbo", "depart", mrn, "--seal", "NB-0021", "--limit-hours", "48")
    wait_for(lambda: movement_of("hangzhou", two, json_lines, mrn)["state"] == "STATE_EXPECTED")
    done(two, "hangzhou", "arrive", mrn, "--office", "2900")
    done(two, "hangzhou", "unload", mrn)
    done(two, "hangzhou", "remark", mrn, "--conform", "--seals", "intact")
    wait_for(lambda: movement_of("hangzhou", two, json_lines, mrn)["state"] == "STATE_DISCHARGED")
    wait_for(lambda: "0.00 CNY held, 0.00 CNY confirmed" in two("ningbo", "guarantee", "show", grn).stdout)
    source = values_of(parse(IE029.read_bytes()))
    same = {path: value for path, value in source.items() if not path.endswith("accessCode")}
    for side in ("ningbo", "hangzhou"):
        assert values_of(parse(two(side, "transit", "export", mrn, "--to", "ncts").stdout.encode())) == same


def test_goods_that_are_not_as_declared_are_settled_by_their_departure(
    two: Two, inside: Any, json_lines: Lines, wait_for: Any
) -> None:
    lines = [json.loads(line) for line in inside("sample", "3", "--movements", "--seed", "9").stdout.splitlines()]
    kept = [lines[place] for place in (0, 3, 6)]
    kept[-1]["movement"]["declaration"]["preLodged"] = True
    declared = two("ningbo", "transit", "declare", "-", input="\n".join(map(json.dumps, kept)))
    assert (declared.returncode, "SUBMITTED" in declared.stdout) == (0, True), declared.stderr
    presented = two("ningbo", "transit", "present", kept[-1]["movement"]["declaration"]["lrn"], "--json")
    [movement] = json_lines(presented)
    mrn, office = movement["mrn"], movement["destinationOfficeCode"]
    done(two, "ningbo", "depart", mrn, "--control")
    done(two, "ningbo", "depart", mrn, "--result", "A1")
    done(two, "ningbo", "incident", mrn, "--kind", "seals", "--place", "G15 km 210", "--text", "seal torn off")
    done(two, "ningbo", "incident", mrn, "--settled")
    done(two, "hangzhou", "arrive", mrn, "--office", office, "--seals", "broken")
    wait_for(lambda: movement_of("hangzhou", two, json_lines, mrn)["state"] == "STATE_ARRIVED")
    done(two, "hangzhou", "unload", mrn)
    done(two, "hangzhou", "remark", mrn, "--seals", "broken", "--discrepancy", "1:missing:3 cartons short")
    wait_for(lambda: movement_of("ningbo", two, json_lines, mrn)["state"] == "STATE_DISCREPANCY")
    listed = two(
        "ningbo", "transit", "list", "--state-filter", "DISCREPANCY", "--with", "hangzhou", "--side", "departure"
    )
    assert mrn in listed.stdout
    done(two, "ningbo", "discharge", mrn, "--reason", "duty on 3 cartons was paid")
    shown = two("ningbo", "transit", "show", movement["lrn"]).stdout
    assert f"{mrn} (LRN {movement['lrn']}): DISCHARGED" in shown
    assert "item 1: missing: 3 cartons short" in shown
    again = two("ningbo", "transit", "cancel", mrn, "--reason", "too late")
    assert (again.returncode, "STATE_FORBIDS" in again.stderr) == (1, True)
    for district in ("ningbo", "hangzhou"):
        drawn = two(district, "trace", mrn).stdout
        assert all(name in drawn for name in ("transit.declare", "transit.AnticipatedArrival")), "both districts' spans"


def test_a_run_moves_goods_to_its_partners_and_shows_them_discharged(
    two: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Output()
    with (
        Session(Where(state=two.state / "ningbo"), output) as session,
        Session(Where(state=two.state / "hangzhou"), output) as hangzhou,
    ):
        assert move(session, {"hangzhou": hangzhou}, 3, 17, time.monotonic() + 60)
    assert capsys.readouterr().out.count("DISCHARGED") == 3


def test_a_service_is_killed_in_one_district_and_the_list_tells_it(two: Two, tongguan: Callable[..., Any]) -> None:
    assert two("hangzhou", "kill", "border").returncode == 0
    assert [each["services"]["border"]["pids"] == [] for each in two.told()] == [False, True]
    assert tongguan("start", "border", "--state", str(two.state / "hangzhou")).returncode == 0
    assert [each["services"]["border"]["pids"] == [] for each in two.told()] == [False, False]
