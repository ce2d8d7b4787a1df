"""Counters of the rate limiter, for when Redis is down."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "rate_buckets",
        sa.Column("key", sa.String(length=320), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("full_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_buckets")),
    )
    with op.batch_alter_table("rate_buckets") as table:
        table.create_index(op.f("ix_rate_buckets_full_at"), ["full_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("rate_buckets")
