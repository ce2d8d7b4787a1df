"""The forecast of everything a shop sells: asked for once, made a part at a time.

Each look at the job does the next part, under a claim, so that two looks at once do not do the same one. No
thread, queue or worker belongs to it: a restart loses nothing, and a Lambda ends within its time. Where no one
looks, `python -m serving run-jobs` goes on with it.
"""

from dataclasses import replace
from datetime import timedelta

from serving.errors import Conflict, NotFound
from serving.forecast.schemas import ForecastJob, ItemForecastCard, JobQuestion
from serving.forecast.service import ForecastService, saved_card
from serving.ports.clock import Clock, new_id
from serving.ports.forecasts import ForecastStore
from serving.ports.items import Item, ItemStore
from serving.ports.jobs import Job, JobStatus, JobStore
from serving.ports.page import Page, walk

PART = 100
"""Items a part has: what one question may ask for."""
_CLAIM = timedelta(seconds=60)
_PAGE = 200


class ForecastJobService:
    """Starts, goes on with, cancels and shows jobs."""

    def __init__(
        self,
        jobs: JobStore,
        forecasting: ForecastService,
        forecasts: ForecastStore,
        items: ItemStore,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._forecasting = forecasting
        self._forecasts = forecasts
        self._items = items
        self._clock = clock

    def start(self, shop_id: str, actor: str, body: JobQuestion) -> ForecastJob:
        """Note what is to be done; nothing is done yet."""
        now = self._clock.now()
        total = self._count(shop_id)
        status: JobStatus = "running" if total else "done"
        job = Job(new_id(now), "forecast", body.horizon_days, status, total, 0, None, 1, actor, now, now)
        self._jobs.add(shop_id, job)
        return _card(job)

    def _count(self, shop_id: str) -> int:
        """Count the shop's items."""
        return sum(1 for _ in walk(lambda after: self._items.list_items(shop_id, _PAGE, after)))

    def advance(self, shop_id: str, job_id: str) -> ForecastJob:
        """Do the next part if no other process is at it, and tell how far it is."""
        job = self._jobs.get(shop_id, job_id)
        now = self._clock.now()
        if job.status != "running" or (job.claimed_until is not None and job.claimed_until > now):
            return _card(job)
        claimed = replace(job, claimed_until=now + _CLAIM, changed_at=now)
        if not self._jobs.change(shop_id, claimed):
            return _card(self._jobs.get(shop_id, job_id))
        claimed = replace(claimed, version=job.version + 1)
        waiting = True
        try:
            done = self._do_part(shop_id, claimed)
            waiting = done == claimed
        finally:
            if waiting:  # the model was away, or something failed: the next look tries this part again
                self._jobs.change(shop_id, replace(claimed, claimed_until=None))
        if not waiting:
            self._jobs.change(shop_id, done)
        return _card(self._jobs.get(shop_id, job_id), waiting=waiting)

    def _do_part(self, shop_id: str, job: Job) -> Job:
        """Forecast the next items, which saves the forecasts; a part that no model answered is not done."""
        page = self._items.list_items(shop_id, PART, job.cursor)
        if page.rows and self._forecasting.make(shop_id, page.rows, job.horizon_days).degraded:
            return job
        completed = job.completed + len(page.rows)
        return replace(
            job,
            completed=completed,
            total=max(job.total, completed) if page.after else completed,
            cursor=page.rows[-1].item_id if page.rows else job.cursor,
            status="running" if page.after else "done",
            claimed_until=None,
            changed_at=self._clock.now(),
        )

    def cancel(self, shop_id: str, job_id: str) -> ForecastJob:
        """Stop a job; what it did is kept. A job that was cancelled before stays so."""
        while True:
            job = self._jobs.get(shop_id, job_id)
            if job.status == "cancelled":
                return _card(job)
            if job.status != "running":
                raise Conflict(f"job '{job_id}' is {job.status}", field="job_id")
            stopped = replace(job, status="cancelled", claimed_until=None, changed_at=self._clock.now())
            if self._jobs.change(shop_id, stopped):
                return _card(stopped)

    def read(self, shop_id: str, job_id: str) -> Job:
        """Return a job as it stands."""
        return self._jobs.get(shop_id, job_id)

    def results(self, shop_id: str, job: Job, limit: int, after: str | None) -> Page[ItemForecastCard]:
        """Return a page of what the job made so far; items without a past come without figures."""
        page: Page[Item] = self._items.list_items(shop_id, limit, after)
        done = [item for item in page.rows if job.cursor is not None and item.item_id <= job.cursor]
        more = page.after if len(done) == len(page.rows) and page.after != job.cursor else None
        return Page(tuple(self._result(shop_id, job, item) for item in done), more)

    def _result(self, shop_id: str, job: Job, item: Item) -> ItemForecastCard:
        """Return what the job, or a newer question, made of an item."""
        try:
            saved = self._forecasts.latest(shop_id, item.item_id)
        except NotFound:
            saved = None
        if saved is None or saved.made_at < job.created_at:
            return saved_card(item, None, job.created_at)
        return saved_card(item, saved, saved.made_at)


def _card(job: Job, *, waiting: bool = False) -> ForecastJob:
    """Show a job."""
    return ForecastJob(
        job_id=job.job_id,
        status=job.status,
        horizon_days=job.horizon_days,
        total=job.total,
        completed=job.completed,
        progress_ratio=job.completed / job.total if job.total else 1.0,
        waiting_for_model=waiting,
        created_at=job.created_at,
        changed_at=job.changed_at,
    )
