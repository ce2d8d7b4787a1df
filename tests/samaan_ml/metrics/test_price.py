"""Measures of elasticities and prices."""

import numpy as np
import pytest

from samaan_ml.exceptions import DataError
from samaan_ml.metrics._price import (
    elasticity_rmse,
    interval_coverage,
    poisson_deviance_explained,
    profit_regret,
    wrong_sign_share,
)

ONE = np.ones(3)


def test_the_truth_itself_is_perfect() -> None:
    true = np.array([-1.2, -2.0, -3.0])
    assert elasticity_rmse(true, true) == 0.0
    assert wrong_sign_share(true, true) == 0.0
    assert profit_regret(true, true, 10 * ONE, 50 * ONE, 30 * ONE, np.linspace(0.8, 1.2, 9)) == 0.0


def test_a_zero_estimate_has_the_wrong_sign() -> None:
    assert wrong_sign_share([-1.0, -1.0], [0.0, -0.1]) == 0.5


def test_regret_is_the_profit_lost_by_the_wrong_price() -> None:
    regret = profit_regret([-3.0], [-0.5], [10.0], [50.0], [30.0], [0.9, 1.0, 1.1])
    earned = {ratio: 10.0 * ratio**-3.0 * (50.0 * ratio - 30.0) for ratio in (0.9, 1.0, 1.1)}
    assert regret == pytest.approx(1.0 - earned[1.1] / max(earned.values()))


def test_the_reference_explains_nothing_of_itself() -> None:
    units, mean = np.array([1.0, 4.0, 0.0]), np.array([2.0, 2.0, 2.0])
    assert poisson_deviance_explained(units, mean, mean) == 0.0
    assert poisson_deviance_explained(units, units, mean) == pytest.approx(1.0)


@pytest.mark.parametrize("pair", [([], []), ([1.0], [1.0, 2.0])])
def test_arrays_that_do_not_match_are_refused(pair: tuple[list[float], list[float]]) -> None:
    with pytest.raises(DataError, match="same shape"):
        elasticity_rmse(*pair)
    with pytest.raises(DataError, match="same shape"):
        interval_coverage(pair[0], *pair)
