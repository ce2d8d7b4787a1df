"""An additive score as one table of points a column: what the scorecard and the smooth model both end in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from samaan_ml.udhaar._encoding import Array, Codes


@dataclass(frozen=True)
class PointsTable:
    """Log-odds = intercept + the points of each column's code.

    Parameters
    ----------
    intercept : float
        Log-odds of a row with no points.
    points : list of float arrays (n_codes of the column,)
        Points of every code.
    """

    intercept: float
    points: list[Array]

    def score(self, codes: Codes) -> Array:
        """Return log-odds, shape (n_rows,)."""
        total = np.full(len(codes), self.intercept)
        for column, points in enumerate(self.points):
            total += points[codes[:, column]]
        return total

    def get_state(self) -> dict[str, object]:
        """Return what `from_state` needs."""
        return {
            "intercept": self.intercept,
            "points": {str(j): points for j, points in enumerate(self.points)},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> PointsTable:
        """Rebuild a table."""
        points = state["points"]
        return cls(float(state["intercept"]), [np.asarray(points[str(j)], float) for j in range(len(points))])


def weighted_sum(tables: Sequence[PointsTable], weights: Array, intercept: float) -> PointsTable:
    """Add weighted tables and an intercept up to one table."""
    pairs = list(zip(tables, weights.tolist(), strict=True))
    return PointsTable(
        intercept + sum(weight * table.intercept for table, weight in pairs),
        [np.sum([w * t.points[j] for t, w in pairs], axis=0) for j in range(len(tables[0].points))],
    )


def centred(table: PointsTable, codes: Codes) -> PointsTable:
    """Move each column's average points over the given rows into the intercept."""
    means = [
        float(np.bincount(codes[:, j], minlength=len(points)) @ points / max(len(codes), 1))
        for j, points in enumerate(table.points)
    ]
    return PointsTable(
        table.intercept + sum(means), [p - m for p, m in zip(table.points, means, strict=True)]
    )


def monotone_points(points: Array, weights: Array, direction: int) -> Array:
    """Return the nearest points (weighted squares) that only rise or only fall from code 1 on.

    Pool adjacent violators (Barlow et al. 1972); code 0, missing, is left as it is.
    """
    values, mass = points[1:] * direction, np.maximum(weights[1:], 1e-9)
    level: list[float] = []
    weight: list[float] = []
    length: list[int] = []
    for value, own in zip(values, mass, strict=True):
        level.append(float(value))
        weight.append(float(own))
        length.append(1)
        while len(level) > 1 and level[-2] > level[-1]:
            total = weight[-2] + weight[-1]
            level[-2] = (level[-2] * weight[-2] + level[-1] * weight[-1]) / total
            weight[-2] = total
            length[-2] += length[-1]
            del level[-1], weight[-1], length[-1]
    return np.concatenate([points[:1], direction * np.repeat(level, length)])
