"""Clients' own ids and the marks of facts, in the same unit of work as what they stand for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import fact_marks
from serving.adapters.sql.schema import facts as t
from serving.errors import IdReused
from serving.ports.facts import Fact, FactKind, FactMark

_IN_CHUNK = 500


class SqlFactStore:
    """Keeps ids and answers in the table `facts`, flags in `fact_marks`.

    Parameters
    ----------
    database : Database
        Where.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, shop_id: str, fact: Fact, now: datetime) -> str | None:
        """Take the id or return what is stored under it."""
        with self._database.writing() as db:
            if self._database.insert_new(t, _row(shop_id, fact, now), "shop_id", "kind", "fact_id"):
                return None
            found = db.execute(_query(shop_id, fact).with_for_update()).one_or_none()
            return None if found is None else _answer(fact, found)

    def reserve(self, shop_id: str, fact: Fact, now: datetime) -> datetime:
        """Note the id, or return when it was noted."""
        with self._database.writing() as db:
            if self._database.insert_new(t, _row(shop_id, fact, now), "shop_id", "kind", "fact_id"):
                return now
            found = db.execute(_query(shop_id, fact)).one()
            _answer(fact, found)
            first: datetime = found.claimed_at
            return first

    def release(self, shop_id: str, fact: Fact) -> None:
        """Forget an id without an answer."""
        with self._database.writing() as db:
            db.execute(t.delete().where(*_mine(shop_id, fact), t.c.answer.is_(None)))

    def complete(self, shop_id: str, fact: Fact, answer: str) -> None:
        """Store the answer."""
        with self._database.writing() as db:
            db.execute(t.update().where(*_mine(shop_id, fact)).values(answer=answer))

    def mark(self, shop_id: str, kind: FactKind, fact_id: str, mark: FactMark) -> None:
        """Note flags; those of a fact that is there already stay."""
        row: dict[str, object] = {"shop_id": shop_id, "kind": kind, "fact_id": fact_id}
        row |= {"recorded_at": mark.recorded_at, "flags": " ".join(mark.flags)}
        self._database.insert_new(fact_marks, row, "shop_id", "kind", "fact_id")

    def marks(self, shop_id: str, kind: FactKind, fact_ids: tuple[str, ...]) -> Mapping[str, FactMark]:
        """Return the notes of some facts."""
        m = fact_marks.c
        found: dict[str, FactMark] = {}
        ids = sorted(set(fact_ids))
        with self._database.reading() as db:
            for start in range(0, len(ids), _IN_CHUNK):
                chunk = ids[start : start + _IN_CHUNK]
                query = sa.select(fact_marks).where(
                    m.shop_id == shop_id, m.kind == kind, m.fact_id.in_(chunk)
                )
                for row in db.execute(query):
                    found[row.fact_id] = FactMark(row.recorded_at, tuple(row.flags.split()))
        return found


def _row(shop_id: str, fact: Fact, now: datetime) -> dict[str, Any]:
    """Describe an id without an answer."""
    own = {"shop_id": shop_id, "kind": fact.kind, "fact_id": fact.fact_id}
    return own | {"fingerprint": fact.fingerprint, "claimed_at": now}


def _query(shop_id: str, fact: Fact) -> "sa.Select[Any]":
    """Ask for the row of one id."""
    return sa.select(t.c.fingerprint, t.c.answer, t.c.claimed_at).where(*_mine(shop_id, fact))


def _mine(shop_id: str, fact: Fact) -> tuple[sa.ColumnElement[bool], ...]:
    """Match the row of one id."""
    return (t.c.shop_id == shop_id, t.c.kind == fact.kind, t.c.fact_id == fact.fact_id)


def _answer(fact: Fact, found: "sa.Row[Any]") -> str | None:
    """Return the stored answer of the row of an id."""
    if found.fingerprint != fact.fingerprint:
        raise IdReused(f"'{fact.fact_id}' stands for another {fact.kind} already", field=fact.field)
    return None if found.answer is None else str(found.answer)
