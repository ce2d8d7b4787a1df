"""What answers a forecast, in the library and in a process that only serves: numpy and compiled kernels alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.features._table import CALENDAR_NAMES, feature_table
from samaan_ml.forecasting.demand._adaptation import (
    Adaptation,
    BackForecasts,
    adapt,
    steadied,
    weekday_means,
)
from samaan_ml.forecasting.demand._cold_start import ColdStart, Similarity
from samaan_ml.forecasting.demand._known_attributes import indexed
from samaan_ml.forecasting.demand._local_blend import LocalBlend, LocalPast, series_ids
from samaan_ml.forecasting.demand._reading import Reading, read
from samaan_ml.forecasting.demand._widths import LEVELS, scores, stretched, width_factors
from samaan_ml.forecasting.intervals._level_sets import LevelSets
from samaan_ml.forecasting.intervals._totals import TotalSets
from samaan_ml.forecasting.trees._global import GlobalModel

if TYPE_CHECKING:
    from samaan_ml.features._groups import GroupMemory
    from samaan_ml.features._history import History
    from samaan_ml.features._inputs import KernelInputs
    from samaan_ml.features._recipe import FeatureRecipe
    from samaan_ml.forecasting.hierarchy._hierarchy import Hierarchy

__all__ = ["Answer", "DemandEngine", "Means"]

Floats = npt.NDArray[np.float64]

_UNKNOWN_SPREAD = 1e3  # a series too short to tell is taken for the most erratic
_BLOCK_SERIES = 4096
_BLOCKS = {"D": (14, 4, 14), "W": (4, 3, 6)}
"""Columns of a block of back-forecasts, how many blocks, and the least history before one."""
_FESTIVAL, _DAYS_TO_FESTIVAL = CALENDAR_NAMES.index("festival"), CALENDAR_NAMES.index("days_to_festival")
_NEAR_DAYS = 4
_FEW_SERIES = 1000
_OWN_COLUMNS, _LEAST_OWN = 28, 7
"""Last columns of the own mean by weekday, and how many of them have to be known."""
_GAP_DOUBT = 0.004
"""Relative variance of the level for each day without an entry."""
_NOBODY: Mapping[str, Mapping[str, Mapping[str, str]]] = {"item_id": {}, "shop_id": {}}


@dataclass(frozen=True, slots=True)
class Means:
    """Mean forecasts and what the quantiles need to know of each series.

    Parameters
    ----------
    mean : ndarray, shape (n_series, horizon)
        Expected units.
    level : ndarray, shape (n_series,)
        Recent level the forecast starts from.
    spread : ndarray, shape (n_series,)
        Standard deviation over the last quarter, relative to the level.
    doubt : ndarray, shape (n_series,), or None, default=None
        Relative variance of the mean itself: not 0 for items too new to be known; None is 0 for all.
    daily_width, total_width : ndarray, shape (n_series,), or None, default=None
        Factors on the width of the intervals of days and of totals, from the series' own errors; None is 1 for all.
    """

    mean: Floats
    level: Floats
    spread: Floats
    doubt: Floats | None = None
    daily_width: Floats | None = None
    total_width: Floats | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A forecast and what it rests on.

    Parameters
    ----------
    means : Means
        The means, with what the quantiles need.
    reading : Reading
        The history as it was read.
    adaptation : Adaptation
        How the model was adapted to the shops.
    past : LocalPast
        What the local models read.
    """

    means: Means
    reading: Reading
    adaptation: Adaptation
    past: LocalPast


@dataclass(frozen=True, slots=True)
class DemandEngine:
    """A fitted model without its training history.

    Parameters
    ----------
    model : GlobalModel
        Forecasts the mean.
    daily : LevelSets
        Distribution of a day around its mean.
    totals : TotalSets
        Distribution of the sum over the days ahead.
    memory : GroupMemory
        Histories of the groups.
    blend : LocalBlend
        Local models beside the global one.
    cold : ColdStart
        What new items are drawn towards.
    anchor : float, default=1.0
        Factor on the model's means that anchors a short history's common level.
    closed_on : dict of str to tuple of str
        By shop, the festivals on which it has sold next to nothing.
    known : mapping
        By "item_id" and "shop_id", the attributes of each id met in training.
    upper : Hierarchy or None, default=None
        Sums that the series agree with where a history shows nearly all of them.
    """

    model: GlobalModel
    daily: LevelSets
    totals: TotalSets
    memory: GroupMemory
    blend: LocalBlend
    cold: ColdStart
    anchor: float = 1.0
    closed_on: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=lambda: _NOBODY)
    upper: Hierarchy | None = None

    def forecast(self, history: History, horizon: int) -> Answer:
        """Forecast the `horizon` dates after a history: the one path of library, batch job, endpoint and API.

        Parameters
        ----------
        history : History
            Series of one or more shops.
        horizon : int
            Dates ahead.
        """
        recipe = self.model.recipe
        reading = read(recipe, history.with_known(self.known), horizon, self.memory, self.closed_on)
        history, inputs = reading.history, reading.inputs
        means = self.means(inputs, horizon)
        adaptation = self._adaptation(reading)
        ahead = history.n_dates + np.arange(horizon)
        mean = means.mean
        if adaptation.days.any():
            own = weekday_means(_own(reading.told, inputs.units, history.n_dates), ahead, recipe.frequency)
            mean = self._steadied(adaptation.applied(mean, own, ahead), own, reading)
            means = self._with_widths(means, reading, adaptation)
        past = LocalPast(series_ids(history.shops, history.items), inputs.units)
        mean = self.blend.blended(mean, past)
        mean, doubt = self.cold.drawn(mean, reading.demand, self._similarity(reading))
        doubt = np.maximum(doubt, adaptation.doubt) + _GAP_DOUBT * reading.gap
        if self.upper is not None and self.upper.applies(history):
            mean = self.upper.agreed(history, inputs.units, mean)
        mean = np.where(reading.closed, 0.0, mean)
        return Answer(replace(means, mean=mean, doubt=doubt), reading, adaptation, past)

    def _adapting(self, history: History) -> npt.NDArray[np.intp]:
        """Find the series whose shop the model has not been trained on, or all where it was trained on few."""
        shops = self.known["shop_id"]
        if len(self.blend.ids) or len(self.known["item_id"]) * max(len(shops), 1) <= _FEW_SERIES:
            return np.arange(history.n_series)
        return np.flatnonzero([shop not in shops for shop in history.shops])

    def _adaptation(self, reading: Reading) -> Adaptation:
        """Compare the shop's last weeks with forecasts from before them."""
        history, recipe = reading.history, self.model.recipe
        daily = recipe.frequency == "D"
        season = 7 if daily else 1
        whole = Adaptation.none(history.n_series, season)
        rows = self._adapting(history)
        back = self._back_forecasts(reading, rows) if len(rows) else None
        if back is None or not len(back):
            return whole
        kinds = history.column(recipe.kind) or ("",) * history.n_series
        found = adapt(back, [history.shops[i] for i in rows], [kinds[i] for i in rows], season)
        out: dict[str, Any] = {"trials": tuple(_spread_out(t, rows, history.n_series) for t in found.trials)}
        for name in [each for each in Adaptation.__slots__ if each != "trials"]:
            values = getattr(whole, name).copy()
            values[rows] = getattr(found, name)
            out[name] = values
        return Adaptation(**out)

    def _back_forecasts(self, reading: Reading, rows: npt.NDArray[np.intp]) -> BackForecasts:
        """Forecast the last known weeks of some series."""
        frequency = self.model.recipe.frequency
        demand = told = reading.told[rows]
        entered = np.flatnonzero(~np.isnan(demand).all(axis=0))
        block, most, least = _BLOCKS[frequency]
        out = BackForecasts([], [], [], [])
        if not len(entered):
            return out
        end, first = int(entered[-1]) + 1, int(entered[0])
        block = block if end - first >= 4 * block else block // 2
        inputs = reading.inputs.take(rows)
        for k in range(most):
            origin = end - 1 - block * (k + 1)
            if origin < first + least - 1:
                break
            columns = origin + 1 + np.arange(block)
            begun = (inputs.start <= origin)[:, None]
            mean = self.means(inputs, block, origin).mean
            out.means.append(np.where(begun, mean, np.nan))
            out.came.append(demand[:, columns].astype(np.float64))
            out.own.append(weekday_means(_own(told, inputs.units, origin + 1), columns, frequency))
            out.columns.append(columns)
        return out

    def _steadied(self, mean: Floats, own: Floats, reading: Reading) -> Floats:
        """Keep the totals of shops not met in training near their own level, festivals apart."""
        history, out = reading.history, mean.copy()
        rows = np.flatnonzero([shop not in self.known["shop_id"] for shop in history.shops])
        if len(rows):
            ahead = slice(history.n_dates, history.n_dates + mean.shape[1])
            dates = reading.inputs.calendar[reading.inputs.region_of_series[rows], ahead]
            usual = (dates[:, :, _FESTIVAL] < 0) & (dates[:, :, _DAYS_TO_FESTIVAL] > _NEAR_DAYS)
            usual &= ~reading.closed[rows]
            out[rows] = steadied(mean[rows], own[rows], [history.shops[i] for i in rows], usual)
        return out

    def _with_widths(self, means: Means, reading: Reading, adaptation: Adaptation) -> Means:
        """Learn from the trials how wide the intervals of these series have to be."""
        if not adaptation.trials:
            return means
        _, shop = reading.history.shop_numbers()
        days, totals = [], []
        end = reading.demand.shape[1]
        demand = reading.told.astype(np.float64)
        entered = np.flatnonzero(~np.isnan(demand).all(axis=0))
        end = int(entered[-1]) + 1
        for k, trial in enumerate(adaptation.trials):
            block = trial.shape[1]
            came = demand[:, end - block * (k + 1) : end - block * k]
            tried = Means(np.nan_to_num(trial), means.level, means.spread, adaptation.doubt)
            unknown = np.isnan(trial)
            quantiles = self.daily_quantiles(replace(tried, doubt=None), LEVELS)
            days.append(np.where(unknown, np.nan, scores(came, quantiles)))
            known = ~np.isnan(came) & ~unknown
            share = np.where(known, tried.mean, 0.0).sum(axis=1) / np.maximum(tried.mean.sum(axis=1), 1e-9)
            total = np.where(
                known.mean(axis=1) >= 0.5, np.nansum(came, axis=1) / np.maximum(share, 1e-9), np.nan
            )
            totals.append(scores(total[:, None], self.total_quantiles(tried, LEVELS)[:, None, :]))
        shops = shop.astype(np.int64)
        return replace(
            means,
            daily_width=width_factors(np.concatenate(days, axis=1), shops, by_series=True),
            total_width=width_factors(np.concatenate(totals, axis=1), shops, by_series=False),
        )

    def _similarity(self, reading: Reading) -> Similarity:
        """Return what new items are like: shop, item, category and the price at the end of the history."""
        history, inputs = reading.history, reading.inputs
        n, last = history.n_series, history.n_dates - 1
        kinds = history.column(self.model.recipe.kind) or ("",) * n
        price = inputs.price[:, last].astype(np.float64) if len(inputs.price) else np.full(n, np.nan)
        return Similarity(history.shops, history.items, kinds, price)

    def means(self, inputs: KernelInputs, horizon: int, origin: int | None = None) -> Means:
        """Forecast the `horizon` columns after the origin (the last column by default) for every series."""
        n_series, n_dates = inputs.units.shape
        last = n_dates - 1 if origin is None else origin
        mean = np.empty((n_series, horizon))
        level, spread = np.empty(n_series), np.empty(n_series)
        steps = np.arange(1, horizon + 1, dtype=np.int64)
        column = spread_column(self.model.recipe)
        for first in range(0, n_series, _BLOCK_SERIES):
            n = min(_BLOCK_SERIES, n_series - first)
            series = np.repeat(np.arange(first, first + n, dtype=np.int64), horizon)
            origins = np.full(n * horizon, last, dtype=np.int64)
            rows, base = inputs.rows(self.model.recipe, series, origins, np.tile(steps, n))
            part = slice(first, first + n)
            mean[part] = (base * self.anchor * self.model.factor(rows)).reshape(n, horizon)
            level[part] = base[::horizon]
            spread[part] = rows[::horizon, column]
        return Means(mean, level, np.where(np.isnan(spread), _UNKNOWN_SPREAD, spread))

    def daily_quantiles(self, means: Means, levels: tuple[float, ...]) -> Floats:
        """Give quantiles of each day, shape (n_series, horizon, n_levels)."""
        n_series, horizon = means.mean.shape
        out = np.empty((n_series, horizon, len(levels)))
        for first in range(0, n_series, _BLOCK_SERIES):
            part = means.mean[first : first + _BLOCK_SERIES]
            spread = np.repeat(means.spread[first : first + _BLOCK_SERIES], horizon)
            steps = np.tile(np.arange(1, horizon + 1, dtype=np.int64), len(part))
            flat = self.daily.quantiles(part.ravel(), spread, steps, levels)
            out[first : first + _BLOCK_SERIES] = flat.reshape(*part.shape, len(levels))
        new = _doubted(means)
        if len(new):
            assert means.doubt is not None
            spread, steps = (
                np.repeat(means.spread[new], horizon),
                np.tile(np.arange(1, horizon + 1), len(new)),
            )

            def around(factor: Floats, grid: tuple[float, ...]) -> Floats:
                scaled = (means.mean[new] * factor[:, None]).ravel()
                return self.daily.quantiles(scaled, spread, steps, grid)

            mixed = _mixed(around, means.doubt[new], levels)
            out[new] = mixed.reshape(len(new), horizon, len(levels))
        if means.daily_width is not None:
            alone = replace(means, daily_width=None)
            middle = out if levels == (0.5,) else self.daily_quantiles(alone, (0.5,))
            out = stretched(out, middle[:, :, 0], means.daily_width)
        return out

    def total_quantiles(self, means: Means, levels: tuple[float, ...]) -> Floats:
        """Give quantiles of the sum over the horizon, shape (n_series, n_levels)."""
        total, horizon = means.mean.sum(axis=1), means.mean.shape[1]
        out = self.totals.quantiles(total, means.spread, horizon, levels)
        new = _doubted(means)
        if len(new):
            assert means.doubt is not None

            def around(factor: Floats, grid: tuple[float, ...]) -> Floats:
                return self.totals.quantiles(total[new] * factor, means.spread[new], horizon, grid)

            out[new] = _mixed(around, means.doubt[new], levels)
        if means.total_width is not None:
            alone = replace(means, total_width=None)
            middle = out if levels == (0.5,) else self.total_quantiles(alone, (0.5,))
            out = stretched(out, middle[:, 0], means.total_width)
        return out

    def get_state(self) -> dict[str, object]:
        """Return all parts as plain values and arrays."""
        return {
            "model": self.model.get_state(),
            "daily": self.daily.get_state(),
            "totals": self.totals.get_state(),
            "memory": self.memory.get_state(),
            "blend": self.blend.get_state(),
            "cold": self.cold.get_state(),
            "anchor": self.anchor,
            "closed_on": {shop: list(names) for shop, names in self.closed_on.items()},
        }

    @classmethod
    def from_state(cls, whole: Mapping[str, Any]) -> DemandEngine:
        """Rebuild the engine from the state of a `DemandForecaster`."""
        from samaan_ml.features._groups import GroupMemory
        from samaan_ml.forecasting.hierarchy._hierarchy import Hierarchy

        state = whole["engine"]
        cold = ColdStart.from_state(state["cold"])
        model = GlobalModel.from_state(state["model"])
        if model.recipe.has_price and not model.recipe.usual_prices and cold.price:  # of version 0.1
            usual = (("", float(np.median([*cold.price.values()]))), *cold.price.items())
            model = GlobalModel(replace(model.recipe, usual_prices=usual), model.forests)
        return cls(
            model,
            LevelSets.from_state(state["daily"]),
            TotalSets.from_state(state["totals"]),
            GroupMemory.from_state(state["memory"]),
            LocalBlend.from_state(state["blend"]),
            cold,
            float(state["anchor"]),
            {str(shop): tuple(map(str, names)) for shop, names in state.get("closed_on", {}).items()},
            indexed(whole["known"]),
            Hierarchy.from_state(whole["hierarchy"]),
        )


_NODES = np.array([-1.2816, -0.5244, 0.0, 0.5244, 1.2816])
_GRID = tuple(np.round(np.arange(0.025, 1.0, 0.05), 3).tolist())


def _own(told: npt.NDArray[np.float32], filled: npt.NDArray[np.float32], end: int) -> npt.NDArray[np.float32]:
    """Take what is known before column `end`, or what was expected where the last weeks hold nothing known."""
    known = ~np.isnan(told[:, max(end - _OWN_COLUMNS, 0) : end])
    return np.where((known.sum(axis=1) >= _LEAST_OWN)[:, None], told[:, :end], filled[:, :end])


def _spread_out(values: Floats, rows: npt.NDArray[np.intp], n_series: int) -> Floats:
    """Write rows of some series among those of all, NaN for the others."""
    out = np.full((n_series, values.shape[1]), np.nan)
    out[rows] = values
    return out


def _doubted(means: Means) -> npt.NDArray[np.intp]:
    """Find the series whose mean itself is in doubt."""
    return np.zeros(0, dtype=np.intp) if means.doubt is None else np.flatnonzero(means.doubt > 0)


def _mixed(
    around: Callable[[Floats, tuple[float, ...]], Floats], doubt: Floats, levels: tuple[float, ...]
) -> Floats:
    """Mix the distributions around five means, lognormal with the doubt as relative variance, and take quantiles."""
    sigma = np.sqrt(np.log1p(doubt))
    factors = np.exp(sigma * _NODES[:, None])
    factors /= factors.mean(axis=0)
    pooled = np.concatenate([around(factor, _GRID) for factor in factors], axis=1)
    return np.asarray(np.quantile(pooled, levels, axis=1).T, dtype=np.float64)


def spread_column(recipe: FeatureRecipe) -> int:
    """Find the feature that tells how erratic a series is."""
    wanted = f"std_{recipe.windows[4]}"
    return next(place for place, feature in enumerate(feature_table(recipe)) if feature.name == wanted)
