"""Prices that fall towards an expiry date, so that stock is sold rather than thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.domain.gst import split_price
from samaan_ml.domain.price_ladder import PriceLadder
from samaan_ml.exceptions import ParameterError

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

_DRAWS = 200
"""Equally likely points that stand for a day's demand distribution."""
_MOST_STOCK = 3_000
_MOST_CELLS = 60_000_000


@dataclass(frozen=True, slots=True)
class MarkdownPlan:
    """The best prices until the last day.

    Parameters
    ----------
    prices_paise : numpy.ndarray of int, shape (n_prices,)
        The prices considered, ascending.
    policy : numpy.ndarray of int, shape (n_days, stock + 1)
        Price to ask on a day with so many units left, where prices so far never fell below it.
    value_paise : float
        Expected takings after tax, salvage included, under the plan.
    value_at_today_paise : float
        The same if today's price stays until the end.
    path : tuple of (int, int, float)
        For each day its number from 0, the price and the units expected to be left in the morning, if demand is
        as expected.
    """

    prices_paise: Integers
    policy: Integers
    value_paise: float
    value_at_today_paise: float
    path: tuple[tuple[int, int, float], ...]

    @property
    def price_today_paise(self) -> int:
        """The price to ask now."""
        return self.path[0][1]


class MarkdownPlanner:
    r"""Dynamic programme over days, stock and prices that only fall.

    Parameters
    ----------
    gst_rate_bp : int, default=0
        Tax contained in the price, in basis points.
    composition : bool, default=False
        Whether the shop pays tax under composition.
    salvage_paise : int, default=0
        What a unit left after the last day brings; negative where throwing away costs.
    ladder : PriceLadder or None, default=None
        Prices to choose among; None takes the default ladder.
    falling_only : bool, default=True
        Whether a price, once lowered, stays lowered.

    Notes
    -----
    With D the demand of day t at price p and s the stock in the morning,

    .. math:: V_t(s) = \max_p \, E[p \min(D, s) + V_{t+1}(s - \min(D, s))]

    References
    ----------
    Gallego, G. and van Ryzin, G. (1994), Optimal dynamic pricing of inventories with stochastic demand over finite
    horizons, Management Science 40.

    Examples
    --------
    >>> import numpy as np
    >>> demand = np.tile([[1.0, 3.0, 6.0]], (4, 1))
    >>> planner = MarkdownPlanner()
    >>> plan = planner.plan(30, 5_000, demand, (0.1, 0.5, 0.9), elasticity=-2.0, lowest_paise=2_500)
    >>> plan.price_today_paise < 5_000, plan.value_paise > plan.value_at_today_paise
    (True, True)
    """

    def __init__(
        self,
        gst_rate_bp: int = 0,
        *,
        composition: bool = False,
        salvage_paise: int = 0,
        ladder: PriceLadder | None = None,
        falling_only: bool = True,
    ) -> None:
        self.gst_rate_bp = gst_rate_bp
        self.composition = composition
        self.salvage_paise = salvage_paise
        self.ladder = ladder
        self.falling_only = falling_only

    def plan(
        self,
        stock_units: int,
        price_paise: int,
        demand_quantiles: npt.ArrayLike,
        quantiles: tuple[float, ...],
        *,
        elasticity: float,
        lowest_paise: int,
    ) -> MarkdownPlan:
        """Find the best price for every day and stock.

        Parameters
        ----------
        stock_units : int
            Units on hand.
        price_paise : int
            Price today, the highest of the plan.
        demand_quantiles : array-like, shape (n_days, n_quantiles)
            Quantiles of each day's demand at today's price, as a `DemandForecaster` gives them.
        quantiles : tuple of float
            Their levels, ascending, inside 0 and 1.
        elasticity : float
            How demand answers to the price; not above 0.
        lowest_paise : int
            No price below it.

        Returns
        -------
        MarkdownPlan
            The plan.

        Raises
        ------
        ParameterError
            When a parameter is out of its range or no price is left.
        """
        table = np.atleast_2d(np.asarray(demand_quantiles, dtype=float))
        self._check(stock_units, price_paise, table, quantiles, elasticity, lowest_paise)
        prices = self._prices(price_paise, lowest_paise)
        if len(table) * len(prices) * (stock_units + 1) ** 2 > _MOST_CELLS:
            raise ParameterError(
                f"{stock_units} units over {len(table)} days are too many; plan by the case or kilogram"
            )
        draws = np.stack([_draws(row, np.asarray(quantiles)) for row in table])
        net = np.array(
            [split_price(int(p), self.gst_rate_bp, composition=self.composition).net_paise for p in prices]
        )
        sold = [_sales(day, (prices / price_paise) ** elasticity, stock_units) for day in draws]
        value, policy = self._solve(sold, net, stock_units)
        kept = self._value_of_one_price(sold, net, stock_units, len(prices) - 1)
        means = draws.mean(axis=1)
        path = _path(prices, policy, means, (prices / price_paise) ** elasticity, stock_units)
        return MarkdownPlan(prices, prices[policy[:, :, -1]], float(value), float(kept), path)

    def _check(
        self,
        stock: int,
        price: int,
        table: Floats,
        quantiles: tuple[float, ...],
        elasticity: float,
        lowest: int,
    ) -> None:
        """Refuse what cannot be planned."""
        levels = np.asarray(quantiles, dtype=float)
        if not 1 <= stock <= _MOST_STOCK:
            raise ParameterError(f"'stock_units' must lie between 1 and {_MOST_STOCK}, got {stock}")
        if not 0 < lowest <= price:
            raise ParameterError(
                f"'lowest_paise' must lie between 1 and today's price of {price}, got {lowest}"
            )
        if not np.isfinite(elasticity) or elasticity > 0.0:
            raise ParameterError(f"'elasticity' must not be above 0, got {elasticity}")
        if table.shape[1] != len(levels) or not len(table) or (np.diff(levels) <= 0).any():
            raise ParameterError("'demand_quantiles' needs one column for each of the ascending 'quantiles'")
        if (
            (levels <= 0.0).any()
            or (levels >= 1.0).any()
            or not np.isfinite(table).all()
            or (table < 0.0).any()
        ):
            raise ParameterError(
                "'quantiles' lie inside 0 and 1 and 'demand_quantiles' are finite and 0 or more"
            )

    def _prices(self, price: int, lowest: int) -> Integers:
        """Prices of the ladder up to today's, today's included."""
        ladder = PriceLadder() if self.ladder is None else self.ladder
        listed = {*ladder.between(lowest, price), price}
        return np.array(sorted(listed), dtype=np.int64)

    def _solve(self, sold: list[Floats], net: Integers, stock: int) -> tuple[float, npt.NDArray[np.intp]]:
        """Backward induction; the last axis is the highest price still allowed."""
        count = len(net)
        after = np.repeat((self.salvage_paise * np.arange(stock + 1.0))[:, None], count, axis=1)
        policy = np.zeros((len(sold), stock + 1, count), dtype=np.intp)
        for day in range(len(sold) - 1, -1, -1):
            worth = np.stack(
                [_expected(sold[day][k], net[k], after[:, k], stock) for k in range(count)], axis=1
            )
            if self.falling_only:
                best = np.maximum.accumulate(worth, axis=1)
                new = np.concatenate(
                    [np.ones((stock + 1, 1), dtype=bool), best[:, 1:] > best[:, :-1]], axis=1
                )
                policy[day] = np.maximum.accumulate(np.where(new, np.arange(count), 0), axis=1)
                after = best
            else:
                policy[day] = worth.argmax(axis=1)[:, None]
                after = np.repeat(worth.max(axis=1)[:, None], count, axis=1)
        return float(after[stock, -1]), policy

    def _value_of_one_price(self, sold: list[Floats], net: Integers, stock: int, place: int) -> float:
        """Takings if one price stays until the end."""
        after = self.salvage_paise * np.arange(stock + 1.0)
        for day in reversed(sold):
            after = _expected(day[place], net[place], after, stock)
        return float(after[stock])


def _draws(row: Floats, levels: Floats) -> Floats:
    """Equally likely demands of a day with these quantiles, linear between them and cut at 0."""
    place = (np.arange(_DRAWS) + 0.5) / _DRAWS
    ordered = np.maximum.accumulate(row)
    low = max(ordered[0] - (ordered[min(1, len(row) - 1)] - ordered[0]), 0.0)
    high = ordered[-1] + (ordered[-1] - ordered[max(len(row) - 2, 0)])
    knots, values = np.concatenate([[0.0], levels, [1.0]]), np.concatenate([[low], ordered, [high]])
    return np.asarray(np.interp(place, knots, values), dtype=float)


def _sales(draws: Floats, response: Floats, stock: int) -> Floats:
    """Probabilities of demanding 0, 1, ... stock units or more at each price, shape (n_prices, stock + 1)."""
    demand = draws[None, :] * response[:, None]
    whole = np.floor(demand)
    rest = demand - whole
    out = np.zeros((len(response), stock + 1))
    for k in range(len(response)):
        lower = np.minimum(whole[k], stock).astype(np.intp)
        upper = np.minimum(whole[k] + 1, stock).astype(np.intp)
        out[k] = np.bincount(lower, 1.0 - rest[k], stock + 1) + np.bincount(upper, rest[k], stock + 1)
    return out / draws.size


def _expected(demand: Floats, net: float, after: Floats, stock: int) -> Floats:
    """Takings of a day and what follows, for every stock in the morning."""
    tail = np.concatenate([np.cumsum(demand[::-1])[::-1], [0.0]])
    out = np.empty(stock + 1)
    for units in range(stock + 1):
        less = demand[:units]
        sold_out = tail[units]
        takings = net * (float(np.arange(units) @ less) + units * sold_out)
        out[units] = takings + float(less @ after[units:0:-1]) + sold_out * after[0]
    return out


def _path(
    prices: Integers, policy: npt.NDArray[np.intp], means: Floats, response: Floats, stock: int
) -> tuple[tuple[int, int, float], ...]:
    """Prices and stock if every day's demand is its mean."""
    left, cap, out = float(stock), len(prices) - 1, []
    for day in range(len(policy)):
        chosen = int(policy[day, round(left), cap])
        out.append((day, int(prices[chosen]), left))
        cap = chosen
        left = max(left - float(means[day] * response[chosen]), 0.0)
    return tuple(out)
