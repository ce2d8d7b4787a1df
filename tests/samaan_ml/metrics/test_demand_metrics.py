"""Measures of demand forecasts against loops that spell their definitions out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from samaan_ml import metrics
from samaan_ml.exceptions import DataError, ParameterError

units = arrays(np.float64, (3, 5), elements=st.integers(0, 40).map(float))
pasts = arrays(np.float64, (3, 20), elements=st.integers(0, 40).map(float))


def slow_rmsse(actual, forecast, history):
    """RMSSE of one series as the M5 guide words it."""
    first = next((t for t, value in enumerate(history) if value > 0), None)
    if first is None or first == len(history) - 1:
        return math.nan
    steps = [(history[t] - history[t - 1]) ** 2 for t in range(first + 1, len(history))]
    scale = sum(steps) / len(steps)
    if scale == 0:
        return math.nan
    return math.sqrt(sum((a - f) ** 2 for a, f in zip(actual, forecast, strict=True)) / len(actual) / scale)


def slow_mase(actual, forecast, history, season):
    """MASE of one series by its definition."""
    steps = [abs(history[t] - history[t - season]) for t in range(season, len(history))]
    scale = sum(steps) / len(steps)
    if scale == 0:
        return math.nan
    return sum(abs(a - f) for a, f in zip(actual, forecast, strict=True)) / len(actual) / scale


def slow_pinball(actual, forecast, level):
    """Pinball loss of one value."""
    return level * (actual - forecast) if actual >= forecast else (1 - level) * (forecast - actual)


@given(units, units, pasts)
def test_rmsse_equals_its_definition(actual, forecast, history):
    expected = [slow_rmsse(*rows) for rows in zip(actual, forecast, history, strict=True)]
    np.testing.assert_allclose(metrics.rmsse(actual, forecast, history), expected, rtol=1e-9)


@given(units, units, pasts, st.integers(1, 8))
def test_mase_equals_its_definition(actual, forecast, history, season):
    expected = [slow_mase(*rows, season) for rows in zip(actual, forecast, history, strict=True)]
    np.testing.assert_allclose(metrics.mase(actual, forecast, history, season), expected, rtol=1e-9)


@given(units, arrays(np.float64, (3, 5, 3), elements=st.floats(0, 50)))
def test_pinball_loss_equals_its_definition(actual, forecast):
    levels = (0.1, 0.5, 0.9)
    expected = [
        [[slow_pinball(actual[i, t], forecast[i, t, k], levels[k]) for k in range(3)] for t in range(5)]
        for i in range(3)
    ]
    np.testing.assert_allclose(metrics.pinball_loss(actual, forecast, levels), expected, atol=1e-12)


@given(units, units)
def test_wql_of_the_median_is_wape(actual, forecast):
    np.testing.assert_allclose(
        metrics.wql(actual, forecast[..., None], (0.5,)), metrics.wape(actual, forecast), rtol=1e-12
    )


@given(units, units, pasts)
def test_sql_of_the_median_is_mase(actual, forecast, history):
    np.testing.assert_allclose(
        metrics.sql(actual, forecast[..., None], (0.5,), history),
        metrics.mase(actual, forecast, history),
        rtol=1e-12,
    )


@given(units, units, pasts, st.floats(0.1, 100))
def test_scaled_errors_do_not_depend_on_the_unit(actual, forecast, history, factor):
    for measure in (metrics.rmsse, metrics.mase):
        np.testing.assert_allclose(
            measure(actual * factor, forecast * factor, history * factor),
            measure(actual, forecast, history),
            rtol=1e-6,
        )


@given(units, units)
def test_bias_is_at_most_wape_in_size(actual, forecast):
    if actual.sum() > 0:
        assert abs(metrics.bias(actual, forecast)) <= metrics.wape(actual, forecast) + 1e-12


def test_a_missing_actual_does_not_count():
    actual, forecast = [[2.0, np.nan]], [[1.0, 100.0]]
    assert metrics.wape(actual, forecast) == 0.5
    assert metrics.bias(actual, forecast) == -0.5
    assert metrics.coverage(actual, [[0.0, 0.0]], [[1.0, 1.0]]) == 0.0
    assert metrics.rmsse(actual, forecast, scale=[1.0]).tolist() == [1.0]


def test_a_scale_given_is_used_as_it_is():
    history = [[1.0, 4.0, 2.0, 8.0]]
    by_history = metrics.rmsse([[3.0]], [[1.0]], history)
    by_scale = metrics.rmsse([[3.0]], [[1.0]], scale=metrics.rmsse_scale(history))
    assert by_history.tolist() == by_scale.tolist()


def test_a_series_that_never_sold_has_no_scale():
    assert np.isnan(metrics.rmsse([[1.0]], [[1.0]], [[0.0, 0.0, 0.0]])).all()
    assert np.isnan(metrics.wape([[0.0]], [[1.0]]))


def test_faults_are_named():
    with pytest.raises(DataError, match="'forecast' must have the shape of 'actual'"):
        metrics.wape([[1.0]], [[1.0, 2.0]])
    with pytest.raises(DataError, match="actuals x quantiles"):
        metrics.pinball_loss([[1.0]], [[[1.0]]], (0.1, 0.9))
    with pytest.raises(ParameterError, match="'quantiles' must be levels between 0 and 1"):
        metrics.wql([[1.0]], [[[1.0]]], (1.5,))
    with pytest.raises(ParameterError, match="'season' must be 1 or more"):
        metrics.mase_scale([[1.0, 2.0]], season=0)
    with pytest.raises(DataError, match="one of 'history' and 'scale'"):
        metrics.rmsse([[1.0]], [[1.0]])
