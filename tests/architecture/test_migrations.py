"""Migrations only grow: those of the version before are as they were, and newer ones take nothing away."""

import ast
from hashlib import sha256
from pathlib import Path

import pytest

from agencykit.decisions.tables import metadata

ROOT = Path(__file__).parents[2]
BEFORE = {
    name: digest for digest, name in map(str.split, (ROOT / "tests/upgrade/migrations.txt").read_text().splitlines())
}
NEWER = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*/src", "services/*/src")
    for path in ROOT.glob(f"{pattern}/**/migrations/versions/*.py")
    if path.relative_to(ROOT).as_posix() not in BEFORE
)
# What adds. A column that is added may be empty, or has a default in the database itself.
ADDING = {"create_table", "create_index", "add_column", "execute"}
# What makes a table anew and takes nothing away, each with why.
WIDENED = {
    # A key has one more column: whatever was unique is, and who writes as before finds his rows as before.
    "gateway/src/gateway/migrations/versions/0008_proposals.py",
}
# Of the kit's tables, which an agency's first migration makes from their declaration: all columns of all of them.
KIT_TABLES = "38af7ac698e919d59f8d89732470c987cda94b30fc276b71aa19a2334da4b9bb"


@pytest.mark.parametrize("name", BEFORE)
def test_a_migration_that_databases_have_passed_is_as_it_was(name: str) -> None:
    assert sha256((ROOT / name).read_bytes()).hexdigest() == BEFORE[name]


def test_the_kits_tables_are_those_that_agencies_databases_have() -> None:
    """A new one comes in a migration of each agency: what the first one makes is made once."""
    columns = sorted(
        f"{table.name}.{column.name} {column.type}" for table in metadata.tables.values() for column in table.columns
    )
    assert sha256("\n".join(columns).encode()).hexdigest() == KIT_TABLES


@pytest.mark.parametrize("name", [each for each in NEWER if each not in WIDENED])
def test_a_newer_migration_adds_and_takes_nothing_away(name: str) -> None:
    module = ast.parse((ROOT / name).read_text())
    ways = [each for each in module.body if not (isinstance(each, ast.FunctionDef) and each.name == "downgrade")]
    for call in [each for way in ways for each in ast.walk(way) if isinstance(each, ast.Call)]:
        act = call.func
        if not (isinstance(act, ast.Attribute) and isinstance(act.value, ast.Name) and act.value.id == "op"):
            continue
        assert act.attr in ADDING, f"{name}: op.{act.attr}"
        if act.attr == "execute":
            assert _inserts(call), f"{name}: {ast.unparse(call)}"
        if act.attr == "add_column":
            assert _may_be_empty(call), f"{name}: {ast.unparse(call)}"


def test_what_widens_is_still_there() -> None:
    assert set(NEWER) >= set(WIDENED)


def _inserts(call: ast.Call) -> bool:
    return isinstance(call.args[0], ast.Constant) and str(call.args[0].value).lstrip().upper().startswith(
        "INSERT INTO "
    )


def _may_be_empty(call: ast.Call) -> bool:
    column = call.args[1]
    given = {each.arg: each.value for each in column.keywords} if isinstance(column, ast.Call) else {}
    nullable = given.get("nullable")
    return "server_default" in given or not (isinstance(nullable, ast.Constant) and nullable.value is False)
