"""endpoints.json and state folders."""

import itertools
import json
import stat
import threading
from pathlib import Path

import pytest

from tongguan import endpoints
from tongguan.endpoints import Credentials, Endpoints, Service
from tongguan.failures import Misused
from tongguan.stack.layout import Layout, layout_of
from tongguan.stack.newest import new_run

BROKER = Credentials("ca.pem", "b.pem", "b.key", "spiffe://ningbo.clearance/broker/3104980001", "3104980001")
OPERATOR = Credentials("ca.pem", "o.pem", "o.key", "spiffe://ningbo.clearance/operator/port-office")


def district(pid: int) -> Endpoints:
    service = Service("127.0.0.1:7001", [pid], "customs.log", "sqlite://", "ca.pem", "c.pem", "c.key")
    return Endpoints("ningbo", {"customs": service}, {"broker": BROKER, "operator": OPERATOR}, {"3104980001": BROKER})


def test_endpoints_have_the_published_shape_and_are_read_back(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    endpoints.write(file, district(4711))
    whole = json.loads(file.read_text())
    assert whole["district"] == "ningbo"
    assert whole["services"]["customs"]["pids"] == [4711]
    assert {"address", "pids", "log", "database_url", "ca", "cert", "key"} <= set(whole["services"]["customs"])
    assert whole["identities"]["broker"]["licence"] == "3104980001"
    assert set(whole["identities"]["brokers"]) == {"3104980001"}
    assert endpoints.read(file) == district(4711)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_reader_never_sees_part_of_endpoints(tmp_path: Path) -> None:
    file, end = tmp_path / "endpoints.json", threading.Event()
    endpoints.write(file, district(1))

    def write() -> None:
        pid = 1
        while not end.is_set():
            endpoints.write(file, district(pid := pid + 1))

    writer = threading.Thread(target=write)
    writer.start()
    seen: set[int] = set()
    # However the two threads take turns: until the reader has met the writer, and often enough.
    for reads in itertools.count(1):
        seen.add(endpoints.read(file).services["customs"].pids[0])
        if reads >= 300 and len(seen) > 1:
            break
    end.set()
    writer.join()
    assert [path.name for path in tmp_path.iterdir()] == ["endpoints.json"]


@pytest.mark.parametrize("name", ["broker", "broker/3104980001", "3104980001", BROKER.identity])
def test_an_identity_has_several_names(name: str) -> None:
    assert district(1).credentials(name) is BROKER


def test_an_unknown_identity_is_refused_with_those_there_are() -> None:
    with pytest.raises(Misused) as refused:
        district(1).credentials("broker/9")
    assert "broker/3104980001" in refused.value.advice


def test_the_newest_run_is_found_without_being_named(tmp_path: Path) -> None:
    first, second = new_run(tmp_path), new_run(tmp_path)
    assert first.folder != second.folder
    assert layout_of(tmp_path) == second


def test_a_district_of_the_folder_itself_goes_before_runs_inside_it(tmp_path: Path) -> None:
    new_run(tmp_path)
    endpoints.write(tmp_path / "endpoints.json", district(1))
    assert layout_of(tmp_path) == Layout(tmp_path)
