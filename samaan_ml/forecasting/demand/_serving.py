"""A fitted demand model in a process that only serves: numpy and compiled kernels, no pandas, no lightgbm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ArtifactError, ParameterError
from samaan_ml.features._calendar import calendar_arrays
from samaan_ml.features._history import History
from samaan_ml.features._inputs import KernelInputs
from samaan_ml.features._panel import Calendar
from samaan_ml.features._recipe import OPEN
from samaan_ml.forecasting.demand._confidence import Confidence, confidence_of
from samaan_ml.forecasting.demand._engine import DemandEngine, Means
from samaan_ml.forecasting.demand._local_blend import LocalPast
from samaan_ml.forecasting.models._outliers import without_outliers
from samaan_ml.forecasting.trees._explain import DRIVERS, drivers_in_units

__all__ = ["Histories", "ServedDemandModel", "ServedForecast"]

Floats = npt.NDArray[np.float64]
_Span = tuple[tuple[tuple[np.datetime64, str], ...], int, int, tuple[tuple[str, bytes], ...]]
_LaidOut = tuple[Calendar, tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]]

_KEPT_CALENDARS = 32


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
    """

    def __init__(self, engine: DemandEngine, horizon: int, levels: tuple[float, ...]) -> None:
        self.engine = engine
        self.horizon = horizon
        self.levels = levels
        self._recipe = engine.model.recipe
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
                DemandEngine.from_state(state),
                int(parameters["horizon"]),
                tuple(float(q) for q in parameters["quantiles"]),
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
        answer = self.engine.forecast(self._history(histories, steps), steps)
        means = answer.means
        step_days = 1 if self._recipe.frequency == "D" else 7
        return ServedForecast(
            dates=histories.last_day.astype("datetime64[D]") + np.arange(1, steps + 1) * step_days,
            levels=wanted,
            mean=means.mean,
            quantiles=self.engine.daily_quantiles(means, wanted),
            total_quantiles=self.engine.total_quantiles(means, wanted),
            confidence=confidence_of(self.engine, answer),
            method=self._methods(answer.past),
            drivers=self._drivers(answer.reading.inputs, means) if explain else (),
        )

    def _history(self, histories: Histories, horizon: int) -> History:
        """Lay a request out as the engine reads it."""
        units = without_outliers(np.ascontiguousarray(histories.units, dtype=np.float32))
        n, n_dates = units.shape
        step = 1 if self._recipe.frequency == "D" else 7
        first_day = int(histories.last_day.astype("datetime64[D]").astype(np.int64)) - step * (n_dates - 1)
        calendar, features = self._calendar(
            histories.events, histories.covariates, first_day, n_dates + horizon, n
        )
        attributes: dict[str, tuple[str, ...]] = {}
        if histories.region is not None:
            attributes["region"] = (histories.region,) * n
        if histories.categories:
            attributes["category"] = tuple("" if kind is None else str(kind) for kind in histories.categories)
        given, stock = dict(histories.item_covariates), histories.in_stock_share
        held = [_held(values, n_dates + horizon) for values in given.values()]
        return History(
            units=units,
            shops=(histories.shop_id,) * n,
            items=histories.item_ids,
            attributes=attributes,
            calendar=calendar,
            in_stock_share=None if stock is None else np.ascontiguousarray(stock, dtype=np.float32),
            unit_price=None
            if histories.unit_price is None
            else _held(histories.unit_price, n_dates + horizon),
            price_covariates=tuple(given),
            price_values=np.stack(held) if held else None,
            calendar_features=features,
        )

    def _calendar(
        self,
        events: tuple[tuple[np.datetime64, str], ...],
        covariates: tuple[tuple[str, npt.NDArray[np.floating]], ...],
        first_day: int,
        n_known: int,
        n_items: int,
    ) -> _LaidOut:
        """Lay out the calendar, or find it laid out: the requests of a day share theirs."""
        used = tuple(
            (name, values) for name, values in covariates if name in (*self._recipe.covariates, OPEN)
        )
        key = (events, first_day, n_known, tuple((name, values.tobytes()) for name, values in used))
        found = self._calendars.get(key)
        if found is None:
            step = 1 if self._recipe.frequency == "D" else 7
            calendar = _with_covariates(_calendar(events, first_day, step, n_known), used)
            found = (calendar, calendar_arrays(self._recipe, calendar))
            if len(self._calendars) >= _KEPT_CALENDARS:
                self._calendars.clear()
            self._calendars[key] = found
        calendar, features = found
        return replace(calendar, region_of_series=np.zeros(n_items, dtype=np.int32)), features

    def _methods(self, past: LocalPast) -> tuple[str, ...]:
        """Name what makes each forecast; without trees the recent level stands for the global model."""
        names = self.engine.blend.methods(past)
        if self.engine.model.forests:
            return tuple(names)
        return tuple(name.replace("global-lightgbm", "recent-level") for name in names)

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
