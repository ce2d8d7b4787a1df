"""Chain the entries of each khata, and keep what happens around it: promises, reminders, pauses, disputes."""

import sqlalchemy as sa
from alembic import op

from samaan_ml.domain.khata import ChainLink, link
from samaan_ml.domain.ledger import LedgerEntry
from serving.adapters.sql.schema import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ENTRY = (
    "entry_id", "shop_id", "customer_id", "kind", "amount_paise", "at", "due_on", "reverses", "reason", "actor", "note"
)  # fmt: skip


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("entry_count", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("head_hash", sa.String(length=64), nullable=True))
    with op.batch_alter_table("udhaar_entries") as table:
        table.add_column(sa.Column("sequence", sa.Integer(), nullable=True))
        table.add_column(sa.Column("entry_hash", sa.String(length=64), nullable=True))
    _chain_what_is_there()
    with op.batch_alter_table("udhaar_entries") as table:
        table.alter_column("sequence", existing_type=sa.Integer(), nullable=False)
        table.alter_column("entry_hash", existing_type=sa.String(length=64), nullable=False)
        table.create_unique_constraint(
            op.f("uq_udhaar_entries_shop_id_customer_id_sequence"), ["shop_id", "customer_id", "sequence"]
        )
    op.create_table(
        "customer_events",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("closes", sa.String(length=64), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "event_id", name=op.f("pk_customer_events")),
        sa.UniqueConstraint("shop_id", "closes", name=op.f("uq_customer_events_shop_id_closes")),
    )
    with op.batch_alter_table("customer_events") as table:
        table.create_index(
            op.f("ix_customer_events_shop_id_customer_id_event_id"), ["shop_id", "customer_id", "event_id"]
        )


def _chain_what_is_there() -> None:
    """Chain the entries of before in the order of their ids, which sort by the time of writing.

    The form of the hash is fixed: statements in customers' hands depend on it.
    """
    names: list[sa.ColumnClause[object]] = [
        sa.column(name) for name in _ENTRY if name not in ("at", "due_on")
    ]
    at, due_on = sa.column("at", Instant()), sa.column("due_on", sa.Date())
    entries = sa.table("udhaar_entries", *names, at, due_on, sa.column("sequence"), sa.column("entry_hash"))
    customers = sa.table(
        "customers", *(sa.column(name) for name in ("shop_id", "customer_id", "entry_count", "head_hash"))
    )
    db = op.get_bind()
    for shop_id, customer_id in db.execute(sa.select(customers.c.shop_id, customers.c.customer_id)).all():
        own = (entries.c.shop_id == shop_id, entries.c.customer_id == customer_id)
        query = sa.select(*(entries.c[name] for name in _ENTRY)).where(*own).order_by(entries.c.entry_id)
        head: ChainLink | None = None
        for row in db.execute(query).mappings().all():
            head = link(LedgerEntry(**row), head)
            one = (entries.c.shop_id == shop_id, entries.c.entry_id == row["entry_id"])
            values = {"sequence": head.sequence, "entry_hash": head.entry_hash}
            db.execute(entries.update().where(*one).values(values))
        if head is not None:
            mine = (customers.c.shop_id == shop_id, customers.c.customer_id == customer_id)
            after = {"entry_count": head.sequence, "head_hash": head.entry_hash}
            db.execute(customers.update().where(*mine).values(after))


def downgrade() -> None:
    """Go back."""
    op.drop_table("customer_events")
    with op.batch_alter_table("udhaar_entries") as table:
        table.drop_constraint(op.f("uq_udhaar_entries_shop_id_customer_id_sequence"), type_="unique")
        table.drop_column("entry_hash")
        table.drop_column("sequence")
    with op.batch_alter_table("customers") as table:
        table.drop_column("head_hash")
        table.drop_column("entry_count")
