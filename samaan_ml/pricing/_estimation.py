"""From a panel to one posterior slope a series: groups, nuisance parameters and shrinkage, in a few rounds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.pricing._count_model import Priors, fit_counts
from samaan_ml.pricing._dispersion import _FIRST_DEVIATION_VARIANCE, Floats, _learn_dispersion, _unshrink
from samaan_ml.pricing._groups import CONTROL, Group, groups_of
from samaan_ml.pricing._panel import Panel
from samaan_ml.pricing._robust import absurd_notes, leave_out_absurd
from samaan_ml.pricing._shrinkage import PRIOR_MEAN, PRIOR_SD, Shrunk, Tree, build_tree, shrink

Ints: TypeAlias = npt.NDArray[np.intp]
Objects: TypeAlias = npt.NDArray[np.object_]

_ROUNDS = 4
_FIRST_DRIFT_VARIANCE = 0.01
_FIRST_SLOPE_SPREAD = 0.5
_LEAST_SPREAD = 0.05
_WIDE_SLOPE = 9.0
_ENDOGENOUS_Z = 2.5
_SCREENED_ROUNDS = (1, 2)


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
    notes : tuple of str
        Sales that no price or season explains, and what became of costs, in plain words.
    """

    shrunk: Shrunk
    raw: Floats
    raw_variance: Floats
    node_names: tuple[Objects, ...]
    levels: tuple[str, ...]
    groups: list[Group]
    shared: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def estimate(panel: Panel, usable: npt.NDArray[np.bool_]) -> Estimation:
    """Run the rounds: fit each group, learn the hyper-parameters from all of them, fit again."""
    tree, names, levels = _tree(panel)
    n = len(panel.item_ids)
    prior_mean, prior_variance = np.full(n, PRIOR_MEAN), np.full(n, 1.0)
    groups = _grouped_by_reference(panel, usable)
    raw, raw_variance = np.full(n, PRIOR_MEAN), np.full(n, np.inf)
    shrunk = shrink(raw, raw_variance, tree)
    own_variances = {"drift": _FIRST_DRIFT_VARIANCE}
    had_control = bool(_by_control(groups).get(CONTROL))
    groups = _screen_control(groups)
    absurd: list[tuple[int, int]] = []
    for number in range(_ROUNDS):
        if number in _SCREENED_ROUNDS:
            for group in groups:
                absurd += leave_out_absurd(group)
        for group in groups:
            _fit_group(group, prior_mean, prior_variance, own_variances)
        for group in groups:
            _learn_dispersion(group, own_variances)
            _unshrink(group, prior_mean, prior_variance, panel.period_days, raw, raw_variance)
        _learn_shared(groups)
        own_variances = _learn_own_variances(groups, own_variances)
        shrunk = shrink(
            raw, raw_variance, tree, _shared_error(groups, raw_variance, shrunk.spreads[0], tree, n)
        )
        prior_mean, prior_variance = shrunk.prior_mean, shrunk.prior_variance
    shared = _shared_summary(groups)
    notes = absurd_notes(panel, absurd) + _cost_notes(panel, had_control, shared)
    return Estimation(shrunk, raw, raw_variance, names, levels, groups, shared, notes)


def _cost_notes(panel: Panel, had_control: bool, shared: dict[str, tuple[float, float]]) -> tuple[str, ...]:
    """Return what the given costs were used for."""
    if panel.log_cost is None:
        return ()
    if CONTROL in shared:
        value, error = shared[CONTROL]
        return (
            (
                f"unit_cost is used as an instrument: sales move with the part of the price that cost does not explain "
                f"(coefficient {value:.2f}, standard error {error:.2f}), by which plain elasticities are too near to 0"
            ),
        )
    if had_control:
        return (
            "unit_cost moves prices, but beyond the period effects prices do not follow demand: it changes nothing",
        )
    return ("unit_cost explains too little of the prices to be an instrument; it is not used",)


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


def _grouped_by_reference(panel: Panel, usable: npt.NDArray[np.bool_]) -> list[Group]:
    """Groups whose customers look at the price, or at the price beside the MRP, whichever explains sales better.

    Where the MRP moves, customers may judge a price by it, so that one that rises with the MRP loses no customer.
    """
    groups = groups_of(panel, usable)
    if panel.log_relative is None or not groups:
        return groups
    beside_mrp = groups_of(replace(panel, log_price=panel.log_relative), usable)
    reached = []
    for each in (groups, beside_mrp):
        n = len(panel.item_ids)
        for group in each:
            _fit_group(
                group, np.full(n, PRIOR_MEAN), np.full(n, _WIDE_SLOPE), {"drift": _FIRST_DRIFT_VARIANCE}
            )
        reached.append(sum(group.fit.objective for group in each))
    return groups if reached[0] >= reached[1] else beside_mrp


def _learn_own_variances(groups: list[Group], before: dict[str, float]) -> dict[str, float]:
    """Variances of the drift and of the deviations over all series, by the fixed point of Fellner and Schall.

    Squares over *effective* coefficients: it finds a variance of nearly zero in a few rounds, where the EM step
    would creep.
    """
    squares: dict[str, float] = {}
    effective: dict[str, float] = {}
    for group in groups:
        for name, block in zip(group.own_names, group.design.blocks, strict=True):
            value, variance = group.fit.own[:, 2:][:, block], group.fit.own_variance[:, 2:][:, block]
            squares[name] = squares.get(name, 0.0) + float((value**2).sum())
            spent = float((1.0 - variance / before.get(name, _FIRST_DEVIATION_VARIANCE)).sum())
            effective[name] = effective.get(name, 0.0) + spent
    return {
        name: float(np.clip(squares[name] / effective[name], 1e-5, 1.0)) if effective[name] > 0.0 else 1e-5
        for name in squares
    }


def _fit_group(
    group: Group, prior_mean: Floats, prior_variance: Floats, own_variances: dict[str, float]
) -> None:
    """Fit one group at the current hyper-parameters, from where it stood."""
    priors = Priors(
        slope_mean=prior_mean[group.rows],
        slope_variance=prior_variance[group.rows],
        own_variances=tuple(own_variances.get(name, _FIRST_DEVIATION_VARIANCE) for name in group.own_names),
        period_precision=group.period_precision,
        shared_mean=group.shared_mean,
        shared_variance=group.shared_variance,
        dispersion=group.dispersion,
    )
    group.last_fit = fit_counts(group.design, priors, group.last_fit)


def _learn_shared(groups: list[Group]) -> None:
    """Shrink each promotion's coefficient towards its mean over the groups."""
    for name, members in _by_control(groups).items():
        if name == CONTROL:
            continue
        value, variance = _shared_values(members)
        before_mean, before = _prior_mean(members), _prior_variance(members)
        own = 1.0 / np.maximum(1.0 / variance - 1.0 / before, 1e-6)
        mean, error, spread = _random_effects((value / variance - before_mean / before) * own, own)
        for group, place in members:
            group.shared_mean[place] = mean
            group.shared_variance[place] = min(max(spread, _LEAST_SPREAD) ** 2 + error**2, 1.0)


def _screen_control(groups: list[Group]) -> list[Group]:
    """Keep the control function only where prices answer to demand beyond what the period effects take up.

    The regression form of the test of Hausman (1978) over all groups together, one-sided because a shopkeeper who
    raises prices when an item sells well makes the coefficient positive. Where it is clearly so, what is learned of
    it here, with a common slope in each group, stays its prior; where it may be so, the prior is centred on 0 and as
    wide as the estimate lies beyond its error, so that the doubt reaches the slopes' intervals; else the control
    would only cost precision.
    """
    members = _by_control(groups).get(CONTROL, [])
    if not members:
        return groups
    found = [_control_coefficient(group, place) for group, place in members]
    mean, error, spread = _random_effects(np.array([f[0] for f in found]), np.array([f[1] for f in found]))
    if mean <= error:
        return [_without_control(group) for group in groups]
    clear = mean >= _ENDOGENOUS_Z * error
    centre, variance = (mean, error**2) if clear else (0.0, mean**2 - error**2)
    for group, place in members:
        group.shared_mean[place], group.shared_variance[place] = centre, variance + spread**2
    return groups


def _control_coefficient(group: Group, place: int) -> tuple[float, float]:
    """Coefficient of the control and its variance, where the slopes of the group share an unknown mean."""
    design = group.design
    n, shared = len(group.rows), np.concatenate([design.shared, design.log_price[None]])
    priors = Priors(
        slope_mean=np.zeros(n),
        slope_variance=np.full(n, _FIRST_SLOPE_SPREAD**2),
        own_variances=tuple(_FIRST_DRIFT_VARIANCE for _ in group.own_names),
        period_precision=group.period_precision,
        shared_mean=np.append(group.shared_mean, PRIOR_MEAN),
        shared_variance=np.append(group.shared_variance, PRIOR_SD**2),
        dispersion=group.dispersion,
    )
    fit = fit_counts(replace(design, shared=shared), priors)
    value, variance = fit.common[design.units.shape[1] + place], fit.shared_variance[place]
    precision = max(1.0 / variance - 1.0 / group.shared_variance[place], 1e-6)
    return float(value / variance / precision), 1.0 / precision


def _random_effects(value: Floats, variance: Floats) -> tuple[float, float, float]:
    """Mean, its error, and spread of effects by the moments of DerSimonian and Laird (1986)."""
    weight = 1.0 / variance
    mean = float((weight * value).sum() / weight.sum())
    excess = float((weight * (value - mean) ** 2).sum()) - (len(value) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    spread = max(excess / scale, 0.0) if scale > 0.0 else 0.0
    weight = 1.0 / (variance + spread)
    return float((weight * value).sum() / weight.sum()), float(weight.sum() ** -0.5), float(np.sqrt(spread))


def _without_control(group: Group) -> Group:
    """The group without its control function."""
    if CONTROL not in group.names:
        return group
    kept = [k for k, name in enumerate(group.names) if name != CONTROL]
    return replace(
        group,
        design=replace(group.design, shared=group.design.shared[kept]),
        names=tuple(group.names[k] for k in kept),
        shared_mean=group.shared_mean[kept],
        shared_variance=group.shared_variance[kept],
        last_fit=None,
    )


def _shared_error(groups: list[Group], raw_variance: Floats, spread: float, tree: Tree, n: int) -> Floats:
    """Variance of the error that the estimates under each top node share through their common coefficients."""
    top = np.arange(n)
    for parent in tree.parents:
        top = parent[top]
    variance, weight = np.zeros(int(top.max()) + 1), np.zeros(int(top.max()) + 1)
    for group in groups:
        fit, rows = group.fit, group.rows
        known = np.isfinite(raw_variance[rows])
        own = fit.own_variance[:, 1]
        amplified = np.where(known, raw_variance[rows] / own, 0.0)
        pull = np.where(known, 1.0 / (raw_variance[rows] + spread**2), 0.0)
        for node in np.unique(top[rows]):
            share = np.where(top[rows] == node, pull * amplified, 0.0)
            along = share @ fit.slope_loadings
            alone = ((fit.slope_loadings @ fit.common_covariance) * fit.slope_loadings).sum(axis=1)
            variance[node] += max(
                float(along @ fit.common_covariance @ along - (share**2 * alone).sum()), 0.0
            )
            weight[node] += pull[top[rows] == node].sum()
    return np.asarray(variance / np.maximum(weight, 1e-12) ** 2, dtype=float)


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
