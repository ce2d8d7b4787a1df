"""Long work in SQL."""

import dataclasses

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import jobs as t
from serving.errors import NotFound
from serving.ports.jobs import Job


class SqlJobStore:
    """Keeps jobs in the table `jobs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, shop_id: str, job: Job) -> None:
        """Add a job."""
        with self._database.writing() as db:
            db.execute(t.insert().values(shop_id=shop_id, **dataclasses.asdict(job)))

    def get(self, shop_id: str, job_id: str) -> Job:
        """Return a job."""
        query = sa.select(t).where(t.c.shop_id == shop_id, t.c.job_id == job_id)
        with self._database.reading() as db:
            row = db.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"no job '{job_id}'", field="job_id")
        return Job(**{name: value for name, value in row.items() if name != "shop_id"})

    def running(self, limit: int) -> tuple[tuple[str, str], ...]:
        """Return what is unfinished."""
        query = sa.select(t.c.shop_id, t.c.job_id).where(t.c.status == "running")
        with self._database.reading() as db:
            rows = db.execute(query.order_by(t.c.changed_at, t.c.job_id).limit(limit)).all()
        return tuple((row.shop_id, row.job_id) for row in rows)

    def change(self, shop_id: str, job: Job) -> bool:
        """Replace a job on condition of its version."""
        same = sa.and_(t.c.shop_id == shop_id, t.c.job_id == job.job_id, t.c.version == job.version)
        values = dataclasses.asdict(job) | {"version": job.version + 1}
        with self._database.writing() as db:
            return db.execute(t.update().where(same).values(values)).rowcount == 1
