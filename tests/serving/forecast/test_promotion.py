"""A running server serves what was promoted, and what was rolled back to, without a restart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.local import ModelPackage
from pipelines.registry import MlflowRegistry
from samaan_ml.artifacts import save_model
from samaan_ml.pricing import ElasticityModel

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own dependencies


def a_registered_model(home: Path, folder: Path, days: int) -> str:
    """Fit, save and register a small price model; give its version."""
    dates = pd.date_range("2026-01-01", periods=days)
    rows = [("s", item, day, float(3 + (i + day.day) % 4)) for i, item in enumerate("ab") for day in dates]
    sales = pd.DataFrame(rows, columns=["shop_id", "item_id", "date", "units"])
    prices = sales.iloc[::20].drop(columns="units")
    prices = prices.assign(unit_price=[10.0 + n % 3 for n in range(len(prices))], unit_cost=8.0, mrp=15.0)
    made = save_model(ElasticityModel().fit(sales, prices), folder).model_version
    MlflowRegistry(home).register(ModelPackage("samaan-price", folder, made, True, {}, {}, {}))
    return made


def command(home: Path, *words: str) -> None:
    """Run `samaan pipeline models ...` as the operator does."""
    code = "import sys; from samaan.cli import main; main(sys.argv[1:])"
    given = [sys.executable, "-W", "ignore", "-c", code, "pipeline", "models", *words, "--home", str(home)]
    subprocess.run(given, check=True, capture_output=True, timeout=120)


def test_a_running_server_answers_with_what_was_promoted_and_rolled_back_to(
    start_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAMAAN_MLFLOW_URI", raising=False)
    home = tmp_path / "home"
    first = a_registered_model(home, tmp_path / "one", 160)
    server = start_server(home)
    try:
        account = {"email": "a@example.in", "password": "kirana-2026", "shop_name": "A shop"}
        server.call("POST", "/v1/auth/register", account, key="r")
        told = server.call("POST", "/v1/auth/login", {k: account[k] for k in ("email", "password")}, key="l")
        token = told["access_token"]
        item = {"item_id": "a", "name": "A", "category": "all", "price_paise": 1100, "cost_paise": 800}
        server.call("POST", "/v1/inventory/items", item, token, key="i")

        def serves(number: int) -> str:
            question = {"item_ids": ["a"]}
            answer = server.call("POST", "/v1/pricing/recommend", question, token, key=f"q{number}")
            assert answer["degraded"] is False
            return str(answer["model_version"])

        assert serves(1) == first
        second = a_registered_model(home, tmp_path / "two", 200)  # approved: champion at once
        assert second != first
        assert serves(2) == second
        command(home, "rollback", "price")
        assert serves(3) == first
        command(home, "promote", "price", "2")
        assert serves(4) == second
        assert server.process.poll() is None
        versions = home / "models" / "price" / "versions"
        assert (home / "models" / "price" / "champion").samefile(versions / "2")
    finally:
        server.kill()
