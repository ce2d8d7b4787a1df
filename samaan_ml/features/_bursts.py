"""Bursts that are over: a festival's week or a slip of the pen is no level of the days to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.features._compile import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["past_bursts"]

_WINDOW = {"D": 120, "W": 26}
_LONGEST = {"D": 28, "W": 4}
_LEAST_BEFORE = {"D": 14, "W": 6}
_LEAST_AFTER = {"D": 3, "W": 2}
_MOST = 3  # so many bursts within the window are a pattern, which the model knows better
_TIMES = 3.0  # a burst lies so many times above the days around it
_EVIDENCE = 15.0  # log likelihood ratio, in units of the dispersion, that makes a burst
_OVER = 5.0  # and that the days after it are not of it


def past_bursts(
    units: npt.NDArray[np.float32], start: npt.NDArray[np.int64], frequency: str
) -> npt.NDArray[np.bool_]:
    """Find the recent days that belong to a burst which is over.

    A burst is a run of days (at most four weeks, within the last four months) several times above the days before and
    after it, by a likelihood ratio that chance and the series' own dispersion do not explain. Repeated bursts are a
    pattern and are left alone.

    Parameters
    ----------
    units : ndarray of float32, shape (n_series, n_dates)
        Demand, NaN where unknown.
    start : ndarray of int64, shape (n_series,)
        First column of each series.
    frequency : {"D", "W"}
        What a column is.

    Returns
    -------
    ndarray of bool, shape (n_series, n_dates)

    References
    ----------
    Kulldorff (1997), A spatial scan statistic, Communications in Statistics 26(6), in one dimension.
    """
    out = np.zeros(units.shape, dtype=np.bool_)
    _scan_bursts(
        units,
        start,
        out,
        _WINDOW[frequency],
        _LONGEST[frequency],
        _LEAST_BEFORE[frequency],
        _LEAST_AFTER[frequency],
    )
    return out


@compiled
def _scan_bursts(
    units: Any, start: Any, out: Any, window: int, longest: int, least_before: int, least_after: int
) -> None:
    """Mark the bursts of every series."""
    n_dates = units.shape[1]
    value, column = np.empty(window), np.empty(window, dtype=np.int64)
    for s in range(units.shape[0]):
        found = 0
        while found < _MOST:
            n = 0
            for d in range(max(start[s], n_dates - window), n_dates):
                if not np.isnan(units[s, d]) and not out[s, d]:
                    value[n], column[n] = units[s, d], d
                    n += 1
            first, last = _best_burst(value[:n], longest, least_before, least_after)
            if first < 0:
                break
            for j in range(first, last):
                out[s, column[j]] = True
            found += 1
        if found == _MOST:
            out[s, :] = False


@compiled
def _best_burst(value: Any, longest: int, least_before: int, least_after: int) -> tuple[int, int]:
    """Find the run with the largest likelihood ratio; (-1, -1) where none is large enough."""
    n = value.shape[0]
    total, square, positive, n_positive = 0.0, 0.0, 0.0, 0
    for j in range(n):
        total += value[j]
        square += value[j] * value[j]
        if value[j] > 0:
            positive += value[j]
            n_positive += 1
    best, first, last = _EVIDENCE, -1, -1
    for a in range(least_before, n - least_after):
        inside, squares = 0.0, 0.0
        for b in range(a + 1, min(a + longest, n - least_after) + 1):
            x = value[b - 1]
            inside += x
            squares += x * x
            count, rest = b - a, n - (b - a)
            high = inside / count
            low = max((total - inside) / rest, 0.05 * high)
            if high < _TIMES * low or value[a] <= low or x <= low:
                continue
            mean = (total - inside) / rest
            variance = max((square - squares) / rest - mean * mean, 0.0)
            size = positive / n_positive
            dispersion = max(variance / max(low, 1e-9), 0.25 * min(size, high))
            ratio = (inside * np.log(high / low) - (inside - count * low)) / dispersion
            if ratio > best:
                after = 0.0
                for j in range(b, n):
                    after += value[j]
                over = ((n - b) * (high - low) - after * np.log(high / low)) / dispersion
                if over >= _OVER:
                    best, first, last = ratio, a, b
    return first, last
