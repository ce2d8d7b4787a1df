"""Purchase orders and their lines, and how long goods keep."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("items") as table:
        table.add_column(sa.Column("shelf_life_days", sa.Integer(), nullable=True))
    op.create_table(
        "purchase_orders",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("supplier_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "order_id", name=op.f("pk_purchase_orders")),
    )
    op.create_index(
        op.f("ix_purchase_orders_shop_id_state_supplier_id"),
        "purchase_orders",
        ["shop_id", "state", "supplier_id"],
    )
    op.create_table(
        "purchase_order_lines",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost_paise", sa.BigInteger(), nullable=True),
        sa.Column("received_milli", sa.BigInteger(), nullable=False),
        sa.Column("received_cost_paise", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "line", name=op.f("pk_purchase_order_lines")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("purchase_order_lines")
    op.drop_table("purchase_orders")
    with op.batch_alter_table("items") as table:
        table.drop_column("shelf_life_days")
