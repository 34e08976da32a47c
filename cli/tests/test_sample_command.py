"""`tongguan sample` on the command line."""

import json

import pytest
import typer
from typer.testing import CliRunner

from tongguan.sample.command import sample

app = typer.Typer()
app.command()(sample)


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_it_prints_facts_and_the_number_of_submissions_asked_for():
    result = run(3, "--seed", 7)
    assert result.exit_code == 0
    kinds = [next(iter(json.loads(line))) for line in result.stdout.splitlines()]
    assert kinds.count("submission") == 3
    assert kinds[0] == "broker"


def test_seed_and_time_fix_the_bytes():
    arguments = (5, "--seed", 7, "--as-of", "2026-03-02T08:00:00+00:00")
    assert run(*arguments).stdout == run(*arguments).stdout != run(5, "--seed", 8, *arguments[3:]).stdout


def test_the_broker_is_the_one_asked_for():
    result = run(1, "--broker", "3104980777")
    assert '"brokerLicence":"3104980777"' in result.stdout
    assert '{"broker":{"licence":"3104980777"' in result.stdout


def test_it_writes_a_file_whole_or_not_at_all(tmp_path):
    assert run(2, "--output", tmp_path / "day.jsonl").stdout == ""
    assert (tmp_path / "day.jsonl").read_text("utf-8").count('{"submission"') == 2
    failed = run(2, "--output", tmp_path / "absent" / "day.jsonl")
    assert failed.exit_code == 1
    assert "name another file" in failed.stderr


@pytest.mark.parametrize("arguments", [(), (0,), ("many",), (1, "--broker", "3104 98"), (1, "--as-of", "now")])
def test_a_command_that_makes_no_sense_ends_with_2(arguments):
    assert run(*arguments).exit_code == 2


def test_help_shows_examples():
    assert "tongguan sample 500 --seed 7 | tongguan submit -" in run("--help").stdout
