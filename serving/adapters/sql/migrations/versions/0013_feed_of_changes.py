"""The feed of changes; shops that are there begin after a first number, so that their phones read everything once."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "change_heads",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_change_heads")),
    )
    op.create_table(
        "changes",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("thing_id", sa.String(length=96), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "kind", "thing_id", name=op.f("pk_changes")),
        sa.UniqueConstraint("shop_id", "seq", name=op.f("uq_changes_shop_id_seq")),
    )
    with op.batch_alter_table("changes") as table:
        table.create_index(op.f("ix_changes_shop_id_at"), ["shop_id", "at"])
    op.execute("INSERT INTO change_heads (shop_id, seq, floor) SELECT shop_id, 1, 1 FROM shops")


def downgrade() -> None:
    """Go back."""
    op.drop_table("changes")
    op.drop_table("change_heads")
