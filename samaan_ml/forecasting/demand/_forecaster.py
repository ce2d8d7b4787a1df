"""The demand forecaster: one model for all series, with honest intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ArtifactError, NotFittedError
from samaan_ml.features._history import as_history
from samaan_ml.forecasting.availability._rest_days import learn_rest_days, without_rest_days
from samaan_ml.forecasting.demand._anchor import common_level
from samaan_ml.forecasting.demand._calibration import CalibrationPlan, forecast_out_of_sample
from samaan_ml.forecasting.demand._cold_start import ColdStart, Similarity
from samaan_ml.forecasting.demand._engine import DemandEngine, Means
from samaan_ml.forecasting.demand._known_attributes import indexed, known_attributes
from samaan_ml.forecasting.demand._local_blend import LocalBlend, LocalPast, series_ids
from samaan_ml.forecasting.demand._reading import read_for_training, said_closed, with_quiet_days
from samaan_ml.forecasting.hierarchy._hierarchy import Hierarchy, choose_upper, codes_of
from samaan_ml.forecasting.hierarchy._level_bands import LevelBands, learn_bands, reported_levels, summed
from samaan_ml.forecasting.intervals._level_sets import LevelSets
from samaan_ml.forecasting.intervals._out_of_sample import OutOfSample
from samaan_ml.forecasting.intervals._totals import TotalSets
from samaan_ml.forecasting.models._base import BaseForecaster, Forecast
from samaan_ml.forecasting.models._panel_state import panel_from_state
from samaan_ml.forecasting.trees._global import GlobalModel, TrainingPlan, count_targets

if TYPE_CHECKING:
    import pandas as pd

    from samaan_ml.features import Panel
    from samaan_ml.features._groups import GroupMemory
    from samaan_ml.features._inputs import KernelInputs
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["DemandForecaster"]

_LEAST_ROWS = 300  # with fewer targets there is nothing to learn trees from
_LEAST_CALIBRATION = 30
_IN_STOCK = 0.999


class DemandForecaster(BaseForecaster):
    """Forecast the demand of every item of every shop by one model, as a mean and quantiles.

    Gradient-boosted trees learn from sampled (series, origin, step) rows how the days ahead relate to the recent
    level; levels, weekdays, the year, festivals, prices, sold-out days and the sums over category and shop are
    features. Quantiles are the empirical distribution of what came against what was forecast on rolling origins the
    model had not seen. Sizes are chosen from the data; there is nothing to tune.

    Parameters
    ----------
    horizon : int, default=14
        Days (or weeks) ahead that are learned and that `predict` answers by default.
    quantiles : tuple of float, default=(0.1, 0.5, 0.9)
        Levels of the quantiles, increasing.
    frequency : {"D", "W"}, default="D"
        Daily or weekly forecasts.
    random_state : int, default=0
        Seed; the same seed and data give the same model.

    Attributes
    ----------
    history_ : Panel
        The tables that were fitted; absent after `from_state`, which needs `predict(sales=...)`.
    notes_ : tuple of str
        What had to be put right or went without, in plain words.
    lost_units_ : pandas.DataFrame
        shop_id, item_id, sold_units, demand_units, lost_units over the history, where stock was given.

    References
    ----------
    Montero-Manso and Hyndman (2021), Principles and algorithms for forecasting groups of time series, Int. J.
    Forecasting 37(4). Hasson, Wang, Januschowski and Gasthaus (2021), Probabilistic forecasting: a level-set
    approach, NeurIPS 34. Makridakis, Spiliotis and Assimakopoulos (2022), M5 accuracy competition, Int. J.
    Forecasting 38(4).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> days = pd.date_range("2026-01-01", periods=60)
    >>> sales = pd.DataFrame({"shop_id": "s", "item_id": "tea", "date": days,
    ...                       "units": 5.0 + 3.0 * (days.day_of_week == 5)})
    >>> forecast = DemandForecaster(horizon=7).fit(sales).predict()
    >>> forecast.columns.tolist()
    ['shop_id', 'item_id', 'date', 'mean', 'q0.1', 'q0.5', 'q0.9']
    >>> len(forecast), bool((forecast["q0.1"] <= forecast["q0.9"]).all())
    (7, True)
    """

    engine_: DemandEngine
    hierarchy_: Hierarchy
    bands_: LevelBands
    lost_units_: pd.DataFrame

    # ---------------------------------------------------------------- learning

    def _fit(self, panel: Panel) -> None:
        """Learn recipe, intervals on held-out origins, then the model on everything."""
        from samaan_ml.features._groups import remember_groups
        from samaan_ml.features._recipe import learn_recipe

        closed_on = learn_rest_days(panel)
        panel = self.history_ = _without_closed(without_rest_days(_with_quiet_days(panel), closed_on))
        panel = _laid_out(panel, self.horizon)
        recipe = learn_recipe(panel)
        inputs, targets = self._inputs(recipe, panel, None)
        n_targets = count_targets(inputs, targets, 3 * recipe.year, panel.n_dates)
        plan = TrainingPlan.for_data(n_targets, panel.n_series, self.horizon, recipe.season)
        levels = tuple(float(q) for q in self.quantiles)
        memory = remember_groups(recipe, panel, inputs)
        seen = self._out_of_sample(recipe, inputs, targets, plan)
        blend, seen = _with_locals(panel, inputs, seen)
        cut = CalibrationPlan.for_history(panel.n_dates, self.horizon).cut
        self.hierarchy_, seen = choose_upper(
            Hierarchy.of(panel), panel, inputs.units, seen, cut, self.random_state
        )
        self.bands_ = learn_bands(self.hierarchy_, panel, inputs, seen, levels)
        daily, totals = self._calibrated(recipe, seen, levels)
        model = self._trained(recipe, inputs, targets, plan, panel.n_dates)
        cold = ColdStart.fit(inputs.units, _similarity(panel, inputs, recipe), panel.frequency)
        engine = DemandEngine(model, daily, totals, memory, blend, cold)
        anchor = common_level(engine, inputs, targets, self.horizon, panel.n_dates)
        self._known = known_attributes(panel, recipe)
        self.engine_ = replace(
            engine, anchor=anchor, closed_on=closed_on, known=indexed(self._known), upper=self.hierarchy_
        )
        self.lost_units_ = _lost_units(panel)

    def _inputs(
        self, recipe: FeatureRecipe, panel: Panel, memory: GroupMemory | None
    ) -> tuple[KernelInputs, npt.NDArray[np.float32]]:
        """Gather the kernel's arrays and the targets: sold-out days are put right in those, left out of these."""
        inputs, demand = read_for_training(recipe, as_history(panel), memory)
        if panel.in_stock_share is None:
            return inputs, panel.units
        sold_out = panel.in_stock_share < _IN_STOCK
        targets = np.where(sold_out, np.float32(np.nan), panel.units)
        known = max(int((~np.isnan(panel.units)).sum()), 1)
        if (
            ~np.isnan(targets)
        ).sum() < 0.2 * known:  # nearly always short: an estimate is better than no target
            targets = demand
        return inputs, targets

    def _trained(
        self,
        recipe: FeatureRecipe,
        inputs: KernelInputs,
        targets: npt.NDArray[np.float32],
        plan: TrainingPlan,
        end: int,
    ) -> GlobalModel:
        """Train on targets before `end`; too few of them leave the level alone to speak."""
        if count_targets(inputs, targets, plan.span, end) < _LEAST_ROWS:
            return GlobalModel(recipe, [])
        return GlobalModel.fit(recipe, inputs, targets, self.horizon, plan, end, self.random_state)

    def _calibrated(
        self, recipe: FeatureRecipe, seen: OutOfSample, levels: tuple[float, ...]
    ) -> tuple[LevelSets, TotalSets]:
        """Learn the distribution around the mean from held-out origins."""
        if seen.n_known < _LEAST_CALIBRATION:
            self.notes_ = (
                *self.notes_,
                "the history is too short to calibrate intervals; they are assumed, and wide",
            )
            return _assumed(recipe.unit, levels)
        mean, actual, spread = seen.paths(np.random.default_rng([self.random_state, 7]))
        known = ~np.isnan(actual)
        n_series = max(len(mean) // len(seen.origins), 1)
        steps = np.broadcast_to(np.arange(1, mean.shape[1] + 1), mean.shape)
        spreads = np.broadcast_to(spread[:, None], mean.shape)
        daily = LevelSets.fit(mean[known], actual[known], spreads[known], steps[known], levels, n_series)
        totals = TotalSets.fit(mean, actual, spread, levels, n_series)
        return daily, totals if totals.sets else _assumed(recipe.unit, levels)[1]

    def _out_of_sample(
        self,
        recipe: FeatureRecipe,
        inputs: KernelInputs,
        targets: npt.NDArray[np.float32],
        plan: TrainingPlan,
    ) -> OutOfSample:
        """Train one variant before the held-out origins and forecast from them."""
        from samaan_ml.features._groups import GroupMemory

        calibration = CalibrationPlan.for_history(inputs.units.shape[1], self.horizon)
        first = replace(plan, variants=plan.variants[:1])
        model = self._trained(recipe, inputs, targets, first, calibration.cut)
        memory = GroupMemory((), np.zeros(0, np.int64), 0, np.zeros((0, 0), np.float32))
        locals_, cold = LocalBlend(recipe.frequency), ColdStart(recipe.frequency)
        engine = DemandEngine(model, *_assumed(recipe.unit, (0.5,)), memory, locals_, cold)
        anchor = common_level(engine, inputs, targets, calibration.horizon, calibration.cut)
        return forecast_out_of_sample(replace(engine, anchor=anchor), inputs, targets, calibration)

    # ---------------------------------------------------------------- answering

    def _predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast every series of a panel."""
        means = self._means(panel, horizon)
        levels = tuple(float(q) for q in self.quantiles)
        return Forecast(means.mean, self.engine_.daily_quantiles(means, levels))

    def _means(self, panel: Panel, horizon: int) -> Means:
        """Forecast the means of every series of a panel."""
        return self.engine_.forecast(as_history(panel), horizon).means

    def explain(
        self,
        horizon: int | None = None,
        *,
        sales: Any = None,
        prices: Any = None,
        stock: Any = None,
        calendar: Any = None,
        items: Any = None,
        shops: Any = None,
        covariates: Any = None,
    ) -> pd.DataFrame:
        """Split every forecast into drivers that sum to it.

        Parameters
        ----------
        horizon : int or None, default=None
            Days (or weeks) ahead; None is the constructor's.
        sales, prices, stock, calendar, items, shops, covariates : DataFrame or None, default=None
            As in `predict`.

        Returns
        -------
        pandas.DataFrame
            shop_id, item_id, date, mean, then units by driver: level, trend, weekday, season, event, price, stock,
            kind, closed, scale.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        from samaan_ml.forecasting.trees._explain import DRIVERS, drivers_in_units

        self._check_fitted()
        steps = self.horizon if horizon is None else horizon
        given = {"prices": prices, "stock": stock, "calendar": calendar, "items": items, "shops": shops}
        given["covariates"] = covariates
        same = sales is None and all(table is None for table in given.values())
        panel = self.history_ if same else self._given_panel(sales, given, steps)
        answer = self.engine_.forecast(as_history(panel), steps)
        means, inputs = answer.means, answer.reading.inputs
        series = np.repeat(np.arange(panel.n_series, dtype=np.int64), steps)
        origins = np.full(len(series), panel.n_dates - 1, dtype=np.int64)
        ahead = np.tile(np.arange(1, steps + 1, dtype=np.int64), panel.n_series)
        rows, base = inputs.rows(self.engine_.model.recipe, series, origins, ahead)
        units = drivers_in_units(self.engine_.model, rows, base, means.mean.ravel())
        frame = self._to_frame(
            panel, Forecast(means.mean, np.zeros((*means.mean.shape, len(self.quantiles))))
        )
        frame = frame[["shop_id", "item_id", "date", "mean"]]
        return frame.assign(**{name: units[:, k] for k, name in enumerate(DRIVERS)})

    def predict_levels(
        self, horizon: int | None = None
    ) -> dict[tuple[str, ...], tuple[pd.DataFrame, Forecast]]:
        """Forecast the sums over category, shop, region and all, with quantiles of their own.

        Parameters
        ----------
        horizon : int or None, default=None
            Days (or weeks) ahead; None is the constructor's.

        Returns
        -------
        dict
            By the columns that name a level's sums, `()` being the total: a frame with those columns, one row a
            sum, and the sums' forecasts in its order. Sums of the means of `predict` agree with these means.

        Raises
        ------
        NotFittedError
            Before `fit`, or after `from_state`, which leaves no history to forecast from.
        """
        self._check_fitted()
        means = self._means(self.history_, self.horizon if horizon is None else horizon)
        levels = tuple(float(q) for q in self.quantiles)
        out = {}
        for place, columns in enumerate(reported_levels(self.hierarchy_, self.history_)):
            codes, n = codes_of(self.history_, columns)
            total = summed(means.mean, codes, n)
            first = np.zeros(n, dtype=np.int64)
            first[codes[::-1]] = np.arange(len(codes))[::-1]
            names = self.history_.series.iloc[first][list(columns)].reset_index(drop=True)
            out[columns] = names, Forecast(total, self.bands_.quantiles(place, total, levels))
        return out

    # ---------------------------------------------------------------- state

    def get_state(self) -> dict[str, object]:
        """Return parameters and what was learned, without the training history.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        if not hasattr(self, "engine_"):
            raise NotFittedError("this DemandForecaster has not learned anything yet; call 'fit' first")
        return {
            "parameters": {**self.get_params(), "quantiles": [float(q) for q in self.quantiles]},
            "notes": list(self.notes_),
            "engine": self.engine_.get_state(),
            "known": self._known,
            "hierarchy": self.hierarchy_.get_state(),
            "bands": self.bands_.get_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, object]) -> Self:
        """Make a fitted forecaster from what `get_state` returned; it forecasts from sales that are given.

        Raises
        ------
        ArtifactError
            If a part of the state is missing.
        """
        try:
            parameters = dict(cast("Mapping[str, Any]", state["parameters"]))
            parameters["quantiles"] = tuple(parameters["quantiles"])
            model = cls(**parameters)
            model.notes_ = tuple(cast("list[str]", state["notes"]))
            model._known = cast("dict[str, Any]", state["known"])
            model.engine_ = DemandEngine.from_state(cast("dict[str, Any]", state))
            assert model.engine_.upper is not None
            model.hierarchy_ = model.engine_.upper
            model.bands_ = LevelBands.from_state(cast("dict[str, Any]", state["bands"]))
            if "history" in state:
                model.history_ = panel_from_state(cast("Mapping[str, Any]", state["history"]))
        except KeyError as error:
            raise ArtifactError(f"the state of {cls.__name__} lacks {error}; save the model again") from None
        return model

    def __getattr__(self, name: str) -> Any:
        """Return why a forecaster that was loaded has no history."""
        if name == "history_" and "engine_" in self.__dict__:
            raise NotFittedError(
                "this DemandForecaster was loaded without its training history; give 'sales' to forecast from"
            )
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _check_fitted(self) -> None:
        """Refuse to answer before `fit`."""
        if not hasattr(self, "engine_"):
            raise NotFittedError("this DemandForecaster has not learned anything yet; call 'fit' first")


def _local_past(panel: Panel, inputs: KernelInputs) -> LocalPast:
    """Hand the local models what they read."""
    return LocalPast(series_ids(panel.series["shop_id"], panel.series["item_id"]), inputs.units)


def _similarity(panel: Panel, inputs: KernelInputs, recipe: FeatureRecipe) -> Similarity:
    """Return what new series are like: shop, item, category and the price at the end of the history."""
    series, n = panel.series, panel.n_series
    kind = recipe.kind
    kinds = series[kind] if kind in series.columns else None
    return Similarity(
        [str(shop) for shop in series["shop_id"]],
        [str(item) for item in series["item_id"]],
        [""] * n if kinds is None else ["" if k is None or k != k else str(k) for k in kinds],
        inputs.price[:, panel.n_dates - 1].astype(np.float64) if len(inputs.price) else np.full(n, np.nan),
    )


def _with_locals(panel: Panel, inputs: KernelInputs, seen: OutOfSample) -> tuple[LocalBlend, OutOfSample]:
    """Choose the local models on the held-out origins and blend the forecasts from there with them."""
    past = _local_past(panel, inputs)
    blend = LocalBlend.fit(past, panel.frequency, seen.means, seen.actuals, seen.origins)
    if not blend.active:
        return blend, seen
    means = []
    for mean, origin in zip(seen.means, seen.origins, strict=True):
        full = blend.blended(np.nan_to_num(mean), past.until(origin + 1))
        means.append(np.where(np.isnan(mean), np.nan, full))
    return blend, replace(seen, means=means)


def _with_quiet_days(panel: Panel) -> Panel:
    """Take days without a row of a shop that sells on few days for days without a sale."""
    units = with_quiet_days(as_history(panel)).units
    if units is panel.units:
        return panel
    shop_open = panel.shop_open.copy()
    for row, shop in enumerate(panel.shop_of_series):
        shop_open[shop] |= ~np.isnan(units[row])
    return replace(panel, units=units, shop_open=shop_open)


def _without_closed(panel: Panel) -> Panel:
    """Take days that the covariate `open` calls closed for unknown: nothing sold there is no lack of demand."""
    closed = said_closed(as_history(panel))[:, : panel.n_dates]
    if not closed.any():
        return panel
    return replace(panel, units=np.where(closed, np.float32(np.nan), panel.units))


def _laid_out(panel: Panel, horizon: int) -> Panel:
    """Stretch calendar and prices to the end of the horizon: no event is known there, a price holds."""
    n_known = panel.n_dates + horizon
    missing = n_known - len(panel.calendar.dates)
    if missing <= 0:
        return panel
    step = np.timedelta64(1 if panel.frequency == "D" else 7, "D")
    calendar = panel.calendar
    ahead = calendar.dates[-1] + step * np.arange(1, missing + 1)
    wide = replace(
        calendar,
        dates=np.concatenate([calendar.dates, ahead]),
        occurs=np.pad(calendar.occurs, ((0, 0), (0, missing), (0, 0))),
        values=np.pad(calendar.values, ((0, 0), (0, missing), (0, 0)), constant_values=np.nan),
    )
    price = (
        None if panel.unit_price is None else np.pad(panel.unit_price, ((0, 0), (0, missing)), mode="edge")
    )
    values = panel.price_values
    values = None if values is None else np.pad(values, ((0, 0), (0, 0), (0, missing)), mode="edge")
    return replace(panel, calendar=wide, unit_price=price, price_values=values)


def _assumed(unit: float, levels: tuple[float, ...]) -> tuple[LevelSets, TotalSets]:
    """Assume a Gamma-Poisson spread where nothing could be measured."""
    rng = np.random.default_rng(0)
    mean = np.repeat(np.geomspace(0.01, 1000.0, 24), 400)
    drawn = rng.poisson(rng.gamma(1.5, mean / 1.5)).astype(np.float64)
    nothing, step = np.zeros(len(mean)), np.ones(len(mean), dtype=np.int64)
    daily = LevelSets.fit(mean * unit, drawn * unit, nothing, step, levels)
    return daily, TotalSets((1,), (daily,))


def _lost_units(panel: Panel) -> pd.DataFrame:
    """Estimate what each series would have sold beyond what it sold, where stock is known."""
    import pandas as pd

    columns = ["shop_id", "item_id", "sold_units", "demand_units", "lost_units"]
    if panel.in_stock_share is None:
        return pd.DataFrame(columns=columns)
    from samaan_ml.forecasting.availability._censoring import restore_demand

    season = 7 if panel.frequency == "D" else 1
    demand = restore_demand(panel.units, panel.in_stock_share, season).demand
    sold, wanted = np.nansum(panel.units, axis=1), np.nansum(demand, axis=1)
    frame: pd.DataFrame = panel.series[["shop_id", "item_id"]].copy()
    frame["sold_units"], frame["demand_units"] = sold, wanted
    frame["lost_units"] = np.maximum(wanted - sold, 0.0)
    return frame
