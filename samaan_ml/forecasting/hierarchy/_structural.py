"""A structural model of smooth sums: level, weekday, day of month, year, festivals, by one ridge regression.

Sums over category, shop and all carry what single items are too sparse to show. The log of a sum is regressed on the
calendar and a level that walks at random (hat functions with penalised differences); all sums that share a calendar
are solved at once. The last level holds on. Forecasts with three smoothnesses of the year are averaged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from samaan_ml.features._panel import Calendar

__all__ = ["structural_forecast"]

Floats = npt.NDArray[np.float64]

_FOURIER = (5, 8, 12)
_YEAR_DAYS = 365.2425
_LEVEL_STIFFNESS = 10.0
_HALF_LIFE_YEARS = 2.5
_FREQUENT = 15  # occurrences a year from which an event is a state of the day
_FLOOR = 0.01
_FAR = 4.0  # residuals further than so many deviations are pulled in once
_MOST_ZEROS = 0.2


def structural_forecast(
    sums: npt.NDArray[np.floating], calendar: Calendar, mix: Floats, horizon: int, *, weekly: bool
) -> Floats:
    """Forecast sums of series.

    Parameters
    ----------
    sums : ndarray, shape (n_sums, n_dates)
        Units, NaN where unknown.
    calendar : Calendar
        Over the dates and the horizon.
    mix : ndarray, shape (n_sums, n_regions)
        Share of each sum's series in each region.
    horizon : int
        Columns ahead.
    weekly : bool
        Whether a column is a week.

    Returns
    -------
    ndarray, shape (n_sums, horizon)
        NaN for sums too short or too often zero for a model in logs.

    References
    ----------
    Harvey (1989), Forecasting, structural time series models and the Kalman filter, ch. 2; penalised splines as
    random-walk levels: Eilers and Marx (1996), Statistical Science 11(2).
    """
    n_dates = sums.shape[1]
    out = np.full((len(sums), horizon), np.nan)
    usable = _usable(sums, weekly)
    keys: dict[tuple[bytes, bytes], list[int]] = {}
    for i in np.flatnonzero(usable):
        known = _known(sums[i])
        keys.setdefault((np.round(mix[i], 2).tobytes(), known.tobytes()), []).append(int(i))
    designs: dict[tuple[bytes, int], tuple[Floats, Floats]] = {}
    for (mixed, _), members in keys.items():
        values = sums[members].astype(np.float64)
        logs = _logs(values)
        known = _known(sums[members[0]])
        years = known.sum() / (52.18 if weekly else _YEAR_DAYS)
        orders = sorted({min(order, int(4 * max(years - 0.8, 0.0))) for order in _FOURIER})
        total = np.zeros((len(members), horizon))
        for order in orders:
            if (mixed, order) not in designs:
                designs[mixed, order] = _design(
                    calendar, mix[members[0]], n_dates + horizon, order, weekly=weekly
                )
            total += _fit(logs, values, known, *designs[mixed, order], horizon, weekly=weekly)
        out[members] = np.exp(total / len(orders))
    return out


def _usable(sums: npt.NDArray[np.floating], weekly: bool) -> npt.NDArray[np.bool_]:
    """Keep sums with four seasons of history that are seldom zero in the last year."""
    last = sums[:, -(52 if weekly else 364) :]
    known = ~np.isnan(last)
    n = known.sum(axis=1)
    zeros = ((last == 0) & known).sum(axis=1)
    return np.asarray((n >= (16 if weekly else 56)) & (zeros <= _MOST_ZEROS * n))


def _known(values: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Mark the columns that count: known, from the first sale on."""
    begun = np.maximum.accumulate(np.nan_to_num(values) > 0)
    return np.asarray(begun & ~np.isnan(values))


def _logs(values: Floats) -> Floats:
    """Take logs over a floor."""
    positive = np.where(values > 0, values, np.nan)
    floor = _FLOOR * np.nanmedian(positive[:, -364:], axis=1)
    return np.asarray(np.log(np.maximum(np.nan_to_num(values), floor[:, None])))


def _design(calendar: Calendar, mix: Floats, n: int, order: int, *, weekly: bool) -> tuple[Floats, Floats]:
    """Build the calendar's columns and their penalties."""
    dates = calendar.dates[:n]
    days = dates.astype("datetime64[D]").astype(np.int64)
    columns: list[Floats] = []
    penalties: list[float] = []

    def add(column: npt.NDArray[np.generic], penalty: float) -> None:
        columns.append(np.asarray(column, dtype=np.float64))
        penalties.append(penalty)

    weekday = (days + 3) % 7
    if not weekly:
        month = dates.astype("datetime64[M]").astype("datetime64[D]")
        day_of_month = (dates - month).astype(np.int64)
        for k in range(7):
            add(weekday == k, 0.3)
        for k in range(31):
            add(day_of_month == k, 30.0)
    for k in range(1, order + 1):
        add(np.sin(2 * np.pi * k * days / _YEAR_DAYS), 1.5 * k)
        add(np.cos(2 * np.pi * k * days / _YEAR_DAYS), 1.5 * k)
    held = np.tensordot(mix, calendar.occurs[:, :n].astype(np.float64), 1)
    years = n / (52.18 if weekly else _YEAR_DAYS)
    for event in held.T:
        if (event > 0).sum() > _FREQUENT * max(years, 1.0):
            add(event, 0.3)
            for k in range(0 if weekly else 7):
                add(event * (weekday == k), 10.0)
        else:
            for offset in range(-1, 2) if weekly else range(-3, 2):
                add(_shifted(event, offset), 1.0 + 0.5 * abs(offset))
    if calendar.covariates:
        values = np.tensordot(mix, np.nan_to_num(calendar.values[:, :n].astype(np.float64)), 1)
        scale = np.maximum(values.std(axis=0), 1e-9)
        for column in ((values - values.mean(axis=0)) / scale).T:
            add(column, 3.0)
    return np.stack(columns, axis=1) if columns else np.zeros((n, 0)), np.asarray(penalties)


def _shifted(event: Floats, offset: int) -> Floats:
    """Move an event by so many columns."""
    out = np.zeros_like(event)
    if offset < 0:
        out[:offset] = event[-offset:]
    elif offset == 0:
        out[:] = event
    else:
        out[offset:] = event[:-offset]
    return out


def _fit(
    logs: Floats,
    values: Floats,
    known: npt.NDArray[np.bool_],
    design: Floats,
    penalties: Floats,
    horizon: int,
    *,
    weekly: bool,
) -> Floats:
    """Solve for all sums at once and forecast their logs, corrected from the mean of logs to the log of the mean."""
    n = logs.shape[1]
    knot = 1 if weekly else 7
    n_knots = max(n // knot + 2, 3)
    place = np.clip((np.arange(n + horizon) - (n - 1)) / knot + n_knots - 1, 0, n_knots - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, n_knots - 1)
    hats = np.zeros((n + horizon, n_knots))
    hats[np.arange(n + horizon), low] += 1 - (place - low)
    hats[np.arange(n + horizon), high] += place - low
    full = np.concatenate([design, hats], axis=1)
    q = design.shape[1]
    steps = np.diff(np.eye(n_knots), axis=0)
    penalty = np.zeros((full.shape[1], full.shape[1]))
    penalty[np.arange(q), np.arange(q)] = penalties
    penalty[q:, q:] = _LEVEL_STIFFNESS * steps.T @ steps + 1e-6 * np.eye(n_knots)
    year = 52.18 if weekly else _YEAR_DAYS
    weight = np.where(known, 0.5 ** ((n - 1 - np.arange(n)) / (_HALF_LIFE_YEARS * year)), 0.0)
    weighted = full[:n] * weight[:, None]
    gram = weighted.T @ full[:n] + penalty
    wanted = np.where(known, logs, 0.0)
    fitted = full @ np.linalg.solve(gram, weighted.T @ wanted.T)
    residual = (wanted - fitted[:n].T)[:, known]
    deviation = 1.4826 * np.median(np.abs(residual), axis=1, keepdims=True) + 1e-9
    pulled = wanted.copy()
    pulled[:, known] = fitted[:n].T[:, known] + np.clip(residual, -_FAR * deviation, _FAR * deviation)
    festive = np.abs(design[:n, penalties == 1.0]).sum(axis=1) > 0
    pulled[:, festive] = wanted[:, festive]
    fitted = (full @ np.linalg.solve(gram, weighted.T @ pulled.T)).T
    recent = np.flatnonzero(known)[-int(year) :]
    smear = values[:, recent].sum(axis=1) / np.maximum(np.exp(fitted[:, recent]).sum(axis=1), 1e-300)
    return np.asarray(fitted[:, n:] + np.log(np.clip(smear, 0.7, 1.5))[:, None])
