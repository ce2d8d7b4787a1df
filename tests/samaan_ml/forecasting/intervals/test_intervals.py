"""Distributions around the mean: calibrated, ordered, never negative."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.forecasting.hierarchy._level_bands import LevelBands
from samaan_ml.forecasting.intervals._level_sets import LevelSets
from samaan_ml.forecasting.intervals._totals import TotalSets

LEVELS = (0.1, 0.5, 0.9)


def negative_binomial(rng: np.random.Generator, mean: np.ndarray, shape: float) -> np.ndarray:
    """Draw counts with Gamma-distributed rates."""
    return rng.poisson(rng.gamma(shape, mean / shape)).astype(float)


def test_intervals_cover_new_draws_as_they_say():
    rng = np.random.default_rng(0)
    mean = np.exp(rng.normal(1.5, 1.0, 60_000))
    spread = rng.choice([0.3, 2.0], len(mean))
    came = negative_binomial(rng, mean, 1.0) * (spread > 1) + negative_binomial(rng, mean, 20.0) * (
        spread < 1
    )
    step = rng.integers(1, 15, len(mean))
    half = len(mean) // 2
    sets = LevelSets.fit(mean[:half], came[:half], spread[:half], step[:half], LEVELS)
    quantiles = sets.quantiles(mean[half:], spread[half:], step[half:], LEVELS)
    for erratic in (False, True):
        rows = (spread[half:] > 1) == erratic
        inside = (came[half:][rows] >= quantiles[rows, 0]) & (came[half:][rows] <= quantiles[rows, 2])
        assert 0.77 <= inside.mean() <= 0.89  # counts lie on their bounds


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**31 - 1),
    n=st.integers(30, 3000),
    levels=st.lists(st.floats(0.001, 0.999), min_size=1, max_size=9, unique=True).map(sorted).map(tuple),
)
def test_quantiles_never_cross_and_are_never_negative(seed, n, levels):
    rng = np.random.default_rng(seed)
    mean = np.exp(rng.normal(0.0, 2.0, n))
    sets = LevelSets.fit(mean, rng.poisson(mean).astype(float), rng.random(n), rng.integers(1, 8, n), LEVELS)
    asked = np.concatenate([[0.0, 1e-12, 1e9], np.exp(rng.normal(0.0, 4.0, 50))])
    quantiles = sets.quantiles(asked, rng.random(53), rng.integers(1, 30, 53), levels)
    assert quantiles.shape == (53, len(levels))
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (quantiles >= 0).all()
    assert (quantiles[0] == 0).all()


def test_level_sets_survive_their_state():
    rng = np.random.default_rng(0)
    mean = np.exp(rng.normal(size=500))
    sets = LevelSets.fit(mean, rng.poisson(mean).astype(float), rng.random(500), np.ones(500, int), LEVELS)
    again = LevelSets.from_state(sets.get_state())
    ask = (mean, rng.random(500), np.ones(500, int), LEVELS)
    np.testing.assert_array_equal(sets.quantiles(*ask), again.quantiles(*ask))


def test_the_quantile_of_a_sum_is_less_than_the_sum_of_quantiles_when_days_are_independent():
    rng = np.random.default_rng(0)
    mean = np.full((3000, 14), 4.0)
    came = rng.poisson(4.0, mean.shape).astype(float)
    totals = TotalSets.fit(mean, came, np.zeros(3000), LEVELS)
    high = totals.quantiles(np.array([56.0]), np.zeros(1), 14, (0.9,))[0, 0]
    assert high == pytest.approx(56 + 1.2816 * np.sqrt(56), rel=0.03)
    assert high < 14 * np.quantile(came, 0.9)


def test_a_length_between_the_learned_ones_lies_between_them():
    rng = np.random.default_rng(0)
    mean = np.full((2000, 14), 3.0)
    totals = TotalSets.fit(mean, rng.poisson(3.0, mean.shape).astype(float), np.zeros(2000), LEVELS)
    share = [
        totals.quantiles(np.array([3.0 * n]), np.zeros(1), n, (0.9,))[0, 0] / (3.0 * n) for n in (7, 8, 9, 10)
    ]
    assert share == sorted(share, reverse=True)


def test_bands_of_smooth_sums_cover_new_sums_as_they_say():
    rng = np.random.default_rng(0)
    forecast = np.exp(rng.normal(5, 1, (6, 40, 14)))
    came = forecast * np.exp(rng.normal(0, 0.1, forecast.shape))
    bands = LevelBands.fit([forecast], [came], LEVELS)
    new = forecast[0] * np.exp(rng.normal(0, 0.1, forecast[0].shape))
    quantiles = bands.quantiles(0, forecast[0], LEVELS)
    inside = (new >= quantiles[..., 0]) & (new <= quantiles[..., 2])
    assert 0.74 <= inside.mean() <= 0.86


def test_bands_survive_their_state():
    rng = np.random.default_rng(0)
    many, few = np.exp(rng.normal(size=(2, 1200, 7))), np.exp(rng.normal(5, 1, (2, 5, 7)))
    bands = LevelBands.fit([few, many], [few * 1.1, rng.poisson(many).astype(float)], LEVELS)
    again = LevelBands.from_state(bands.get_state())
    for level, sums in enumerate((few[0], many[0])):
        np.testing.assert_array_equal(
            bands.quantiles(level, sums, LEVELS), again.quantiles(level, sums, LEVELS)
        )
