"""What each agency has receipted of how far it was told everything, and which cases an old copy is told of again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

STANDING = sa.text("state IN (6, 7, 8, 9, 10, 15, 17)")


def upgrade() -> None:
    op.create_table(
        "assurances",
        sa.Column("agency", sa.Text, primary_key=True),
        sa.Column("receipted_time", sa.BigInteger),
        sa.Column("retold", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("cases_standing", "cases", ["number"], sqlite_where=STANDING, postgresql_where=STANDING)


def downgrade() -> None:
    op.drop_index("cases_standing", "cases")
    op.drop_table("assurances")
