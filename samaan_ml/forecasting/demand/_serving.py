"""A fitted demand model in a process that only serves: numpy and compiled kernels, no pandas, no lightgbm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, cast

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ArtifactError, ParameterError
from samaan_ml.features._closures import closed_ahead
from samaan_ml.features._kernels import group_sums
from samaan_ml.features._panel import Calendar
from samaan_ml.features._recipe import (
    KernelInputs,
    calendar_arrays,
    complete_groups,
    presumed_in_stock,
)
from samaan_ml.forecasting.demand._cold_start import Likeness
from samaan_ml.forecasting.demand._engine import DemandEngine, Means
from samaan_ml.forecasting.demand._local_blend import LocalPast, series_ids
from samaan_ml.forecasting.trees._explain import DRIVERS, drivers_in_units

__all__ = ["Histories", "ServedDemandModel", "ServedForecast"]

Floats = npt.NDArray[np.float64]
Confidence = Literal["high", "medium", "low"]
_Span = tuple[tuple[tuple[np.datetime64, str], ...], int, int, tuple[tuple[str, bytes], ...]]
_LaidOut = tuple[Calendar, npt.NDArray[np.float32], npt.NDArray[np.int32]]

_NEW_COLUMNS = {"D": 28, "W": 8}
_FEW_SALES = 8
_KEPT_CALENDARS = 32
_STEADY_SPREAD = 1.5


@dataclass(frozen=True, slots=True)
class Histories:
    """Histories of some items of one shop, ending on the same day.

    Parameters
    ----------
    shop_id : str
        The shop.
    item_ids : tuple of str
        The items.
    last_day : numpy.datetime64
        Day (or first day of the week) of the last column; the forecast starts after it.
    units : ndarray of float, shape (n_items, n_dates)
        Units sold, NaN where closed or not entered and before an item was first stocked.
    region : str or None, default=None
        The shop's region.
    categories : tuple of (str or None), default=()
        A category an item; empty leaves them to what the model knows.
    in_stock_share : ndarray of float, shape (n_items, n_dates), or None, default=None
        Share of the day with stock, NaN where not known.
    unit_price : ndarray of float, shape (n_items, n_dates + n_ahead), or None, default=None
        Prices; columns after the history are planned ones, and the last one holds on.
    events : tuple of (numpy.datetime64, str), default=()
        Festivals of the shop's region, past and ahead.
    covariates : tuple of (str, ndarray of shape (n_dates + n_ahead,)), default=()
        Further columns of the calendar, NaN where unknown; those the model was not fitted with are not used.
    item_covariates : tuple of (str, ndarray of shape (n_items, n_dates + n_ahead)), default=()
        Further columns of the prices table; a value holds until the next one.
    """

    shop_id: str
    item_ids: tuple[str, ...]
    last_day: np.datetime64
    units: npt.NDArray[np.floating]
    region: str | None = None
    categories: tuple[str | None, ...] = ()
    in_stock_share: npt.NDArray[np.floating] | None = None
    unit_price: npt.NDArray[np.floating] | None = None
    events: tuple[tuple[np.datetime64, str], ...] = ()
    covariates: tuple[tuple[str, npt.NDArray[np.floating]], ...] = ()
    item_covariates: tuple[tuple[str, npt.NDArray[np.floating]], ...] = ()


@dataclass(frozen=True, slots=True)
class ServedForecast:
    """The answer, items in the order of the request.

    Parameters
    ----------
    dates : ndarray of datetime64[D], shape (horizon,)
        Days ahead.
    levels : tuple of float
        Quantile levels.
    mean : ndarray, shape (n_items, horizon)
        Expected units.
    quantiles : ndarray, shape (n_items, horizon, n_levels)
        Quantiles of each day.
    total_quantiles : ndarray, shape (n_items, n_levels)
        Quantiles of the sum over the horizon.
    confidence : tuple of {"high", "medium", "low"}
        "low" means too little data: to be reviewed by a person.
    method : tuple of str
        What made each forecast.
    drivers : tuple of (str, ndarray of shape (n_items,)), default=()
        Units a day by driver; they sum to the mean a day.
    """

    dates: npt.NDArray[np.datetime64]
    levels: tuple[float, ...]
    mean: Floats
    quantiles: Floats
    total_quantiles: Floats
    confidence: tuple[Confidence, ...]
    method: tuple[str, ...]
    drivers: tuple[tuple[str, Floats], ...] = field(default=())


class ServedDemandModel:
    """Answer forecasts from a demand model's state.

    Parameters
    ----------
    engine : DemandEngine
        The fitted parts.
    horizon : int
        Steps ahead it was fitted for.
    levels : tuple of float
        Quantile levels it was fitted for.
    known : mapping
        Attributes of the items and shops seen in training.
    """

    def __init__(
        self, engine: DemandEngine, horizon: int, levels: tuple[float, ...], known: Mapping[str, Any]
    ) -> None:
        self.engine = engine
        self.horizon = horizon
        self.levels = levels
        self._recipe = engine.model.recipe
        self._codes = {
            name: {value: float(code) for code, value in enumerate(values)}
            for name, values in self._recipe.attributes
        }
        self._items = _by_id(known["item_id"], "item_id")
        self._shops = _by_id(known["shop_id"], "shop_id")
        self._calendars: dict[_Span, _LaidOut] = {}

    @classmethod
    def from_state(cls, state: Mapping[str, object]) -> Self:
        """Make the model from what `DemandForecaster.get_state` returned.

        Raises
        ------
        ArtifactError
            If a part of the state is missing.
        """
        try:
            parameters = cast("Mapping[str, Any]", state["parameters"])
            return cls(
                DemandEngine.from_state(cast("dict[str, Any]", state["engine"])),
                int(parameters["horizon"]),
                tuple(float(q) for q in parameters["quantiles"]),
                cast("Mapping[str, Any]", state["known"]),
            )
        except KeyError as error:
            raise ArtifactError(
                f"the state of the demand model lacks {error}; save the model again"
            ) from None

    def forecast(
        self,
        histories: Histories,
        horizon: int | None = None,
        levels: tuple[float, ...] | None = None,
        *,
        explain: bool = False,
    ) -> ServedForecast:
        """Forecast the days after the histories.

        Features over category and shop need the whole shop; where a request shows less than nine tenths of it, they
        come from the sums remembered at training, and are missing for the days since.

        Parameters
        ----------
        histories : Histories
            What is known.
        horizon : int or None, default=None
            Days ahead; None is the model's.
        levels : tuple of float or None, default=None
            Quantile levels; None is the model's.
        explain : bool, default=False
            Whether to split the means into drivers.

        Returns
        -------
        ServedForecast

        Raises
        ------
        ParameterError
            If the histories are empty or their shapes disagree.
        """
        steps = self.horizon if horizon is None else int(horizon)
        wanted = self.levels if levels is None else tuple(float(q) for q in levels)
        _check(histories, steps)
        rest = self._rest_days(histories, steps)
        if rest.any():
            histories = replace(histories, units=np.where(rest[:-steps], np.nan, histories.units))
        inputs, calendar = self._inputs(histories, steps)
        means = self.engine.means(inputs, steps)
        past = LocalPast(series_ids([histories.shop_id] * len(means.mean), histories.item_ids), inputs.units)
        blended = self.engine.blend.blended(means.mean, past)
        mean, doubt = self.engine.cold.drawn(blended, inputs.units, self._likeness(histories, inputs))
        means = replace(means, mean=mean, doubt=doubt)
        if self._recipe.frequency == "D":
            open_days = ~np.isnan(histories.units).all(axis=0, keepdims=True)
            closed = closed_ahead(open_days, steps, calendar)[0]
            closed |= rest[-steps:]
            if closed.any():
                means = replace(means, mean=np.where(closed, 0.0, means.mean))
        step_days = 1 if self._recipe.frequency == "D" else 7
        return ServedForecast(
            dates=histories.last_day.astype("datetime64[D]") + np.arange(1, steps + 1) * step_days,
            levels=wanted,
            mean=means.mean,
            quantiles=self.engine.daily_quantiles(means, wanted),
            total_quantiles=self.engine.total_quantiles(means, wanted),
            confidence=self._confidence(inputs, means),
            method=self._methods(past),
            drivers=self._drivers(inputs, means) if explain else (),
        )

    def _rest_days(self, histories: Histories, horizon: int) -> npt.NDArray[np.bool_]:
        """Tell the days, past and ahead, of the festivals that the shop rests on."""
        n_known = histories.units.shape[1] + horizon
        out = np.zeros(n_known, dtype=np.bool_)
        names = self.engine.closed_on.get(histories.shop_id, ())
        for day, name in histories.events if names else ():
            ahead = int(
                (day.astype("datetime64[D]") - histories.last_day.astype("datetime64[D]")).astype(int)
            )
            column = n_known - horizon - 1 + ahead
            if name in names and 0 <= column < n_known:
                out[column] = True
        return out

    def _inputs(self, histories: Histories, horizon: int) -> tuple[KernelInputs, Calendar]:
        """Lay the request out as the kernel reads it."""
        recipe, n_dates = self._recipe, histories.units.shape[1]
        units = np.ascontiguousarray(histories.units, dtype=np.float32)
        sold = units > 0
        start = np.where(sold.any(axis=1), sold.argmax(axis=1), n_dates)
        step = 1 if recipe.frequency == "D" else 7
        none = np.zeros((0, 0), dtype=np.float32)
        stock = none
        if recipe.has_stock:
            stock = presumed_in_stock(units)
            if histories.in_stock_share is not None:
                from samaan_ml.features._sold_out import past_demand

                stock = np.ascontiguousarray(histories.in_stock_share, dtype=np.float32)
                units = past_demand(units, stock, recipe.season if step == 1 else 1)
        first_day = int(histories.last_day.astype("datetime64[D]").astype(np.int64)) - step * (n_dates - 1)
        calendar, features, previous = self._calendar(
            histories.events, histories.covariates, first_day, n_dates + horizon
        )
        attributes, codes, names = self._placed(histories)
        sums = group_sums(units, np.zeros(len(units), dtype=np.int64), codes, len(names))
        complete_groups(sums, names, codes, self.engine.memory, first_day, step)
        price, values = none, np.zeros((0, 0, 0), dtype=np.float32)
        if recipe.has_price:
            nothing = np.full((len(units), 0), np.nan)
            price = _held(
                nothing if histories.unit_price is None else histories.unit_price, n_dates + horizon
            )
            given = dict(histories.item_covariates)
            held = [_held(given.get(name, nothing), n_dates + horizon) for name in recipe.price_covariates]
            values = np.stack(held) if held else values
        inputs = KernelInputs(
            units=units,
            start=start.astype(np.int64),
            price=price,
            price_values=values,
            stock=stock,
            groups_of_series=codes,
            group_units=sums,
            calendar=features,
            previous=previous,
            region_of_series=np.zeros(len(units), dtype=np.int32),
            attributes=attributes,
        )
        return inputs, calendar

    def _calendar(
        self,
        events: tuple[tuple[np.datetime64, str], ...],
        covariates: tuple[tuple[str, npt.NDArray[np.floating]], ...],
        first_day: int,
        n_known: int,
    ) -> _LaidOut:
        """Lay out the calendar, or find it laid out: the requests of a day share theirs."""
        used = tuple((name, values) for name, values in covariates if name in self._recipe.covariates)
        key = (events, first_day, n_known, tuple((name, values.tobytes()) for name, values in used))
        found = self._calendars.get(key)
        if found is None:
            step = 1 if self._recipe.frequency == "D" else 7
            calendar = _with_covariates(_calendar(events, first_day, step, n_known), used)
            found = (calendar, *calendar_arrays(self._recipe, calendar))
            if len(self._calendars) >= _KEPT_CALENDARS:
                self._calendars.clear()
            self._calendars[key] = found
        return found

    def _likeness(self, histories: Histories, inputs: KernelInputs) -> Likeness:
        """Tell what new items are like."""
        n, n_dates = histories.units.shape
        kinds = []
        for i, item in enumerate(histories.item_ids):
            given = histories.categories[i] if histories.categories else None
            known = self._items.get(item, {}).get(self._recipe.kind, "")
            kinds.append(str(given) if given is not None and self._recipe.kind == "category" else known)
        return Likeness(
            [histories.shop_id] * n,
            list(histories.item_ids),
            kinds,
            inputs.price[:, n_dates - 1].astype(np.float64) if len(inputs.price) else np.full(n, np.nan),
        )

    def _placed(
        self, histories: Histories
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32], list[str]]:
        """Number each item's attributes and the groups it belongs to."""
        recipe = self._recipe
        n = len(histories.item_ids)
        attributes = np.full((n, len(recipe.attributes)), np.nan, dtype=np.float32)
        codes = np.full((n, len(recipe.groups)), -1, dtype=np.int32)
        place: dict[str, int] = {}
        shop = self._shops.get(histories.shop_id, {})
        for i, item in enumerate(histories.item_ids):
            row = {**shop, **self._items.get(item, {}), "shop_id": histories.shop_id, "item_id": item}
            if histories.region is not None:
                row["region"] = histories.region
            if histories.categories and histories.categories[i] is not None:
                row["category"] = str(histories.categories[i])
            for j, (name, _) in enumerate(recipe.attributes):
                attributes[i, j] = self._codes[name].get(row.get(name, ""), np.nan)
            for j, columns in enumerate(recipe.groups):
                if all(column in row for column in columns):
                    label = str(j) + "".join("\x1f" + row[column] for column in columns)
                    codes[i, j] = place.setdefault(label, len(place))
        return attributes, codes, list(place)

    def _methods(self, past: LocalPast) -> tuple[str, ...]:
        """Name what makes each forecast; without trees the recent level stands for the global model."""
        names = self.engine.blend.methods(past)
        if self.engine.model.forests:
            return tuple(names)
        return tuple(name.replace("global-lightgbm", "recent-level") for name in names)

    def _confidence(self, inputs: KernelInputs, means: Means) -> tuple[Confidence, ...]:
        """Judge how much the history can carry."""
        sales = (inputs.units > 0).sum(axis=1)
        age = inputs.units.shape[1] - inputs.start
        low = (age < _NEW_COLUMNS[self._recipe.frequency]) | (sales < _FEW_SALES)
        low |= not self.engine.model.forests
        high = means.spread <= _STEADY_SPREAD
        return tuple("low" if a else "high" if b else "medium" for a, b in zip(low, high, strict=True))

    def _drivers(self, inputs: KernelInputs, means: Means) -> tuple[tuple[str, Floats], ...]:
        """Split the means into drivers, averaged over the days."""
        n, horizon = means.mean.shape
        series = np.repeat(np.arange(n, dtype=np.int64), horizon)
        origins = np.full(n * horizon, inputs.units.shape[1] - 1, dtype=np.int64)
        steps = np.tile(np.arange(1, horizon + 1, dtype=np.int64), n)
        rows, base = inputs.rows(self._recipe, series, origins, steps)
        units = drivers_in_units(self.engine.model, rows, base, means.mean.ravel())
        daily = units.reshape(n, horizon, -1).mean(axis=1)
        return tuple((name, daily[:, k]) for k, name in enumerate(DRIVERS))


def _check(histories: Histories, horizon: int) -> None:
    """Refuse what cannot be forecast."""
    if horizon < 1:
        raise ParameterError(f"'horizon' must be 1 or more; got {horizon}")
    if (
        histories.units.ndim != 2
        or histories.units.shape[0] != len(histories.item_ids)
        or not histories.units.shape[1]
    ):
        raise ParameterError(
            f"'units' must have a row an item and at least one day; got shape {histories.units.shape} "
            f"for {len(histories.item_ids)} items"
        )


def _by_id(table: Mapping[str, Any], key: str) -> dict[str, dict[str, str]]:
    """Index attributes by id."""
    names = [name for name in table if name != key]
    return {
        str(one): {name: str(table[name][i]) for name in names if str(table[name][i])}
        for i, one in enumerate(table[key])
    }


def _calendar(
    events: tuple[tuple[np.datetime64, str], ...], first_day: int, step: int, n_known: int
) -> Calendar:
    """Lay a request's events out over its dates."""
    names = tuple(sorted({name for _, name in events}))
    place = {name: k for k, name in enumerate(names)}
    occurs = np.zeros((1, n_known, len(names)), dtype=bool)
    for day, name in events:
        column = (int(day.astype("datetime64[D]").astype(np.int64)) - first_day) // step
        if 0 <= column < n_known:
            occurs[0, column, place[name]] = True
    return Calendar(
        dates=(first_day + step * np.arange(n_known)).astype("datetime64[D]"),
        events=names,
        occurs=occurs,
        covariates=(),
        values=np.zeros((1, n_known, 0), dtype=np.float32),
        region_of_series=np.zeros(0, dtype=np.int32),
    )


def _with_covariates(
    calendar: Calendar, covariates: tuple[tuple[str, npt.NDArray[np.floating]], ...]
) -> Calendar:
    """Add further columns to a calendar of one region."""
    n_known = len(calendar.dates)
    values = np.full((1, n_known, len(covariates)), np.nan, dtype=np.float32)
    for j, (_, column) in enumerate(covariates):
        width = min(len(column), n_known)
        values[0, :width, j] = column[:width]
    return replace(calendar, covariates=tuple(name for name, _ in covariates), values=values)


def _held(given: npt.NDArray[np.floating], n_known: int) -> npt.NDArray[np.float32]:
    """Stretch rows to the end of the horizon, each value held until the next."""
    out = np.full((given.shape[0], n_known), np.nan, dtype=np.float32)
    width = min(given.shape[1], n_known)
    out[:, :width] = given[:, :width]
    known = np.where(np.isnan(out), 0, np.arange(n_known))
    return np.take_along_axis(out, np.maximum.accumulate(known, axis=1), axis=1)
