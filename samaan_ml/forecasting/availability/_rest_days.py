"""Festivals on which a shop rests, though a row or two in its books say otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from samaan_ml.features import Panel

__all__ = ["learn_rest_days", "rest_days", "without_rest_days"]


def learn_rest_days(panel: Panel) -> dict[str, tuple[str, ...]]:
    """Learn on which festivals each shop sells next to nothing."""
    from samaan_ml.features._closures import festivals_closed
    from samaan_ml.features._kernels import group_sums

    if panel.frequency == "W" or not panel.calendar.events:
        return {}
    shops = panel.shop_of_series.astype(np.int32)
    sums = group_sums(
        panel.units, panel.units, np.zeros(len(shops), np.int64), shops[:, None], len(panel.shop_open)
    )
    region = np.zeros(len(sums), dtype=np.int32)
    region[shops] = panel.calendar.region_of_series
    found = festivals_closed(sums, panel.calendar, region)
    return {name: found[shop] for shop, name in _shop_ids(panel).items() if found[shop]}


def rest_days(panel: Panel, closed_on: dict[str, tuple[str, ...]]) -> dict[int, npt.NDArray[np.bool_]]:
    """Tell the dates, past and ahead, of the festivals that each shop rests on, by its row of `shop_open`."""
    from samaan_ml.features._closures import held_on

    found = {}
    for shop, name in _shop_ids(panel).items():
        if name in closed_on:
            region = int(panel.calendar.region_of_series[np.flatnonzero(panel.shop_of_series == shop)[0]])
            found[shop] = held_on(closed_on[name], panel.calendar, region)
    return found


def without_rest_days(panel: Panel, closed_on: dict[str, tuple[str, ...]]) -> Panel:
    """Take the days of rest for closed: their next to nothing is no demand, and no other day's example."""
    rest = {shop: days[: panel.n_dates] for shop, days in rest_days(panel, closed_on).items()}
    if not any(days.any() for days in rest.values()):
        return panel
    units, shop_open = panel.units.copy(), panel.shop_open.copy()
    for shop, days in rest.items():
        units[np.ix_(panel.shop_of_series == shop, days)] = np.nan
        shop_open[shop, days] = False
    return replace(panel, units=units, shop_open=shop_open)


def _shop_ids(panel: Panel) -> dict[int, str]:
    """Name the shops by the rows of `shop_open`."""
    pairs = zip(panel.shop_of_series, panel.series["shop_id"].astype("str"), strict=True)
    return {int(shop): name for shop, name in dict(pairs).items()}
