"""The books of payments; entries can be appended, and neither changed nor deleted."""

from alembic import op

from customs.migrations.append_only import forbid_changes, forget
from customs.storage.payments import payments

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    payments.create(op.get_bind(), checkfirst=False)
    forbid_changes(op.get_bind(), "payments")


def downgrade() -> None:
    payments.drop(op.get_bind(), checkfirst=False)
    forget(op.get_bind(), "payments")
