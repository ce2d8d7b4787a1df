"""How far the training rows pin a score down: the posterior of the additive part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from samaan_ml.udhaar._encoding import Array, Codes


@dataclass(frozen=True)
class LogOddsUncertainty:
    """Posterior covariance of the additive model's coefficients, and which of them a row adds up.

    Parameters
    ----------
    covariance : float array (n_coefficients, n_coefficients)
        The intercept is the last.
    place : list of int arrays (n_maps, n_codes of the column)
        Coefficients each code adds up; -1 for none.
    """

    covariance: Array
    place: list[Codes]

    def half_width(self, codes: Codes, coverage: float) -> Array:
        """Return half the width of the central interval of the log-odds, shape (n_rows,)."""
        size = len(self.covariance)
        padded = np.zeros((size + 1, size + 1))
        padded[:size, :size] = self.covariance
        used = [own[row][codes[:, j]] for j, own in enumerate(self.place) for row in range(len(own))]
        used.append(np.full(len(codes), size - 1))
        rows = np.where(np.column_stack(used) < 0, size, np.column_stack(used))
        variance = np.array([padded[np.ix_(row, row)].sum() for row in rows])
        from statistics import NormalDist

        z = NormalDist().inv_cdf(0.5 + coverage / 2)
        return np.asarray(z * np.sqrt(np.maximum(variance, 0.0)))

    def get_state(self) -> dict[str, object]:
        """Return what `from_state` needs."""
        return {
            "covariance": self.covariance.astype(np.float32),
            "place": {str(j): own.astype(np.int32) for j, own in enumerate(self.place)},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> LogOddsUncertainty:
        """Rebuild it."""
        place = state["place"]
        return cls(
            np.asarray(state["covariance"], dtype=float),
            [np.asarray(place[str(j)], dtype=np.int64) for j in range(len(place))],
        )
