"""Bulletins, and how far partners' were read."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "bulletins",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("district", sa.Text, nullable=False),
        sa.Column("publisher", sa.Text, nullable=False),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("agencies", sa.Text, nullable=False),
        sa.Column("commitments", sa.Text, nullable=False),
        sa.Column("effective_time", sa.BigInteger, nullable=False),
        sa.Column("until_time", sa.BigInteger),
        sa.Column("withdrawal", sa.Integer, nullable=False),
        sa.Column("publish_time", sa.BigInteger, nullable=False),
        sa.CheckConstraint("version >= 1 AND kind BETWEEN 1 AND 6", name="bulletins_sound"),
        sa.CheckConstraint(
            "withdrawal IN (0, 1) AND (withdrawal = 0 OR version > 1)", name="bulletins_withdrawn_later"
        ),
        sa.Index("bulletins_by_position", "position", unique=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bulletin_positions",
        sa.Column("district", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('bulletins', 0), ('bulletin numbers', 0)")


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name IN ('bulletins', 'bulletin numbers')")
    op.drop_table("bulletin_positions")
    op.drop_table("bulletins")
