"""The fitted risk model as arithmetic on codes: numpy alone, so it starts and answers quickly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from samaan_ml.udhaar._blend import Blend
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
    scorecard, curves : PointsTable
        The additive parts.
    forest : Forest
        The trees.
    blend : Blend
        How the three are put together; this is also the calibration.
    reference : int array (n_columns,)
        Codes of the typical row, with which reasons compare.
    uncertainty : LogOddsUncertainty
        How far the training rows pin a score down.
    """

    encoder: TableEncoder
    scorecard: PointsTable
    curves: PointsTable
    forest: Forest
    blend: Blend
    reference: Codes
    uncertainty: LogOddsUncertainty

    def log_odds(self, codes: Codes) -> Array:
        """Return calibrated log-odds, shape (n_rows,)."""
        parts = (self.scorecard.score(codes), self.curves.score(codes), self.forest.score(codes))
        return self.blend.score(np.column_stack(parts))

    def baseline(self) -> float:
        """Return the typical row's log-odds."""
        return float(self.log_odds(self.reference[None, :])[0])

    def contributions(self, codes: Codes) -> Array:
        """Share log_odds(codes) - baseline() among the columns, shape (n_rows, n_columns)."""
        card, curve, tree = self.blend.weights
        shares = tree * self.forest.contributions(codes, self.reference)
        for weight, table in ((card, self.scorecard), (curve, self.curves)):
            for j, points in enumerate(table.points):
                shares[:, j] += weight * (points[codes[:, j]] - points[self.reference[j]])
        return np.asarray(shares)

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
            "scorecard": self.scorecard.get_state(),
            "curves": self.curves.get_state(),
            "forest": self.forest.get_state(),
            "blend": {"intercept": self.blend.intercept, "weights": self.blend.weights},
            "reference": self.reference,
            "uncertainty": self.uncertainty.get_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Scorer:
        """Rebuild a scorer."""
        blend = state["blend"]
        return cls(
            encoder=TableEncoder.from_state(state["encoder"]),
            scorecard=PointsTable.from_state(state["scorecard"]),
            curves=PointsTable.from_state(state["curves"]),
            forest=Forest.from_state(state["forest"]),
            blend=Blend(float(blend["intercept"]), np.asarray(blend["weights"], dtype=float)),
            reference=np.asarray(state["reference"], dtype=np.int64),
            uncertainty=LogOddsUncertainty.from_state(state["uncertainty"]),
        )
