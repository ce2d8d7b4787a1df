"""Prices that are to hold from a day ahead on."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "planned_prices",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("price_paise", sa.BigInteger(), nullable=False),
        sa.Column("price_before_paise", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("advice_id", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change_id", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=500), nullable=False),
        sa.Column("open_key", sa.String(length=96), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "plan_id", name=op.f("pk_planned_prices")),
        sa.UniqueConstraint("shop_id", "open_key", name=op.f("uq_planned_prices_shop_id_open_key")),
    )
    with op.batch_alter_table("planned_prices") as table:
        table.create_index(
            op.f("ix_planned_prices_shop_id_item_id_from_on"), ["shop_id", "item_id", "from_on"]
        )
        table.create_index(op.f("ix_planned_prices_status_from_on"), ["status", "from_on"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("planned_prices")
