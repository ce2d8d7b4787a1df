"""Sign-in by a code on the phone, and who signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "phones",
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_phones")),
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("code_id", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_sign_in_codes")),
    )
    with op.batch_alter_table("sign_in_codes") as table:
        table.create_index(op.f("ix_sign_in_codes_phone_created_at"), ["phone", "created_at"])
    op.create_table(
        "sign_in_events",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_device", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_sign_in_events")),
    )
    with op.batch_alter_table("sign_in_events") as table:
        table.create_index(op.f("ix_sign_in_events_user_id_event_id"), ["user_id", "event_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("sign_in_events")
    op.drop_table("sign_in_codes")
    op.drop_table("phones")
