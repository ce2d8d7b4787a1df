"""A count model with item effects, slowly moving item levels and category x period effects, solved exactly.

The log mean of series i in period t is

    a_i + drift_i(t) + d_t + b_i x_it + (g + h_i)'z_it + log exposure_it ,

with free a_i and d_t and Gaussian priors on the slopes b_i, the drifts, the shared coefficients g of promotions
and other controls, and the deviations h_i of a series from them. Units
have the negative-binomial variance mu + alpha_i mu^2. Fisher scoring with the own coefficients of each series
eliminated first leaves a system of the size of the periods, whatever the number of series: the variance of
every slope is that of the joint posterior, the uncertainty of the period effects included.

References
----------
Lawless, J. F. (1987), Negative binomial and mixed Poisson regression, Canadian Journal of Statistics 15.
Santos Silva, J. and Tenreyro, S. (2006), The log of gravity, Review of Economics and Statistics 88.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

_FLAT = 1e-4
"""Precision of a coefficient that is as good as free; it also fixes the gauge between a_i and d_t."""
_LARGEST_STEP = 2.0
_ITERATIONS = 25
_TOLERANCE = 1e-5
_MOST_DRIFT = 16
"""Drift coefficients a series at most; they cost their square."""


@dataclass(frozen=True, slots=True)
class Design:
    """The data of one group of series that share their period effects.

    Parameters
    ----------
    units, log_price, log_exposure : numpy.ndarray, shape (n_series, n_periods)
        As in the panel; `log_price` is centred by series.
    weight : numpy.ndarray, shape (n_series, n_periods)
        1 where observed, else 0.
    shared : numpy.ndarray, shape (n_shared, n_series, n_periods)
        Covariates with one coefficient for the whole group.
    drift_basis : numpy.ndarray, shape (n_periods, n_drift)
        Slow functions of time.
    deviating : int
        So many of the shared covariates, from the first, act differently on each series.
    """

    units: Floats
    log_price: Floats
    log_exposure: Floats
    weight: Floats
    shared: Floats
    drift_basis: Floats
    deviating: int

    @property
    def blocks(self) -> tuple[slice, ...]:
        """Where the drift and each deviation stand among the own coefficients after level and slope."""
        drift = self.drift_basis.shape[1]
        return (slice(0, drift), *(slice(drift + k, drift + k + 1) for k in range(self.deviating)))


@dataclass(frozen=True, slots=True)
class Priors:
    """Gaussian priors and dispersion of one group.

    Parameters
    ----------
    slope_mean, slope_variance : numpy.ndarray, shape (n_series,)
        Prior of each series' price slope.
    own_variances : tuple of float
        Variance of a series' drift coefficients, and of its deviation from each deviating coefficient.
    period_precision : float
        Precision of the period effects; nearly 0 leaves them free.
    shared_mean, shared_variance : numpy.ndarray, shape (n_shared,)
        Prior of the shared coefficients.
    dispersion : numpy.ndarray, shape (n_series,)
        Negative-binomial alpha.
    """

    slope_mean: Floats
    slope_variance: Floats
    own_variances: tuple[float, ...]
    period_precision: float
    shared_mean: Floats
    shared_variance: Floats
    dispersion: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """Posterior mode of one group and the variances that matter.

    Parameters
    ----------
    own : numpy.ndarray, shape (n_series, 2 + n_drift + n_deviating)
        Level, slope, drift and deviations of each series.
    own_variance : numpy.ndarray, shape of `own`
        Their posterior variances in the joint model.
    common : numpy.ndarray, shape (n_periods + n_shared,)
        Period effects, then shared coefficients.
    shared_variance : numpy.ndarray, shape (n_shared,)
        Posterior variances of the shared coefficients.
    slope_loadings : numpy.ndarray, shape (n_series, n_periods + n_shared)
        How each slope answers to the common coefficients.
    common_covariance : numpy.ndarray, shape (n_periods + n_shared, n_periods + n_shared)
        Posterior covariance of the common coefficients; with the loadings it gives the part of the slopes'
        errors that they share.
    mean : numpy.ndarray, shape (n_series, n_periods)
        Expected units.
    objective : float
        Log posterior at the mode, up to a constant that the data fix.
    influence : numpy.ndarray, shape (n_series, n_periods)
        How far each period's residual moves the slope.
    share : numpy.ndarray, shape (n_series, n_periods)
        Share of each period in what the series itself says of its slope.
    """

    own: Floats
    own_variance: Floats
    common: Floats
    shared_variance: Floats
    slope_loadings: Floats
    common_covariance: Floats
    mean: Floats
    objective: float
    influence: Floats
    share: Floats


@dataclass(frozen=True, slots=True)
class _System:
    """The normal equations of one scoring step, own coefficients eliminated."""

    own_inverse: Floats
    carried: Floats
    schur: Floats
    own_gradient: Floats
    common_gradient: Floats


def drift_basis(periods: int, memory: float) -> Floats:
    """Leading eigenvectors of an exponentially fading correlation, scaled so that unit coefficients have its variance.

    `memory` is the number of periods in which the correlation fades to 1/e. Histories shorter than two memories
    get none: their drift cannot be separated from their level.
    """
    if periods < 2.0 * memory:
        return np.zeros((periods, 0))
    distance = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    values, vectors = np.linalg.eigh(np.exp(-distance / memory))
    count = min(round(1.2 * periods / memory), _MOST_DRIFT)
    return np.asarray(vectors[:, ::-1][:, :count] * np.sqrt(values[::-1][:count]), dtype=float)


def fit_counts(design: Design, priors: Priors, start: Fit | None = None) -> Fit:
    """Find the posterior mode by Fisher scoring."""
    own_basis = _own_basis(design)
    n, periods, _ = own_basis.shape
    precision, centre = _own_prior(design, priors)
    if start is None:
        own = centre.copy()
        total = np.maximum((design.units * design.weight).sum(axis=1), 0.5)
        own[:, 0] = np.log(total / (np.exp(design.log_exposure) * design.weight).sum(axis=1).clip(1e-9))
        common = np.concatenate([np.zeros(periods), priors.shared_mean])
    else:
        own, common = start.own.copy(), start.common.copy()
    objective = _objective(design, priors, own_basis, precision, centre, own, common)
    for _ in range(_ITERATIONS):
        system = _assemble(design, priors, own_basis, precision, centre, own, common)
        common_step: Floats = np.asarray(np.linalg.solve(system.schur, system.common_gradient), dtype=float)
        own_step = (
            np.einsum("npq,nq->np", system.own_inverse, system.own_gradient) - system.carried @ common_step
        )
        own, common, gained, objective = _climb(
            design, priors, own_basis, precision, centre, (own, common), (own_step, common_step), objective
        )
        if gained < _TOLERANCE * n:
            break
    return _summarise(design, priors, own_basis, precision, centre, own, common)


def _own_basis(design: Design) -> Floats:
    """Columns of each series' own coefficients: level, price, drift, deviations."""
    n, periods = design.units.shape
    drift = design.drift_basis.shape[1]
    basis = np.empty((n, periods, 2 + drift + design.deviating))
    basis[:, :, 0] = 1.0
    basis[:, :, 1] = design.log_price
    basis[:, :, 2 : 2 + drift] = design.drift_basis
    for k in range(design.deviating):
        basis[:, :, 2 + drift + k] = design.shared[k]
    return basis


def _own_prior(design: Design, priors: Priors) -> tuple[Floats, Floats]:
    """Prior precision and mean of the own coefficients."""
    n, width = len(design.units), 2 + design.drift_basis.shape[1] + design.deviating
    precision = np.full((n, width), _FLAT)
    precision[:, 1] = 1.0 / priors.slope_variance
    for block, variance in zip(design.blocks, priors.own_variances, strict=True):
        precision[:, 2:][:, block] = 1.0 / variance
    centre = np.zeros((n, width))
    centre[:, 1] = priors.slope_mean
    return precision, centre


def _mean(design: Design, own_basis: Floats, own: Floats, common: Floats) -> Floats:
    """Expected units at given coefficients."""
    periods = design.units.shape[1]
    log_mean = np.matmul(own_basis, own[:, :, None])[:, :, 0] + common[:periods] + design.log_exposure
    if len(design.shared):
        log_mean = log_mean + np.tensordot(common[periods:], design.shared, axes=1)
    return np.asarray(np.exp(np.clip(log_mean, -30.0, 30.0)), dtype=float)


def _objective(
    design: Design,
    priors: Priors,
    own_basis: Floats,
    precision: Floats,
    centre: Floats,
    own: Floats,
    common: Floats,
) -> float:
    """Log posterior up to a constant."""
    mean = _mean(design, own_basis, own, common)
    alpha = priors.dispersion[:, None]
    scaled = np.log1p(alpha * mean)
    terms = design.units * (np.log(mean) - scaled) - scaled / alpha
    periods = design.units.shape[1]
    penalty = (precision * (own - centre) ** 2).sum() + priors.period_precision * (
        common[:periods] ** 2
    ).sum()
    penalty += ((common[periods:] - priors.shared_mean) ** 2 / priors.shared_variance).sum()
    return float((terms * design.weight).sum() - 0.5 * penalty)


def _climb(
    design: Design,
    priors: Priors,
    own_basis: Floats,
    precision: Floats,
    centre: Floats,
    at: tuple[Floats, Floats],
    step: tuple[Floats, Floats],
    objective: float,
) -> tuple[Floats, Floats, float, float]:
    """Take the step, halved until the posterior rises."""
    longest = max(
        float(np.abs(step[0][:, :2]).max(initial=0.0)), float(np.abs(step[1]).max(initial=0.0)), 1e-12
    )
    share = min(1.0, _LARGEST_STEP / longest)
    for _ in range(12):
        own, common = at[0] + share * step[0], at[1] + share * step[1]
        reached = _objective(design, priors, own_basis, precision, centre, own, common)
        if reached >= objective:
            return own, common, reached - objective, reached
        share *= 0.5
    return at[0], at[1], 0.0, objective


def _assemble(
    design: Design,
    priors: Priors,
    own_basis: Floats,
    precision: Floats,
    centre: Floats,
    own: Floats,
    common: Floats,
) -> _System:
    """Information and gradient, with each series' own block eliminated."""
    n, _, width = own_basis.shape
    mean = _mean(design, own_basis, own, common)
    shrink = design.weight / (1.0 + priors.dispersion[:, None] * mean)
    residual, weight = (design.units - mean) * shrink, mean * shrink
    weighted = own_basis * weight[:, :, None]
    turned = np.swapaxes(own_basis, 1, 2)
    block = np.matmul(turned, weighted)
    diagonal = np.arange(width)
    block[:, diagonal, diagonal] += precision
    inverse = np.linalg.inv(block)
    own_gradient = np.matmul(turned, residual[:, :, None])[:, :, 0] - precision * (own - centre)
    cross = np.swapaxes(weighted, 1, 2)
    if len(design.shared):
        with_shared = np.matmul(cross, np.moveaxis(design.shared, 0, 2))
        cross = np.concatenate([cross, with_shared], axis=2)
    carried = np.matmul(inverse, cross)
    size = cross.shape[2]
    schur = _common_information(design, priors, weight)
    schur -= cross.reshape(n * width, size).T @ carried.reshape(n * width, size)
    common_gradient = _common_gradient(design, priors, residual, common)
    common_gradient -= np.einsum("npk,np->k", carried, own_gradient)
    return _System(inverse, carried, schur, own_gradient, common_gradient)


def _common_information(design: Design, priors: Priors, weight: Floats) -> Floats:
    """Information of the period effects and shared coefficients."""
    periods, shared = design.units.shape[1], len(design.shared)
    out = np.zeros((periods + shared, periods + shared))
    out[:periods, :periods] = np.diag(weight.sum(axis=0) + priors.period_precision)
    for k in range(shared):
        weighted = design.shared[k] * weight
        out[:periods, periods + k] = out[periods + k, :periods] = weighted.sum(axis=0)
        for other in range(shared):
            out[periods + k, periods + other] = (weighted * design.shared[other]).sum()
        out[periods + k, periods + k] += 1.0 / priors.shared_variance[k]
    return out


def _common_gradient(design: Design, priors: Priors, residual: Floats, common: Floats) -> Floats:
    """Gradient of the log posterior by the period effects and shared coefficients."""
    periods = design.units.shape[1]
    by_period = residual.sum(axis=0) - priors.period_precision * common[:periods]
    by_shared = np.array([(z * residual).sum() for z in design.shared]).reshape(-1)
    return np.concatenate(
        [by_period, by_shared - (common[periods:] - priors.shared_mean) / priors.shared_variance]
    )


def _summarise(
    design: Design,
    priors: Priors,
    own_basis: Floats,
    precision: Floats,
    centre: Floats,
    own: Floats,
    common: Floats,
) -> Fit:
    """Posterior variances at the mode."""
    system = _assemble(design, priors, own_basis, precision, centre, own, common)
    covariance: Floats = np.asarray(np.linalg.inv(system.schur), dtype=float)
    periods, (n, width) = design.units.shape[1], own.shape
    carried = system.carried.reshape(n * width, -1)
    through_common = ((carried @ covariance) * carried).sum(axis=1).reshape(n, width)
    mean = _mean(design, own_basis, own, common)
    influence, share = _influence(design, priors, own_basis, system.own_inverse, mean)
    return Fit(
        own=own,
        own_variance=np.einsum("npp->np", system.own_inverse) + through_common,
        common=common,
        shared_variance=np.diag(covariance)[periods:].copy(),
        slope_loadings=system.carried[:, 1, :].copy(),
        common_covariance=covariance,
        mean=mean,
        objective=_objective(design, priors, own_basis, precision, centre, own, common),
        influence=influence,
        share=share,
    )


def _influence(
    design: Design, priors: Priors, own_basis: Floats, own_inverse: Floats, mean: Floats
) -> tuple[Floats, Floats]:
    """First-order effect of each period on its series' slope, and its share of the slope's information."""
    scale = design.weight / (1.0 + priors.dispersion[:, None] * mean)
    per_unit = np.matmul(own_basis, own_inverse[:, 1, :, None])[:, :, 0]
    share = mean * scale * per_unit**2 / own_inverse[:, 1, 1][:, None]
    return per_unit * (design.units - mean) * scale, share
