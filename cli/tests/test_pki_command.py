"""`tongguan pki`: certificates made, exchanged, shut out and shown, and what an own one that has ended looks like."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agencykit.identity import Identity
from agencykit.pki import create_authority, equip, issue_tls
from tongguan.cli import app


def tongguan(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments, prog_name="tongguan")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_whoever_is_shut_out_is_shown_so(tmp_path: Path) -> None:
    equip(tmp_path, "ningbo", ["haulier/YONGGANG"])
    place = ("--folder", str(tmp_path))
    assert tongguan("pki", "revoke", "haulier/YONGGANG", "--reason", "licence withdrawn", *place)[0] == 0
    _, told, _ = tongguan("pki", "show", "haulier/YONGGANG", "--json", *place)
    [row] = map(json.loads, told.splitlines())
    assert (row["identity"], row["state"]) == ("spiffe://ningbo.clearance/haulier/YONGGANG", "revoked")


@pytest.mark.parametrize("whom", [[], ["customs", "--serial", "5f"]])
def test_a_revocation_names_one_thing(whom: list[str], tmp_path: Path) -> None:
    code, _, told = tongguan("pki", "revoke", *whom, "--reason", "odd", "--folder", str(tmp_path))
    assert (code, "takes an identity, or --serial" in told) == (2, True)


def test_an_own_certificate_that_has_ended_is_no_outage(tmp_path: Path) -> None:
    authority = create_authority("ningbo")
    ended = issue_tls(authority, [Identity.of_district("ningbo", "operator/port-office")], lifetime=timedelta(-1))
    authority.write(tmp_path / "ca.pem", tmp_path / "ca.key")
    ended.write(tmp_path / "mine.pem", tmp_path / "mine.key")
    mine = [
        f"--{name}={tmp_path / file}" for name, file in (("ca", "ca.pem"), ("cert", "mine.pem"), ("key", "mine.key"))
    ]
    code, _, told = tongguan("list", "--gateway", "127.0.0.1:1", *mine)
    assert (code, "mine.pem expired at 20" in told, "tongguan pki rotate" in told) == (4, True, True)
