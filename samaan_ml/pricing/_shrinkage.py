"""Empirical-Bayes shrinkage along a tree: series <- item <- category <- everything <- a weak prior.

Estimates with known sampling variances are leaves of a tree of Gaussians whose variances between the levels are
unknown. The variances are found by maximising the marginal likelihood under a weak prior that keeps them off
the boundary, and their own uncertainty is carried into the intervals by averaging over sigma points.

References
----------
Morris, C. N. (1983), Parametric empirical Bayes inference, JASA 78.
Chung, Y. et al. (2013), A nondegenerate penalized likelihood estimator for variance parameters, Psychometrika 78.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]

PRIOR_MEAN = -1.8
"""Centre of published price elasticities of packaged goods (Tellis 1988: -1.76; Bijmolt et al. 2005: -2.62)."""
PRIOR_SD = 1.0
"""Wide enough for either of the published means."""
_SPREAD_CENTRE = np.log(0.4)
_SPREAD_SD = 1.0
# A log-normal prior of the spread between nodes keeps its estimate off zero, where few nodes would make it collapse
# (Chung et al. 2013). It is weak: two standard deviations reach from a seventh to seven times the centre.
_SCALE_BOUNDS = (0.25, 4.0)
_LEAST_MEAN = 0.2
_NO_EVIDENCE = 1e8
"""Sampling variance that stands for no evidence at all."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Which node each node hangs on, level by level.

    Parameters
    ----------
    parents : tuple of numpy.ndarray of int
        `parents[0][i]` is the node of level 1 above leaf i, and so on; the last level hangs on the root.
    """

    parents: tuple[Ints, ...]

    @property
    def variances(self) -> int:
        """How many variances between levels the tree has; the top one is that below the root."""
        return len(self.parents) + 1


@dataclass(frozen=True, slots=True)
class Shrunk:
    """What the tree says of each leaf.

    Parameters
    ----------
    mean, variance : numpy.ndarray, shape (n_leaves,)
        Posterior of each leaf, the uncertainty of the hyper-parameters included.
    prior_mean, prior_variance : numpy.ndarray, shape (n_leaves,)
        What the tree would say of the leaf without its own estimate.
    node_mean, node_variance : tuple of numpy.ndarray
        Prediction for a new leaf under each node of each level.
    root_mean, root_variance : float
        Prediction for a new leaf under no known node.
    spreads : numpy.ndarray, shape (n_variances,)
        Standard deviations between the levels, leaf level first; of a top node with the mean of all where they are
        proportional to the mean.
    proportional : bool
        Whether nodes below a top node are thought to differ in proportion to its mean.
    """

    mean: Floats
    variance: Floats
    prior_mean: Floats
    prior_variance: Floats
    node_mean: tuple[Floats, ...]
    node_variance: tuple[Floats, ...]
    root_mean: float
    root_variance: float
    spreads: Floats
    proportional: bool


@dataclass(frozen=True, slots=True)
class _Pass:
    """Messages of one upward and downward pass at fixed variances."""

    log_likelihood: float
    prior_mean: Floats
    prior_variance: Floats
    node_mean: tuple[Floats, ...]
    node_variance: tuple[Floats, ...]
    root_mean: float
    root_variance: float


def build_tree(
    labels: tuple[npt.NDArray[np.object_], ...],
) -> tuple[Tree, tuple[npt.NDArray[np.object_], ...]]:
    """Build a tree from the label of each leaf at each level, finest first; also returns the names of the nodes.

    A level that puts every leaf in a node of its own, or all nodes in one, says nothing and must be left out by
    the caller. A finer label must lie inside one coarser label.
    """
    parents, names = [], []
    below: Ints = np.arange(len(labels[0])) if labels else np.zeros(0, dtype=np.intp)
    for label in labels:
        _, first = np.unique(below, return_index=True)
        found, codes = np.unique(label[first].astype(str), return_inverse=True)
        parents.append(codes.astype(np.intp))
        names.append(found.astype(object))
        below = codes[np.unique(below, return_inverse=True)[1]].astype(np.intp)
    return Tree(tuple(parents)), tuple(names)


def shrink(estimate: Floats, variance: Floats, tree: Tree, shared_error: Floats | None = None) -> Shrunk:
    """Estimate the variances between levels and the posterior of every leaf.

    `shared_error`, one variance a node of the last level, is the error that all estimates below that node have in
    common and that averaging over them does not reduce. Whether leaves below a top node differ by the same amount
    everywhere or in proportion to its mean (an elasticity of -6 has more room than one of -1) is decided by the
    marginal likelihood.
    """
    variance = np.clip(variance, 1e-10, _NO_EVIDENCE)
    if shared_error is None:
        shared_error = np.zeros(_top_size(estimate, tree))
    even = _Evidence(estimate, variance, tree, shared_error, _equal_scales(estimate, tree))
    log_spreads, loss = _most_plausible(even)
    if not tree.parents:
        return _shrunk(even, log_spreads)
    first = _pass(even, np.exp(2.0 * log_spreads))
    scaled = replace(even, scales=_proportional_scales(first, tree))
    scaled_spreads, scaled_loss = _most_plausible(scaled)
    return _shrunk(scaled, scaled_spreads) if scaled_loss < loss else _shrunk(even, log_spreads)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What is to be shrunken: estimates, their variances and shared errors, and how wide each level's nodes scatter.

    `scales` holds for each level a factor on its standard deviation for each of its nodes.
    """

    estimate: Floats
    variance: Floats
    tree: Tree
    shared_error: Floats
    scales: tuple[Floats, ...]

    @property
    def proportional(self) -> bool:
        """Whether any factor differs from one."""
        return any(bool((scale != 1.0).any()) for scale in self.scales)


def _equal_scales(estimate: Floats, tree: Tree) -> tuple[Floats, ...]:
    """The same scatter everywhere."""
    return tuple(np.ones(size) for size in _sizes(estimate, tree))


def _sizes(estimate: Floats, tree: Tree) -> list[int]:
    """How many nodes each level has, leaves first."""
    return [len(estimate), *(int(parent.max()) + 1 for parent in tree.parents)]


def _proportional_scales(first: _Pass, tree: Tree) -> tuple[Floats, ...]:
    """Scatter below each top node in proportion to its mean; that of the top nodes themselves stays one."""
    mean = first.node_mean[-1]
    low, high = _SCALE_BOUNDS
    scale = np.clip(mean / min(first.root_mean, -_LEAST_MEAN), low, high)
    out = [np.ones(len(scale))]
    for parent in reversed(tree.parents):
        scale = scale[parent]
        out.insert(0, scale)
    return tuple(out)


def _shrunk(evidence: _Evidence, log_spreads: Floats) -> Shrunk:
    """Average the posterior over the uncertainty of the variances."""
    points, weights = _sigma_points(evidence, log_spreads)
    passes = [_pass(evidence, np.exp(2.0 * point)) for point in points]
    posteriors = [
        _combine(evidence.estimate, evidence.variance, each.prior_mean, each.prior_variance)
        for each in passes
    ]
    mean, spread = _mixture([p[0] for p in posteriors], [p[1] for p in posteriors], weights)
    prior_mean, prior_variance = _mixture(
        [p.prior_mean for p in passes], [p.prior_variance for p in passes], weights
    )
    nodes = [
        _mixture([p.node_mean[level] for p in passes], [p.node_variance[level] for p in passes], weights)
        for level in range(len(evidence.tree.parents))
    ]
    root_mean, root_variance = _mixture(
        [np.array([p.root_mean]) for p in passes], [np.array([p.root_variance]) for p in passes], weights
    )
    return Shrunk(
        mean=mean,
        variance=spread,
        prior_mean=prior_mean,
        prior_variance=prior_variance,
        node_mean=tuple(node[0] for node in nodes),
        node_variance=tuple(node[1] for node in nodes),
        root_mean=float(root_mean[0]),
        root_variance=float(root_variance[0]),
        spreads=np.exp(log_spreads),
        proportional=evidence.proportional,
    )


def _combine(
    first_mean: Floats, first_variance: Floats, mean: Floats, variance: Floats
) -> tuple[Floats, Floats]:
    """Multiply two Gaussians."""
    precision = 1.0 / first_variance + 1.0 / variance
    return (first_mean / first_variance + mean / variance) / precision, 1.0 / precision


def _mixture(means: list[Floats], variances: list[Floats], weights: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of a mixture."""
    stacked = np.stack(means)
    mean = np.tensordot(weights, stacked, axes=1)
    spread = np.tensordot(weights, np.stack(variances) + (stacked - mean) ** 2, axes=1)
    return mean, spread


def _top_size(estimate: Floats, tree: Tree) -> int:
    """How many nodes hang on the root."""
    return int(tree.parents[-1].max()) + 1 if tree.parents else len(estimate)


def _loss(evidence: _Evidence, log_spread: Floats) -> float:
    """Negative log marginal likelihood and the weak prior of the spreads."""
    bounded = np.clip(log_spread, -5.0, 2.0)
    fit = _pass(evidence, np.exp(2.0 * bounded)).log_likelihood
    return float(-fit + 0.5 * (((log_spread - _SPREAD_CENTRE) / _SPREAD_SD) ** 2).sum())


def _most_plausible(evidence: _Evidence) -> tuple[Floats, float]:
    """The most plausible log spreads and their loss."""
    from scipy.optimize import minimize

    start = np.full(evidence.tree.variances, _SPREAD_CENTRE)
    bounds = [(-5.0, 2.0)] * len(start)

    def loss(log_spread: Floats) -> float:
        return _loss(evidence, log_spread)

    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return np.clip(found.x, -5.0, 2.0), float(found.fun)


def _sigma_points(evidence: _Evidence, best: Floats) -> tuple[list[Floats], Floats]:
    """The most plausible log spreads, and points around them that carry their uncertainty."""
    count = len(best)

    def loss(log_spread: Floats) -> float:
        return _loss(evidence, log_spread)

    scale = _curvature_scale(loss, best)
    reach = np.sqrt(float(count))
    points = [best] + [
        best + sign * reach * scale[k] * np.eye(count)[k] for k in range(count) for sign in (-1, 1)
    ]
    losses = np.array([loss(point) for point in points])
    weights = np.full(len(points), 1.0 / (2.0 * count))
    weights[0] = 0.0
    if not np.isfinite(losses).all():
        weights[:] = 0.0
        weights[0] = 1.0
    return [np.clip(point, -6.0, 3.0) for point in points], weights


def _curvature_scale(loss: Callable[[Floats], float], best: Floats) -> Floats:
    """Standard deviation of each log spread, from the curvature of the loss."""
    out = np.empty(len(best))
    middle, step = loss(best), 0.15
    for k in range(len(best)):
        move = step * np.eye(len(best))[k]
        bend = (loss(best + move) - 2.0 * middle + loss(best - move)) / step**2
        out[k] = min(1.0 / np.sqrt(max(bend, 1.0 / _SPREAD_SD**2)), _SPREAD_SD)
    return out


def _pass(evidence: _Evidence, variances: Floats) -> _Pass:
    """Pass messages up and down the tree once, exactly, at given variances between its levels."""
    tree, shared_error = evidence.tree, evidence.shared_error
    between = [value * scale**2 for value, scale in zip(variances.tolist(), evidence.scales, strict=True)]
    upward, mean, spread, log_likelihood = _up(evidence, between)
    spread = spread + shared_error
    precision = 1.0 / (spread + between[-1])
    root_precision = 1.0 / PRIOR_SD**2 + precision.sum()
    root_mean = float((PRIOR_MEAN / PRIOR_SD**2 + (precision * mean).sum()) / root_precision)
    log_likelihood += 0.5 * float(
        np.log(precision).sum()
        - np.log(root_precision)
        - (precision * (mean - root_mean) ** 2).sum()
        - (root_mean - PRIOR_MEAN) ** 2 / PRIOR_SD**2
    )
    without = root_precision - precision
    prior_mean = (root_mean * root_precision - precision * mean) / without
    prior_variance = 1.0 / without + between[-1]
    below = float(variances.sum())
    node_mean: list[Floats] = []
    node_variance: list[Floats] = []
    for level in range(len(tree.parents) - 1, -1, -1):
        child_mean, child_precision, pooled, total = upward[level]
        parent = tree.parents[level]
        full, centre = _combine(pooled, 1.0 / total, prior_mean, prior_variance)[::-1]
        node_mean.insert(0, centre)
        node_variance.insert(0, full + _below(tree, between, level))
        without = total[parent] + 1.0 / prior_variance[parent] - child_precision
        joint = total[parent] * pooled[parent] + prior_mean[parent] / prior_variance[parent]
        prior_mean = (joint - child_precision * child_mean) / without
        prior_variance = 1.0 / without + between[level]
    return _Pass(
        log_likelihood,
        prior_mean,
        prior_variance,
        tuple(node_mean),
        tuple(node_variance),
        root_mean,
        1.0 / root_precision + below,
    )


def _up(
    evidence: _Evidence, between: list[float]
) -> tuple[list[tuple[Floats, Floats, Floats, Floats]], Floats, Floats, float]:
    """Pool the estimates level by level; return the messages, the top's mean and variance, the log-likelihood."""
    mean, spread, log_likelihood = evidence.estimate, evidence.variance, 0.0
    upward: list[tuple[Floats, Floats, Floats, Floats]] = []
    for level, parent in enumerate(evidence.tree.parents):
        precision = 1.0 / (spread + between[level])
        count = int(parent.max()) + 1
        total: Floats = np.bincount(parent, precision, count).astype(float)
        pooled: Floats = np.bincount(parent, precision * mean, count).astype(float) / total
        log_likelihood += 0.5 * float(
            np.log(precision).sum() - np.log(total).sum() - (precision * (mean - pooled[parent]) ** 2).sum()
        )
        upward.append((mean, precision, pooled, total))
        mean, spread = pooled, 1.0 / total
    return upward, mean, spread, log_likelihood


def _below(tree: Tree, between: list[Floats], level: int) -> Floats:
    """Variance of a new leaf around each node that `parents[level]` leads to."""
    first = np.unique(tree.parents[level], return_index=True)[1]
    total, place = between[level][first], first
    for lower in range(level - 1, -1, -1):
        place = np.unique(tree.parents[lower], return_index=True)[1][place]
        total = total + between[lower][place]
    return np.asarray(total, dtype=float)
