"""When the database was found to be an old backup."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "old_copies",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("witness", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("first_by", sa.Text, nullable=False),
        sa.Column("second_by", sa.Text, nullable=False),
        sa.Column("end_time", sa.BigInteger),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.CheckConstraint("end_time IS NULL OR second_by <> first_by", name="old_copies_are_resumed_by_two"),
    )


def downgrade() -> None:
    op.drop_table("old_copies")
