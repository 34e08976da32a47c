"""up, down, and single services of a running district."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)
SERVICES = {"customs", "inspection", "border", "port", "gateway"}


def test_endpoints_tell_where_everything_is(district: Any) -> None:
    whole = district.endpoints()
    assert whole["district"] == "ningbo"
    assert set(whole["services"]) == SERVICES
    for service in whole["services"].values():
        [pid] = service["pids"]
        os.kill(pid, 0)
        assert Path(service["log"]).is_file()
        assert service["database_url"].startswith("sqlite+pysqlite:///")
        assert all(Path(service[name]).is_file() for name in ("ca", "cert", "key"))
    assert {"broker", "operator", "console", "brokers"} <= set(whole["identities"])
    assert len(whole["identities"]["brokers"]) == 3
    assert whole["identities"]["broker"]["licence"] in whole["identities"]["brokers"]


def test_status_tells_of_every_process(district: Any, json_lines: Callable[..., Any]) -> None:
    told = {each["replica"]: each for each in json_lines(district("status", "--json"))}
    assert set(told) == SERVICES
    assert {each["state"] for each in told.values()} == {"serves"}
    service = district.endpoints()["services"]["customs"]
    assert (told["customs"]["address"], told["customs"]["pid"]) == (service["address"], service["pids"][0])


def test_a_command_goes_round_a_replica_that_does_not_answer(district: Any, inside: Callable[..., Any]) -> None:
    gateway = district.endpoints()["services"]["gateway"]["address"]
    operator = district.endpoints()["identities"]["operator"]
    given = [part for name in ("ca", "cert", "key") for part in (f"--{name}", operator[name])]
    for replicas in (f"127.0.0.1:1,{gateway}", f"{gateway},127.0.0.1:1", f"127.0.0.1:1,127.0.0.1:2,{gateway}"):
        assert inside("list", "--gateway", replicas, *given).returncode == 0
    nobody = inside("list", "--gateway", "127.0.0.1:1,127.0.0.1:2", *given)
    assert nobody.returncode == 3


def test_keys_and_databases_are_closed_to_others(district: Any) -> None:
    assert stat.S_IMODE(district.state.stat().st_mode) == 0o700
    assert stat.S_IMODE((district.state / "endpoints.json").stat().st_mode) == 0o600


def test_a_second_up_on_the_same_folder_is_refused(district: Any) -> None:
    refused = district.process("up")
    assert refused.returncode == 1
    assert f"process {district.up.pid}" in refused.stderr
    assert "--state" in refused.stderr


def test_a_killed_service_is_reported_with_its_log_stays_down_and_comes_back_on_its_port(
    district: Any, wait_for: Callable[..., Any]
) -> None:
    before = district.endpoints()["services"]["border"]
    assert district("kill", "border").returncode == 0
    wait_for(lambda: "border has died (SIGKILL)" in district.said())
    assert before["log"] in district.said()
    assert district.endpoints()["services"]["border"]["pids"] == []
    assert district("kill", "border").returncode == 1
    assert district.process("start", "border").returncode == 0
    after = district.endpoints()["services"]["border"]
    assert after["pids"] != before["pids"]
    assert {**after, "pids": []} == {**before, "pids": []}


def test_stop_and_start_and_restart_keep_the_port(district: Any) -> None:
    before = district.endpoints()["services"]["port"]
    stopped = district("stop", "port", "--json")
    assert json.loads(stopped.stdout) == {"service": "port", "result": "port stopped"}
    assert district("stop", "port").returncode == 0
    assert district.process("start", "port").returncode == 0
    assert district.process("start", "port").returncode == 0
    assert district.process("restart", "port").returncode == 0
    after = district.endpoints()["services"]["port"]
    assert after["address"] == before["address"]
    assert after["pids"] != before["pids"]
    assert "port has died" not in district.said()


def test_an_unknown_service_is_a_misuse_and_no_stack_is_unavailable(
    district: Any, inside: Callable[..., Any], tmp_path: Path
) -> None:
    assert district("stop", "harbour").returncode == 2
    nowhere = inside("stop", "customs", "--state", str(tmp_path))
    assert nowhere.returncode == 3
    assert "tongguan up" in nowhere.stderr


def test_a_district_that_cannot_start_says_which_service_and_shows_its_log(
    tongguan: Callable[..., Any], tmp_path: Path
) -> None:
    failed = tongguan("up", "--state", str(tmp_path), environment={"TONGGUAN_INSPECTION__HARBOUR": "Beilun"})
    assert failed.returncode == 3
    assert "TONGGUAN_INSPECTION__HARBOUR" in failed.stderr
    assert f"inspection ended while starting — read its log: {tmp_path / 'log' / 'inspection.log'}" in failed.stderr
    assert not (tmp_path / "endpoints.json").exists()
    pids = [json.loads(record.read_text())["process"]["pid"] for record in (tmp_path / "run").iterdir()]
    assert len(pids) == len(SERVICES)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_down_stops_what_up_detached_and_leaves_its_data(
    tongguan: Callable[..., Any], inside: Callable[..., Any], tmp_path: Path
) -> None:
    state = ("--state", str(tmp_path))
    up = tongguan("up", "--detach", "--json", *state)
    assert up.returncode == 0, up.stderr
    assert json.loads(up.stdout) == json.loads((tmp_path / "endpoints.json").read_text())
    pids = [pid for service in json.loads(up.stdout)["services"].values() for pid in service["pids"]]
    assert inside("down", *state).returncode == 0
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert not (tmp_path / "endpoints.json").exists()
    assert (tmp_path / "data" / "gateway.db").exists()
    assert inside("down", *state).returncode == 3
