"""When items and lots were last counted: what happened before changes nothing of it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for name in ("items", "batches"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    for name in ("items", "batches"):
        with op.batch_alter_table(name) as table:
            table.drop_column("counted_at")
