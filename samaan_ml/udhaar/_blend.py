"""Blend the parts on the log-odds scale, and calibrate them, on out-of-fold scores in one step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samaan_ml.udhaar._encoding import Array


@dataclass(frozen=True)
class Blend:
    """Calibrated log-odds = intercept + weights . (log-odds of the parts).

    Parameters
    ----------
    intercept : float
        Shift.
    weights : float array (n_parts,)
        At least 0; their sum is the slope of the calibration.
    """

    intercept: float
    weights: Array

    def score(self, parts: Array) -> Array:
        """Blend log-odds of shape (n_rows, n_parts)."""
        return np.asarray(self.intercept + parts @ self.weights)


def fit_blend(parts: Array, y: Array, strength: float = 30.0, rounds: int = 50) -> Blend:
    """Learn weights from out-of-fold log-odds: logistic regression, weights >= 0, drawn towards equal.

    Parameters
    ----------
    parts : float array (n_rows, n_parts)
        Out-of-fold log-odds.
    y : int array (n_rows,)
        1 for bad.
    strength : float, default=30.0
        Weight of the pull towards equal weights that sum to 1: with few rows it decides, with many it is nothing.
    rounds : int, default=50
        Projected Newton steps at most.

    Returns
    -------
    Blend
        Weights and intercept.
    """
    m = parts.shape[1]
    prior = np.concatenate([[0.0], np.full(m, 1.0 / m)])
    penalty = np.concatenate([[1e-6], np.full(m, strength)])
    X = np.column_stack([np.ones(len(y)), parts])
    theta = prior.copy()
    for _ in range(rounds):
        q = 1 / (1 + np.exp(-X @ theta))
        gradient = X.T @ (y - q) - penalty * (theta - prior)
        free = (theta > 0) | (gradient > 0)
        free[0] = True
        hessian = (X[:, free] * (q * (1 - q))[:, None]).T @ X[:, free] + np.diag(penalty[free])
        step = np.zeros(m + 1)
        step[free] = np.linalg.solve(hessian, gradient[free])
        new = theta + step
        new[1:] = np.maximum(new[1:], 0.0)
        moved = np.abs(new - theta).max()
        theta = new
        if moved < 1e-9:
            break
    return Blend(float(theta[0]), theta[1:])
