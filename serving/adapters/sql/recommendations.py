"""Decisions on recommendations in SQL."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import recommendation_choices as t
from serving.ports.recommendations import Choice


class SqlRecommendationStore:
    """Keeps decisions in the table `recommendation_choices`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def choose(self, shop_id: str, choice: Choice) -> None:
        """Append a decision."""
        with self._database.writing() as db:
            db.execute(t.insert().values(shop_id=shop_id, **dataclasses.asdict(choice)))
            self._database.note(shop_id, "recommendation", choice.key)

    def choices_since(self, shop_id: str, since: datetime) -> tuple[Choice, ...]:
        """Return the decisions from an instant on."""
        columns = [t.c[each.name] for each in dataclasses.fields(Choice)]
        query = sa.select(*columns).where(t.c.shop_id == shop_id, t.c.at >= since).order_by(t.c.at, t.c.key)
        with self._database.reading() as db:
            return tuple(Choice(**row) for row in db.execute(query).mappings())
