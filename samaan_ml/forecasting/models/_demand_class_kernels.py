"""The compiled pass over a series that determines its demand class."""

from __future__ import annotations

from typing import Any

import numpy as np

from samaan_ml.features._compile import compiled

__all__ = ["count_sales"]


@compiled
def count_sales(values: Any, days: Any, sales: Any, variation: Any) -> None:
    """Write the days since the first sale (all known ones without any), the days with a sale, and how sizes differ."""
    for s in range(values.shape[0]):
        known, since, count, total = 0, 0, 0, 0.0
        for d in range(values.shape[1]):
            value = values[s, d]
            if np.isnan(value):
                continue
            known += 1
            if value > 0:
                count += 1
                total += value
            if count > 0:
                since += 1
        mean = total / max(count, 1)
        squares = 0.0
        for d in range(values.shape[1]):
            if values[s, d] > 0:
                squares += (values[s, d] - mean) ** 2
        days[s] = since if count > 0 else known
        sales[s] = count
        variation[s] = squares / count / mean**2 if count > 0 else 0.0
