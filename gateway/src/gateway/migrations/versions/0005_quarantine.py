"""What was set aside, in one place. What older versions set aside goes on standing where it stood."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ASIDE = sa.text("state = 1")


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("first_time", sa.BigInteger, nullable=False),
        sa.Column("last_time", sa.BigInteger, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("requeues", sa.Integer, nullable=False),
        sa.Column("requeuer", sa.Text, nullable=False),
        sa.Column("requeue_reason", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("requeue_time", sa.BigInteger),
        sa.CheckConstraint("kind BETWEEN 1 AND 11 AND state BETWEEN 1 AND 3 AND tries >= 1", name="quarantine_sound"),
        sa.Index("quarantine_set_aside", "first_time", "id", sqlite_where=ASIDE, postgresql_where=ASIDE),
        sa.Index("quarantine_by_number", "number", "kind"),
    )


def downgrade() -> None:
    op.drop_table("quarantine")
