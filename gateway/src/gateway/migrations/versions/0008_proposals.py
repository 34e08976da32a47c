"""A request id is of one act: the same person may use it for another."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

OPEN = sa.text("state = 1")


def _keyed(*key: str) -> None:
    """The table under this key; where that cannot be changed it is made anew, with all that stands in it."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("proposals_pkey", "proposals")
        op.create_primary_key("proposals_pkey", "proposals", list(key))
        return
    op.rename_table("proposals", "proposals_before")
    for index in ("proposals_open", "proposals_by_number"):
        op.drop_index(index, "proposals_before")
    names = ("proposer", "act", "request_id", "number", "subject", "reason", "propose_time", "state", "second")
    kinds = {"propose_time": sa.BigInteger, "state": sa.Integer}
    op.create_table(
        "proposals",
        *(sa.Column(name, kinds.get(name, sa.Text), nullable=False) for name in names),
        sa.Column("end_request_id", sa.Text, nullable=False),
        sa.Column("end_time", sa.BigInteger),
        sa.PrimaryKeyConstraint(*key),
        sa.CheckConstraint("state <> 2 OR second <> proposer", name="proposals_are_done_by_another"),
        sa.Index("proposals_open", "number", "act", "subject", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        sa.Index("proposals_by_number", "number"),
        sqlite_with_rowid=False,
    )
    columns = ", ".join((*names, "end_request_id", "end_time"))
    op.execute(f"INSERT INTO proposals ({columns}) SELECT {columns} FROM proposals_before")
    op.drop_table("proposals_before")


def upgrade() -> None:
    _keyed("proposer", "act", "request_id")


def downgrade() -> None:
    _keyed("proposer", "request_id")
