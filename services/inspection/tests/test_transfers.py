"""Transfers of inspection at origin (电子转单): their states as a table, their numbers, their passwords."""

import pytest

from inspection.domain.transfers import TRANSITIONS, Act, State, password_hash, transfer_number

# What each act makes of each state; a dash is refused.
TABLE = """
           ISSUED     SENT   CLAIMED  LOCKED     CANCELLED
claim      CLAIMED    -      -        -          -
lock       LOCKED     -      -        -          -
unlock     -          -      -        ISSUED     -
cancel     CANCELLED  -      -        CANCELLED  -
dispatch   SENT       -      -        -          -
"""
HEADER, *ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_acts_lead_where_the_table_says(row: list[str]) -> None:
    name, *after = row
    found = [TRANSITIONS.get((Act(name), State[before])) for before in HEADER]
    assert [state.name if state else "-" for state in found] == after


def test_every_act_stands_in_the_table() -> None:
    assert {row[0] for row in ROWS} == set(Act)
    assert [state.name for state in State] == HEADER


def test_a_number_is_the_same_for_the_same_request_and_no_other() -> None:
    asked = ("ningbo", "spiffe://ningbo.clearance/operator/li", "41842f92-ae5a-5f2e-81d8-1eb1b79ec0fc")
    number = transfer_number(*asked)
    assert number == transfer_number(*asked)
    assert (number[:7], len(number)) == ("NINGBO-", 19)
    others = [(*asked[:1], "spiffe://ningbo.clearance/operator/wu", asked[2]), (*asked[:2], "another")]
    assert number not in {transfer_number(*other) for other in others}


def test_a_password_is_told_by_its_hash_under_its_own_salt_only() -> None:
    secret = password_hash("Jinhua-17", b"s" * 16)
    assert (secret == password_hash("Jinhua-17", b"s" * 16), len(secret)) == (True, 32)
    assert secret not in (password_hash("Jinhua-18", b"s" * 16), password_hash("Jinhua-17", b"t" * 16))
