"""Risk measures against scikit-learn and against their formulas written out."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve
from sklearn.metrics import log_loss as sklearn_log_loss

from samaan_ml.exceptions import DataError, ParameterError
from samaan_ml.metrics import auc, brier, calibration_line, ece, ks, log_loss, psi


@st.composite
def scored_outcomes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw outcomes of both kinds and probabilities with ties."""
    n = draw(st.integers(4, 60))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    y = rng.integers(0, 2, n)
    y[:2] = 0, 1
    return y, np.round(rng.random(n), draw(st.integers(1, 6)))


@settings(max_examples=100, deadline=None)
@given(scored_outcomes())
def test_auc_ks_brier_and_log_loss_agree_with_scikit_learn(case: tuple[np.ndarray, np.ndarray]) -> None:
    y, p = case
    assert auc(y, p) == pytest.approx(roc_auc_score(y, p))
    false_alarms, hits, _ = roc_curve(y, p, drop_intermediate=False)
    assert ks(y, p) == pytest.approx(max(np.max(false_alarms - hits), np.max(hits - false_alarms)))
    assert brier(y, p) == pytest.approx(brier_score_loss(y, p))
    kept = np.clip(p, 1e-15, 1 - 1e-15)
    assert log_loss(y, p) == pytest.approx(sklearn_log_loss(y, kept))


@settings(max_examples=60, deadline=None)
@given(scored_outcomes())
def test_ranking_measures_do_not_change_under_a_rising_transformation(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    y, p = case
    assert auc(y, np.exp(3 * p)) == pytest.approx(auc(y, p))
    assert auc(y, -p) == pytest.approx(1 - auc(y, p))


def test_ece_of_probabilities_that_are_the_rates_is_small_and_of_shifted_ones_is_the_shift() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(200_000)
    y = (rng.random(200_000) < p).astype(int)
    assert ece(y, p) < 0.005
    assert ece(y, np.clip(p - 0.1, 0, 1)) == pytest.approx(0.1, abs=0.01)


def test_the_calibration_line_finds_a_planted_distortion() -> None:
    rng = np.random.default_rng(0)
    log_odds = rng.normal(size=100_000)
    y = (rng.random(100_000) < 1 / (1 + np.exp(-(0.5 + 0.7 * log_odds)))).astype(int)
    intercept, slope = calibration_line(y, 1 / (1 + np.exp(-log_odds)))
    assert intercept == pytest.approx(0.5, abs=0.03)
    assert slope == pytest.approx(0.7, abs=0.03)


def test_psi_equals_the_formula_by_hand() -> None:
    expected, actual = [1] * 50 + [2] * 50, [1] * 80 + [2] * 20
    by_hand = (0.8 - 0.5) * math.log(0.8 / 0.5) + (0.2 - 0.5) * math.log(0.2 / 0.5)
    assert psi(expected, actual) == pytest.approx(by_hand)
    assert psi(actual, expected) == pytest.approx(by_hand)


def test_psi_sees_values_go_missing() -> None:
    rng = np.random.default_rng(1)
    before = rng.normal(size=5_000)
    after = np.where(rng.random(5_000) < 0.4, np.nan, rng.normal(size=5_000))
    assert psi(before, rng.normal(size=5_000)) < 0.02
    assert psi(before, after) > 0.25


def test_outcomes_of_one_kind_have_no_ranking() -> None:
    assert math.isnan(auc([1, 1], [0.2, 0.3]))
    assert math.isnan(ks([0, 0], [0.2, 0.3]))


@pytest.mark.parametrize(
    ("y", "p"),
    [([0, 2], [0.1, 0.2]), ([0, 1], [0.1]), ([], []), ([0, 1], [0.1, np.nan]), ([0, 1], [0.1, 1.2])],
)
def test_what_cannot_be_measured_is_refused(y: list[float], p: list[float]) -> None:
    with pytest.raises(DataError):
        brier(y, p)


def test_bins_must_be_positive() -> None:
    with pytest.raises(ParameterError):
        ece([0, 1], [0.1, 0.2], n_bins=0)
    with pytest.raises(ParameterError):
        psi([1.0], [2.0], n_bins=1)
    with pytest.raises(DataError):
        psi([], [1.0])
