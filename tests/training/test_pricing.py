"""The price job's judge: what it measures, and that it can tell sound elasticities from broken ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from samaan_ml.datasets._elasticity_panel import simulate_elasticity_panel
from samaan_ml.exceptions import DataError
from samaan_ml.tables import ShopData
from training.areas import Prepared
from training.job import Hyperparameters
from training.pricing import PriceArea, _Choices, _weekly


def a_shop(**changed: pd.DataFrame) -> Prepared:
    """A simulated shop as the prepare job leaves it."""
    panel = simulate_elasticity_panel(n_items=60, n_weeks=104, n_categories=4, random_state=3)
    tables = {"sales": panel.sales, "prices": panel.prices, "stock": panel.stock, "items": panel.items}
    return Prepared(ShopData(**tables | changed), {})


def test_the_judge_measures_gain_and_coverage_within_the_limits_of_the_gate() -> None:
    found = PriceArea().evaluate(a_shop(), Hyperparameters({})).model
    assert found["coverage_series"] >= 30
    for limit in PriceArea.rules.limits:
        assert limit.minimum <= found[limit.metric] <= limit.maximum


def test_the_judge_prefers_the_truth_to_elasticities_of_the_wrong_size() -> None:
    panel = simulate_elasticity_panel(n_items=60, n_weeks=104, n_categories=4, random_state=3)
    choices = _Choices.of(_weekly(a_shop()))
    truth = panel.truth.set_index("item_id")["elasticity"].reindex(choices.series["item_id"]).to_numpy()
    assert choices.deviance(truth) < min(choices.deviance(0.4 * truth), choices.deviance(1.8 * truth))


def test_a_price_that_rises_with_the_mrp_is_no_evidence_of_how_demand_answers() -> None:
    prepared = a_shop()
    half = prepared.data.prices["date"].median()
    later = prepared.data.prices["date"] >= half
    prices = prepared.data.prices.assign(
        unit_price=np.where(later, 60.0, 50.0), mrp=np.where(later, 66.0, 55.0)
    )
    assert _Choices.of(_weekly(a_shop(prices=prices))).judged == 0


def test_prices_that_never_moved_cannot_be_judged() -> None:
    prices = a_shop().data.prices.assign(unit_price=50.0)
    with pytest.raises(DataError, match="no item's price moved in the last 91 days"):
        PriceArea().evaluate(a_shop(prices=prices), Hyperparameters({}))
