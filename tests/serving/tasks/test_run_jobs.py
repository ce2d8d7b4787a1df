"""Jobs that nobody looks at come to their end by command and by a function's event, with a model that was trained."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from samaan_ml import DemandForecaster
from samaan_ml.artifacts import save_model
from serving import lambdas
from serving.__main__ import main
from serving.app import create_app
from serving.errors import StoreUnavailable
from serving.forecast import jobs as part_by_part
from serving.settings import Settings
from serving.tasks.jobs import run_jobs
from serving.wiring import Wiring

ITEMS = ("dal", "milk", "salt", "soap", "sugar")
DAYS = 70


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a small model that was trained and exported."""
    home: Path = tmp_path_factory.mktemp("home")
    random = np.random.default_rng(0)
    dates = pd.date_range(end=pd.Timestamp.now().normalize() - pd.Timedelta(days=1), periods=DAYS)
    sales = pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": np.repeat(ITEMS, DAYS),
            "date": np.tile(dates, len(ITEMS)),
            "units": random.poisson(6, DAYS * len(ITEMS)).astype(float),
        }
    )
    model = DemandForecaster(horizon=7).fit(sales)
    (home / "models" / "demand").mkdir(parents=True)
    save_model(model, home / "models" / "demand" / "champion")
    return home


@pytest.fixture
def client(champion: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The owner of a fresh shop with two weeks of sales of five items, and parts of two."""
    monkeypatch.setattr(part_by_part, "PART", 2)
    monkeypatch.setenv("SAMAAN_HOME", str(champion))
    monkeypatch.setenv("SAMAAN_DATABASE_URL", f"sqlite:///{tmp_path}/samaan.db")
    monkeypatch.setenv("SAMAAN_RATE_BURST", "100000")
    wiring = Wiring(Settings())
    with TestClient(create_app(wiring=wiring)) as client:
        person = {"email": f"{secrets.token_hex(6)}@example.in", "password": "correct horse"}
        client.post("/v1/auth/register", json=person | {"shop_name": "A"}).raise_for_status()
        token = client.post("/v1/auth/login", json=person).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for item_id in ITEMS:
            item = {"item_id": item_id, "name": item_id, "price_paise": 100, "opening_stock_milli": 10**6}
            client.post("/v1/inventory/items", json=item).raise_for_status()
        for back in range(1, 15):
            lines = [{"item_id": item_id, "quantity_milli": 1_000 * (back % 3 + 1)} for item_id in ITEMS]
            sold_at = (wiring.clock.now() - timedelta(days=back)).isoformat()
            client.post("/v1/sales", json={"lines": lines, "sold_at": sold_at}).raise_for_status()
        yield client


def start(client: Any) -> str:
    """Ask for the forecast of the shop and return where to look at it."""
    return str(client.post("/v1/forecast/jobs", json={"horizon_days": 7}).headers["Location"])


def check_done(client: Any, where: str) -> None:
    """See that each item has a forecast of the trained model's."""
    rows = client.get(f"{where}/results").json()["rows"]
    assert [row["item_id"] for row in rows] == list(ITEMS)
    for row in rows:
        assert row["status"] in ("ok", "review")
        assert len(row["days"]) == 7
        levels = [each["milli"] for each in row["total_quantiles"]]
        assert levels == sorted(levels)
        assert 0 < levels[len(levels) // 2] < 7 * 10_000
    look = client.get(where).json()
    assert (look["status"], look["completed"], look["waiting_for_model"]) == ("done", 5, False)


class Context:
    """What a runtime tells of the time left, less at each look."""

    def __init__(self, *left_ms: int) -> None:
        self._left_ms = iter(left_ms)

    def get_remaining_time_in_millis(self) -> int:
        return next(self._left_ms)


def test_the_command_brings_a_job_to_its_end(client: Any) -> None:
    where = start(client)
    done = CliRunner().invoke(main, ["run-jobs"], catch_exceptions=False)
    assert done.output == "1 jobs finished, 0 wait for the model or for another worker\n"
    check_done(client, where)
    assert CliRunner().invoke(main, ["run-jobs"]).output.startswith("0 jobs finished, 0 wait")


def test_a_functions_event_brings_a_job_to_its_end(client: Any) -> None:
    where = start(client)
    assert lambdas.run_jobs({"source": "aws.events"}, None) == {"finished": 1, "left": 0}
    check_done(client, where)


def test_a_function_whose_time_is_up_stops_between_two_parts_and_the_next_goes_on(client: Any) -> None:
    where = start(client)
    assert lambdas.run_jobs({}, Context(60_000, 40_000, 29_000)) == {"finished": 0, "left": 1}
    job = Wiring(Settings()).jobs.running(9)
    assert len(job) == 1
    assert lambdas.run_jobs({}, Context(*[900_000] * 9)) == {"finished": 1, "left": 0}
    check_done(client, where)


def test_a_job_that_fails_holds_up_no_other(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = start(client), start(client)
    real = part_by_part.ForecastJobService.advance
    broken = first.rpartition("/")[2]

    def advance(self: Any, shop_id: str, job_id: str) -> Any:
        if job_id == broken:
            raise StoreUnavailable("the table did not answer")
        return real(self, shop_id, job_id)

    with monkeypatch.context() as patched:
        patched.setattr(part_by_part.ForecastJobService, "advance", advance)
        assert run_jobs(Wiring(Settings())) == (1, 1)
    check_done(client, second)
    assert run_jobs(Wiring(Settings())) == (1, 0)


def test_without_its_model_a_job_is_left(client: Any, tmp_path: Path, champion: Path) -> None:
    where = start(client)
    away = tmp_path / "models"
    (champion / "models").rename(away)
    try:
        assert run_jobs(Wiring(Settings())) == (0, 1)
    finally:
        away.rename(champion / "models")
    assert run_jobs(Wiring(Settings())) == (1, 0)
    check_done(client, where)
