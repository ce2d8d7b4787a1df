"""The fitted risk model as arithmetic on codes: numpy alone, so it starts and answers quickly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from samaan_ml.udhaar._encoding import Array, Codes, TableEncoder
from samaan_ml.udhaar._forest import Forest
from samaan_ml.udhaar._reasons import ReasonCode, pick_reasons
from samaan_ml.udhaar._tables import PointsTable
from samaan_ml.udhaar._uncertainty import LogOddsUncertainty


@dataclass(frozen=True)
class Scorer:
    """Scores, intervals and reasons of coded rows.

    Parameters
    ----------
    encoder : TableEncoder
        What turns a table into codes.
    points : PointsTable
        The additive parts and the intercept, weighted by the blend.
    forest : Forest
        The trees, weighted by the blend.
    weights : dict of str to float
        Weight of each part in the blend; they are in `points` and `forest` already.
    reference : int array (n_columns,)
        Codes of the typical row, with which reasons compare.
    uncertainty : LogOddsUncertainty
        How far the training rows pin a score down.
    """

    encoder: TableEncoder
    points: PointsTable
    forest: Forest
    weights: dict[str, float]
    reference: Codes
    uncertainty: LogOddsUncertainty

    def log_odds(self, codes: Codes) -> Array:
        """Return calibrated log-odds, shape (n_rows,)."""
        return np.asarray(self.points.score(codes) + self.forest.score(codes))

    def baseline(self) -> float:
        """Return the typical row's log-odds."""
        return float(self.log_odds(self.reference[None, :])[0])

    def contributions(self, codes: Codes) -> Array:
        """Share log_odds(codes) - baseline() among the columns, shape (n_rows, n_columns)."""
        shares = self.forest.contributions(codes, self.reference)
        for j, points in enumerate(self.points.points):
            shares[:, j] += points[codes[:, j]] - points[self.reference[j]]
        return shares

    def reasons(self, codes: Codes, n: int) -> list[list[ReasonCode]]:
        """Return each row's strongest reasons that pass their trial."""
        shares = self.contributions(codes)
        return pick_reasons(codes, shares, self.reference, self.encoder.columns, self.log_odds, n)

    def half_width(self, codes: Codes, coverage: float) -> Array:
        """Return half the width of the interval of the log-odds, shape (n_rows,)."""
        return self.uncertainty.half_width(codes, coverage)

    def get_state(self) -> dict[str, object]:
        """Return what `from_state` needs."""
        return {
            "encoder": self.encoder.get_state(),
            "points": self.points.get_state(),
            "forest": self.forest.get_state(),
            "weights": dict(self.weights),
            "reference": self.reference,
            "uncertainty": self.uncertainty.get_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Scorer:
        """Rebuild a scorer."""
        return cls(
            encoder=TableEncoder.from_state(state["encoder"]),
            points=PointsTable.from_state(state["points"]),
            forest=Forest.from_state(state["forest"]),
            weights={str(name): float(weight) for name, weight in state["weights"].items()},
            reference=np.asarray(state["reference"], dtype=np.int64),
            uncertainty=LogOddsUncertainty.from_state(state["uncertainty"]),
        )
