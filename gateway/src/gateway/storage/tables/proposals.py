"""What one person has proposed and another has yet to do, or has done."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, text

from gateway.storage.tables.base import metadata

_OPEN = text("state = 1")

proposals = Table(
    "proposals",
    metadata,
    Column("proposer", Text, primary_key=True),
    # What is proposed, and of which of the case's things (domain.proposal). Request ids are of one act each.
    Column("act", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("propose_time", BigInteger, nullable=False),
    # 1 open, 2 done, 3 withdrawn.
    Column("state", Integer, nullable=False),
    Column("second", Text, nullable=False),
    Column("end_request_id", Text, nullable=False),
    Column("end_time", BigInteger),
    # Whoever did what he had proposed would be one pair of eyes.
    CheckConstraint("state <> 2 OR second <> proposer", name="proposals_are_done_by_another"),
    Index("proposals_open", "number", "act", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("proposals_by_number", "number"),
    sqlite_with_rowid=False,
)
