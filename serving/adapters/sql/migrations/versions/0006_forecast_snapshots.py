"""Forecasts that can be looked back at: what they were made from, and which was the first of its day."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("forecasts") as table:
        table.add_column(sa.Column("data_hash", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("first_key", sa.String(length=96), nullable=True))
    _mark_the_first()
    with op.batch_alter_table("forecasts") as table:
        table.create_unique_constraint(op.f("uq_forecasts_shop_id_first_key"), ["shop_id", "first_key"])


def _mark_the_first() -> None:
    """Mark the forecast of each item, day and horizon whose id, which sorts by time, is the lowest."""
    names = ("shop_id", "forecast_id", "item_id", "horizon_days", "first_key")
    t = sa.table("forecasts", *(sa.column(name) for name in names), sa.column("as_of", sa.Date()))
    c = t.c
    group = (c.shop_id, c.item_id, c.as_of, c.horizon_days)
    db = op.get_bind()
    lowest = sa.select(*group, sa.func.min(c.forecast_id)).group_by(*group)
    for shop_id, item_id, as_of, horizon_days, forecast_id in db.execute(lowest).all():
        one = (c.shop_id == shop_id, c.forecast_id == forecast_id)
        db.execute(t.update().where(*one).values(first_key=f"{as_of}/{horizon_days}/{item_id}"))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("forecasts") as table:
        table.drop_constraint(op.f("uq_forecasts_shop_id_first_key"), type_="unique")
        table.drop_column("first_key")
        table.drop_column("data_hash")
