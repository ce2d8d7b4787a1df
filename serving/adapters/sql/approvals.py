"""Approvals in the same database, hence used in the same unit of work, as most of what they allow."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import approvals as t
from serving.errors import Conflict, NotFound
from serving.ports.approvals import Approval, ApprovalStatus
from serving.ports.page import Page


class SqlApprovalStore:
    """Keeps approvals in the table `approvals`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, shop_id: str, approval: Approval) -> None:
        """Add a row."""
        with self._database.writing() as db:
            db.execute(t.insert().values(shop_id=shop_id, **_values(approval)))

    def get(self, shop_id: str, approval_id: str) -> Approval:
        """Return one."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.approval_id == approval_id)
        with self._database.reading() as db:
            row = db.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no approval '{approval_id}'", field="approval_id")
        return _approval(row)

    def waiting(self, shop_id: str, asked_by: str, payload_sha256: str, now: datetime) -> Approval | None:
        """Return what the person already asked for."""
        query = sa.select(t).where(
            t.c.shop_id == shop_id,
            t.c.status == "pending",
            t.c.asked_by == asked_by,
            t.c.payload_sha256 == payload_sha256,
            t.c.expires_at > now,
        )
        with self._database.reading() as db:
            row = db.execute(query.order_by(t.c.approval_id.desc()).limit(1)).mappings().one_or_none()
        return None if row is None else _approval(row)

    def list(
        self,
        shop_id: str,
        limit: int,
        after: str | None,
        *,
        status: ApprovalStatus | None = None,
        asked_by: str | None = None,
    ) -> Page[Approval]:
        """Return a page, the newest first."""
        query = sa.select(t).where(t.c.shop_id == shop_id)
        if status is not None:
            query = query.where(t.c.status == status)
        if asked_by is not None:
            query = query.where(t.c.asked_by == asked_by)
        if after is not None:
            query = query.where(t.c.approval_id < after)
        with self._database.reading() as db:
            found = db.execute(query.order_by(t.c.approval_id.desc()).limit(limit + 1)).mappings().all()
        rows = tuple(_approval(row) for row in found[:limit])
        return Page(rows, rows[-1].approval_id if len(found) > limit else None)

    def change(self, shop_id: str, approval: Approval, before: ApprovalStatus) -> None:
        """Replace a row on condition of its status."""
        same = (t.c.shop_id == shop_id, t.c.approval_id == approval.approval_id, t.c.status == before)
        with self._database.writing() as db:
            if db.execute(t.update().where(*same).values(_values(approval))).rowcount == 0:
                raise Conflict(
                    f"approval '{approval.approval_id}' is no longer {before}", field="approval_id"
                )


def _values(approval: Approval) -> dict[str, Any]:
    """Write the fields as columns."""
    return dataclasses.asdict(approval) | {"actions": " ".join(approval.actions)}


def _approval(row: Mapping[Any, Any]) -> Approval:
    """Read a row."""
    values = {name: value for name, value in row.items() if name != "shop_id"}
    return Approval(**values | {"actions": tuple(row["actions"].split())})
