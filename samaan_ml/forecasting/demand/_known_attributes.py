"""Attributes of items and shops that a model remembers, for later panels that come without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from samaan_ml.features import Panel
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["indexed", "known_attributes"]


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


def indexed(known: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    """Index the remembered attributes by the id of the item or the shop."""
    out: dict[str, dict[str, dict[str, str]]] = {}
    for key in ("item_id", "shop_id"):
        table = known[key]
        names = [name for name in table if name != key]
        out[key] = {
            str(one): {name: str(table[name][i]) for name in names if str(table[name][i])}
            for i, one in enumerate(table[key])
        }
    return out


def _texts(values: pd.Series) -> npt.NDArray[np.str_]:
    """Write values as text that keeps its full width; a missing one is empty."""
    text = values.astype("str").astype("object")
    return np.array(text.where(values.notna(), "").tolist(), dtype=np.str_)
