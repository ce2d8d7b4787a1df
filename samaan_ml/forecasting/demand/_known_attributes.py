"""Attributes of items and shops that a model remembers, for later panels that come without them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from samaan_ml.features import Panel
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["known_attributes", "with_known"]


def known_attributes(panel: Panel, recipe: FeatureRecipe) -> dict[str, Any]:
    """Keep the attributes of items and shops that the features use, for panels that come without them."""
    columns = {name for name, _ in recipe.attributes} | {c for group in recipe.groups for c in group}
    series = panel.series
    known: dict[str, Any] = {}
    for key in ("item_id", "shop_id"):
        first = series.drop_duplicates(key)
        table = {key: _texts(first[key])}
        for name in sorted(columns - {"item_id", "shop_id"}):
            if int(series.groupby(key, observed=True)[name].nunique(dropna=False).max()) <= 1:
                table[name] = _texts(first[name])
        known[key] = table
    return known


def with_known(panel: Panel, known: dict[str, Any]) -> Panel:
    """Fill in attributes that the panel's own tables did not give."""
    series, changed = panel.series, False
    for key in ("item_id", "shop_id"):
        table = known[key]
        place = {name: i for i, name in enumerate(table[key])}
        at = np.asarray([place.get(name, -1) for name in series[key].astype("str")])
        for name, values in table.items():
            if name == key:
                continue
            given = series[name].astype("object") if name in series.columns else None
            present = np.array([str(value) or None for value in values], dtype=object)
            text = np.where(at >= 0, present[np.maximum(at, 0)], None)
            filled = text if given is None else np.where(given.isna(), text, given)
            series = series.assign(**{name: filled})
            changed = True
    return replace(panel, series=series) if changed else panel


def _texts(values: pd.Series) -> npt.NDArray[np.str_]:
    """Write values as text that keeps its full width; a missing one is empty."""
    text = values.astype("str").astype("object")
    return np.array(text.where(values.notna(), "").tolist(), dtype=np.str_)
