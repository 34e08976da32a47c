"""What a district runs on: locked by hash, under licences that are known, listed."""

import json
import re
from pathlib import Path

import pytest
from district import FULL
from source_law import ROOT
from tooling import tool

sbom = tool("sbom")

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# Of the last two the program is a user, not a derived work: they come as packages of their own.
KNOWN = frozenset(
    """
    MIT MIT-0 Apache-2.0 BSD-2-Clause BSD-3-Clause ISC PSF-2.0 LicenseRef-Public-Domain LGPL-2.1-or-later LGPL-3.0-only
    """.split()  # noqa: SIM905
)


def test_the_page_of_licences_is_what_the_packages_say() -> None:
    assert sbom.PAGE.read_text() == sbom.page(), "run `make licences`"


def test_every_licence_is_one_that_was_looked_at() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", sbom.page(), re.MULTILINE)[1:]
    assert len(rows) > 30
    asked = {name: set(re.split(r" (?:OR|AND) ", expression)) for name, expression in rows}
    assert {name: sorted(each - KNOWN) for name, each in asked.items() if each - KNOWN} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_locked_package_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("--hash=sha256:" in each for each in entries if "==" in each)
    assert "://" not in text


def test_the_bill_of_materials_names_every_locked_package(tmp_path: Path) -> None:
    """At full counts of a clean environment; else of what was locked, which is what goes into it."""
    wanted = {re.sub(r"[-_.]+", "-", name).lower() for name in sbom.locked()}
    assert len(wanted) > 30
    if FULL:
        bill = json.loads(sbom.bill(tmp_path).read_text())
        named = {re.sub(r"[-_.]+", "-", each["name"]).lower() for each in bill["components"]}
        absent = wanted - named
        assert all(each in {"colorama", "tzdata", "pywin32"} for each in absent), absent
        assert all(each["version"] and each.get("licenses") for each in bill["components"])
