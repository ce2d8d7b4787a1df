"""Price advice and price changes in SQL."""

import dataclasses
import json

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from samaan_ml.domain.messages import PriceAdvice
from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import price_changes as changes_table
from serving.adapters.sql.schema import pricing_recommendations as advice_table
from serving.errors import Conflict, NotFound
from serving.ports.page import Page
from serving.ports.prices import PriceChange, SavedAdvice


class SqlPriceStore:
    """Keeps advice in `pricing_recommendations` and changes in `price_changes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_advice(self, shop_id: str, advice: tuple[SavedAdvice, ...]) -> None:
        """Keep advice."""
        rows = [
            {
                "shop_id": shop_id,
                "advice_id": saved.advice_id,
                "item_id": saved.item_id,
                "made_at": saved.made_at,
                "model_version": saved.model_version,
                "price_before_paise": saved.price_before_paise,
                "advice": json.dumps(saved.advice.to_json(), ensure_ascii=False, separators=(",", ":")),
                "status": saved.status,
            }
            for saved in advice
        ]
        if rows:
            with self._database.writing() as db:
                db.execute(advice_table.insert(), rows)

    def advice(self, shop_id: str, advice_id: str) -> SavedAdvice:
        """Return a piece of advice."""
        a = advice_table.c
        with self._database.reading() as db:
            query = sa.select(advice_table).where(a.shop_id == shop_id, a.advice_id == advice_id)
            row = db.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no price advice '{advice_id}'", field="advice_id")
        values = {name: value for name, value in row.items() if name != "shop_id"}
        advice = PriceAdvice.from_json(json.loads(row["advice"]), ignore_unknown=True)
        return SavedAdvice(**values | {"advice": advice})

    def settle_advice(self, shop_id: str, advice_id: str, before: str, after: str) -> None:
        """Move advice on, if it still is where the caller saw it."""
        a = advice_table.c
        update = advice_table.update().where(
            a.shop_id == shop_id, a.advice_id == advice_id, a.status == before
        )
        with self._database.writing() as db:
            if db.execute(update.values(status=after)).rowcount == 0:
                raise Conflict(f"advice '{advice_id}' is no longer {before}", field="advice_id")

    def add_change(self, shop_id: str, change: PriceChange) -> None:
        """Append a change."""
        try:
            with self._database.writing() as db:
                db.execute(changes_table.insert().values(shop_id=shop_id, **dataclasses.asdict(change)))
        except IntegrityError:
            raise Conflict(
                f"change '{change.rolls_back}' was rolled back before", field="change_id"
            ) from None

    def change(self, shop_id: str, change_id: str) -> PriceChange:
        """Return a change."""
        c = changes_table.c
        with self._database.reading() as db:
            query = sa.select(changes_table).where(c.shop_id == shop_id, c.change_id == change_id)
            row = db.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no price change '{change_id}'", field="change_id")
        return PriceChange(**{name: value for name, value in row.items() if name != "shop_id"})

    def changes(self, shop_id: str, item_id: str | None, limit: int, after: str | None) -> Page[PriceChange]:
        """Return changes, the newest first."""
        c = changes_table.c
        query = sa.select(changes_table).where(c.shop_id == shop_id)
        if item_id is not None:
            query = query.where(c.item_id == item_id)
        if after is not None:
            query = query.where(c.change_id < after)
        with self._database.reading() as db:
            found = db.execute(query.order_by(c.change_id.desc()).limit(limit + 1)).mappings().all()
        rows = [
            PriceChange(**{name: value for name, value in row.items() if name != "shop_id"}) for row in found
        ]
        return Page(tuple(rows[:limit]), rows[limit - 1].change_id if len(rows) > limit else None)
