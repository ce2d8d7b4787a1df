"""Long work a shop asked for: kept where it stands, so that the next reader can continue it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

JobStatus = Literal["running", "done", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work, done part by part.

    Parameters
    ----------
    job_id : str
        The job.
    kind : {"forecast"}
        What is made.
    horizon_days : int
        Days ahead.
    status : JobStatus
        Where it stands.
    total, completed : int
        Items there were when it was asked for, and items done.
    cursor : str or None
        The last item done; None before the first.
    version : int
        Grows with every change; a change is made for the version it was read at.
    actor : str
        Who asked.
    created_at, changed_at : datetime
        When it was asked for and last went on.
    claimed_until : datetime or None, default=None
        Until when somebody is at the next part.
    """

    job_id: str
    kind: Literal["forecast"]
    horizon_days: int
    status: JobStatus
    total: int
    completed: int
    cursor: str | None
    version: int
    actor: str
    created_at: datetime
    changed_at: datetime
    claimed_until: datetime | None = None


class JobStore(Protocol):
    """Keeps jobs."""

    def add(self, shop_id: str, job: Job) -> None:
        """Add a job."""
        ...

    def get(self, shop_id: str, job_id: str) -> Job:
        """Return a job, or raise NotFound."""
        ...

    def running(self, limit: int) -> tuple[tuple[str, str], ...]:
        """Return shop and job ids of what is unfinished, the longest untouched first, for the operator's worker."""
        ...

    def change(self, shop_id: str, job: Job) -> bool:
        """Replace a job if it still is at its version, raise the version, and tell whether it was replaced."""
        ...
