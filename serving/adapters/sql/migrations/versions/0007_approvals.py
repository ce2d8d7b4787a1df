"""An owner's word for what staff may not do alone, and the price below which that is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "approvals",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("approval_id", sa.String(length=64), nullable=False),
        sa.Column("actions", sa.String(length=100), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "approval_id", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("approvals") as table:
        table.create_index(
            op.f("ix_approvals_shop_id_status_approval_id"), ["shop_id", "status", "approval_id"]
        )
    with op.batch_alter_table("shops") as table:
        table.add_column(sa.Column("staff_floor_percent", sa.Integer(), server_default="100", nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("shops") as table:
        table.drop_column("staff_floor_percent")
    op.drop_table("approvals")
