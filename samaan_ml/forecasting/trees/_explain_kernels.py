"""Compiled attribution: what each driver adds along the path a row takes through the trees."""

from __future__ import annotations

from typing import Any

import numpy as np

from samaan_ml.features._compile import compiled

__all__ = ["path_contributions"]


@compiled
def path_contributions(
    rows: Any,
    feature: Any,
    threshold: Any,
    nan_right: Any,
    left: Any,
    value: Any,
    roots: Any,
    driver: Any,
    out: Any,
) -> None:
    """Add each step's change of the expected output to the driver of the feature that made it.

    The last column of `out` takes what the trees expect before they look at anything, so that a row of `out` sums to
    the forest's raw output.
    """
    rest = out.shape[1] - 1
    for r in range(rows.shape[0]):
        for tree in range(roots.shape[0]):
            at = np.int64(roots[tree])
            out[r, rest] += value[at]
            below = np.int64(left[at])
            while below != at:
                x = rows[r, feature[at]]
                after = below + np.int64((x > threshold[at]) | ((x != x) & (nan_right[at] != 0)))
                out[r, driver[feature[at]]] += value[after] - value[at]
                at = after
                below = np.int64(left[at])
