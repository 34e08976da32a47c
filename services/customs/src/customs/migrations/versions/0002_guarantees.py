"""The guarantee ledger, and covers from outside; entries can be appended, and neither changed nor deleted."""

from alembic import op

from customs.migrations.append_only import forbid_changes, forget
from customs.storage import outside_covers
from customs.storage.guarantee_tables import TABLES

revision = "0002"
down_revision = "0001"
ALL = (*TABLES, *outside_covers.TABLES)
APPENDED = ("guarantee_entries", *(table.name for table in outside_covers.TABLES))


def upgrade() -> None:
    for table in ALL:
        table.create(op.get_bind(), checkfirst=False)
    for name in APPENDED:
        forbid_changes(op.get_bind(), name)


def downgrade() -> None:
    for table in reversed(ALL):
        table.drop(op.get_bind(), checkfirst=False)
    for name in APPENDED:
        forget(op.get_bind(), name)
