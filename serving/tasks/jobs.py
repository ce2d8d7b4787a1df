"""Goes on with the long work that no client polls, until it is done or the time is up."""

import logging
from collections.abc import Callable

from serving.advice.readers import demand_reader, order_advisor
from serving.errors import NotFound, PortError
from serving.forecast.jobs import ForecastJobService
from serving.forecast.service import ForecastService
from serving.ports import Ports
from serving.ports.changes import KEPT

_log = logging.getLogger("serving.jobs")
_AT_ONCE = 100


def run_jobs(ports: Ports, in_time: Callable[[], bool] = lambda: True) -> tuple[int, int]:
    """Drop old keys and old changes of the feed, then do the parts of unfinished jobs, the longest untouched first.

    A job that fails, waits for its model or is another worker's is left for the next run and holds up no other.

    Parameters
    ----------
    ports : Ports
        The ports.
    in_time : callable, default=always
        Asked before each part; False ends the run between two parts, where nothing is lost.

    Returns
    -------
    tuple of int
        Jobs finished, jobs left.
    """
    now = ports.clock.now()
    ports.idempotency.purge(now)
    ports.changes.forget(now - KEPT)
    forecasting = ForecastService(
        demand=demand_reader(ports),
        advisor=order_advisor(ports),
        items=ports.items,
        lots=ports.lots,
        accounts=ports.accounts,
        cache=ports.cache,
        clock=ports.clock,
    )
    jobs = ForecastJobService(
        jobs=ports.jobs,
        forecasting=forecasting,
        forecasts=ports.forecasts,
        items=ports.items,
        clock=ports.clock,
    )
    finished = left = 0
    for shop_id, job_id in ports.jobs.running(_AT_ONCE):
        try:
            status = _to_its_end(jobs, shop_id, job_id, in_time)
        except (PortError, NotFound) as error:
            _log.error("job", exc_info=error)
            status = "running"
        finished += status == "done"
        left += status == "running"
    return finished, left


def _to_its_end(jobs: ForecastJobService, shop_id: str, job_id: str, in_time: Callable[[], bool]) -> str:
    """Do one job part by part while it moves, and return its status."""
    before = -1
    while in_time():
        job = jobs.advance(shop_id, job_id)
        if job.status != "running" or job.completed <= before:
            return job.status
        before = job.completed
    return "running"
