"""The batched count model: against a dense Poisson fit and its own derivative."""

import numpy as np
import pytest

from samaan_ml.pricing._controls import demean_two_ways
from samaan_ml.pricing._count_model import Design, Priors, drift_basis, fit_counts


def a_design(seed: int, series: int = 5, periods: int = 30) -> Design:
    """A small group with gaps and one promotion."""
    rng = np.random.default_rng(seed)
    weight = (rng.random((series, periods)) < 0.9).astype(float)
    price = rng.normal(0.0, 0.2, (series, periods)) * weight
    promotion = (rng.random((1, series, periods)) < 0.2) * weight
    mean = np.exp(2.0 - 1.5 * price + 0.3 * promotion[0] + rng.normal(0.0, 0.3, periods))
    units = rng.poisson(mean) * weight
    return Design(units, price, np.zeros((series, periods)), weight, promotion, np.zeros((periods, 0)), 0)


def nearly_flat(design: Design, dispersion: float) -> Priors:
    """Priors that say next to nothing."""
    n = len(design.units)
    return Priors(
        np.zeros(n), np.full(n, 1e6), (1.0,), 1e-6, np.zeros(1), np.full(1, 1e6), np.full(n, dispersion)
    )


def test_it_equals_a_dense_poisson_regression() -> None:
    import statsmodels.api as sm

    design = a_design(0)
    fit = fit_counts(design, nearly_flat(design, 1e-7))
    n, periods = design.units.shape
    series, period = (axis.ravel() for axis in np.indices((n, periods)))
    seen = design.weight.ravel() > 0.0
    columns = [series == k for k in range(n)] + [period == t for t in range(1, periods)]
    columns += [(series == k) * design.log_price.ravel() for k in range(n)] + [design.shared[0].ravel()]
    dense = np.column_stack([np.asarray(column, dtype=float) for column in columns])[seen]
    result = sm.GLM(design.units.ravel()[seen], dense, family=sm.families.Poisson()).fit(tol=1e-12)
    slopes = slice(n + periods - 1, 2 * n + periods - 1)
    np.testing.assert_allclose(fit.own[:, 1], result.params[slopes], atol=2e-3)
    np.testing.assert_allclose(np.sqrt(fit.own_variance[:, 1]), result.bse[slopes], rtol=1e-2)
    assert fit.common[-1] == pytest.approx(result.params[-1], abs=2e-3)
    assert np.sqrt(fit.shared_variance[0]) == pytest.approx(result.bse[-1], rel=1e-2)


def test_the_mode_is_where_no_small_step_rises() -> None:
    design = a_design(1)
    priors = Priors(np.full(5, -1.0), np.full(5, 0.3), (0.1,), 0.5, np.zeros(1), np.ones(1), np.full(5, 0.2))
    fit = fit_counts(design, priors)
    again = fit_counts(design, priors, fit)
    assert again.objective == pytest.approx(fit.objective, abs=1e-3)
    np.testing.assert_allclose(again.own, fit.own, atol=1e-2)


def test_a_tight_prior_wins_and_a_series_without_sales_takes_it() -> None:
    design = a_design(2)
    tight = Priors(np.full(5, -0.7), np.full(5, 1e-8), (1.0,), 1e-4, np.zeros(1), np.ones(1), np.full(5, 0.1))
    np.testing.assert_allclose(fit_counts(design, tight).own[:, 1], -0.7, atol=1e-3)


def test_the_drift_has_unit_variance_and_short_histories_have_none() -> None:
    basis = drift_basis(104, 10.0)
    assert basis.shape[1] <= 16
    assert 0.6 < float((basis**2).sum(axis=1).mean()) <= 1.0
    assert drift_basis(12, 10.0).shape == (12, 0)


def test_demeaning_takes_out_both_means() -> None:
    rng = np.random.default_rng(4)
    weight = (rng.random((8, 20)) < 0.8).astype(float)
    out = demean_two_ways(rng.normal(3.0, 1.0, (8, 20)), weight)
    assert np.abs(out.sum(axis=0)).max() < 1e-9
    assert np.abs(out.sum(axis=1)).max() < 1e-3
