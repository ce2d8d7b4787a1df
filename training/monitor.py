"""Monitors of what serves: drift of inputs, bias and coverage of forecasts, calibration of risks.

Each monitor holds one number against one limit and says so in a `Finding`. Limits widen with the noise of few
rows, so that a quiet week of a small shop raises no alarm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

__all__ = [
    "Finding",
    "answer_shares",
    "baseline_drift",
    "calibration",
    "data_drift",
    "forecast_quality",
    "level_shift",
    "population_stability_index",
]

_BINS = 10
_PSI_LIMIT = 0.2
_KS_LEVEL = 0.001
_Z_LIMIT = 4.0
_LEAST_RELATIVE_BIAS = 0.05
_CUSUM_SLACK = 0.5
"""Half of the shift, in standard deviations, that is to be found soonest."""
_CUSUM_LIMIT = 6.0
"""Passed by chance on one day in about 1,300: in four weeks twice in a hundred."""
_FEWEST_USUAL_DAYS = 14
_MOST_CHANGED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Finding:
    """What one monitor saw.

    Parameters
    ----------
    monitor : str
        psi, ks, bias, coverage, cusum, calibration, abstained, at_limit or damaged.
    subject : str
        The column, or what was forecast.
    value, limit : float
        The number, and the most it may be.
    """

    monitor: str
    subject: str
    value: float
    limit: float

    @property
    def alarm(self) -> bool:
        """Return whether the number is beyond its limit."""
        return bool(self.value > self.limit)


def data_drift(reference: pd.DataFrame, current: pd.DataFrame, columns: Sequence[str]) -> list[Finding]:
    """Compare the distribution of columns with what the model learned from.

    Parameters
    ----------
    reference, current : pandas.DataFrame
        Rows of training and rows of late; numbers or categories.
    columns : sequence of str
        Which columns.

    Returns
    -------
    list of Finding
        PSI of every column, and the Kolmogorov-Smirnov distance of those that are numbers.

    Raises
    ------
    DataError
        When a column is missing or has no rows.

    References
    ----------
    Yurdakul (2018), Statistical properties of population stability index.
    """
    return [finding for name in columns for finding in _column_drift(reference, current, name)]


def _column_drift(reference: pd.DataFrame, current: pd.DataFrame, name: str) -> Iterator[Finding]:
    """Compare one column."""
    import pandas as pd

    for role, frame in (("reference", reference), ("current", current)):
        if name not in frame or frame[name].dropna().empty:
            raise DataError(f"column '{name}' has no values in the {role} rows")
    before, now = reference[name].dropna(), current[name].dropna()
    yield Finding("psi", name, population_stability_index(before, now), _psi_limit(len(before), len(now)))
    if pd.api.types.is_numeric_dtype(before.dtype):
        from scipy.stats import ks_2samp

        distance = float(ks_2samp(before.to_numpy(dtype=float), now.to_numpy(dtype=float)).statistic)
        critical = np.sqrt(-np.log(_KS_LEVEL / 2) / 2 * (1 / len(before) + 1 / len(now)))
        yield Finding("ks", name, distance, float(max(critical, 0.1)))


def population_stability_index(reference: pd.Series, current: pd.Series) -> float:
    """Return the population stability index over the reference's tenths, or over categories.

    Examples
    --------
    >>> import pandas as pd
    >>> same = pd.Series(range(1000))
    >>> population_stability_index(same, same)
    0.0
    """
    import pandas as pd

    if pd.api.types.is_numeric_dtype(reference.dtype):
        edges = np.unique(np.quantile(reference.to_numpy(dtype=float), np.linspace(0, 1, _BINS + 1)[1:-1]))
        before, now = (
            np.searchsorted(edges, each.to_numpy(dtype=float), side="left") for each in (reference, current)
        )
        count = len(edges) + 1
    else:
        words = pd.concat([reference, current]).astype("str")
        codes, kinds = pd.factorize(words)
        before, now, count = codes[: len(reference)], codes[len(reference) :], len(kinds)
    return _psi(np.bincount(before, minlength=count), np.bincount(now, minlength=count))


def _psi(before: npt.NDArray[Any], now: npt.NDArray[Any]) -> float:
    """Return the index of two rows of counts."""
    p = (before + 0.5) / (before.sum() + 0.5 * len(before))
    q = (now + 0.5) / (now.sum() + 0.5 * len(now))
    return float(np.sum((q - p) * np.log(q / p)))


def _psi_limit(before: int, now: int) -> float:
    """Return the most that an index may be: without drift it is about (1/n + 1/m) x chi-square of bins - 1."""
    noise = (1 / before + 1 / now) * (_BINS - 1 + _Z_LIMIT * np.sqrt(2 * (_BINS - 1)))
    return max(_PSI_LIMIT, float(noise))


def baseline_drift(statistics: Mapping[str, Any], current: pd.DataFrame) -> list[Finding]:
    """Compare the distribution of columns with a baseline of which only the statistics are kept.

    Parameters
    ----------
    statistics : mapping
        Content of Model Monitor's `statistics.json`.
    current : pandas.DataFrame
        Rows of late.

    Returns
    -------
    list of Finding
        PSI over the baseline's buckets, of the columns that both have and of which the baseline counted values.
    """
    findings = []
    for feature in statistics["features"]:
        name = str(feature["name"])
        values = current[name].dropna() if name in current else ()
        counted = _counted(feature, values) if len(values) else None
        if counted is not None:
            before, now = counted
            limit = _psi_limit(max(int(before.sum()), 1), len(values))
            findings.append(Finding("psi", name, _psi(before, now), limit))
    return findings


def _counted(feature: Mapping[str, Any], values: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
    """Count a baseline's values and those of late in the same buckets; None where it has none, or another kind."""
    import pandas as pd

    numbers, words = feature.get("numerical_statistics"), feature.get("string_statistics")
    if numbers and pd.api.types.is_numeric_dtype(values.dtype):
        buckets = numbers["distribution"]["kll"]["buckets"]
        # A bucket holds its lower edge; what lies beyond the outer ones falls into them.
        inner = np.array([each["upper_bound"] for each in buckets[:-1]])
        places = np.searchsorted(inner, values.to_numpy(dtype=float), side="right")
        return np.array([each["count"] for each in buckets]), np.bincount(places, minlength=len(buckets))
    if words and "distribution" in words:
        before = pd.Series({b["value"]: b["count"] for b in words["distribution"]["categorical"]["buckets"]})
        now = values.astype("str").value_counts()
        kinds = before.index.union(now.index)
        return tuple(each.reindex(kinds, fill_value=0).to_numpy(dtype=float) for each in (before, now))  # type: ignore[return-value]
    return None


def forecast_quality(
    actual: Any, mean: Any, lower: Any, upper: Any, nominal: float = 0.8, usual_coverage: float | None = None
) -> list[Finding]:
    """Hold forecasts against what came.

    Parameters
    ----------
    actual, mean, lower, upper : array-like of float, shape (n,)
        Units that came, and what was forecast; days that do not count are left out.
    nominal : float, default=0.8
        Share of days that should lie between `lower` and `upper`.
    usual_coverage : float or None, default=None
        The share found by the backtest, which is what may be expected where counts are small; None is nominal.

    Returns
    -------
    list of Finding
        Relative bias, and the distance of coverage from what is usual.

    Raises
    ------
    DataError
        When there are no days.
    """
    y, f, low, high = (np.asarray(each, dtype=float) for each in (actual, mean, lower, upper))
    if not len(y):
        raise DataError("there is no day to hold the forecasts against")
    total = max(float(np.abs(y).sum()), 1e-9)
    error = f - y
    noise = float(np.sqrt(np.sum((error - error.mean()) ** 2))) / total
    usual = nominal if usual_coverage is None else usual_coverage
    covered = float(np.mean((y >= low) & (y <= high)))
    chance = float(np.sqrt(usual * (1 - usual) / len(y)))
    return [
        Finding(
            "bias", "units", abs(float(error.sum())) / total, max(_LEAST_RELATIVE_BIAS, _Z_LIMIT * noise)
        ),
        Finding("coverage", "units", abs(covered - usual), max(0.05, _Z_LIMIT * chance)),
    ]


def calibration(outcome: Any, probability: Any) -> list[Finding]:
    """Compare predicted probabilities with outcomes, by tenths.

    Parameters
    ----------
    outcome : array-like of {0, 1}, shape (n,)
        What came.
    probability : array-like of float, shape (n,)
        What was told.

    Returns
    -------
    list of Finding
        The largest distance of a tenth, in standard errors of that tenth.
    """
    late, told = np.asarray(outcome, dtype=float), np.asarray(probability, dtype=float)
    if not len(late):
        raise DataError("there is no outcome to hold the probabilities against")
    order = np.argsort(told, kind="stable")
    worst = 0.0
    for part in np.array_split(order, min(_BINS, len(order))):
        spread = float(np.sqrt(np.sum(told[part] * (1 - told[part]))))
        worst = max(worst, abs(float(late[part].sum() - told[part].sum())) / max(spread, 0.5))
    return [Finding("calibration", "probability", worst, _Z_LIMIT)]


def level_shift(actual: Any, mean: Any, usual: Any) -> list[Finding]:
    """Watch daily totals for a lasting shift, up or down, day after day.

    Parameters
    ----------
    actual, mean : array-like of float, shape (days,)
        Units of all that is forecast together, and what was forecast, in the order of days.
    usual : array-like of float, shape (n,)
        Errors (actual minus mean) of days on which all was well; they say how far apart the two may lie.

    Returns
    -------
    list of Finding
        The largest two-sided cumulative sum, in standard deviations.

    Raises
    ------
    DataError
        When there are too few usual errors to know their spread.

    References
    ----------
    Page (1954), Continuous inspection schemes, Biometrika 41.
    """
    y, f, past = (np.asarray(each, dtype=float) for each in (actual, mean, usual))
    if len(past) < _FEWEST_USUAL_DAYS:
        raise DataError(f"{_FEWEST_USUAL_DAYS} usual errors are needed to know their spread, got {len(past)}")
    z = (y - f - past.mean()) / max(float(past.std(ddof=1)), 1e-9)
    up = down = worst = 0.0
    for step in z:
        up, down = max(0.0, up + step - _CUSUM_SLACK), max(0.0, down - step - _CUSUM_SLACK)
        worst = max(worst, up, down)
    return [Finding("cusum", "units", worst, _CUSUM_LIMIT)]


def answer_shares(before: pd.DataFrame, now: pd.DataFrame) -> list[Finding]:
    """Compare how often price advice abstains or stops at a limit with the night before.

    Parameters
    ----------
    before, now : pandas.DataFrame
        Price answers: state, and binding_rule where a rule bound the price.

    Returns
    -------
    list of Finding
        `abstained`: the share for whose elasticity there is no evidence; `at_limit`: the share whose price a rule
        bound. The value is the change of the share, which is large when costs, MRPs or the model broke.

    Raises
    ------
    DataError
        When a night has no answers.
    """
    if before.empty or now.empty:
        raise DataError("there are no answers to compare")
    noise = _Z_LIMIT * float(np.sqrt(0.25 * (1 / len(before) + 1 / len(now))))
    shares = {
        "abstained": [float((rows["state"] == "not_identifiable").mean()) for rows in (before, now)],
        "at_limit": [float(rows["binding_rule"].notna().mean()) for rows in (before, now)],
    }
    limit = max(_MOST_CHANGED_SHARE, noise)
    return [Finding(monitor, "price", abs(new - old), limit) for monitor, (old, new) in shares.items()]
