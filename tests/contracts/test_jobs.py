"""What every store of long work must do."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from serving.adapters.sql.database import Database
from serving.adapters.sql.jobs import SqlJobStore
from serving.errors import NotFound
from serving.ports.jobs import Job, JobStore


@pytest.fixture
def jobs(database: Database) -> JobStore:
    """Each store of jobs."""
    return SqlJobStore(database)


def a_job(shop_id: str, now: datetime) -> Job:
    return Job(f"{shop_id}-job", "forecast", 14, "running", 300, 0, None, 1, "meena", now, now)


def test_a_job_comes_back_in_its_shop_alone(jobs: JobStore, shop_id: str, now: datetime) -> None:
    job = a_job(shop_id, now)
    jobs.add(shop_id, job)
    assert jobs.get(shop_id, job.job_id) == job
    with pytest.raises(NotFound):
        jobs.get(shop_id + "x", job.job_id)


def test_of_those_who_claim_a_part_at_once_one_wins(jobs: JobStore, shop_id: str, now: datetime) -> None:
    job = a_job(shop_id, now)
    jobs.add(shop_id, job)
    claim = replace(job, claimed_until=now + timedelta(minutes=1))
    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(lambda _: jobs.change(shop_id, claim), range(6)))
    assert sum(won) == 1
    assert jobs.get(shop_id, job.job_id) == replace(claim, version=2)
    assert not jobs.change(shop_id + "x", replace(claim, version=2))


def test_what_is_finished_is_no_more_work(jobs: JobStore, shop_id: str, now: datetime) -> None:
    job = a_job(shop_id, now)
    jobs.add(shop_id, job)
    assert (shop_id, job.job_id) in jobs.running(10_000)
    assert jobs.change(shop_id, replace(job, status="done", completed=300, cursor="z"))
    assert (shop_id, job.job_id) not in jobs.running(10_000)
