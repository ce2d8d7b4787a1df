"""Features of the dates: their place in week, month and year, and the festivals around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from samaan_ml.features._table import CALENDAR_NAMES

if TYPE_CHECKING:
    from samaan_ml.features._panel import Calendar
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["calendar_arrays"]

Floats = npt.NDArray[np.float32]
_NEAR_DAYS = 4  # a festival is felt so many days before


def calendar_arrays(recipe: FeatureRecipe, calendar: Calendar) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Compute the calendar's features by region and date, and where each date's festival fell before."""
    dates = calendar.dates
    n_regions, n_known = calendar.occurs.shape[:2]
    days = dates.astype("datetime64[D]").astype(np.int64)
    month_start = dates.astype("datetime64[M]")
    day_of_month = (dates - month_start.astype("datetime64[D]")).astype(np.int64) + 1
    month_end = (month_start + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64)
    day_of_year = (dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    width = len(CALENDAR_NAMES) + len(recipe.flags) + len(recipe.covariates)
    out = np.full((n_regions, n_known, width), np.nan, dtype=np.float32)
    out[:, :, 0] = (days + 3) % 7 if recipe.frequency == "D" else 0
    out[:, :, 1] = day_of_month
    out[:, :, 2] = month_end - days
    out[:, :, 3] = month_start.astype(np.int64) % 12 + 1
    out[:, :, 4] = day_of_year
    previous = np.full((n_regions, n_known), -1, dtype=np.int32)
    place = {name: i for i, name in enumerate(calendar.events)}
    reach = _NEAR_DAYS if recipe.frequency == "D" else 1
    for r in range(n_regions):
        held = [calendar.occurs[r, :, place[n]] if n in place else None for n in recipe.festivals]
        _festival_features(out[r, :, 5:10], previous[r], held, reach)
        for j, name in enumerate(recipe.flags):
            out[r, :, 10 + j] = calendar.occurs[r, :, place[name]] if name in place else 0.0
        for j, name in enumerate(recipe.covariates):
            if name in calendar.covariates:
                out[r, :, 10 + len(recipe.flags) + j] = calendar.values[r, :, calendar.covariates.index(name)]
    return out, previous


def _festival_features(
    out: Floats, previous: npt.NDArray[np.int32], occurs: list[npt.NDArray[np.bool_] | None], reach: int
) -> None:
    """Fill festival of the day, next and last festival with their distances, for one region."""
    n_known = out.shape[0]
    when = sorted(
        (int(c), code) for code, hits in enumerate(occurs) if hits is not None for c in np.flatnonzero(hits)
    )
    out[:, 0] = -1.0
    out[:, 1], out[:, 2], out[:, 3], out[:, 4] = 30.0, -1.0, 30.0, -1.0
    for c, code in reversed(when):
        low = max(c - 30, 0)
        out[low : c + 1, 1] = c - np.arange(low, c + 1)
        out[low : c + 1, 2] = code
        out[c, 0] = code
    for c, code in when:
        high = min(c + 31, n_known)
        out[c:high, 3] = np.arange(c, high) - c
        out[c:high, 4] = code
    before: dict[int, int] = {}
    anchored = np.full(n_known, 99, dtype=np.int64)
    for c, code in when:
        earlier = before.get(code)
        before[code] = c
        for offset in range(-reach, 2):
            column = c + offset
            distance = abs(offset)
            if 0 <= column < n_known and distance < anchored[column]:
                anchored[column] = distance
                has = earlier is not None and earlier + offset >= 0
                previous[column] = earlier + offset if has and earlier is not None else -1
