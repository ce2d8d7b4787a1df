"""Boosted trees over sums: the global model again, its series now the sums over category, shop, region and all.

The structural model of a sum is additive in logs and sees that sum alone. Trees see all of them together, their recent
levels and their year-ago growth. The two err apart from each other, so that their mean is better than either.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.features._panel import Calendar, Panel
from samaan_ml.forecasting.trees._global import GlobalModel, TrainingPlan, Variant, count_targets

if TYPE_CHECKING:
    from samaan_ml.features._inputs import KernelInputs

__all__ = ["BoostedSums", "sums_panel"]

Floats = npt.NDArray[np.float64]

_LEAST_TARGETS = 5_000  # some fourteen sums over a year: with less, trees have nothing to share
_MOST_ROWS = 200_000
_EACH_TARGET = 8  # rows a known target may serve in, from different origins
_ELSEWHERE = "*"  # an attribute that a level sums over


class BoostedSums:
    """Trees over the sums of all levels.

    Parameters
    ----------
    model : GlobalModel
        The trees and what their rows hold.
    """

    def __init__(self, model: GlobalModel) -> None:
        self.model = model

    @classmethod
    def fit(cls, sums: Panel, horizon: int, end: int, random_state: int) -> BoostedSums | None:
        """Train on the sums before column `end`; None where they are too few.

        Parameters
        ----------
        sums : Panel
            From `sums_panel`.
        horizon : int
            Steps ahead.
        end : int
            First column that is not used.
        random_state : int
            Seed.
        """
        from samaan_ml.features._inputs import kernel_inputs
        from samaan_ml.features._recipe import learn_recipe

        recipe = learn_recipe(replace(sums, units=sums.units[:, :end]))
        inputs = kernel_inputs(recipe, sums)
        n_targets = count_targets(inputs, sums.units, 3 * recipe.year, end)
        if n_targets < _LEAST_TARGETS:
            return None
        plan = TrainingPlan.for_data(n_targets, 0, horizon, recipe.season)  # rows are chosen below
        rows = min(_MOST_ROWS, _EACH_TARGET * n_targets)
        leaves = plan.variants[0].leaves
        plan = replace(
            plan,
            rows=rows,
            smallest_leaf=max(10, min(40, rows // 500)),
            variants=(Variant("poisson", leaves), Variant("tweedie", leaves)),
            shortened=False,
        )
        return cls(GlobalModel.fit(recipe, inputs, sums.units, horizon, plan, end, random_state))

    def forecast(self, inputs: KernelInputs, n_dates: int, horizon: int) -> Floats:
        """Forecast every sum after `n_dates` columns, shape (n_sums, horizon)."""
        n_sums = len(inputs.units)
        series = np.repeat(np.arange(n_sums, dtype=np.int64), horizon)
        origins = np.full(n_sums * horizon, n_dates - 1, dtype=np.int64)
        steps = np.tile(np.arange(1, horizon + 1, dtype=np.int64), n_sums)
        return self.model.predict(inputs, series, origins, steps).reshape(n_sums, horizon)

    def inputs(self, sums: Panel) -> KernelInputs:
        """Lay the sums out as the trees read them."""
        from samaan_ml.features._inputs import kernel_inputs

        return kernel_inputs(self.model.recipe, sums)

    def get_state(self) -> dict[str, object]:
        """Return the trees as plain values and arrays."""
        return self.model.get_state()

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> BoostedSums:
        """Rebuild the trees from `get_state`'s values."""
        return cls(GlobalModel.from_state(state))


def sums_panel(
    panel: Panel,
    levels: tuple[tuple[str, ...], ...],
    codes: list[npt.NDArray[np.int32]],
    sums: npt.NDArray[np.float32],
    mix: Floats,
) -> Panel:
    """Make a panel whose series are the sums of all levels, one under the other.

    Parameters
    ----------
    panel : Panel
        The items.
    levels : tuple of tuple of str
        Columns that name the sums of each level.
    codes : list of ndarray, each of shape (n_series,)
        The sum of each level that a series belongs to.
    sums : ndarray of float32, shape (n_sums, n_dates)
        Units of the sums.
    mix : ndarray, shape (n_sums, n_regions)
        Share of each sum's series in each region. A sum over several regions has the events of more than half of it.

    Returns
    -------
    Panel
        `shop_id` and `item_id` join the attributes of each side; an attribute that is summed over is "*".
    """
    import pandas as pd

    named = sorted({column for columns in levels for column in columns} - {"shop_id", "item_id"})
    sides = {
        name: panel.series.groupby("shop_id", observed=True)[name].nunique().max() <= 1 for name in named
    }
    parts = []
    for place, columns in enumerate(levels):
        n = int(codes[place].max()) + 1
        first = np.zeros(n, dtype=np.int64)
        first[codes[place][::-1]] = np.arange(len(codes[place]))[::-1]
        members = panel.series.iloc[first]
        part = {
            name: members[name].astype("str").fillna("").to_numpy(dtype=object)
            if name in columns
            else _ELSEWHERE
            for name in (*named, "shop_id")
        }
        parts.append(pd.DataFrame({**part, "level": str(place)}, index=range(n)))
    series = pd.concat(parts, ignore_index=True)
    shop_side = [name for name in named if sides[name]]
    item_side = [name for name in named if not sides[name]]
    series["shop_id"] = series[[*shop_side, "shop_id"]].agg("/".join, axis=1)
    series["item_id"] = series[item_side].agg("/".join, axis=1) if item_side else _ELSEWHERE
    series = series[["shop_id", "item_id", *named, "level"]]
    shops, shop = np.unique(series["shop_id"].to_numpy(dtype=str), return_inverse=True)
    regions, region = np.unique(np.round(mix, 3), axis=0, return_inverse=True)
    calendar = panel.calendar
    return Panel(
        units=sums,
        dates=panel.dates,
        frequency=panel.frequency,
        series=series,
        shop_of_series=shop.astype(np.int32),
        shop_open=np.ones((len(shops), panel.n_dates), dtype=bool),
        calendar=Calendar(
            dates=calendar.dates,
            events=calendar.events,
            occurs=np.tensordot(regions, calendar.occurs.astype(np.float64), 1) >= 0.5,
            covariates=calendar.covariates,
            values=np.tensordot(regions, np.nan_to_num(calendar.values), 1).astype(np.float32),
            region_of_series=region.ravel().astype(np.int32),
        ),
    )
