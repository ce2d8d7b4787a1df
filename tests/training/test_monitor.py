"""Monitors: quiet where nothing is wrong, and each injected fault caught by the monitor named for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from samaan_ml.exceptions import DataError
from training.monitor import (
    Finding,
    answer_shares,
    calibration,
    data_drift,
    forecast_quality,
    level_shift,
    population_stability_index,
)

Floats = npt.NDArray[np.float64]


def rows(seed: int, n: int = 2000) -> pd.DataFrame:
    """Inputs of a model."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"price": rng.gamma(4, 10, n), "category": rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])}
    )


def forecasts(seed: int, n: int = 600) -> dict[str, Floats]:
    """Days and honest forecasts of them."""
    rng = np.random.default_rng(seed)
    mean = rng.gamma(4, 5, n)
    actual = mean + rng.normal(0, 3, n)
    return {"actual": actual, "mean": mean, "lower": mean - 3 * 1.2816, "upper": mean + 3 * 1.2816}


def alarms(findings: list[Finding]) -> set[str]:
    """Name the monitors that raise an alarm."""
    return {finding.monitor for finding in findings if finding.alarm}


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_raised_where_nothing_is_wrong(seed: int) -> None:
    assert alarms(data_drift(rows(seed), rows(seed + 100), ["price", "category"])) == set()
    assert alarms(forecast_quality(**forecasts(seed))) == set()
    told = np.random.default_rng(seed).beta(1, 5, 2000)
    came = np.random.default_rng(seed + 100).random(2000) < told
    assert alarms(calibration(came, told)) == set()


@pytest.mark.parametrize("seed", range(20))
def test_a_week_of_a_small_shop_raises_nothing_by_chance(seed: int) -> None:
    assert alarms(data_drift(rows(seed), rows(seed + 100, 30), ["price", "category"])) == set()
    assert alarms(forecast_quality(**forecasts(seed, 40))) == set()


def test_dearer_prices_are_seen_by_psi_and_ks() -> None:
    now = rows(1)
    now["price"] *= 1.5
    assert alarms(data_drift(rows(0), now, ["price"])) == {"psi", "ks"}


def test_a_new_category_is_seen_by_psi() -> None:
    now = rows(1)
    now.loc[now.index[:400], "category"] = "new"
    assert alarms(data_drift(rows(0), now, ["category"])) == {"psi"}


def test_doubled_demand_is_seen_by_bias_within_a_week() -> None:
    week = forecasts(0, 7 * 20)
    week["actual"] *= 2
    assert "bias" in alarms(forecast_quality(**week))


def test_bands_too_narrow_are_seen_by_coverage_alone() -> None:
    days = forecasts(0)
    for name in ("lower", "upper"):
        days[name] = days["mean"] + (days[name] - days["mean"]) * 0.5
    assert alarms(forecast_quality(**days)) == {"coverage"}


def test_risks_told_too_low_are_seen_by_calibration() -> None:
    told = np.random.default_rng(0).beta(1, 5, 2000)
    came = np.random.default_rng(1).random(2000) < np.minimum(told * 2, 1)
    assert alarms(calibration(came, told)) == {"calibration"}


def test_psi_is_the_sum_of_share_differences_by_their_log_ratio() -> None:
    before = pd.Series(["a"] * 500 + ["b"] * 500)
    now = pd.Series(["a"] * 250 + ["b"] * 750)
    expected = (0.25 - 0.5) * np.log(0.25 / 0.5) + (0.75 - 0.5) * np.log(0.75 / 0.5)
    assert population_stability_index(before, now) == pytest.approx(expected, rel=0.01)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="'cost' has no values in the reference rows"):
        data_drift(rows(0), rows(1), ["cost"])


def totals(seed: int, days: int = 28) -> tuple[Floats, Floats, Floats]:
    """Daily totals, honest forecasts of them, and the errors of eight weeks before."""
    rng = np.random.default_rng(seed)
    mean = 400 + 80 * np.sin(np.arange(days) * 2 * np.pi / 7)
    return mean + rng.normal(0, 40, days), mean, rng.normal(0, 40, 56)


def test_a_lasting_shift_is_seen_by_cusum_within_a_week_and_quiet_weeks_seldom_are() -> None:
    false = 0
    for seed in range(400):
        actual, mean, usual = totals(seed)
        false += bool(alarms(level_shift(actual, mean, usual)))
        assert alarms(level_shift(actual[:7] * 2, mean[:7], usual)) == {"cusum"}
        assert alarms(level_shift(actual[:7] * 0.5, mean[:7], usual)) == {"cusum"}
    assert false <= 0.05 * 400


def test_a_shift_of_a_fifth_is_seen_within_two_weeks_mostly() -> None:
    seen = 0
    for seed in range(100):
        actual, mean, usual = totals(seed, 14)
        seen += bool(alarms(level_shift(actual * 1.2, mean, usual)))
    assert seen >= 90


def test_too_few_usual_days_are_said() -> None:
    with pytest.raises(DataError, match="14 usual errors are needed"):
        level_shift([1.0], [1.0], [0.0] * 5)


def price_answers(abstained: int, bound: int, n: int = 400) -> pd.DataFrame:
    """A night's price answers."""
    return pd.DataFrame(
        {
            "state": ["not_identifiable"] * abstained + ["change"] * (n - abstained),
            "binding_rule": [None] * (n - bound) + ["margin_floor"] * bound,
        }
    )


def test_advice_that_suddenly_abstains_or_stops_at_its_floor_is_seen_by_its_share() -> None:
    before = price_answers(200, 40)
    assert alarms(answer_shares(before, price_answers(215, 50))) == set()
    assert alarms(answer_shares(before, price_answers(390, 0))) == {"abstained"}
    assert alarms(answer_shares(before, price_answers(200, 190))) == {"at_limit"}
