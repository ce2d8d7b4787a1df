"""Penalised logistic regression with non-negative coefficients, and the functions that go with it."""

from __future__ import annotations

import numpy as np

from samaan_ml.udhaar._encoding import Array

_HALVINGS = 12


def expit(log_odds: Array) -> Array:
    """Turn log-odds into probabilities without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -np.asarray(log_odds, dtype=float))))


def log_loss(y: Array, log_odds: Array, weight: Array | None = None) -> float:
    """Return the mean log loss of log-odds, rows counted by their weights."""
    return float(np.average(np.logaddexp(0.0, log_odds) - y * log_odds, weights=weight))


def fit_nonnegative(
    X: Array, y: Array, penalty: Array, prior: Array, rounds: int = 50, weight: Array | None = None
) -> Array:
    """Fit coefficients by projected Newton steps, halved until the objective falls.

    Parameters
    ----------
    X : float array (n_rows, n_columns)
        The first column is the intercept's.
    y : int array (n_rows,)
        1 for bad.
    penalty : float array (n_columns,)
        Weights of the squared distances from `prior`.
    prior : float array (n_columns,)
        What the coefficients are drawn to; also the start.
    rounds : int, default=50
        Steps at most.
    weight : float array (n_rows,) or None, default=None
        How often each row counts; None counts each once.

    Returns
    -------
    float array (n_columns,)
        All but the first are at least 0.
    """
    theta = prior.copy()
    w = np.ones(len(y)) if weight is None else weight
    value = _objective(X, y, penalty, prior, theta, w)
    for _ in range(rounds):
        q = expit(X @ theta)
        gradient = X.T @ (w * (y - q)) - penalty * (theta - prior)
        free = (theta > 0) | (gradient > 0)
        free[0] = True
        hessian = (X[:, free] * (w * q * (1 - q))[:, None]).T @ X[:, free] + np.diag(penalty[free] + 1e-9)
        step = np.zeros_like(theta)
        step[free] = np.linalg.solve(hessian, gradient[free])
        for halving in range(_HALVINGS):
            new = theta + step * 0.5**halving
            new[1:] = np.maximum(new[1:], 0.0)
            new_value = _objective(X, y, penalty, prior, new, w)
            if new_value <= value:
                break
        else:
            break
        moved, theta, value = float(np.abs(new - theta).max()), new, new_value
        if moved < 1e-8:
            break
    return theta


def _objective(X: Array, y: Array, penalty: Array, prior: Array, theta: Array, weight: Array) -> float:
    """Return the penalised negative log likelihood."""
    return float(weight.sum()) * log_loss(y, X @ theta, weight) + 0.5 * float(penalty @ (theta - prior) ** 2)
