"""From a panel to one posterior slope a series: groups, nuisance parameters and shrinkage, in a few rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.pricing._controls import control_function, temporary_reductions
from samaan_ml.pricing._count_model import Design, Fit, Priors, drift_basis, fit_counts
from samaan_ml.pricing._panel import Panel
from samaan_ml.pricing._shrinkage import PRIOR_MEAN, Shrunk, Tree, build_tree, shrink

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]
Objects: TypeAlias = npt.NDArray[np.object_]

_ROUNDS = 4
_SMALLEST_GROUP = 6
"""Fewer series cannot carry free period effects and still tell a price from a good week."""
_LARGEST_GROUP = 2000
_PERIOD_SD_OF_SMALL_GROUPS = 0.3
_KNOT_DAYS = 91.0
_FREE = 1e-4
_CORRELATED_DAYS = 56
"""Reach of the correlation of neighbouring periods that intervals allow for."""
_OWN_DISPERSION_PERIODS = 30.0
"""Periods at which a series' own dispersion counts as much as its group's."""


@dataclass(slots=True)
class Group:
    """Series that share their period effects, and what is known about them so far."""

    rows: Ints
    design: Design
    names: tuple[str, ...]
    period_precision: float
    shared_mean: Floats
    shared_variance: Floats
    dispersion: Floats
    fit: Fit | None = None


@dataclass(frozen=True, slots=True)
class Estimation:
    """What the rounds end with.

    Parameters
    ----------
    shrunk : Shrunk
        Posterior of every series and the predictions for unknown ones.
    raw, raw_variance : numpy.ndarray, shape (n_series,)
        What a series' own data say, without the others.
    node_names : tuple of numpy.ndarray
        Names of the tree's nodes, finest level first.
    levels : tuple of str
        What the levels are: "item", "category".
    groups : list of Group
        The fitted groups.
    shared : dict of str to (float, float)
        Mean coefficient of each control over the groups, and its standard deviation.
    """

    shrunk: Shrunk
    raw: Floats
    raw_variance: Floats
    node_names: tuple[Objects, ...]
    levels: tuple[str, ...]
    groups: list[Group]
    shared: dict[str, tuple[float, float]] = field(default_factory=dict)


def estimate(panel: Panel, usable: npt.NDArray[np.bool_]) -> Estimation:
    """Run the rounds: fit each group, learn the hyper-parameters from all of them, fit again."""
    tree, names, levels = _tree(panel)
    n = len(panel.item_ids)
    prior_mean, prior_variance = np.full(n, PRIOR_MEAN), np.full(n, 1.0)
    groups = _groups(panel, usable)
    raw, raw_variance = np.full(n, PRIOR_MEAN), np.full(n, np.inf)
    shrunk = shrink(raw, raw_variance, tree)
    for _ in range(_ROUNDS):
        drift_squares, drift_count = 0.0, 0
        drift_variance = _drift_variance(groups)
        for group in groups:
            _fit_group(group, prior_mean, prior_variance, drift_variance)
        del drift_squares, drift_count
        _learn_shared(groups)
        for group in groups:
            _learn_dispersion(group, drift_variance)
            _unshrink(group, prior_mean, prior_variance, panel.period_days, raw, raw_variance)
        shrunk = shrink(raw, raw_variance, tree)
        prior_mean, prior_variance = shrunk.prior_mean, shrunk.prior_variance
    return Estimation(shrunk, raw, raw_variance, names, levels, groups, _shared_summary(groups))


def _tree(panel: Panel) -> tuple[Tree, tuple[Objects, ...], tuple[str, ...]]:
    """Levels above a series that say something in this panel."""
    labels, levels = [], []
    categories = np.unique(panel.categories)
    inside = np.char.add(
        np.char.add(panel.categories.astype(str), "\x1f"), panel.item_ids.astype(str)
    ).astype(object)
    if len(np.unique(inside)) < len(inside):
        labels.append(inside)
        levels.append("item")
    if len(categories) > 1:
        labels.append(panel.categories)
        levels.append("category")
    if not labels:
        labels.append(panel.categories)
        levels.append("category")
    tree, names = build_tree(tuple(labels))
    return tree, names, tuple(levels)


def _groups(panel: Panel, usable: npt.NDArray[np.bool_]) -> list[Group]:
    """Series of one shop and category; what is too small is joined with its like."""
    names = _group_names(panel, usable)
    basis = drift_basis(len(panel.starts), max(_KNOT_DAYS / panel.period_days, 4.0))
    out = []
    for name in np.unique(names[usable]):
        rows = np.flatnonzero(usable & (names == name))
        for part in np.array_split(rows, int(np.ceil(len(rows) / _LARGEST_GROUP))):
            out.append(_group(panel, part, basis))
    return out


def _group_names(panel: Panel, usable: npt.NDArray[np.bool_]) -> Objects:
    """Join groups that are too small: by shop first, then by category over shops, then all that is left."""
    shop, category = panel.shop_ids.astype(str), panel.categories.astype(str)
    names = np.full(len(shop), "rest", dtype=object)
    open_rows = usable.copy()
    for label in (np.char.add(np.char.add(shop, "\x1f"), category), shop, category):
        found, codes, counts = np.unique(label[open_rows], return_inverse=True, return_counts=True)
        large = counts[codes] >= _SMALLEST_GROUP
        rows = np.flatnonzero(open_rows)[large]
        prefix = f"{label.dtype.itemsize}:{len(found)}:"
        names[rows] = np.char.add(prefix, label[rows])
        open_rows[rows] = False
    return names


def _group(panel: Panel, rows: Ints, basis: Floats) -> Group:
    """Lay out one group's design with its controls."""
    weight = panel.observed[rows].astype(float)
    count = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    log_price = panel.log_price[rows]
    centred = (log_price - (log_price * weight).sum(axis=1, keepdims=True) / count) * weight
    shared = [panel.promotions[k][rows] for k in range(len(panel.promotion_names))]
    names = list(panel.promotion_names)
    if not shared:
        shared.append(temporary_reductions(centred, weight, panel.period_days))
        names.append("temporary reduction")
    if panel.log_cost is not None:
        control = control_function(
            centred, panel.log_cost[rows], weight * panel.cost_known[rows, None], shared
        )
        if control is not None:
            shared.append(control)
            names.append("price beyond cost")
    kept = [k for k, covariate in enumerate(shared) if np.ptp(covariate) > 0.0]
    stacked = np.stack([shared[k] for k in kept]) if kept else np.zeros((0, *weight.shape))
    small = len(rows) < _SMALLEST_GROUP
    return Group(
        rows=rows,
        design=Design(panel.units[rows], centred, panel.log_exposure[rows], weight, stacked, basis),
        names=tuple(names[k] for k in kept),
        period_precision=_PERIOD_SD_OF_SMALL_GROUPS**-2 if small else _FREE,
        shared_mean=np.zeros(len(kept)),
        shared_variance=np.ones(len(kept)),
        dispersion=np.full(len(rows), 0.2),
    )


def _drift_variance(groups: list[Group]) -> float:
    """Variance of the drift coefficients over all series, from the last fits."""
    fits = [group.fit for group in groups if group.fit is not None]
    count = sum(fit.own[:, 2:].size for fit in fits)
    if not count:
        return 0.02
    squares = sum(float((fit.own[:, 2:] ** 2).sum()) + fit.drift_variance_sum for fit in fits)
    return float(np.clip(squares / count, 1e-4, 1.0))


def _fit_group(group: Group, prior_mean: Floats, prior_variance: Floats, drift_variance: float) -> None:
    """Fit one group at the current hyper-parameters, from where it stood."""
    priors = Priors(
        slope_mean=prior_mean[group.rows],
        slope_variance=prior_variance[group.rows],
        drift_variance=drift_variance,
        period_precision=group.period_precision,
        shared_mean=group.shared_mean,
        shared_variance=group.shared_variance,
        dispersion=group.dispersion,
    )
    group.fit = fit_counts(group.design, priors, group.fit)


def _learn_shared(groups: list[Group]) -> None:
    """Shrink each control's coefficient towards its mean over the groups."""
    for name, members in _by_control(groups).items():
        value, variance = _shared_values(members)
        own = 1.0 / np.maximum(1.0 / variance - 1.0 / _prior_variance(members), 1e-6)
        raw = (value / variance - _prior_mean(members) / _prior_variance(members)) * own
        answer = shrink(raw - PRIOR_MEAN, own, Tree(()))
        for k, (group, place) in enumerate(members):
            group.shared_mean[place] = answer.prior_mean[k] + PRIOR_MEAN
            group.shared_variance[place] = answer.prior_variance[k]
        del name


def _by_control(groups: list[Group]) -> dict[str, list[tuple[Group, int]]]:
    """Where each control stands in each group that has it."""
    out: dict[str, list[tuple[Group, int]]] = {}
    for group in groups:
        for place, name in enumerate(group.names):
            out.setdefault(name, []).append((group, place))
    return out


def _shared_values(members: list[tuple[Group, int]]) -> tuple[Floats, Floats]:
    """Posterior of one control in each group."""
    values, variances = [], []
    for group, place in members:
        assert group.fit is not None
        values.append(group.fit.common[group.design.units.shape[1] + place])
        variances.append(group.fit.shared_variance[place])
    return np.array(values), np.array(variances)


def _prior_variance(members: list[tuple[Group, int]]) -> Floats:
    """Prior variance of one control in each group."""
    return np.array([group.shared_variance[place] for group, place in members])


def _prior_mean(members: list[tuple[Group, int]]) -> Floats:
    """Prior mean of one control in each group."""
    return np.array([group.shared_mean[place] for group, place in members])


def _shared_summary(groups: list[Group]) -> dict[str, tuple[float, float]]:
    """Mean coefficient of each control and its standard deviation over the groups."""
    out = {}
    for name, members in _by_control(groups).items():
        value, variance = _shared_values(members)
        out[name] = (
            float(value.mean()),
            float(np.sqrt(variance.mean() / len(value) + value.var() / len(value))),
        )
    return out


def _learn_dispersion(group: Group, drift_variance: float) -> None:
    """Match Pearson's statistic to its degrees of freedom, for the group and, shrunken to it, for each series."""
    fit, design = group.fit, group.design
    assert fit is not None
    observed = design.weight.sum(axis=1)
    knots = fit.own.shape[1] - 2
    free_knots = knots - fit.drift_variance_sum / max(len(group.rows), 1) / drift_variance
    spent = 2.0 + free_knots + (design.weight.sum(axis=0) > 0.0).sum() / len(group.rows)
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
    assert fit is not None
    precision = 1.0 / fit.slope_variance - 1.0 / prior_variance[rows]
    known = precision > 1e-6
    own = np.where(known, 1.0 / np.where(known, precision, 1.0), np.inf)
    joint = fit.own[:, 1] / fit.slope_variance - prior_mean[rows] / prior_variance[rows]
    raw[rows] = np.where(known, joint * np.where(known, own, 0.0), prior_mean[rows])
    raw_variance[rows] = own * _correlation_inflation(group, period_days)


def _correlation_inflation(group: Group, period_days: int) -> float:
    """How much neighbouring periods' scores, pooled over the group, widen the variance of a slope."""
    fit, design = group.fit, group.design
    assert fit is not None
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
