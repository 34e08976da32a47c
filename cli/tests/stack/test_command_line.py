"""What holds for every command, and needs no district."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMANDS = (
    "run up down stop start restart kill submit sample convert show list watch trace work duty amend withdraw describe"
)


def test_help_lists_every_command_and_its_exit_codes(inside: Callable[..., Any]) -> None:
    shown = inside("--help").stdout
    assert all(f"\n  {name} " in shown for name in COMMANDS.split())
    assert "3 nobody" in shown


@pytest.mark.parametrize("name", COMMANDS.split())
def test_every_command_explains_itself(name: str, inside: Callable[..., Any]) -> None:
    done = inside(name, "--help")
    assert done.returncode == 0
    assert f"Usage: tongguan {name}" in done.stdout


def test_help_reads_nothing_heavy() -> None:
    looks = "import sys, tongguan.cli; print({'grpc', 'google.protobuf', 'rich'} & set(sys.modules) or 'none')"
    done = subprocess.run([sys.executable, "-c", looks], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"


@pytest.mark.parametrize(
    "arguments",
    ["lst", "list --limit many", "list --state-filter LOST", "show", "submit /nowhere.jsonl", "up --agency customs"],
)
def test_what_is_not_understood_exits_with_2(arguments: str, inside: Callable[..., Any], tmp_path: Path) -> None:
    assert inside("--state", str(tmp_path), *arguments.split()).returncode == 2


def test_a_gateway_needs_a_whole_certificate(inside: Callable[..., Any]) -> None:
    done = inside("list", "--gateway", "127.0.0.1:9", "--ca", "ca.pem", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == 3


def test_certificates_that_are_not_there_are_named(inside: Callable[..., Any]) -> None:
    done = inside("list", "--gateway", "127.0.0.1:9", "--ca", "ca.pem", "--cert", "c.pem", "--key", "c.key")
    assert done.returncode == 2
    assert "ca.pem" in done.stderr


@pytest.mark.parametrize("place", ["before", "after"])
def test_options_may_stand_before_the_command_or_after_it(
    place: str, inside: Callable[..., Any], tmp_path: Path
) -> None:
    options = ("--state", str(tmp_path), "--json")
    done = inside(*options, "list") if place == "before" else inside("list", *options)
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == 14
    assert str(tmp_path) in done.stderr


def test_facts_whose_agency_nobody_knows_are_found_out_before_anything_is_sent(
    inside: Callable[..., Any], tmp_path: Path
) -> None:
    options = ("--gateway", "127.0.0.1:9", "--ca", __file__, "--cert", __file__, "--key", __file__)
    fact = '{"manifest": {"transportDocumentNumber": "COSU6248813570"}}'
    done = inside("submit", "-", *options, input=fact)
    assert done.returncode == 2
    assert "--agency port=HOST:PORT" in done.stderr
