"""`tongguan purge`: what it tells of a state folder whose services rest, and what it does there."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agencykit.storage.migrations import upgrade
from tongguan.cli import app
from tongguan.stack.layout import Layout


def tongguan(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments, prog_name="tongguan")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder on which border alone was ever started."""
    layout = Layout(tmp_path)
    layout.make_folders()
    url = f"sqlite+pysqlite:///{layout.database('border')}"
    upgrade(url, "border.migrations")
    layout.configuration("border").write_text(f'database_url = "{url}"\n', "utf-8")
    return tmp_path


def test_what_a_service_would_purge_is_told_for_each_kind_of_thing(state: Path) -> None:
    code, told, _ = tongguan("purge", "--state", str(state), "--json")
    lines = [json.loads(line) for line in told.splitlines()]
    assert code == 0
    assert [(line["subject"], line["count"]) for line in lines[:-1]] == [
        *(("clearances", 0), ("calls", 0), ("persons", 0), ("audit", 0))
    ]
    assert lines[-1] == {"service": "border", "done": False, "erased": None}


def test_a_purge_writes_the_file_anew_and_says_that_it_did(state: Path) -> None:
    code, told, _ = tongguan("purge", "border", "--yes", "--by", "chen", "--state", str(state), "--json")
    assert (code, json.loads(told.splitlines()[-1])) == (0, {"service": "border", "done": True, "erased": True})


def test_a_service_that_was_never_started_here_is_named(state: Path) -> None:
    code, _, said = tongguan("purge", "customs", "--state", str(state))
    assert (code, "no service 'customs'" in said, "border" in said) == (2, True, True)
