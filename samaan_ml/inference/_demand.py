"""Answer questions about demand from a stored model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import (
    MAX_DAYS,
    Covariate,
    DayDemand,
    Driver,
    ForecastAnswer,
    ForecastRequest,
    ItemForecast,
    ItemHistory,
    Quantile,
)
from samaan_ml.inference._bounds import _bound

if TYPE_CHECKING:
    from samaan_ml.forecasting.demand._serving import Histories, ServedForecast


_Floats = npt.NDArray[np.float64]


_LARGEST_HORIZON_DAYS = 90


class _Demand:
    """The demand model behind the messages."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        from samaan_ml.forecasting.demand._serving import ServedDemandModel

        self._served = ServedDemandModel.from_state(state)

    def answer(self, request: ForecastRequest, model_version: str) -> ForecastAnswer:
        """Forecast the items of a request."""
        if not 1 <= request.horizon_days <= _LARGEST_HORIZON_DAYS:
            raise RuleError(
                f"'horizon_days' must be from 1 to {_LARGEST_HORIZON_DAYS}, got '{request.horizon_days}'",
                field="horizon_days",
            )
        if any(not 0 < level < 1 for level in request.levels) or list(request.levels) != sorted(
            set(request.levels)
        ):
            raise RuleError("'levels' must rise and lie between 0 and 1", field="levels")
        _bound(len(request.items))
        if not request.items:
            return ForecastAnswer(model_version, ())
        forecast = self._served.forecast(
            _histories(request), request.horizon_days, request.levels or None, explain=request.explain
        )
        return ForecastAnswer(model_version, tuple(_item_forecasts(request.items, forecast)))


def _histories(request: ForecastRequest) -> Histories:
    """Lay the histories of a request out as matrices that end on the same day."""
    from samaan_ml.forecasting.demand._serving import Histories

    items = request.items
    ends = {item.start + timedelta(days=len(item.units_milli) - 1) for item in items}
    if len(ends) != 1:
        raise RuleError(
            f"all histories must end on the same day, got {', '.join(map(str, sorted(ends)))}", "items"
        )
    n_days = max(len(item.units_milli) for item in items)
    if not 1 <= n_days <= MAX_DAYS:
        raise RuleError(
            f"a history holds from 1 to {MAX_DAYS} days, got {n_days}", field="items.0.units_milli"
        )
    for place, item in enumerate(items):
        _check_history(item, place)
    n_planned = max((len(i.price_paise or ()) - len(i.units_milli) for i in items), default=0)
    shares = _rows(items, lambda item: item.in_stock_share, n_days, 0)
    prices = _rows(items, lambda item: item.price_paise, n_days, max(n_planned, 0))
    units = _rows(items, lambda item: item.units_milli, n_days, 0)
    assert units is not None
    end = ends.pop()
    first, n_known = end - timedelta(days=n_days - 1), n_days + request.horizon_days
    calendar = _columns(request.covariates, first, n_known, "covariates")
    of_items = [
        _columns(item.covariates, first, n_known, f"items.{place}.covariates")
        for place, item in enumerate(items)
    ]
    unknown = np.full(n_known, np.nan)
    names = sorted({name for columns in of_items for name in columns})
    return Histories(
        shop_id=request.shop_id,
        item_ids=tuple(item.item_id for item in items),
        last_day=np.datetime64(end, "D"),
        units=units / 1000,
        region=request.region,
        categories=tuple(item.category for item in items),
        in_stock_share=shares,
        unit_price=None if prices is None else prices / 100,
        events=tuple((np.datetime64(event.on, "D"), event.name) for event in request.events),
        covariates=tuple(calendar.items()),
        item_covariates=tuple(
            (name, np.stack([columns.get(name, unknown) for columns in of_items])) for name in names
        ),
    )


def _columns(covariates: Sequence[Covariate], first: date, n_known: int, field: str) -> dict[str, _Floats]:
    """Lay covariates out over the days from `first` on, NaN where a value is not known."""
    columns: dict[str, _Floats] = {}
    for place, each in enumerate(covariates):
        if each.name in columns:
            raise RuleError(f"the covariate '{each.name}' is given twice", field=f"{field}.{place}.name")
        values = np.array(each.values, dtype=np.float64)
        if np.isinf(values).any():
            raise RuleError(
                f"the covariate '{each.name}' has a value that is not finite", field=f"{field}.{place}.values"
            )
        column = np.full(n_known, np.nan)
        shift = (each.start - first).days
        low, high = max(shift, 0), min(shift + len(values), n_known)
        if high > low:
            column[low:high] = values[low - shift : high - shift]
        columns[each.name] = column
    return columns


def _check_history(item: ItemHistory, place: int) -> None:
    """Refuse a history whose parts disagree or whose values cannot be."""
    days = len(item.units_milli)
    at = f"items.{place}"
    if not days:
        raise RuleError(f"item '{item.item_id}' has no day of history", field=f"{at}.units_milli")
    if any(value is not None and value < 0 for value in item.units_milli):
        raise RuleError(
            f"item '{item.item_id}' has a day with less than nothing sold", field=f"{at}.units_milli"
        )
    if item.in_stock_share is not None and len(item.in_stock_share) != days:
        raise RuleError(
            f"item '{item.item_id}' needs a share for each of its {days} days", f"{at}.in_stock_share"
        )
    shares = item.in_stock_share or ()
    if any(share is not None and not 0 <= share <= 1 for share in shares):
        raise RuleError(f"item '{item.item_id}' has a share outside 0 to 1", field=f"{at}.in_stock_share")
    if item.price_paise is not None and len(item.price_paise) < days:
        raise RuleError(
            f"item '{item.item_id}' needs a price for each of its {days} days", f"{at}.price_paise"
        )


def _rows(
    items: Sequence[ItemHistory],
    column: Callable[[ItemHistory], Sequence[float | int | None] | None],
    n_days: int,
    n_ahead: int,
) -> _Floats | None:
    """Lay one column of the histories out as a matrix, right-aligned at the last day, NaN where unknown."""
    if all(column(item) is None for item in items):
        return None
    matrix = np.full((len(items), n_days + n_ahead), np.nan)
    for row, item in enumerate(items):
        values = column(item)
        if values is not None:
            first = n_days - len(item.units_milli)
            matrix[row, first : first + len(values)] = np.array(values, dtype=np.float64)
    return matrix


def _item_forecasts(items: Sequence[ItemHistory], forecast: ServedForecast) -> list[ItemForecast]:
    """Write a forecast as messages."""
    days = [day.item() for day in forecast.dates]
    mean = _milli(forecast.mean)
    quantiles = _milli(forecast.quantiles)
    totals = _milli(forecast.total_quantiles)
    drivers = [(name, _milli(values)) for name, values in forecast.drivers]
    levels = forecast.levels
    return [
        ItemForecast(
            item_id=item.item_id,
            days=tuple(
                DayDemand(day, mean[i][h], tuple(map(Quantile, levels, quantiles[i][h])))
                for h, day in enumerate(days)
            ),
            total_quantiles=tuple(map(Quantile, levels, totals[i])),
            confidence=forecast.confidence[i],
            method=forecast.method[i],
            drivers=tuple(Driver(name, values[i]) for name, values in drivers),
        )
        for i, item in enumerate(items)
    ]


def _milli(units: npt.NDArray[np.floating]) -> Any:
    """Round units to whole milli-units, as nested lists of int."""
    return np.rint(np.asarray(units, dtype=np.float64) * 1000).astype(np.int64).tolist()
