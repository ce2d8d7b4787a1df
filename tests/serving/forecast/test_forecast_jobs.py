"""The forecast of a whole shop: asked for once, done by parts, whoever looks and whatever restarts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.app import create_app
from serving.forecast import jobs as part_by_part
from serving.wiring import Wiring


@pytest.fixture
def stocked(shop: Any, predictor: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A shop with five items, four of them sold on ten days, and parts of two."""
    monkeypatch.setattr(part_by_part, "PART", 2)
    predictor.up = True
    predictor.asked.clear()
    for n in range(5):
        shop.add_item(f"i{n}")
    for back in range(1, 11):
        lines = [{"item_id": f"i{n}", "quantity_milli": 1_000} for n in range(4)]
        shop.post(
            "/sales", {"lines": lines, "sold_at": f"{date(2026, 3, 10) - timedelta(days=back)}T06:00:00Z"}
        )
    return shop


def start(shop: Any, key: str = "k") -> Any:
    return shop.post("/forecast/jobs", {"horizon_days": 7}, 202, key)


def test_a_job_is_accepted_at_once_polled_to_its_end_and_read(stocked: Any, predictor: Any) -> None:
    answer = stocked.call("POST", "/forecast/jobs", {"horizon_days": 7}, "k")
    assert (answer.status_code, answer.json()["completed"], predictor.asked) == (202, 0, [])
    where = answer.headers["Location"]
    assert where == f"/v1/forecast/jobs/{answer.json()['job_id']}"
    looks = [stocked.get(where.removeprefix("/v1")) for _ in range(4)]
    assert [look["completed"] for look in looks] == [2, 4, 5, 5]
    assert [look["status"] for look in looks] == ["running", "running", "done", "done"]
    assert looks[2]["progress_ratio"] == 1
    first = stocked.get(f"{where.removeprefix('/v1')}/results?limit=3")
    rest = stocked.get(f"{where.removeprefix('/v1')}/results?limit=3&cursor={first['next_cursor']}")
    rows = first["rows"] + rest["rows"]
    assert [row["item_id"] for row in rows] == ["i0", "i1", "i2", "i3", "i4"]
    assert [row["status"] for row in rows] == ["ok"] * 4 + ["too_little_data"]
    assert rows[0]["total_quantiles"] == [
        {"level": level, "milli": milli} for level, milli in ((0.1, 3_500), (0.5, 7_000), (0.9, 14_000))
    ]
    assert rest["next_cursor"] is None


def test_a_repeated_request_is_the_same_job(stocked: Any) -> None:
    assert start(stocked)["job_id"] == start(stocked)["job_id"] != start(stocked, "other")["job_id"]


def test_a_cancelled_job_does_no_more_and_keeps_what_it_did(stocked: Any, predictor: Any) -> None:
    path = f"/forecast/jobs/{start(stocked)['job_id']}"
    stocked.get(path)
    asked = len(predictor.asked)
    assert stocked.post(f"{path}/cancel")["status"] == "cancelled"
    assert stocked.post(f"{path}/cancel")["status"] == "cancelled"
    assert (stocked.get(path)["status"], len(predictor.asked)) == ("cancelled", asked)
    assert [row["item_id"] for row in stocked.get(f"{path}/results")["rows"]] == ["i0", "i1"]
    done = f"/forecast/jobs/{start(stocked, 'again')['job_id']}"
    for _ in range(3):
        stocked.get(done)
    assert stocked.post(f"{done}/cancel", status=409)["code"] == "conflict"


def test_a_job_outlives_the_process_that_started_it(stocked: Any, api: Any) -> None:
    path = f"/forecast/jobs/{start(stocked)['job_id']}"
    assert stocked.get(path)["completed"] == 2
    kept = {"clock": api.clock, "predictor": api.wiring.predictor}
    with TestClient(create_app(wiring=Wiring(api.wiring.settings, **kept))) as restarted:
        headers = {"Authorization": f"Bearer {stocked.token}"}
        look = restarted.get(f"/v1{path}", headers=headers).json()
    assert (look["completed"], look["status"]) == (4, "running")


def test_without_the_model_a_job_waits_and_goes_on_later(stocked: Any, predictor: Any) -> None:
    path = f"/forecast/jobs/{start(stocked)['job_id']}"
    predictor.up = False
    answer = stocked.call("GET", path)
    assert answer.json()["waiting_for_model"]
    assert (answer.json()["completed"], answer.headers["Retry-After"]) == (0, "30")
    predictor.up = True
    assert stocked.get(path)["completed"] == 2


def test_a_part_that_a_dead_process_claimed_is_done_when_its_claim_is_over(stocked: Any, api: Any) -> None:
    from dataclasses import replace

    job_id = start(stocked)["job_id"]
    job = api.wiring.jobs.get(stocked.shop_id, job_id)
    claimed = replace(job, claimed_until=api.clock.instant + timedelta(seconds=60))
    assert api.wiring.jobs.change(stocked.shop_id, claimed)
    assert stocked.get(f"/forecast/jobs/{job_id}")["completed"] == 0
    api.clock.instant += timedelta(seconds=61)
    assert stocked.get(f"/forecast/jobs/{job_id}")["completed"] == 2


def test_a_shop_without_items_is_done_at_once(shop: Any) -> None:
    assert start(shop)["status"] == "done"


def test_a_viewer_looks_and_does_not_start(stocked: Any, sign_up: Callable[..., Any]) -> None:
    viewer = sign_up("viewer", stocked)
    assert start_of(viewer) == 403
    assert viewer.get(f"/forecast/jobs/{start(stocked)['job_id']}")["completed"] == 2


def start_of(caller: Any) -> int:
    status: int = caller.call("POST", "/forecast/jobs", {}).status_code
    return status


def test_a_horizon_out_of_bounds_is_named(shop: Any) -> None:
    assert shop.post("/forecast/jobs", {"horizon_days": 0}, 422)["errors"][0]["field"] == "horizon_days"
