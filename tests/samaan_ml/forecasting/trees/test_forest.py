"""The flat forest: LightGBM's own answers, bit by bit, and drivers that sum to them."""

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.exceptions import ArtifactError
from samaan_ml.forecasting.trees._explain_kernels import path_contributions
from samaan_ml.forecasting.trees._forest import FlatForest


def rows_of(rng: np.random.Generator, n: int, width: int, like: int) -> np.ndarray:
    """Draw feature rows with missing values, ties and zeros; blocks of `like` rows agree in most features."""
    rows = np.repeat(np.round(rng.normal(size=(-(-n // like), width)), 1), like, axis=0)[:n].astype(
        np.float32
    )
    rows[:, :2] = rng.normal(size=(n, 2))
    rows[rng.random(rows.shape) < 0.05] = np.nan
    return rows


def booster_of(rng: np.random.Generator, objective: str, leaves: int, missing: bool) -> lightgbm.Booster:
    """Train a small booster."""
    rows = rows_of(rng, 600, 8, 5)
    if not missing:
        rows = np.nan_to_num(rows)
    target = np.exp(0.5 * np.nan_to_num(rows[:, 0])) * rng.gamma(2.0, 1.0, 600)
    parameters = {
        "objective": objective,
        "num_leaves": leaves,
        "min_data_in_leaf": 5,
        "verbosity": -1,
        "num_threads": 1,
        "seed": int(rng.integers(1000)),
    }
    return lightgbm.train(parameters, lightgbm.Dataset(rows, target), 12)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**31 - 1),
    objective=st.sampled_from(["tweedie", "poisson", "regression", "quantile"]),
    leaves=st.integers(2, 40),
    missing=st.booleans(),
    n_rows=st.integers(1, 150),
    like=st.sampled_from([1, 3, 14, 90]),
)
def test_the_walk_equals_lightgbm_bit_by_bit(seed, objective, leaves, missing, n_rows, like):
    rng = np.random.default_rng(seed)
    booster = booster_of(rng, objective, leaves, missing)
    forest = FlatForest.from_lightgbm(booster.model_to_string())
    rows = rows_of(rng, n_rows, 8, like)
    np.testing.assert_array_equal(forest.raw(rows), booster.predict(rows, raw_score=True, num_threads=1))


def test_values_on_a_threshold_go_where_lightgbm_sends_them():
    rng = np.random.default_rng(3)
    booster = booster_of(rng, "regression", 31, missing=False)
    forest = FlatForest.from_lightgbm(booster.model_to_string())
    inner = forest.threshold[np.isfinite(forest.threshold)]
    rows = np.repeat(inner[:, None], 8, axis=1).astype(np.float32)
    beside = np.concatenate(
        [rows, np.nextafter(rows, np.float32(np.inf)), np.nextafter(rows, np.float32(-np.inf))]
    )
    np.testing.assert_array_equal(forest.raw(beside), booster.predict(beside, raw_score=True, num_threads=1))


def test_a_forest_survives_its_state():
    rng = np.random.default_rng(1)
    forest = FlatForest.from_lightgbm(booster_of(rng, "poisson", 7, missing=True).model_to_string())
    again = FlatForest.from_state(forest.get_state())
    rows = rows_of(rng, 40, 8, 7)
    np.testing.assert_array_equal(forest.raw(rows), again.raw(rows))


def test_a_booster_that_never_split_answers_its_constant():
    rows = np.zeros((50, 3), dtype=np.float32)
    booster = lightgbm.train(
        {"objective": "poisson", "verbosity": -1}, lightgbm.Dataset(rows, np.full(50, 2.0)), 3
    )
    forest = FlatForest.from_lightgbm(booster.model_to_string())
    np.testing.assert_array_equal(forest.raw(rows), booster.predict(rows, raw_score=True))


def test_contributions_along_the_path_sum_to_the_raw_output():
    rng = np.random.default_rng(2)
    booster = booster_of(rng, "tweedie", 15, missing=True)
    forest = FlatForest.from_lightgbm(booster.model_to_string())
    rows = rows_of(rng, 30, 8, 6)
    out = np.zeros((30, 5))
    driver = np.arange(8) % 4
    path_contributions(
        rows,
        forest.feature,
        forest.threshold,
        forest.nan_right,
        forest.left,
        forest.value,
        forest.roots,
        driver,
        out,
    )
    np.testing.assert_allclose(out.sum(axis=1), forest.raw(rows), atol=1e-9)


def test_categorical_splits_are_refused():
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.integers(0, 6, 400), rng.normal(size=400)]).astype(np.float64)
    data = lightgbm.Dataset(rows, (rows[:, 0] % 2) + rng.normal(0, 0.1, 400), categorical_feature=[0])
    booster = lightgbm.train({"objective": "regression", "verbosity": -1, "min_data_per_group": 5}, data, 5)
    with pytest.raises(ArtifactError, match="categorical"):
        FlatForest.from_lightgbm(booster.model_to_string())


def test_text_that_is_no_model_is_refused():
    with pytest.raises(ArtifactError, match="no LightGBM model"):
        FlatForest.from_lightgbm("tree\nhello")


def test_rows_that_are_too_narrow_are_refused():
    rng = np.random.default_rng(0)
    forest = FlatForest.from_lightgbm(booster_of(rng, "regression", 7, missing=False).model_to_string())
    with pytest.raises(ArtifactError, match="8 features"):
        forest.raw(np.zeros((2, 3), dtype=np.float32))
