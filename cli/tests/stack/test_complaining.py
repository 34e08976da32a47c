"""Bulletins and complaints on the command line of a running district."""

from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("district"), pytest.mark.timeout(200)]


def test_an_officer_publishes_a_bulletin_changes_it_and_everybody_reads_and_follows_it(
    district: Any, json_lines: Any
) -> None:
    words = ("--title-zh", "节日值班", "--title-en", "Holidays", "--zh", "照常开放。", "--en", "The lane stays open.")
    customs = ("--as", "officer-customs", "bulletin", "publish")
    [made] = json_lines(district(*customs, "procedure", *words, "--agency", "customs", "--json"))
    number = made["number"]
    changed = district(*customs, "procedure", *words, "--until", "+24", "--replaces", number)
    assert (changed.returncode, "version 2, in force" in changed.stdout) == (0, True), changed.stderr
    assert district("bulletin", "publish", "notice", *words, "--replaces", number).returncode == 1
    shown = district("--as", "broker", "bulletin", "show", number).stdout
    assert "superseded" in shown
    assert "The lane stays open." in shown
    assert number in district("bulletin", "list", "--kind", "procedure", "--standing", "--csv").stdout
    heard = json_lines(district("bulletin", "follow", "--timeout", "2", "--json"))
    assert [each["version"] for each in heard if each["number"] == number] == [1, 2]


def test_a_complaint_goes_from_filing_to_a_binding_arbitration(district: Any, json_lines: Any) -> None:
    filed = district(
        "--as", "console", "complaint", "file", "CONDUCT", "--text", "拒绝受理。", "--agency", "customs", "--json"
    )
    complaint, said = json_lines(filed)
    number, token = complaint["number"], ("--token", said["token"])
    assert "CONDUCT" in district("complaint", "kinds").stdout
    answered = district("--as", "officer-customs", "complaint", "answer", number, "rejected", "--text", "材料不全。")
    assert (answered.returncode, "ANSWERED" in answered.stdout) == (0, True), answered.stderr
    assert district("--as", "console", "complaint", "show", number).returncode == 1
    assert district("--as", "console", "complaint", "escalate", number, "--text", "没有说明。", *token).returncode == 0
    order = ("--reason", "答复不成立。", "--measure", "customs,answer,+72,三日内重新答复")
    assert "PROPOSED" in district("complaint", "arbitrate", number, "upheld", *order).stdout
    assert district("complaint", "arbitrate", number, "confirm").returncode == 1
    assert "ARBITRATED" in district("--as", "duty", "complaint", "arbitrate", number, "confirm").stdout
    customs = ("--as", "officer-customs", "complaint")
    assert "三日内重新答复" in district(*customs, "follow", "--timeout", "2").stdout
    assert "not yet receipted" not in district(*customs, "receipt", number).stdout
    assert "UPHELD" in district("--as", "console", "complaint", "show", number, *token).stdout
    assert number in district("complaint", "list", "--state-filter", "arbitrated", "--csv").stdout
    assert "CONDUCT" in district("complaint", "figures", "--csv").stdout
