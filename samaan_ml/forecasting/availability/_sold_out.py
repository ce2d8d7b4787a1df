"""Why a day shows no sale: sold out, no demand, closed, or not entered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError
from samaan_ml.features import Panel
from samaan_ml.forecasting.availability import _censoring

if TYPE_CHECKING:
    import pandas as pd

Singles = npt.NDArray[np.float32]
Marks = npt.NDArray[np.bool_]

_ENTER, _LEAVE = 0.01, 0.25
"""Daily chances of running empty and of being filled again to start from; the data then say theirs."""
_LEAST_ENTER, _MOST_ENTER = 0.001, 0.05
_LEAST_LEAVE, _MOST_LEAVE = 0.05, 0.7
_LEAST_SHAPE, _MOST_SHAPE = 0.5, 50.0
_TURNS = 8
_HABIT = 0.6
"""A weekday is a closing day where the shop was closed on this share of its recent occurrences."""
_HABIT_WEEKS = 8


class DayCause(StrEnum):
    """What a day of a series was."""

    SOLD = "sold"
    NO_DEMAND = "no_demand"
    SOLD_OUT = "sold_out"
    CLOSED = "closed"
    NOT_ENTERED = "not_entered"
    BEFORE_FIRST = "before_first"


@dataclass(frozen=True, slots=True)
class EmptyShelves:
    """Days on which the shelf was probably empty.

    Parameters
    ----------
    chance : ndarray of float32, shape (series, dates)
        Probability that the shelf was empty all day.
    expected : ndarray of float32, shape (series, dates)
        Expected demand of the day had it been in stock.
    """

    chance: Singles
    expected: Singles


def infer_sold_out(panel: Panel) -> EmptyShelves:
    """Guess the empty shelves from the sales alone, with a probability for each day.

    Two hidden states a series, in stock and empty; in stock, sales are negative binomial around what the
    days near it, the weekday and the item's day in other shops suggest; empty, nothing sells. Runs of days
    without sale that this demand would hardly leave are put down to an empty shelf. Expectation and states
    are estimated in turn.

    Parameters
    ----------
    panel : Panel
        The tables as dense arrays; stock, where known, is not looked at.

    Returns
    -------
    EmptyShelves

    References
    ----------
    Rabiner (1989), A tutorial on hidden Markov models, Proc. IEEE 77(2); Chen and Mersereau (2015),
    Analytics for operational visibility in the retail store, on inferring stock-outs from sales.

    Examples
    --------
    >>> import pandas as pd
    >>> from samaan_ml.features import build_panel
    >>> units = [5.0, 4, 6, 5, 0, 0, 0, 0, 5, 6, 4, 5] * 3
    >>> days = pd.date_range("2026-01-01", periods=36)
    >>> sales = pd.concat([pd.DataFrame({"shop_id": "s", "item_id": i, "date": days, "units": u})
    ...                    for i, u in (("a", units), ("b", [1.0] * 36))])
    >>> infer_sold_out(build_panel(sales)).chance[0, :8].round().tolist()
    [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    """
    from samaan_ml.forecasting.availability import _shelf

    season = 7 if panel.frequency == "D" else 1
    items = panel.series["item_id"].to_numpy()
    share = np.ones_like(panel.units)
    chance = expected = np.zeros_like(panel.units)
    enter, leave = _ENTER, _LEAVE
    for _ in range(_TURNS):
        restored = _censoring.restore_demand(panel.units, share, season, items)
        expected = restored.expected
        shape = _shape(panel.units, expected, share)
        chance, entered, left = _shelf.guess_empty(panel.units, expected, shape, enter, leave)
        enter = float(np.clip(entered, _LEAST_ENTER, _MOST_ENTER))
        leave = float(np.clip(left, _LEAST_LEAVE, _MOST_LEAVE))
        share = (1.0 - np.where(chance > 0.5, chance, 0.0)).astype(np.float32)
    return EmptyShelves(chance, expected)


def sold_out_log(panel: Panel, least_confidence: float = 0.5) -> pd.DataFrame:
    """List the runs of sold-out days of every series, recorded or inferred.

    Parameters
    ----------
    panel : Panel
        The tables as dense arrays; where stock is recorded it is taken, elsewhere it is inferred.
    least_confidence : float, default=0.5
        Inferred days with less are not listed.

    Returns
    -------
    pandas.DataFrame
        shop_id, item_id, date, source ("recorded" or "inferred"), confidence (1 where recorded),
        in_stock_share, lost_units (expected demand beyond what sold).

    Raises
    ------
    ParameterError
        If `least_confidence` is not within 0 and 1.
    """
    import pandas as pd

    if not 0.0 <= least_confidence <= 1.0:
        raise ParameterError(f"'least_confidence' must be between 0 and 1; got {least_confidence!r}")
    share, confidence, recorded = _shares(panel)
    season = 7 if panel.frequency == "D" else 1
    restored = _censoring.restore_demand(panel.units, share, season, panel.series["item_id"].to_numpy())
    listed = ~np.isnan(panel.units) & (share < 1.0) & (confidence >= least_confidence)
    row, column = np.nonzero(listed)
    lost = np.maximum(restored.demand[row, column] - panel.units[row, column], 0.0) * confidence[row, column]
    return pd.DataFrame(
        {
            "shop_id": panel.series["shop_id"].to_numpy()[row],
            "item_id": panel.series["item_id"].to_numpy()[row],
            "date": panel.dates[column].astype("datetime64[ns]"),
            "source": np.where(recorded[row, column], "recorded", "inferred"),
            "confidence": confidence[row, column].astype(np.float64),
            "in_stock_share": np.where(recorded[row, column], share[row, column], 0.0).astype(np.float64),
            "lost_units": lost.astype(np.float64),
        }
    )


def day_causes(panel: Panel, least_confidence: float = 0.5) -> npt.NDArray[np.str_]:
    """Tell for every series and day what it was.

    A day without any row of the shop is `closed` where the shop keeps that weekday closed or an event of the
    calendar falls on it, else `not_entered`. A day without sale of an open shop is `sold_out` where the
    stock says so, or, without stock, where it is inferred; else there was `no_demand`.

    Parameters
    ----------
    panel : Panel
        The tables as dense arrays.
    least_confidence : float, default=0.5
        Inferred sold-out days with less count as days without demand.

    Returns
    -------
    ndarray of str, shape (series, dates)
        Values of `DayCause`.

    Raises
    ------
    ParameterError
        If `least_confidence` is not within 0 and 1.
    """
    if not 0.0 <= least_confidence <= 1.0:
        raise ParameterError(f"'least_confidence' must be between 0 and 1; got {least_confidence!r}")
    share, confidence, _ = _shares(panel)
    units = panel.units
    causes = np.where(units > 0, DayCause.SOLD.value, DayCause.NO_DEMAND.value).astype("<U12")
    causes[(np.nan_to_num(units) <= 0) & (share <= 0.5) & (confidence >= least_confidence)] = (
        DayCause.SOLD_OUT.value
    )
    begun = np.maximum.accumulate(~np.isnan(units), axis=1)
    causes[~begun] = DayCause.BEFORE_FIRST.value
    closed = closed_days(panel)[panel.shop_of_series]
    shut = ~panel.shop_open[panel.shop_of_series] & begun
    causes[shut & closed] = DayCause.CLOSED.value
    causes[shut & ~closed] = DayCause.NOT_ENTERED.value
    return causes


def closed_days(panel: Panel) -> Marks:
    """Tell the days without any row of a shop that it was closed from those that were not entered.

    Returns
    -------
    ndarray of bool, shape (shops, dates)
        True where the shop had no row and its weekday is one it keeps closed (more often than not in the
        weeks around), or an event of the calendar holds that day on which the shop has been without rows
        before.
    """
    missing: Marks = ~panel.shop_open
    if panel.frequency == "W":
        return missing
    closed: Marks = np.zeros_like(missing)
    for shop in range(missing.shape[0]):
        closed[shop] = missing[shop] & (_habit(missing[shop]) | _event_habit(panel, shop, missing[shop]))
    return closed


def _habit(missing: Marks) -> Marks:
    """Whether the same weekday was mostly missing in the weeks around."""
    habit = np.zeros_like(missing)
    for place in range(7):
        days = missing[place::7].astype(float)
        window = np.ones(2 * _HABIT_WEEKS + 1)
        total = np.convolve(np.pad(days, _HABIT_WEEKS), window, mode="valid")
        count = np.convolve(np.pad(np.ones_like(days), _HABIT_WEEKS), window, mode="valid")
        # The day itself does not vouch for its own habit.
        habit[place::7] = (total - days) >= _HABIT * np.maximum(count - 1, 1)
    return habit


def _event_habit(panel: Panel, shop: int, missing: Marks) -> Marks:
    """Whether an event of the day finds the shop without rows more often than not."""
    members = np.flatnonzero(panel.shop_of_series == shop)
    region = panel.calendar.region_of_series[members[0]]
    occurs = panel.calendar.occurs[region, : panel.n_dates]
    often = np.zeros(missing.shape, dtype=bool)
    for event in range(occurs.shape[1]):
        days = occurs[:, event]
        if days.any() and missing[days].mean() > 0.5:
            often |= days
    return often


def _shares(panel: Panel) -> tuple[Singles, Singles, Marks]:
    """Share in stock, confidence and whether it is recorded, of every series and day."""
    recorded = np.zeros(panel.units.shape, dtype=bool)
    if panel.in_stock_share is not None:
        recorded = ~np.isnan(panel.in_stock_share)
    if recorded[~np.isnan(panel.units)].all() and panel.in_stock_share is not None:
        return np.nan_to_num(panel.in_stock_share, nan=1.0), np.ones_like(panel.units), recorded
    guessed = infer_sold_out(panel).chance
    share = np.where(guessed > 0.5, 0.0, 1.0).astype(np.float32)
    confidence = np.where(guessed > 0.5, guessed, 1.0 - guessed).astype(np.float32)
    if panel.in_stock_share is None:
        return share, confidence, recorded
    share = np.where(recorded, np.nan_to_num(panel.in_stock_share, nan=1.0), share)
    return share, np.where(recorded, np.float32(1.0), confidence), recorded


def _shape(units: Singles, expected: Singles, share: Singles) -> float:
    """Shape of the negative binomial from the days held to be in stock, by moments."""
    used = ~np.isnan(units) & (share >= 1.0) & (expected > 0)
    if used.sum() < 30:
        return 2.0
    mean, error = expected[used].astype(np.float64), (units - expected)[used].astype(np.float64) ** 2
    excess = float((error - mean).sum())
    return float(np.clip((mean**2).sum() / excess if excess > 0 else _MOST_SHAPE, _LEAST_SHAPE, _MOST_SHAPE))
