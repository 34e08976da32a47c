"""What `up` is asked for, settings and ports."""

import socket
import tomllib
from pathlib import Path

import pytest

from tongguan.failures import Misused, Unavailable
from tongguan.stack import configuration, ports
from tongguan.stack.addresses import parse_agency
from tongguan.stack.layout import Layout
from tongguan.stack.plan import Plan


@pytest.mark.parametrize(
    "text", ["customs", "customs=", "customs=7001", "customs=host:", "=h:1", "gateway=h:1", "A=h:1"]
)
def test_an_agency_address_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Misused):
        parse_agency(text)


def test_an_agency_address_is_a_name_and_a_place() -> None:
    assert parse_agency("customs=proxy.example:7001") == ("customs", "proxy.example:7001")


def test_the_stacks_own_agency_starts_behind_a_proxy_unless_it_is_left_out() -> None:
    proxied = Plan(agencies={"customs": "127.0.0.1:9"})
    assert "customs" in proxied.started
    foreign = Plan(agencies={"customs": "127.0.0.1:9"}, without=frozenset({"customs"}))
    assert "customs" not in foreign.started


def test_leaving_an_agency_out_needs_its_address() -> None:
    with pytest.raises(Misused):
        Plan(without=frozenset({"customs"}))
    with pytest.raises(Misused):
        Plan(agencies={"tax": "h:1"}, without=frozenset({"tax"}))


def test_one_database_for_all_services_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misused):
        Plan(database="postgresql+psycopg://me@localhost/tongguan")
    url = "postgresql+psycopg://me@localhost/{service}"
    assert configuration.database_url(Layout(tmp_path), "port", url).endswith("/port")


def test_settings_are_written_as_toml_and_read_back_the_same() -> None:
    values = {
        "host": "127.0.0.1",
        "port": 7001,
        "production": False,
        "名": 'quotes " and \\ and 通关',
        "agencies": {"customs": "127.0.0.1:1", "with space": ["a", "b"], "inner": {"deep.key": 0.5}},
    }
    assert tomllib.loads(configuration.toml(values)) == values


def test_ports_follow_a_base_in_their_order() -> None:
    [base] = [port for port in range(21_000, 31_000, 10) if all(ports.free(port + n) for n in range(2))][:1]
    assert ports.choose(["gateway", "customs"], base, {}) == {"gateway": base, "customs": base + 1}


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(Unavailable, match=f"gateway {port}"):
            ports.choose(["gateway"], port, {})


def test_the_ports_of_last_time_are_kept_while_they_are_free() -> None:
    first = ports.choose(["gateway", "customs"], 0, {})
    assert ports.choose(["gateway", "customs"], 0, first) == first
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", first["customs"]))
        holder.listen()
        again = ports.choose(["gateway", "customs"], 0, first)
    assert first["customs"] not in again.values()
    assert len(set(again.values())) == 2
