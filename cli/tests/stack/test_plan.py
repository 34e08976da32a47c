"""What `up` is asked for, settings and ports."""

import socket
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tongguan.failures import Misused, Unavailable
from tongguan.stack import configuration, ports
from tongguan.stack.addresses import parse_agency
from tongguan.stack.layout import Layout
from tongguan.stack.plan import Plan, configure, endpoints_of, parse_replicas


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


def told(tmp_path: Path, plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """The gateway's settings and endpoints.json's services for a plan, with ports from 7000."""
    layout = Layout(tmp_path)
    layout.make_folders()
    ports_of = {name: 7000 + place for place, name in enumerate(plan.port_order)}
    configure(layout, plan, ports_of)
    services = endpoints_of(layout, plan, ports_of).to_json()["services"]
    return tomllib.loads(layout.configuration("gateway").read_text()), services


def test_the_gateway_asks_the_proxy_while_endpoints_tell_both_addresses(tmp_path: Path) -> None:
    gateway, services = told(tmp_path, Plan(agencies={"customs": "127.0.0.1:9001"}))
    assert gateway["agencies"]["customs"] == "127.0.0.1:9001"
    assert gateway["agencies"]["port"] == "127.0.0.1:7004"
    assert (services["customs"]["address"], services["customs"]["via"]) == ("127.0.0.1:7001", "127.0.0.1:9001")
    assert services["gateway"]["address"] == "127.0.0.1:7000"


def test_a_foreign_agency_and_a_further_one_are_told_of_without_processes(tmp_path: Path) -> None:
    plan = Plan(agencies={"port": "127.0.0.1:9004", "tax": "127.0.0.1:9005"}, without=frozenset({"port"}))
    gateway, services = told(tmp_path, plan)
    assert gateway["agencies"]["tax"] == services["tax"]["address"] == "127.0.0.1:9005"
    assert services["port"]["address"] == "127.0.0.1:9004"
    assert services["port"]["pids"] == services["tax"]["pids"] == []
    assert not (tmp_path / "config" / "port.toml").exists()
    assert services["tax"]["cert"].endswith("/pki/tax.pem")


def test_three_replicas_are_three_gateways_and_two_of_each_agency_and_all_know_all_addresses(tmp_path: Path) -> None:
    plan = Plan(database="postgresql", replicas=parse_replicas("3"))
    assert plan.started[-3:] == ("gateway", "gateway-2", "gateway-3")
    assert plan.started[:4] == ("customs", "customs-2", "inspection", "inspection-2")
    gateway, services = told(tmp_path, plan)
    both = f"127.0.0.1:7001,127.0.0.1:{7000 + plan.port_order.index('customs-2')}"
    assert gateway["agencies"]["customs"] == services["customs"]["address"] == both
    assert services["gateway"]["address"].count(",") == 2
    third = tomllib.loads((tmp_path / "config" / "gateway-3.toml").read_text())
    assert (third["replica"], third["agencies"]) == ("3", gateway["agencies"])
    assert (
        third["database_url"]
        == gateway["database_url"]
        == f"postgresql+psycopg://tongguan@/gateway?host={tmp_path}/postgres"
    )
    assert third["span_store"] != gateway["span_store"]


def test_replicas_may_be_given_by_service() -> None:
    plan = Plan(database="postgresql", replicas=parse_replicas("gateway=2,customs=3"))
    assert [plan.count(name) for name in ("gateway", "customs", "port")] == [2, 3, 1]


@pytest.mark.parametrize("text", ["0", "", "10", "two", "gateway", "gateway=0", "harbour=2", "gateway=2,"])
def test_replicas_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(Misused, match="--replicas"):
        parse_replicas(text)


def test_replicas_on_sqlite_are_refused() -> None:
    with pytest.raises(Misused, match="several processes"):
        Plan(replicas=parse_replicas("2"))
