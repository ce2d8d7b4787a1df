"""Blend the parts on the log-odds scale, and calibrate them, on out-of-fold scores in one step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samaan_ml.udhaar._encoding import Array
from samaan_ml.udhaar._logistic import fit_nonnegative


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


def fit_blend(parts: Array, y: Array, strength: float = 30.0, weight: Array | None = None) -> Blend:
    """Learn weights from out-of-fold log-odds: logistic regression, weights >= 0, drawn towards equal.

    Parameters
    ----------
    parts : float array (n_rows, n_parts)
        Out-of-fold log-odds.
    y : int array (n_rows,)
        1 for bad.
    strength : float, default=30.0
        Weight of the pull towards equal weights that sum to 1: with few rows it decides, with many it is nothing.
    weight : float array (n_rows,) or None, default=None
        How often each row counts.

    Returns
    -------
    Blend
        Weights and intercept.
    """
    m = parts.shape[1]
    prior = np.concatenate([[0.0], np.full(m, 1.0 / m)])
    penalty = np.concatenate([[1e-6], np.full(m, strength)])
    theta = fit_nonnegative(np.column_stack([np.ones(len(y)), parts]), y, penalty, prior, weight=weight)
    return Blend(float(theta[0]), theta[1:])
