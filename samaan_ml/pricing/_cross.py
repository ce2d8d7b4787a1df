"""Cross elasticities inside a category, where the data single out a pair.

After the main fit, what is left of an item's sales is set against the price of each other item of its group. The
free period effects already took up what all prices of the category do together, so a cross elasticity is relative
to the average substitute; only pairs that stand out after allowing for the number of pairs tested are reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.pricing._groups import Group

Floats: TypeAlias = npt.NDArray[np.float64]

_FALSE_DISCOVERIES = 0.05
_MOST_SERIES = 1_500
_FEWEST_PERIODS = 26


@dataclass(frozen=True, slots=True)
class CrossElasticities:
    """Pairs that stand out: sales of series `row` answer to the price of series `other`.

    Parameters
    ----------
    row, other : numpy.ndarray of int, shape (n_pairs,)
        Places in the panel.
    elasticity, std_error : numpy.ndarray, shape (n_pairs,)
        Shrunken cross elasticity and its standard deviation.
    """

    row: npt.NDArray[np.intp]
    other: npt.NDArray[np.intp]
    elasticity: Floats
    std_error: Floats


def find_cross_elasticities(groups: list[Group], shop_ids: npt.NDArray[np.object_]) -> CrossElasticities:
    """Test every pair of every group of one shop; Benjamini and Hochberg (1995) at 5 %."""
    parts = [_pairs(group) for group in groups if _is_testable(group, shop_ids)]
    if not parts:
        empty = np.zeros(0)
        return CrossElasticities(empty.astype(np.intp), empty.astype(np.intp), empty, empty)
    row, other, value, error = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    kept = _discoveries(value / error)
    spread = max(float(np.mean(value**2 - error**2)), 1e-4)
    wide = max(spread, float(np.mean(value[kept] ** 2))) if kept.any() else spread
    factor = wide / (wide + error[kept] ** 2)
    return CrossElasticities(row[kept], other[kept], factor * value[kept], np.sqrt(factor) * error[kept])


def _is_testable(group: Group, shop_ids: npt.NDArray[np.object_]) -> bool:
    """Pairs mean something inside one shop, with enough periods and not too many series."""
    one_shop = len(set(shop_ids[group.rows].tolist())) == 1
    return (
        one_shop and 2 <= len(group.rows) <= _MOST_SERIES and group.design.units.shape[1] >= _FEWEST_PERIODS
    )


def _pairs(
    group: Group,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats, Floats]:
    """One scoring step for each ordered pair, own level and price held fixed."""
    design, fit = group.design, group.fit
    shrink = design.weight / (1.0 + group.dispersion[:, None] * fit.mean)
    residual, weight = (design.units - fit.mean) * shrink, fit.mean * shrink
    price = design.log_price - _period_means(design.log_price, design.weight)
    price = price * design.weight
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    own = design.log_price - (design.log_price * weight).sum(axis=1, keepdims=True) / total
    own_information = np.maximum((weight * own**2).sum(axis=1, keepdims=True), 1e-12)
    score = residual @ price.T
    first, along = weight @ price.T, (weight * own) @ price.T
    information = weight @ (price**2).T - first**2 / total - along**2 / own_information
    n = len(group.rows)
    keep = (information > 1e-6 * weight.sum(axis=1, keepdims=True) * 1e-3) & ~np.eye(n, dtype=bool)
    place, other = np.nonzero(keep)
    found = information[place, other]
    return group.rows[place], group.rows[other], score[place, other] / found, found**-0.5


def _period_means(values: Floats, weight: Floats) -> Floats:
    """Mean over the group in each period."""
    return np.asarray((values * weight).sum(axis=0) / np.maximum(weight.sum(axis=0), 1.0), dtype=float)


def _discoveries(z: Floats) -> npt.NDArray[np.bool_]:
    """Which scores stand out at the false discovery rate, after recentring their spread on the bulk of pairs."""
    from scipy.special import ndtr

    bulk = max(float(np.median(np.abs(z - np.median(z)))) * 1.4826, 1.0)
    chance = 2.0 * ndtr(-np.abs(z) / bulk)
    order = np.argsort(chance)
    line = _FALSE_DISCOVERIES * np.arange(1, len(z) + 1) / len(z)
    below = np.flatnonzero(chance[order] <= line)
    out = np.zeros(len(z), dtype=bool)
    if len(below):
        out[order[: below[-1] + 1]] = True
    return out
