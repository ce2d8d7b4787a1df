"""How a shop stands to GST."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("shops") as table:
        table.add_column(
            sa.Column("tax_scheme", sa.String(length=16), server_default="regular", nullable=False)
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("shops") as table:
        table.drop_column("tax_scheme")
