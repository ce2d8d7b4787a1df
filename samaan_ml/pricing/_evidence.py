"""How much the data say about each elasticity: counts, grades and the words for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.pricing._panel import Panel

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Objects: TypeAlias = npt.NDArray[np.object_]

_SAME_PRICE = 0.003
"""Prices closer than this (in logs) are one price."""
_FEWEST_PERIODS = 8
_FEWEST_UNITS = 10.0
_TRUNCATION_Z = 8.0
NARROW = 0.4
"""Half width of a 95 % interval up to which evidence may have grade A."""
_MOST_DOUBTFUL = 0.1


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each series offers to learn from.

    Parameters
    ----------
    periods : numpy.ndarray of int, shape (n_series,)
        Periods observed.
    units : numpy.ndarray, shape (n_series,)
        Units sold in them.
    price_levels, price_changes : numpy.ndarray of int, shape (n_series,)
        Distinct prices, and how often the price moved.
    """

    periods: npt.NDArray[np.intp]
    units: Floats
    price_levels: npt.NDArray[np.intp]
    price_changes: npt.NDArray[np.intp]

    @property
    def usable(self) -> Bools:
        """Series with a price that moved, enough periods and some sales."""
        return np.asarray(
            (self.price_levels >= 2) & (self.periods >= _FEWEST_PERIODS) & (self.units >= _FEWEST_UNITS),
            dtype=bool,
        )


def gather_evidence(panel: Panel) -> Evidence:
    """Count what each series offers."""
    observed, log_price = panel.observed, panel.log_price
    ordered = np.sort(np.where(observed, log_price, np.inf), axis=1)
    with np.errstate(invalid="ignore"):
        steps = np.diff(ordered, axis=1)
    levels = 1 + (np.isfinite(ordered[:, 1:]) & (steps > _SAME_PRICE)).sum(axis=1)
    last = np.maximum.accumulate(np.where(observed, np.arange(observed.shape[1]), -1), axis=1)[:, :-1]
    before = np.take_along_axis(log_price, np.maximum(last, 0), axis=1)
    moved = observed[:, 1:] & (last >= 0) & (np.abs(log_price[:, 1:] - before) > _SAME_PRICE)
    any_price = observed.any(axis=1)
    return Evidence(
        periods=observed.sum(axis=1),
        units=panel.units.sum(axis=1),
        price_levels=np.where(any_price, levels, 0),
        price_changes=moved.sum(axis=1),
    )


def truncate(mean: Floats, variance: Floats, level: float = 0.95) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, standard deviation and interval of a Gaussian cut off above zero: demand does not rise with the price."""
    from scipy.special import log_ndtr, ndtri, ndtri_exp

    sd = np.sqrt(variance)
    cut = np.clip(-mean / sd, -_TRUNCATION_Z, None)
    inside = log_ndtr(cut)
    ratio = np.exp(-0.5 * cut**2 - 0.5 * np.log(2.0 * np.pi) - inside)
    centre = -cut * sd - sd * ratio
    spread = sd * np.sqrt(np.maximum(1.0 - cut * ratio - ratio**2, 1e-6))
    tail = 0.5 * (1.0 - level)
    lower = -cut * sd + sd * ndtri_exp(np.log(tail) + inside)
    upper = np.where(
        cut > 5.0, -cut * sd + sd * ndtri(1.0 - tail), -cut * sd + sd * ndtri_exp(np.log1p(-tail) + inside)
    )
    return centre, spread, lower, np.minimum(upper, 0.0)


def grade(
    evidence: Evidence,
    raw: Floats,
    raw_variance: Floats,
    sd: Floats,
    information: Floats,
    is_sturdy: Bools,
    doubtful_prices: Floats,
) -> tuple[Objects, Objects]:
    """Grade A to D and the reason, from the width of the interval and the item's own evidence.

    A: at least four price changes, a 95 % interval no wider than 0.4 either side, and an estimate that stays where
    it is without any one period or price. B: at least two changes and no wider than 0.9. C: the price moved, but
    the estimate is mostly that of its category, or its own data point the wrong way. D:
    nothing can be said: hold.
    """
    reasons = _reasons(evidence, raw, raw_variance, sd, information, is_sturdy, doubtful_prices)
    grades = np.full(len(sd), "B", dtype=object)
    words = np.full(len(sd), "the price changed often enough to tell", dtype=object)
    for condition, letter, text in reversed(reasons):
        grades[condition] = letter
        words[condition] = text
    return grades, words


def _reasons(
    evidence: Evidence,
    raw: Floats,
    raw_variance: Floats,
    sd: Floats,
    information: Floats,
    is_sturdy: Bools,
    doubtful_prices: Floats,
) -> list[tuple[Bools, str, str]]:
    """Return condition, grade and words of each reason; the first that applies decides."""
    half = 1.96 * sd
    few = evidence.price_changes < 2
    wrong_way = (raw > 0.0) & np.isfinite(raw_variance)
    narrow = (half <= NARROW) & (evidence.price_changes >= 4)
    mixed = doubtful_prices > _MOST_DOUBTFUL
    return [
        (evidence.periods == 0, "D", "no sales at a known price"),
        (evidence.price_levels < 2, "D", "the price never changed"),
        (evidence.periods < _FEWEST_PERIODS, "D", f"fewer than {_FEWEST_PERIODS} periods observed"),
        (evidence.units < _FEWEST_UNITS, "D", f"fewer than {_FEWEST_UNITS:.0f} units sold"),
        (
            ~np.isfinite(raw_variance) | (information < 0.01),
            "D",
            "price changes coincide with what moves the whole category",
        ),
        (wrong_way, "C", "the item's own sales rose with its price: something else moved both"),
        (mixed, "C", "many of its prices look like paise or have a zero too many: check them"),
        (few, "C", "fewer than two price changes: mostly the category's elasticity"),
        (
            half > 0.9,
            "C",
            "the price changes are small beside what else moves sales: mostly the category's elasticity",
        ),
        (narrow & ~is_sturdy, "B", "a narrow interval, but one period or one price decides much of it"),
        (narrow, "A", "many price changes and a narrow interval"),
    ]
