"""Clients' own ids, flags of facts, when a bill was recorded, and the token before the present one."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_AT_ONCE = 5_000


def upgrade() -> None:
    """Go forward; bills that are there were recorded when their id was made."""
    op.create_table(
        "facts",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fact_id", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "kind", "fact_id", name=op.f("pk_facts")),
    )
    op.create_table(
        "fact_marks",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fact_id", sa.String(length=96), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flags", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "kind", "fact_id", name=op.f("pk_fact_marks")),
    )
    with op.batch_alter_table("sessions") as table:
        table.add_column(sa.Column("previous_hash", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sales_transactions", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    _date_bills()
    with op.batch_alter_table("sales_transactions") as table:
        table.alter_column("recorded_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        table.create_index(
            op.f("ix_sales_transactions_shop_id_recorded_at_sale_id"), ["shop_id", "recorded_at", "sale_id"]
        )


def _date_bills() -> None:
    """Read the instant out of each bill's id, which begins with it; of another id's bill, when it was sold."""
    db = op.get_bind()
    t = sa.table(
        "sales_transactions",
        sa.column("shop_id", sa.String),
        sa.column("sale_id", sa.String),
        sa.column("sold_at", sa.DateTime(timezone=True)),
        sa.column("recorded_at", sa.DateTime(timezone=True)),
    )
    some = sa.select(t.c.shop_id, t.c.sale_id, t.c.sold_at).where(t.c.recorded_at.is_(None)).limit(_AT_ONCE)
    change = (
        t.update()
        .where(t.c.shop_id == sa.bindparam("of_shop"), t.c.sale_id == sa.bindparam("of_sale"))
        .values(recorded_at=sa.bindparam("instant"))
    )
    while rows := db.execute(some).all():
        values = [
            {"of_shop": row.shop_id, "of_sale": row.sale_id, "instant": _made_at(row.sale_id) or row.sold_at}
            for row in rows
        ]
        db.execute(change, values)


def _made_at(sale_id: str) -> datetime | None:
    """Return the instant with which an id of the service's own begins."""
    start = sale_id[:12]
    if len(sale_id) < 32 or any(digit not in "0123456789abcdef" for digit in start):
        return None
    at = datetime.fromtimestamp(int(start, 16) / 1000, UTC)
    return at if 2020 <= at.year < 2100 else None


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("sales_transactions") as table:
        table.drop_index(op.f("ix_sales_transactions_shop_id_recorded_at_sale_id"))
        table.drop_column("recorded_at")
    with op.batch_alter_table("sessions") as table:
        table.drop_column("rotated_at")
        table.drop_column("previous_hash")
    op.drop_table("fact_marks")
    op.drop_table("facts")
