"""What one person proposes and another does, as it is stored on both databases."""

import importlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from agencykit.storage.engines import make_engine
from gateway.domain.emergency import DECLARE
from gateway.domain.proposal import GUARANTEE_CLAIM, Proposal, ProposalState
from gateway.storage.proposals import end_proposal, insert_proposal, load_proposals

NUMBER, NOW = "310020041117AAAA", 1_100_649_600_000_000
WEI, FANG = "spiffe://ningbo.clearance/operator/li-wei", "spiffe://ningbo.clearance/operator/wang-fang"
CLAIM = Proposal(NUMBER, GUARANTEE_CLAIM, "1", WEI, "7d444840", "关税未缴", NOW)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = make_engine(database_url, connections=1)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def test_a_proposal_is_read_as_it_was_written_and_ended_once(connection: Connection) -> None:
    insert_proposal(connection, CLAIM)
    assert load_proposals(connection, GUARANTEE_CLAIM, NUMBER) == [CLAIM]
    assert load_proposals(connection, "another act", NUMBER) == []
    end_proposal(connection, CLAIM, ProposalState.DONE, FANG, "9dc0", NOW + 1)
    ended = replace(CLAIM, state=ProposalState.DONE, second=FANG, end_request_id="9dc0", end_time=NOW + 1)
    assert load_proposals(connection, GUARANTEE_CLAIM, NUMBER) == [ended]
    with pytest.raises(RuntimeError):
        end_proposal(connection, CLAIM, ProposalState.WITHDRAWN, FANG, "9dc1", NOW + 2)


def test_one_request_id_proposes_one_thing_of_each_kind(connection: Connection) -> None:
    """Request ids of different acts know nothing of each other."""
    other = replace(CLAIM, number="F310020040001", act=DECLARE)
    insert_proposal(connection, CLAIM)
    insert_proposal(connection, other)
    end_proposal(connection, other, ProposalState.WITHDRAWN, WEI, "9dc0", NOW + 1)
    assert load_proposals(connection, GUARANTEE_CLAIM, NUMBER) == [CLAIM]
    with pytest.raises(DBAPIError), connection.begin_nested():
        insert_proposal(connection, replace(CLAIM, subject="2"))


def test_nobody_does_what_he_has_proposed_himself_whatever_the_code_says(connection: Connection) -> None:
    insert_proposal(connection, CLAIM)
    with pytest.raises(DBAPIError, match="proposals_are_done_by_another"), connection.begin_nested():
        end_proposal(connection, CLAIM, ProposalState.DONE, WEI, "9dc0", NOW + 1)


def test_one_proposal_of_a_thing_is_open_at_a_time_and_one_that_was_withdrawn_bars_none(connection: Connection) -> None:
    insert_proposal(connection, CLAIM)
    again = replace(CLAIM, proposer=FANG, request_id="11d1")
    with pytest.raises(DBAPIError), connection.begin_nested():
        insert_proposal(connection, again)
    end_proposal(connection, CLAIM, ProposalState.WITHDRAWN, WEI, "9dc0", NOW + 1)
    insert_proposal(connection, again)
    states = [each.state for each in load_proposals(connection, GUARANTEE_CLAIM, NUMBER)]
    assert sorted(states) == [ProposalState.OPEN, ProposalState.WITHDRAWN]


def test_what_was_proposed_before_the_key_had_the_act_stands_after_it(connection: Connection) -> None:
    insert_proposal(connection, CLAIM)
    migration = importlib.import_module("gateway.migrations.versions.0008_proposals")
    with Operations.context(MigrationContext.configure(connection)):
        migration.downgrade()
        migration.upgrade()
    assert load_proposals(connection, GUARANTEE_CLAIM, NUMBER) == [CLAIM]
    insert_proposal(connection, replace(CLAIM, number="F310020040001", act=DECLARE))
