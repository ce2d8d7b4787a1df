"""The arrays that the kernel reads, laid out from a history."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError
from samaan_ml.features._calendar import calendar_arrays
from samaan_ml.features._groups import complete_groups, group_codes
from samaan_ml.features._history import as_history
from samaan_ml.features._table import feature_table, row_layout

if TYPE_CHECKING:
    from samaan_ml.features._groups import GroupMemory
    from samaan_ml.features._history import History
    from samaan_ml.features._panel import Panel
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["KernelInputs", "RowScale", "Rows", "kernel_inputs"]

Floats = npt.NDArray[np.float32]


class Rows(NamedTuple):
    """What each row stands for, sorted by series.

    Parameters
    ----------
    series, origins, steps : ndarray of int64, shape (n_rows,)
        Series, last known column and columns ahead.
    """

    series: npt.NDArray[np.int64]
    origins: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]


class RowScale(NamedTuple):
    """Windows and scales of the features.

    Parameters
    ----------
    windows, phases : ndarray of int64
        Lengths of the windows, and numbers of seasons averaged.
    season, year : int
        Columns of a season, and to the same weekday a year before.
    fast, slow : float
        Weights of the newest value in the two exponential averages.
    unit : float
        Typical size of one sale.
    """

    windows: npt.NDArray[np.int64]
    phases: npt.NDArray[np.int64]
    season: int
    year: int
    fast: float
    slow: float
    unit: float


class KernelInputs(NamedTuple):
    """The arrays that `fill_rows` reads.

    Parameters
    ----------
    units : ndarray of float32, shape (n_series, n_dates)
        Demand, NaN where unknown.
    start : ndarray of int64, shape (n_series,)
        First column of each series with a sale.
    price : ndarray of float32, shape (n_series, n_known) or (0, 0)
        Price, known ahead; empty where the model has none.
    price_values : ndarray of float32, shape (n_price_covariates, n_series, n_known)
        Further columns by series and date.
    stock : ndarray of float32, shape (n_series, n_dates) or (0, 0)
        Share of the day with stock; empty where the model has none.
    groups_of_series : ndarray of int32, shape (n_series, n_kinds)
        Group of each kind that a series belongs to, -1 for none.
    group_units : ndarray of float32, shape (n_groups, n_dates)
        Demand of the groups.
    calendar : ndarray of float32, shape (n_regions, n_known, n_calendar_features)
        Features of the dates.
    previous : ndarray of int32, shape (n_regions, n_known)
        Column of each festival's last occurrence, -1 for none.
    region_of_series : ndarray of int32, shape (n_series,)
        Region of each series.
    attributes : ndarray of float32, shape (n_series, n_attributes)
        Codes of the attributes, NaN where unknown.
    """

    units: Floats
    start: npt.NDArray[np.int64]
    price: Floats
    price_values: Floats
    stock: Floats
    groups_of_series: npt.NDArray[np.int32]
    group_units: Floats
    calendar: Floats
    previous: npt.NDArray[np.int32]
    region_of_series: npt.NDArray[np.int32]
    attributes: Floats

    def take(self, chosen: npt.NDArray[np.int64]) -> KernelInputs:
        """Keep some of the series; the groups stay whole."""
        return self._replace(
            units=self.units[chosen],
            start=self.start[chosen],
            price=self.price[chosen] if len(self.price) else self.price,
            price_values=self.price_values[:, chosen] if len(self.price_values) else self.price_values,
            stock=self.stock[chosen] if len(self.stock) else self.stock,
            groups_of_series=self.groups_of_series[chosen],
            region_of_series=self.region_of_series[chosen],
            attributes=self.attributes[chosen],
        )

    def rows(
        self,
        recipe: FeatureRecipe,
        series: npt.NDArray[np.int64],
        origins: npt.NDArray[np.int64],
        steps: npt.NDArray[np.int64],
    ) -> tuple[Floats, npt.NDArray[np.float64]]:
        """Compute feature rows and the level each of them starts from."""
        from samaan_ml.features._kernels import fill_rows

        out = np.empty((len(series), len(feature_table(recipe))), dtype=np.float32)
        base = np.empty(len(series), dtype=np.float64)
        daily = recipe.frequency == "D"
        scale = RowScale(
            np.asarray(recipe.windows, dtype=np.int64),
            np.asarray(recipe.phases, dtype=np.int64),
            recipe.season,
            recipe.year,
            0.1 if daily else 0.3,
            0.03 if daily else 0.1,
            recipe.unit,
        )
        fill_rows(out, base, Rows(series, origins, steps), self, scale, row_layout(recipe))
        return out, base


def kernel_inputs(
    recipe: FeatureRecipe,
    source: Panel | History,
    demand: Floats | None = None,
    memory: GroupMemory | None = None,
) -> KernelInputs:
    """Gather the arrays of a whole panel.

    Parameters
    ----------
    recipe : FeatureRecipe
        As learned.
    source : Panel or History
        The histories.
    demand : ndarray of float32, shape (n_series, n_dates), or None, default=None
        Units with sold-out days put right; None takes the units as sold.
    memory : GroupMemory or None, default=None
        Histories of the groups in training, for those of which the panel shows a part only.
    """
    from samaan_ml.features._kernels import group_sums
    from samaan_ml.features._sold_out import with_expected

    history = as_history(source)
    if history.frequency != recipe.frequency:
        raise ParameterError(
            f"the model was fitted on frequency '{recipe.frequency}', got '{history.frequency}'"
        )
    units = np.ascontiguousarray(history.units if demand is None else demand)
    start = history.first_sale()
    codes, names = group_codes(recipe, history)
    laid_out = history.calendar_features
    calendar, previous = calendar_arrays(recipe, history.calendar) if laid_out is None else laid_out
    sums = group_sums(units, with_expected(history, units, start), start, codes, len(names))
    if memory is not None:
        complete_groups(sums, names, codes, memory, history.first_day, 1 if recipe.frequency == "D" else 7)
    price, values = np.zeros((0, 0), dtype=np.float32), np.zeros((0, 0, 0), dtype=np.float32)
    if recipe.has_price:
        price = presumed_prices(recipe, history)
        values = _aligned_price_values(recipe, history, price.shape)
    return KernelInputs(
        units=units,
        start=start,
        price=price,
        price_values=values,
        stock=presumed_stock(history) if recipe.has_stock else np.zeros((0, 0), dtype=np.float32),
        groups_of_series=codes,
        group_units=sums,
        calendar=calendar,
        previous=previous,
        region_of_series=history.calendar.region_of_series,
        attributes=encode_attributes(recipe, history),
    )


def encode_attributes(recipe: FeatureRecipe, history: History) -> Floats:
    """Number the attributes; NaN for a value that training did not have."""
    out = np.full((history.n_series, len(recipe.attributes)), np.nan, dtype=np.float32)
    for j, (name, values) in enumerate(recipe.attributes):
        given = history.column(name)
        if given is not None:
            place = {value: float(i) for i, value in enumerate(values)}
            out[:, j] = [place.get(value, np.nan) for value in given]
    return out


def presumed_stock(history: History) -> Floats:
    """Take the shelf for full on every known day without a record of it."""
    full = np.where(np.isnan(history.units), np.float32(np.nan), np.float32(1.0))
    if history.in_stock_share is None:
        return full
    return np.where(np.isnan(history.in_stock_share), full, history.in_stock_share)


def presumed_prices(recipe: FeatureRecipe, history: History) -> Floats:
    """Return a series without any price the usual one of its kind, never changed."""
    shape = (history.n_series, len(history.calendar.dates))
    price = np.full(shape, np.nan, np.float32) if history.unit_price is None else history.unit_price
    without = np.flatnonzero(np.isnan(price).all(axis=1))
    if not len(without) or not recipe.usual_prices:
        return np.ascontiguousarray(price)
    usual = dict(recipe.usual_prices)
    kinds = history.column(recipe.kind) or ("",) * history.n_series
    price = price.copy()
    price[without] = np.array([usual.get(kinds[s], usual[""]) for s in without], np.float32)[:, None]
    return np.ascontiguousarray(price)


def _aligned_price_values(recipe: FeatureRecipe, history: History, shape: tuple[int, ...]) -> Floats:
    """Bring the covariates by series into the recipe's order, NaN where one is missing."""
    if not recipe.price_covariates:
        return np.zeros((0, 0, 0), dtype=np.float32)
    out = np.full((len(recipe.price_covariates), *shape), np.nan, dtype=np.float32)
    for j, name in enumerate(recipe.price_covariates):
        if history.price_values is not None and name in history.price_covariates:
            out[j] = history.price_values[history.price_covariates.index(name)]
    return out
