"""Until when a supplier takes orders, and when he does not come."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("suppliers") as table:
        table.add_column(sa.Column("order_days_before", sa.Integer(), server_default="1", nullable=False))
        table.add_column(sa.Column("order_by", sa.Time(), server_default="18:00:00", nullable=False))
        table.add_column(
            sa.Column("on_holiday", sa.String(length=8), server_default="skipped", nullable=False)
        )
        table.add_column(sa.Column("closed_on", sa.Text(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("suppliers") as table:
        for name in ("closed_on", "on_holiday", "order_by", "order_days_before"):
            table.drop_column(name)
