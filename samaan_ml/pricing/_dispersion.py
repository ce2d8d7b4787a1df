"""How much an item's units scatter beyond a count's own noise, and for how long errors last."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.pricing._groups import Group

Floats: TypeAlias = npt.NDArray[np.float64]


_FIRST_DEVIATION_VARIANCE = 0.01


_CORRELATED_DAYS = 56
"""Reach of the correlation of neighbouring periods that intervals allow for."""


_OWN_DISPERSION_PERIODS = 30.0
"""Periods at which a series' own dispersion counts as much as its group's."""


def _learn_dispersion(group: Group, own_variances: dict[str, float]) -> None:
    """Match Pearson's statistic to its degrees of freedom, for the group and, shrunken to it, for each series."""
    fit, design = group.fit, group.design
    observed = design.weight.sum(axis=1)
    effective = 0.0
    for name, block in zip(group.own_names, design.blocks, strict=True):
        known = fit.own_variance[:, 2:][:, block] / own_variances.get(name, _FIRST_DEVIATION_VARIANCE)
        effective += float((1.0 - known).sum()) / len(group.rows)
    spent = 2.0 + effective + (design.weight.sum(axis=0) > 0.0).sum() / len(group.rows)
    freedom = np.maximum(observed - spent, 0.1 * observed)
    squares = (design.units - fit.mean) ** 2 * design.weight
    pooled = _matching_dispersion(squares, fit.mean * design.weight, freedom, together=True)
    own = _matching_dispersion(squares, fit.mean * design.weight, freedom, together=False)
    trust = freedom / (freedom + _OWN_DISPERSION_PERIODS)
    group.dispersion = np.exp(trust * np.log(own) + (1.0 - trust) * np.log(pooled))


def _matching_dispersion(squares: Floats, mean: Floats, freedom: Floats, *, together: bool) -> Floats:
    """Solve sum (y - mu)^2 / (mu + alpha mu^2) = degrees of freedom for alpha by bisection."""
    low, high = np.full(len(squares), np.log(1e-3)), np.full(len(squares), np.log(20.0))
    safe = np.maximum(mean, 1e-9)
    for _ in range(18):
        middle = 0.5 * (low + high)
        pearson = (squares / (safe + np.exp(middle)[:, None] * safe**2)).sum(axis=1)
        over = np.full(len(low), pearson.sum() > freedom.sum()) if together else pearson > freedom
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.asarray(np.exp(0.5 * (low + high)), dtype=float)


def _unshrink(
    group: Group,
    prior_mean: Floats,
    prior_variance: Floats,
    period_days: int,
    raw: Floats,
    raw_variance: Floats,
) -> None:
    """Take the prior out of the posterior: what remains is what the series' own data say."""
    fit, rows = group.fit, group.rows
    precision = 1.0 / fit.own_variance[:, 1] - 1.0 / prior_variance[rows]
    known = precision > 1e-6
    own = np.where(known, 1.0 / np.where(known, precision, 1.0), np.inf)
    joint = fit.own[:, 1] / fit.own_variance[:, 1] - prior_mean[rows] / prior_variance[rows]
    raw[rows] = np.where(known, joint * np.where(known, own, 0.0), prior_mean[rows])
    raw_variance[rows] = own * _correlation_inflation(group, period_days)


def _correlation_inflation(group: Group, period_days: int) -> float:
    """How much neighbouring periods' scores, pooled over the group, widen the variance of a slope."""
    fit, design = group.fit, group.design
    shrink_by = design.weight / (1.0 + group.dispersion[:, None] * fit.mean)
    weight = fit.mean * shrink_by
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    price = design.log_price - (design.log_price * weight).sum(axis=1, keepdims=True) / total
    score = price * (design.units - fit.mean) * shrink_by
    reach = max(1, min(_CORRELATED_DAYS // period_days, score.shape[1] // 4))
    white = float((score**2).sum())
    if white <= 0.0:
        return 1.0
    extra = sum(
        2.0 * (1.0 - lag / (reach + 1.0)) * float((score[:, lag:] * score[:, :-lag]).sum())
        for lag in range(1, reach + 1)
    )
    return float(np.clip(1.0 + extra / white, 1.0, 3.0))
