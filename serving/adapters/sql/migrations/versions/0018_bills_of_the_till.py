"""Payment in parts, discounts, numbers and states of bills; counted drawers; what staff may do alone."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PARTS = ("cash_paise", "upi_paise", "card_paise", "udhaar_paise")
_LEFT = (
    "SELECT SUM(n.quantity_milli) FROM sales_items n JOIN sales_transactions r"
    " ON r.shop_id = n.shop_id AND r.sale_id = n.sale_id WHERE r.shop_id = sales_transactions.shop_id"
    " AND (r.sale_id = sales_transactions.sale_id OR r.returns = sales_transactions.sale_id)"
)


def upgrade() -> None:
    """Go forward; bills of before keep no number, and get the state that their returns tell."""
    with op.batch_alter_table("shops") as table:
        table.add_column(sa.Column("staff_refund_days", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("staff_backdate_days", sa.Integer(), server_default="2", nullable=False))
        table.add_column(
            sa.Column("staff_count_loss_paise", sa.BigInteger(), server_default="50000", nullable=False)
        )
    with op.batch_alter_table("sales_transactions") as table:
        for name in _PARTS:
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("discount_paise", sa.BigInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("bill_number", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("state", sa.String(length=16), server_default="posted", nullable=False))
        table.add_column(sa.Column("entry_id", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("reason", sa.String(length=500), nullable=True))
        table.create_unique_constraint(
            op.f("uq_sales_transactions_shop_id_bill_number"), ["shop_id", "bill_number"]
        )
    op.create_index(
        op.f("ix_sales_transactions_shop_id_entry_id"), "sales_transactions", ["shop_id", "entry_id"]
    )
    op.execute("UPDATE sales_transactions SET state = 'return' WHERE returns IS NOT NULL")
    op.execute(
        "UPDATE sales_transactions SET state = CASE WHEN"  # noqa: S608 (no outside text)
        f" ({_LEFT}) <= 0 THEN 'returned' ELSE 'part_returned' END"
        " WHERE returns IS NULL AND EXISTS (SELECT 1 FROM sales_transactions r"
        " WHERE r.shop_id = sales_transactions.shop_id AND r.returns = sales_transactions.sale_id)"
    )
    op.create_table(
        "bill_numbers",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=16), nullable=False),
        sa.Column("year", sa.String(length=7), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "series", "year", name=op.f("pk_bill_numbers")),
    )
    op.create_table(
        "cash_closings",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("closing_id", sa.String(length=64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("opening_paise", sa.BigInteger(), nullable=False),
        sa.Column("expected_paise", sa.BigInteger(), nullable=False),
        sa.Column("counted_paise", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "closing_id", name=op.f("pk_cash_closings")),
    )
    op.create_index(
        op.f("ix_cash_closings_shop_id_on_closing_id"), "cash_closings", ["shop_id", "on", "closing_id"]
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("cash_closings")
    op.drop_table("bill_numbers")
    op.drop_index(op.f("ix_sales_transactions_shop_id_entry_id"), "sales_transactions")
    with op.batch_alter_table("sales_transactions") as table:
        table.drop_constraint(op.f("uq_sales_transactions_shop_id_bill_number"), type_="unique")
        for name in ("reason", "entry_id", "state", "bill_number", "discount_paise", *reversed(_PARTS)):
            table.drop_column(name)
    with op.batch_alter_table("shops") as table:
        for name in ("staff_count_loss_paise", "staff_backdate_days", "staff_refund_days"):
            table.drop_column(name)
