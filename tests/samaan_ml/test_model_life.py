"""A model's whole life: saved with and without its history, updated with new days, loaded elsewhere."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from samaan_ml.artifacts import load_model, save_model
from samaan_ml.domain.pricing import PriceRules
from samaan_ml.exceptions import ArtifactError, NotFittedError
from samaan_ml.forecasting import (
    BaseForecaster,
    CrostonForecaster,
    DemandForecaster,
    ETSForecaster,
    SeasonalNaiveForecaster,
    ThetaForecaster,
    TSBForecaster,
    WindowMeanForecaster,
)
from samaan_ml.pricing import PriceOptimizer

FIRST = pd.Timestamp("2025-01-01")


def sales_of(days: int, items: int = 3, start: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    units = rng.poisson(6, (items, 200))[:, start:days]
    dates = pd.date_range(FIRST, periods=days)[start:]
    return pd.concat(
        [
            pd.DataFrame({"shop_id": "s", "item_id": f"i{k}", "date": dates, "units": row * 1.0})
            for k, row in enumerate(units)
        ],
        ignore_index=True,
    )


def prices_of(days: int) -> pd.DataFrame:
    dates = pd.date_range(FIRST, periods=days)
    table = pd.DataFrame(
        {"shop_id": "s", "date": dates, "unit_price": 10.0, "promo": np.arange(days) % 9 == 0}
    )
    return pd.concat([table.assign(item_id=f"i{k}") for k in range(3)], ignore_index=True)


LOCAL = [
    CrostonForecaster, ETSForecaster, SeasonalNaiveForecaster, TSBForecaster, ThetaForecaster, WindowMeanForecaster,
]  # fmt: skip


@pytest.mark.parametrize("kind", LOCAL)
def test_every_forecaster_is_saved_and_answers_the_same(kind: type[BaseForecaster], tmp_path: Path) -> None:
    model = kind(horizon=5).fit(sales_of(90))
    save_model(model, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert type(again) is kind
    pd.testing.assert_frame_equal(again.predict(), model.predict())


@pytest.mark.parametrize("kind", [SeasonalNaiveForecaster, WindowMeanForecaster])
def test_an_update_answers_as_a_fit_on_everything(kind: type[BaseForecaster]) -> None:
    updated = kind(horizon=5).fit(sales_of(80)).update(sales_of(95, start=80))
    whole = kind(horizon=5).fit(sales_of(95))
    pd.testing.assert_frame_equal(updated.predict(), whole.predict())


def test_a_corrected_day_replaces_the_one_before() -> None:
    wrong = sales_of(80)
    wrong.loc[79, "units"] += 5
    right = WindowMeanForecaster(horizon=5).fit(sales_of(80)).predict()
    corrected = WindowMeanForecaster(horizon=5).fit(wrong).update(sales_of(80).iloc[79:80]).predict()
    pd.testing.assert_frame_equal(corrected, right)


def test_a_new_item_begins_with_an_update() -> None:
    new = sales_of(95, start=80).assign(item_id=lambda t: t["item_id"].replace("i2", "new"))
    model = WindowMeanForecaster(horizon=5).fit(sales_of(80), prices=prices_of(85)).update(new)
    assert set(model.predict()["item_id"]) == {"i0", "i1", "i2", "new"}
    assert model.history_.unit_price is not None
    assert np.isnan(model.history_.unit_price[3]).all()


def test_a_demand_model_saved_with_its_history_goes_on_with_new_days(tmp_path: Path) -> None:
    model = DemandForecaster(horizon=5, random_state=2).fit(sales_of(80), prices=prices_of(100))
    save_model(model, tmp_path / "without")
    with pytest.raises(NotFittedError, match="without its training history"):
        load_model(tmp_path / "without").predict()
    save_model(model, tmp_path / "with", history=True)
    again = load_model(tmp_path / "with")
    pd.testing.assert_frame_equal(again.predict(), model.predict())
    again.update(sales_of(95, start=80))
    wanted = model.predict(sales=sales_of(95), prices=prices_of(100))
    np.testing.assert_allclose(again.predict()["mean"], wanted["mean"], rtol=1e-5)


def test_an_optimizer_is_saved_with_its_rules(tmp_path: Path) -> None:
    optimizer = PriceOptimizer(
        PriceRules(version="7", max_change_bp=500), {"profit": 1.0, "units": 2.0}, risk="neutral"
    )
    save_model(optimizer, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.get_params() == optimizer.get_params()


def test_a_history_that_is_not_there_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no history"):
        save_model(PriceOptimizer(PriceRules()), tmp_path / "m", history=True)
