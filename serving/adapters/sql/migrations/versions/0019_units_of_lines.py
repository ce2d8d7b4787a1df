"""The unit that a line of a bill was sold in."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("sales_items") as table:
        table.add_column(sa.Column("unit", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("unit_milli", sa.BigInteger(), server_default="1000", nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("sales_items") as table:
        table.drop_column("unit_milli")
        table.drop_column("unit")
