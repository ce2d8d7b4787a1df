"""New days added to a fitted history, so that a model answers from them without learning again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.features import Calendar, Panel, build_panel
from samaan_ml.forecasting.models._panel_state import sales_of

if TYPE_CHECKING:
    import pandas as pd

Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def extended(history: Panel, sales: Any, given: Mapping[str, Any], horizon: int) -> Panel:
    """Add new sales to a history.

    Parameters
    ----------
    history : Panel
        What was fitted.
    sales : DataFrame
        New rows; one of a series and day that the history has replaces it.
    given : mapping of str to DataFrame or None
        Further tables as in `build_panel`; of one that is not given the history's own is kept, prices held on.
    horizon : int
        Days (or weeks) ahead to lay out.

    Returns
    -------
    Panel
        The history and the new days.
    """
    import pandas as pd

    from samaan_ml.tables import SALES, normalise

    new, notes = normalise(sales, SALES)
    new = new.astype({"shop_id": "str", "item_id": "str"})
    before = sales_of(history).astype({"shop_id": "str", "item_id": "str"})
    key = ["shop_id", "item_id", "date"]
    corrected = pd.MultiIndex.from_frame(before[key]).isin(pd.MultiIndex.from_frame(new[key]))
    both = pd.concat([before[~corrected], new[[*key, "units"]]], ignore_index=True)
    panel = build_panel(both, **given, frequency=history.frequency, horizon=horizon)
    place = _places(history, panel)
    step = 1 if history.frequency == "D" else 7
    shift = int((history.dates[0] - panel.dates[0]) // np.timedelta64(step, "D"))
    changes: dict[str, Any] = {"notes": tuple(dict.fromkeys((*history.notes, *notes, *panel.notes)))}
    n_known = len(panel.calendar.dates)
    if given.get("calendar") is None:
        calendar = _carried_calendar(history, panel, place, shift)
        changes["calendar"] = calendar
        n_known = len(calendar.dates)
    if given.get("prices") is None and history.unit_price is not None:
        changes["unit_price"] = _carried(history.unit_price, place, shift, n_known, hold=True)
        if history.price_values is not None:
            changes["price_covariates"] = history.price_covariates
            values = [_carried(each, place, shift, n_known, hold=True) for each in history.price_values]
            changes["price_values"] = np.stack(values)
    if given.get("stock") is None and history.in_stock_share is not None:
        changes["in_stock_share"] = _carried(history.in_stock_share, place, shift, panel.n_dates, hold=False)
    if given.get("items") is None and given.get("shops") is None:
        changes["series"] = _carried_attributes(history, panel, place)
    return replace(panel, **changes)


def _places(history: Panel, panel: Panel) -> Ints:
    """Find the row of the history that each series of the panel had; -1 for a new one."""
    row = {name: k for k, name in enumerate(history.unique_id.tolist())}
    return np.array([row.get(name, -1) for name in panel.unique_id.tolist()], dtype=np.int64)


def _carried(old: Singles, place: Ints, shift: int, width: int, *, hold: bool) -> Singles:
    """Lay an array of the history over the panel's dates, held to the end where wanted."""
    out = np.full((len(place), width), np.nan, dtype=np.float32)
    kept = min(old.shape[1], width - shift)
    known = place >= 0
    out[known, shift : shift + kept] = old[place[known], :kept]
    if hold and kept > 0:
        out[known, shift + kept :] = out[known, shift + kept - 1][:, None]
    return out


def _carried_calendar(history: Panel, panel: Panel, place: Ints, shift: int) -> Calendar:
    """Lay the history's calendar over the panel's dates; nothing is known beyond its end."""
    old, dates = history.calendar, panel.calendar.dates
    kept = min(len(old.dates), len(dates) - shift)
    width = ((0, 0), (shift, len(dates) - shift - kept), (0, 0))
    region_of_shop: dict[str, int] = {}
    for shop, region in zip(history.series["shop_id"].astype("str"), old.region_of_series, strict=True):
        region_of_shop.setdefault(shop, int(region))
    fallback = old.occurs.shape[0] - 1
    regions = [
        int(old.region_of_series[row]) if row >= 0 else region_of_shop.get(shop, fallback)
        for row, shop in zip(place.tolist(), panel.series["shop_id"].astype("str"), strict=True)
    ]
    return replace(
        old,
        dates=dates,
        occurs=np.pad(old.occurs[:, :kept], width),
        values=np.pad(old.values[:, :kept], width, constant_values=np.nan),
        region_of_series=np.array(regions, dtype=np.int32),
    )


def _carried_attributes(history: Panel, panel: Panel, place: Ints) -> pd.DataFrame:
    """Return each series the attributes it had; a new one has none."""
    series: pd.DataFrame = panel.series[["shop_id", "item_id"]].copy()
    for name in history.series.columns:
        if name not in series.columns:
            column = history.series[name].take(np.maximum(place, 0)).reset_index(drop=True)
            series[name] = column.where(place >= 0)
    return series
