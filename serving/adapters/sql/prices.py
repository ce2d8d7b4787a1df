"""Price advice, price changes and planned prices in SQL."""

import dataclasses
import json
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from samaan_ml.domain.price_messages import PriceAdvice
from serving.adapters.sql.database import IN_CHUNK, Database
from serving.adapters.sql.schema import planned_prices as plans_table
from serving.adapters.sql.schema import price_changes as changes_table
from serving.adapters.sql.schema import pricing_recommendations as advice_table
from serving.errors import Conflict, NotFound
from serving.ports.page import Page
from serving.ports.prices import PriceChange, PricePlan, SavedAdvice


class SqlPriceStore:
    """Keeps advice in `pricing_recommendations`, changes in `price_changes`, plans in `planned_prices`."""

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
                self._database.note(shop_id, "price", change.change_id)
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

    def some(
        self, shop_id: str, ids: tuple[str, ...]
    ) -> tuple[tuple[PriceChange, ...], tuple[PricePlan, ...]]:
        """Return those that are there."""
        c, p, wanted = changes_table.c, plans_table.c, sorted(set(ids))
        changes: list[PriceChange] = []
        plans: list[PricePlan] = []
        for start in range(0, len(wanted), IN_CHUNK):
            chunk = wanted[start : start + IN_CHUNK]
            with self._database.reading() as db:
                query = sa.select(changes_table).where(c.shop_id == shop_id, c.change_id.in_(chunk))
                rows = db.execute(query).mappings().all()
            changes += [PriceChange(**{n: v for n, v in row.items() if n != "shop_id"}) for row in rows]
            plans += self._plans(sa.select(plans_table).where(p.shop_id == shop_id, p.plan_id.in_(chunk)))
        return tuple(changes), tuple(plans)

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

    def add_plan(self, shop_id: str, plan: PricePlan) -> None:
        """Keep a plan."""
        row = dataclasses.asdict(plan) | {"open_key": f"{plan.from_on}/{plan.item_id}"}
        try:
            with self._database.writing() as db:
                db.execute(plans_table.insert().values(shop_id=shop_id, **row))
                self._database.note(shop_id, "price", plan.plan_id)
        except IntegrityError:
            raise Conflict(
                f"'{plan.item_id}' has a price planned from {plan.from_on} on already",
                field="from_on",
                hint="withdraw that one first",
            ) from None

    def plan(self, shop_id: str, plan_id: str) -> PricePlan:
        """Return a plan."""
        p = plans_table.c
        found = self._plans(sa.select(plans_table).where(p.shop_id == shop_id, p.plan_id == plan_id))
        if not found:
            raise NotFound(f"no planned price '{plan_id}'", field="plan_id")
        return found[0]

    def settle_plan(self, shop_id: str, plan: PricePlan) -> None:
        """Write the end of a plan that still is to come."""
        p = plans_table.c
        mine = sa.and_(p.shop_id == shop_id, p.plan_id == plan.plan_id, p.status == "planned")
        end = {name: getattr(plan, name) for name in ("status", "settled_at", "change_id", "outcome")}
        with self._database.writing() as db:
            if db.execute(plans_table.update().where(mine).values(end | {"open_key": None})).rowcount == 0:
                raise Conflict(f"the planned price '{plan.plan_id}' no longer is to come", field="plan_id")
            self._database.note(shop_id, "price", plan.plan_id)

    def plans(self, shop_id: str, item_id: str | None, limit: int, after: str | None) -> Page[PricePlan]:
        """Return plans, the newest first."""
        p = plans_table.c
        query = sa.select(plans_table).where(p.shop_id == shop_id)
        if item_id is not None:
            query = query.where(p.item_id == item_id)
        if after is not None:
            query = query.where(p.plan_id < after)
        rows = self._plans(query.order_by(p.plan_id.desc()).limit(limit + 1))
        return Page(tuple(rows[:limit]), rows[limit - 1].plan_id if len(rows) > limit else None)

    def waiting_plans(
        self, shop_id: str, item_ids: tuple[str, ...] | None, until: date
    ) -> tuple[PricePlan, ...]:
        """Return the plans still to come; they are few, so that items are chosen here."""
        p = plans_table.c
        query = sa.select(plans_table).where(p.shop_id == shop_id, p.status == "planned", p.from_on <= until)
        wanted = None if item_ids is None else frozenset(item_ids)
        found = self._plans(query.order_by(p.from_on, p.plan_id))
        return tuple(each for each in found if wanted is None or each.item_id in wanted)

    def shops_with_plans(self, until: date) -> tuple[str, ...]:
        """Return the shops, by the index of plans to come."""
        p = plans_table.c
        query = sa.select(p.shop_id).where(p.status == "planned", p.from_on <= until).distinct()
        with self._database.reading() as db:
            return tuple(db.execute(query.order_by(p.shop_id)).scalars())

    def _plans(self, query: "sa.Select[Any]") -> list[PricePlan]:
        """Read plans."""
        with self._database.reading() as db:
            rows = db.execute(query).mappings().all()
        hidden = ("shop_id", "open_key")
        return [
            PricePlan(**{name: value for name, value in row.items() if name not in hidden}) for row in rows
        ]
