"""The compiled look-up of level sets."""

from __future__ import annotations

from typing import Any

import numpy as np

from samaan_ml.features._compile import compiled

__all__ = ["look_up"]

_TINY = 1e-9


@compiled
def look_up(
    forecast: Any,
    spread: Any,
    step: Any,
    spread_cuts: Any,
    step_cuts: Any,
    centres: Any,
    ratios: Any,
    below: Any,
    above: Any,
    weight: Any,
    out: Any,
) -> None:
    """Interpolate each forecast's ratios in the log of its size, and each level between those of the grid."""
    n_bins = centres.shape[2]
    for i in range(forecast.shape[0]):
        a, b = 0, 0
        while a < spread_cuts.shape[0] and spread[i] > spread_cuts[a]:
            a += 1
        while b < step_cuts.shape[0] and step[i] > step_cuts[b]:
            b += 1
        size = np.log(max(forecast[i], _TINY))
        middle, table = centres[a, b], ratios[a, b]
        high = 0
        while high < n_bins - 1 and middle[high] < size:
            high += 1
        low = max(high - 1, 0)
        gap = max(middle[high] - middle[low], _TINY)
        share = min(max((size - middle[low]) / gap, 0.0), 1.0)
        largest = 0.0
        for k in range(below.shape[0]):
            near = table[low, below[k]] * (1 - weight[k]) + table[low, above[k]] * weight[k]
            far = table[high, below[k]] * (1 - weight[k]) + table[high, above[k]] * weight[k]
            largest = max(largest, (near * (1 - share) + far * share) * max(forecast[i], 0.0))
            out[i, k] = largest
