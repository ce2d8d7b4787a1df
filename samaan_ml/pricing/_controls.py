"""Controls that keep a good week or a promotion from passing for a price effect."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

_REDUCTION = 0.04
"""A price this far (in logs) below the usual one of the weeks around is a temporary reduction."""
_AROUND_DAYS = 63
_SWEEPS = 12
_FIRST_STAGE_F = 4.0
"""Weaker costs than this do not identify anything (Stock and Yogo 2005 ask for 16 with one instrument)."""


def temporary_reductions(log_price: Floats, weight: Floats, period_days: int) -> Floats:
    """Flag periods in which the price lay clearly below the median of the periods around them."""
    periods = log_price.shape[1]
    half = max(2, round(_AROUND_DAYS / period_days / 2))
    if periods <= 2 * half:
        return np.zeros_like(log_price)
    padded = np.pad(np.where(weight > 0.0, log_price, np.nan), ((0, 0), (half, half)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=1)
    ordered = np.sort(windows, axis=2)
    count = np.isfinite(ordered).sum(axis=2)
    middle = np.maximum(count - 1, 0) // 2
    usual = np.take_along_axis(ordered, middle[:, :, None], axis=2)[:, :, 0]
    with np.errstate(invalid="ignore"):
        below = (log_price < usual - _REDUCTION) & (weight > 0.0)
    return below.astype(float)


def control_function(
    log_price: Floats, log_cost: Floats, weight: Floats, promotions: list[Floats]
) -> Floats | None:
    """Part of the price that neither cost nor promotion explains, None where costs explain too little.

    Added to the demand equation it takes up what price and demand have in common beyond cost, which leaves
    the slope to the movements that cost caused.

    References
    ----------
    Petrin, A. and Train, K. (2010), A control function approach to endogeneity in consumer choice models,
    Journal of Marketing Research 47.
    """
    if weight.sum() == 0.0:
        return None
    price = demean_two_ways(_regular_price(log_price, weight, promotions), weight)
    cost = demean_two_ways(log_cost, weight)
    information = float((cost**2).sum())
    if information < 1e-8 * weight.sum():
        return None
    passed_on = float((cost * price).sum()) / information
    residual = price - passed_on * cost
    score = (cost * residual).sum(axis=1)
    variance = float((score**2).sum()) / information**2 * len(score) / max(len(score) - 1, 1)
    if passed_on <= 0.0 or passed_on**2 < _FIRST_STAGE_F * variance:
        return None
    return residual * weight


def _regular_price(log_price: Floats, weight: Floats, promotions: list[Floats]) -> Floats:
    """The price without its temporary cuts: the last one of a period that was not promoted."""
    promoted = np.zeros(log_price.shape, dtype=bool)
    for promotion in promotions:
        promoted |= promotion > 0.0
    plain = (weight > 0.0) & ~promoted
    last = np.maximum.accumulate(np.where(plain, np.arange(log_price.shape[1]), -1), axis=1)
    held = np.take_along_axis(log_price, np.maximum(last, 0), axis=1)
    return np.where(last >= 0, held, log_price)


def demean_two_ways(values: Floats, weight: Floats) -> Floats:
    """Take the means of rows and of columns out by alternating projections."""
    out = values * weight
    rows = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    columns = np.maximum(weight.sum(axis=0, keepdims=True), 1.0)
    for _ in range(_SWEEPS):
        out = (out - out.sum(axis=1, keepdims=True) / rows) * weight
        out = (out - out.sum(axis=0, keepdims=True) / columns) * weight
    return out
