"""A panel as plain arrays and frames, and back; and as the sales table it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.features import Calendar, Panel

if TYPE_CHECKING:
    import pandas as pd


def panel_state(panel: Panel) -> dict[str, object]:
    """Turn a panel into values that a model folder can hold."""
    state = {each.name: getattr(panel, each.name) for each in fields(Panel)}
    calendar = {each.name: getattr(panel.calendar, each.name) for each in fields(Calendar)}
    for part in (state, calendar):
        part["dates"] = part["dates"].astype("datetime64[D]").astype(np.int64)
    return {
        key: _plain(value)
        for key, value in {**state, "calendar": _plain(calendar)}.items()
        if value is not None
    }


def panel_from_state(state: Mapping[str, Any]) -> Panel:
    """Turn what `panel_state` returned into a panel."""
    return Panel(**{**_rebuilt(state), "calendar": Calendar(**_rebuilt(state["calendar"]))})


def sales_of(panel: Panel) -> pd.DataFrame:
    """Write a panel's known units as a sales table; a zero is a row."""
    import pandas as pd

    row, column = np.nonzero(~np.isnan(panel.units))
    return pd.DataFrame(
        {
            "shop_id": panel.series["shop_id"].to_numpy()[row],
            "item_id": panel.series["item_id"].to_numpy()[row],
            "date": panel.dates[column].astype("datetime64[ns]"),
            "units": panel.units[row, column].astype(np.float64),
        }
    )


def _plain(value: Any) -> Any:
    """Make tuples lists and drop absent parts."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _rebuilt(state: Mapping[str, Any]) -> dict[str, Any]:
    """Make lists tuples and day numbers dates again."""
    parts = {key: tuple(value) if isinstance(value, list) else value for key, value in state.items()}
    parts["dates"] = np.asarray(parts["dates"]).astype("datetime64[D]")
    return parts
