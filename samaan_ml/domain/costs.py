"""What a unit cost, over deliveries and with what came free."""

from __future__ import annotations

from samaan_ml.domain.money import divide_half_away

__all__ = ["spread_cost", "weighted_cost"]


def weighted_cost(on_hand_milli: int, cost_paise: int | None, added_milli: int, unit_cost_paise: int) -> int:
    """Return the average cost of a unit after a delivery, rounded half up.

    Stock below zero counts as none: what was sold before it was entered has no cost to carry.

    Examples
    --------
    >>> weighted_cost(10_000, 1_000, 10_000, 1_200)
    1100
    """
    before = max(on_hand_milli, 0)
    if cost_paise is None or before == 0:
        return unit_cost_paise
    total = before + added_milli
    return divide_half_away(before * cost_paise + added_milli * unit_cost_paise, total)


def spread_cost(unit_cost_paise: int | None, paid_milli: int, free_milli: int) -> int | None:
    """Return what a unit cost where some came free, rounded half up.

    Examples
    --------
    >>> spread_cost(1_100, 10_000, 1_000)
    1000
    """
    if unit_cost_paise is None:
        return None
    total = paid_milli + free_milli
    return divide_half_away(unit_cost_paise * paid_milli, total)
