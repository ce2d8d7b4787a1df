"""Training rows of shops that lack a table.

A model that has always seen prices, categories and sums over shops takes their absence for a value of its own. Some
series are therefore shown without each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from samaan_ml.features._table import feature_table

if TYPE_CHECKING:
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["mask_tables"]

_SHARE = 0.1
"""Share of the series that go without each table: enough for the trees to learn a direction for missing values."""


def mask_tables(
    recipe: FeatureRecipe,
    series: npt.NDArray[np.int64],
    features: npt.NDArray[np.float32],
    rng: np.random.Generator,
) -> None:
    """Take each optional table away from some of the series, in place.

    Stock and the price itself are presumed where they are missing (a full shelf, a usual price), so they are not
    masked.

    Parameters
    ----------
    recipe : FeatureRecipe
        What the rows hold.
    series : ndarray of int64, shape (n_rows,)
        Series of each row, sorted.
    features : ndarray of float32, shape (n_rows, n_features)
        The rows; some cells are set to NaN.
    rng : numpy.random.Generator
        Draws the series.
    """
    columns: dict[str, list[int]] = {}
    for place, feature in enumerate(feature_table(recipe)):
        if feature.needs in ("calendar", "attributes", "groups"):
            columns.setdefault(feature.needs, []).append(place)
    shown, of_row = np.unique(series, return_inverse=True)
    for _, places in sorted(columns.items()):
        rows = np.flatnonzero((rng.random(len(shown)) < _SHARE)[of_row])
        features[np.ix_(rows, np.array(places, dtype=np.int64))] = np.nan
