"""Stock that grows old: what will be left when it expires, how long it lies, whether it still moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

__all__ = ["AgeLayer", "LotAtRisk", "layers_left", "lots_at_risk", "stock_state"]


@dataclass(frozen=True, slots=True)
class LotAtRisk:
    """What of a lot will probably be left when it expires.

    Parameters
    ----------
    stock_milli : int
        In the lot, milli-units.
    demand_milli : int
        Expected demand for the item until the lot expires.
    sold_before_milli : int
        Of that demand, what lots that expire earlier take.
    at_risk_milli : int
        stock - max(0, demand - sold_before), not below 0.
    """

    stock_milli: int
    demand_milli: int
    sold_before_milli: int
    at_risk_milli: int


def lots_at_risk(lots: Sequence[tuple[int, int]]) -> tuple[LotAtRisk, ...]:
    """Compare an item's lots with the demand until each expires; what expires first is sold first.

    Parameters
    ----------
    lots : sequence of (stock_milli, demand_milli)
        The earliest expiry first; expected demand from now until that lot's expiry.

    Examples
    --------
    Two a day are sold; lots of 6 until tomorrow and of 8 for four days leave 4 and 2:

    >>> [lot.at_risk_milli for lot in lots_at_risk([(6_000, 2_000), (8_000, 8_000)])]
    [4000, 2000]
    >>> [lot.at_risk_milli for lot in lots_at_risk([(5_000, 12_000), (30_000, 20_000)])]
    [0, 15000]
    """
    found: list[LotAtRisk] = []
    sold = 0
    for stock, demand in lots:
        left = max(stock - max(demand - sold, 0), 0)
        found.append(LotAtRisk(stock, demand, sold, left))
        sold += stock - left
    return tuple(found)


@dataclass(frozen=True, slots=True)
class AgeLayer:
    """A part of the stock and the day it came in; None where no entry tells."""

    quantity_milli: int
    since: date | None


def layers_left(on_hand_milli: int, came_in: Iterable[tuple[date, int]]) -> tuple[AgeLayer, ...]:
    """Return since when what is left lies there, if the oldest is sold first.

    Parameters
    ----------
    on_hand_milli : int
        Stock now; at or below zero there is none.
    came_in : iterable of (date, int)
        What came in, the newest first; it is read only as far as needed.

    Examples
    --------
    >>> [(layer.quantity_milli, layer.since.day) for layer in layers_left(
    ...     7_000, [(date(2026, 3, 9), 5_000), (date(2026, 3, 1), 5_000)])]
    [(5000, 9), (2000, 1)]
    """
    layers: list[AgeLayer] = []
    left = max(on_hand_milli, 0)
    entries = iter(came_in)
    while left:
        entry = next(entries, None)
        if entry is None:
            layers.append(AgeLayer(left, None))
            break
        since, quantity = entry
        taken = min(left, quantity)
        if taken > 0:
            layers.append(AgeLayer(taken, since))
            left -= taken
    return tuple(layers)


def stock_state(
    on_hand_milli: int, sold_milli: int, window_days: int, slow_days: int
) -> tuple[Literal["moving", "slow", "dead"], Fraction | None]:
    """Return whether stock moves, and for how many days it lasts at the window's pace (None where nothing sold).

    Nothing sold in the window is dead stock; what lasts longer than `slow_days` is slow.

    Examples
    --------
    >>> stock_state(30_000, 10_000, 20, 60), stock_state(30_001, 10_000, 20, 60)[0], stock_state(1, 0, 20, 60)
    (('moving', Fraction(60, 1)), 'slow', ('dead', None))
    """
    if sold_milli <= 0:
        return "dead", None
    cover = Fraction(on_hand_milli * window_days, sold_milli)
    return ("slow" if cover > slow_days else "moving"), cover
