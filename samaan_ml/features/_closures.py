"""Days on which a shop will be closed, as its own past tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from samaan_ml.features._panel import Calendar

__all__ = ["closed_ahead", "closed_by_habit", "festivals_closed", "held_on", "quiet_days"]

_WEEKS = 8
_LEAST_WEEKS = 4
_LEAST_FESTIVALS = 2
_MOST_ENTERED = 0.6  # share of days with an entry up to which an empty day is no surprise
_CHANCE = 0.01  # least probability of a run of empty days that is taken for one without sales
_NEARLY_CLOSED = 0.05  # share of a usual day's units below which a shop was as good as closed
_USUAL_DAYS = 28
_LEAST_USUAL = 10.0  # units a day: of a shop that sells fewer, a day without a sale may be chance


def closed_ahead(
    shop_open: npt.NDArray[np.bool_],
    horizon: int,
    calendar: Calendar | None = None,
    region_of_shop: npt.ArrayLike = 0,
) -> npt.NDArray[np.bool_]:
    """Tell the days ahead on which each shop is closed by habit.

    A weekday is closed when the shop had no row on any of its last eight (at least four), a festival when the shop
    was closed on each of its earlier dates (at least two). Anything else is open: a day that was merely not entered
    says nothing about the days to come.

    Parameters
    ----------
    shop_open : ndarray of bool, shape (n_shops, n_dates)
        Whether the shop had any row, day by day.
    horizon : int
        Days ahead.
    calendar : Calendar or None, default=None
        Festivals, over the same dates and those ahead.
    region_of_shop : array-like of int, shape (n_shops,), default=0
        Region of each shop in the calendar.

    Returns
    -------
    ndarray of bool, shape (n_shops, horizon)
    """
    n_shops, n_dates = shop_open.shape
    regions = np.broadcast_to(np.asarray(region_of_shop), (n_shops,))
    out = np.zeros((n_shops, horizon), dtype=bool)
    for shop in range(n_shops):
        entered = shop_open[shop]
        if not entered.any():
            continue
        first, last = int(entered.argmax()), n_dates - 1 - int(entered[::-1].argmax())
        if entered[first : last + 1].all():
            continue
        for step in range(1, horizon + 1):
            target = n_dates - 1 + step
            past = np.arange(target % 7, last + 1, 7)
            past = past[past >= first][-_WEEKS:]
            out[shop, step - 1] = len(past) >= _LEAST_WEEKS and not entered[past].any()
        if calendar is not None and len(calendar.events):
            held = calendar.occurs[regions[shop]]
            for event in range(held.shape[1]):
                past = np.flatnonzero(held[:n_dates, event])
                past = past[(past >= first) & (past <= last)]
                if len(past) >= _LEAST_FESTIVALS and not entered[past].any():
                    ahead = held[n_dates : n_dates + horizon, event]
                    out[shop, : len(ahead)] |= ahead
    return out


def closed_by_habit(entered: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell the days without an entry on whose weekday a shop had been closed for weeks.

    Parameters
    ----------
    entered : ndarray of bool, shape (n_dates,)
        Whether the shop had any row, day by day.

    Returns
    -------
    ndarray of bool, shape (n_dates,)
        True where none of the eight same weekdays before the day has an entry; the first weeks count as closed.
    """
    padded = np.concatenate([np.zeros(7 * _WEEKS, dtype=bool), entered])
    before = [padded[7 * (_WEEKS - k) : 7 * (_WEEKS - k) + len(entered)] for k in range(1, _WEEKS + 1)]
    return np.asarray(~entered & ~np.any(before, axis=0), dtype=np.bool_)


def quiet_days(entered: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell the days without an entry on which a shop of few sales has, by all likelihood, sold nothing.

    Parameters
    ----------
    entered : ndarray of bool, shape (n_dates,)
        Whether the shop had any row, day by day.

    Returns
    -------
    ndarray of bool, shape (n_dates,)
        True in runs without entries that are no longer than chance allows, where the shop enters on at most six of ten
        days (weekdays closed by habit apart).
    """
    out = np.zeros(len(entered), dtype=np.bool_)
    if not entered.any():
        return out
    first = int(entered.argmax())
    weekday = np.arange(len(entered)) % 7
    kept = np.isin(weekday, np.unique(weekday[entered])) & (np.arange(len(entered)) >= first)
    days = np.flatnonzero(kept)
    ends = np.flatnonzero(np.diff(np.concatenate([[True], entered[days], [True]]).astype(np.int8)))
    for start, stop in zip(ends[::2], ends[1::2], strict=True):
        others = len(days) - (stop - start)
        share = entered[days].sum() / max(others, 1)
        if share <= _MOST_ENTERED and (1.0 - share) ** (stop - start) >= _CHANCE:
            out[days[start:stop]] = True
    return out


def festivals_closed(
    shop_units: npt.NDArray[np.floating], calendar: Calendar, region_of_shop: npt.ArrayLike = 0
) -> list[tuple[str, ...]]:
    """Name the festivals on which each shop sells next to nothing: closed, but for a row or two in the books.

    Parameters
    ----------
    shop_units : ndarray, shape (n_shops, n_dates)
        Units of all items, NaN on days without any row.
    calendar : Calendar
        Festivals over the same dates.
    region_of_shop : array-like of int, shape (n_shops,), default=0
        Region of each shop in the calendar.

    Returns
    -------
    list of tuple of str
        By shop, the events on each of whose dates (at least two) less than a twentieth of a usual day's units
        was sold; none for a shop too small to tell.
    """
    n_shops, n_dates = shop_units.shape
    regions = np.broadcast_to(np.asarray(region_of_shop), (n_shops,))
    out: list[tuple[str, ...]] = []
    for shop in range(n_shops):
        units = np.nan_to_num(shop_units[shop])
        first = int((units > 0).argmax())
        names = []
        for event, name in enumerate(calendar.events):
            past = np.flatnonzero(calendar.occurs[regions[shop], :n_dates, event])
            past = past[past >= first + _USUAL_DAYS]
            usual = np.array([np.median(units[day - _USUAL_DAYS : day]) for day in past])
            little = (usual >= _LEAST_USUAL) & (units[past] < _NEARLY_CLOSED * usual)
            if len(past) >= _LEAST_FESTIVALS and little.all():
                names.append(name)
        out.append(tuple(names))
    return out


def held_on(names: tuple[str, ...], calendar: Calendar, region: int) -> npt.NDArray[np.bool_]:
    """Tell on which of the calendar's dates one of the events is held."""
    chosen = [event for event, name in enumerate(calendar.events) if name in names]
    return np.asarray(calendar.occurs[region][:, chosen].any(axis=1), dtype=np.bool_)
