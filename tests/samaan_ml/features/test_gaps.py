"""Unknown days, quiet days and bursts, against what a shopkeeper would say of them."""

import numpy as np
import pytest

from samaan_ml.features._bursts import past_bursts
from samaan_ml.features._closures import closed_by_habit, quiet_days


def test_empty_days_of_a_shop_that_sells_on_few_days_are_quiet() -> None:
    entered = np.arange(90) % 5 == 0
    np.testing.assert_array_equal(quiet_days(entered), ~entered & (np.arange(90) > 0))


@pytest.mark.parametrize("gap", [1, 6, 30])
def test_empty_days_of_a_busy_shop_are_not(gap: int) -> None:
    entered = np.ones(200, dtype=bool)
    entered[100 : 100 + gap] = False
    entered[3::7] = False
    assert not quiet_days(entered).any()


def test_a_weekday_without_entries_for_weeks_is_closed_by_habit() -> None:
    entered = np.arange(100) % 7 != 6
    entered[80:83] = False
    closed = closed_by_habit(entered)
    assert closed[90]
    assert not closed[80:83].any()


@pytest.mark.parametrize("length", [1, 3, 8])
def test_a_burst_that_is_over_is_found(length: int) -> None:
    units = np.random.default_rng(0).poisson(2.0, (1, 120)).astype(np.float32)
    units[0, 80 : 80 + length] = 40.0
    found = past_bursts(units, np.zeros(1, dtype=np.int64), "D")
    np.testing.assert_array_equal(np.flatnonzero(found[0]), np.arange(80, 80 + length))


def test_a_weekly_peak_and_repeated_promotions_are_no_bursts() -> None:
    rng = np.random.default_rng(1)
    weekly = rng.poisson(np.where(np.arange(120) % 7 == 5, 20.0, 3.0)).astype(np.float32)
    promoted = rng.poisson(np.where(np.arange(120) % 28 < 6, 30.0, 5.0)).astype(np.float32)
    found = past_bursts(np.stack([weekly, promoted]), np.zeros(2, dtype=np.int64), "D")
    assert not found.any()


def test_a_burst_that_is_still_on_is_left_alone() -> None:
    units = np.random.default_rng(2).poisson(2.0, (1, 120)).astype(np.float32)
    units[0, -6:] = 40.0
    assert not past_bursts(units, np.zeros(1, dtype=np.int64), "D").any()
