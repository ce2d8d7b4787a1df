"""Compiled loops that spread the rows of a long table over a dense matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from samaan_ml.features._compile import compiled

__all__ = ["hold_forward", "scatter_last", "scatter_sum"]


@compiled
def scatter_sum(target: Any, seen: Any, rows: Any, columns: Any, values: Any) -> int:
    """Add each value to its cell, mark the cell as seen, and count the rows that met a seen cell."""
    repeated = 0
    for i in range(rows.shape[0]):
        r, c = rows[i], columns[i]
        if r < 0 or c < 0:
            continue
        byte, bit = c >> 3, np.uint8(1 << (c & 7))
        if seen[r, byte] & bit:
            repeated += 1
        else:
            seen[r, byte] |= bit
        target[r, c] += values[i]
    return repeated


@compiled
def scatter_last(target: Any, latest: Any, rows: Any, columns: Any, stamps: Any, values: Any) -> None:
    """Put each value into its cell; of several, the one with the latest stamp (or row) stays."""
    for i in range(rows.shape[0]):
        r, c = rows[i], columns[i]
        if r < 0 or c < 0 or np.isnan(values[i]):
            continue
        if stamps[i] >= latest[r, c]:
            latest[r, c] = stamps[i]
            target[r, c] = values[i]


@compiled
def hold_forward(matrix: Any) -> None:
    """Carry each row's last known value on over the NaNs that follow it."""
    for r in range(matrix.shape[0]):
        last = np.float32(np.nan)
        for c in range(matrix.shape[1]):
            if np.isnan(matrix[r, c]):
                matrix[r, c] = last
            else:
                last = matrix[r, c]
