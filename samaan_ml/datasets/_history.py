"""What a simulated world leaves behind: the tables a shop has, and apart from them the truth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samaan_ml.datasets._festivals import festival_calendar
from samaan_ml.datasets._market import Market
from samaan_ml.datasets._parameters import ShopSimulation
from samaan_ml.datasets._shelf import DaysLived
from samaan_ml.tables import ShopData

__all__ = ["History"]

Array = NDArray[np.float64]

_CALENDAR_AHEAD_DAYS = 92
_COST_NOTED = 0.01
"""A purchase price that moved by less than this was not recorded again."""


class History:
    """Collects week after week and writes it down as tables.

    Parameters
    ----------
    market : Market
        The world observed.
    days, asked, offers : iterable, default=()
        What happened, what was asked and where offers were, week by week, if it began before.
    """

    def __init__(
        self,
        market: Market,
        days: Iterable[DaysLived] = (),
        asked: Iterable[Array] = (),
        offers: Iterable[NDArray[np.bool_]] = (),
    ) -> None:
        self.market = market
        self._days = list(days)
        self._asked = list(asked)
        self._offers = list(offers)

    def copy(self) -> History:
        """Return a history that grows by itself; what has been is shared."""
        return History(self.market, self._days, self._asked, self._offers)

    def add(self, week: int, asked: Array, offer: NDArray[np.bool_], days: DaysLived) -> None:
        """Add a week."""
        self._asked.append(asked)
        self._offers.append(offer & self.market.active(week * 7))
        self._days.append(days)

    def tables(self) -> ShopData:
        """Return the tables of the days so far, without the ledger."""
        if not self._days:
            return ShopData(
                shops=self._shops(), items=self._items(), calendar=_calendar(self.market.simulation)
            )
        entered = self._listed() & self.market.recorded[: self._n_days][:, self.market.shop]
        sold = np.concatenate([days.sold for days in self._days])
        share = np.concatenate([days.in_stock_share for days in self._days])
        rows = np.nonzero((entered & (sold > 0)).T)
        stock_rows = np.nonzero(entered.T)
        return ShopData(
            sales=self._frame(rows).assign(units=sold.T[rows].astype(np.float64)),
            prices=self._prices(),
            stock=self._frame(stock_rows).assign(in_stock_share=share.T[stock_rows]),
            calendar=_calendar(self.market.simulation),
            items=self._items(),
            shops=self._shops(),
        )

    def demand(self) -> pd.DataFrame:
        """Return shop_id, item_id, date, rate and demand of every open day of every listed series."""
        is_open = self._listed() & self.market.open_days[: self._n_days][:, self.market.shop]
        rows = np.nonzero(is_open.T)
        rate = np.concatenate([days.rate for days in self._days])
        wanted = np.concatenate([days.demand for days in self._days])
        return self._frame(rows).assign(
            rate=np.round(rate.T[rows], 3).astype(np.float32), demand=wanted.T[rows].astype(np.int32)
        )

    def offers(self) -> pd.DataFrame:
        """Return shop_id, item_id and date (the Monday) of every offer."""
        weeks = np.stack(self._offers)
        series, week = np.nonzero(weeks.T)
        return self._frame((series, week * 7))

    @property
    def _n_days(self) -> int:
        """Count the days so far."""
        return sum(len(days.sold) for days in self._days)

    def _listed(self) -> NDArray[np.bool_]:
        """Return which series are listed on which day, shape (days, n_series)."""
        day = np.arange(self._n_days)[:, None]
        launch, last = (self.market.series[name].to_numpy() for name in ("launch_day", "last_day"))
        return np.asarray((launch <= day) & (day <= last), dtype=np.bool_)

    def _frame(self, rows: tuple[NDArray[np.intp], ...]) -> pd.DataFrame:
        """Return shop_id, item_id and date of (series, day) pairs; pairs in order make a sorted table."""
        series, day = rows
        start = np.datetime64(self.market.simulation.start, "ns")
        return pd.DataFrame(
            {
                "shop_id": _coded(self.market.shop[series], self.market.shops["shop_id"]),
                "item_id": _coded(self.market.item[series], self.market.items["item_id"]),
                "date": start + day.astype("timedelta64[D]").astype("timedelta64[ns]"),
            }
        )

    def _prices(self) -> pd.DataFrame:
        """Return a row for each week in which a listed series' price, cost or MRP is another than before."""
        n_weeks = len(self._asked)
        asked, cost, mrp = np.stack(self._asked), self.market.cost[:n_weeks], self.market.mrp[:n_weeks]
        listed = self._listed()[::7][:n_weeks]
        moved = np.zeros(asked.shape, dtype=bool)
        moved[1:] = (asked[1:] != asked[:-1]) | (np.abs(cost[1:] / cost[:-1] - 1) > _COST_NOTED)
        moved[1:] |= (mrp[1:] != mrp[:-1]) & ~np.isnan(mrp[1:])
        first = listed.copy()
        first[1:] &= ~listed[:-1]
        series, week = np.nonzero((listed & (moved | first)).T)
        return self._frame((series, week * 7)).assign(
            unit_price=asked[week, series], unit_cost=cost[week, series], mrp=mrp[week, series]
        )

    def _shops(self) -> pd.DataFrame:
        """Return the shops table, without what is hidden."""
        return self.market.shops[["shop_id", "region"]].copy()

    def _items(self) -> pd.DataFrame:
        """Return the items table."""
        return self.market.items.copy()


def _coded(codes: NDArray[np.intp], names: pd.Series) -> pd.Categorical:
    """Return ids as categories, which keeps a million rows small."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype="str"))


@lru_cache(maxsize=8)
def _calendar(simulation: ShopSimulation) -> pd.DataFrame:
    """Return the festivals of the simulated states, some time beyond the last day."""
    end = simulation.end + timedelta(days=_CALENDAR_AHEAD_DAYS)
    return festival_calendar(simulation.start, end, sorted(set(simulation.states)), public_days=False)
