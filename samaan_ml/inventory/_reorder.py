"""When to order and up to how much: reorder point and newsvendor level, each with its arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from samaan_ml.exceptions import ParameterError
from samaan_ml.inventory._period_demand import PeriodDemand


@dataclass(frozen=True, slots=True)
class ReorderAdvice:
    """What to order of one item, with every number that it follows from.

    Parameters
    ----------
    on_hand_milli, on_order_milli : int
        Stock on the shelf and on its way, milli-units.
    lead_time_days, review_days : int
        Days until an order arrives, and between two chances to order.
    service_level : float
        Chance of no stock-out that is asked for.
    demand_mean_milli : int
        Expected demand over lead time and review, milli-units.
    reorder_point_milli : int
        Quantile of that demand at the service level: order when on hand and on order fall below it.
    safety_stock_milli : int
        Reorder point minus expected demand.
    case_milli : int
        Milli-units in a case; orders are whole cases.
    needed_milli : int
        Reorder point minus on hand (negative counts as none) minus on order, not below 0.
    cases : int
        Cases that cover what is needed.
    order_milli : int
        Those cases in milli-units.
    """

    on_hand_milli: int
    on_order_milli: int
    lead_time_days: int
    review_days: int
    service_level: float
    demand_mean_milli: int
    reorder_point_milli: int
    safety_stock_milli: int
    case_milli: int
    needed_milli: int
    cases: int
    order_milli: int

    def holds(self) -> bool:
        """Recompute the advice from its own numbers; False where one was altered."""
        needed = max(self.reorder_point_milli - max(self.on_hand_milli, 0) - self.on_order_milli, 0)
        cases = -(-needed // self.case_milli)
        return (
            self.safety_stock_milli == self.reorder_point_milli - self.demand_mean_milli
            and self.needed_milli == needed
            and self.cases == cases
            and self.order_milli == cases * self.case_milli
        )


def critical_ratio(
    unit_price_paise: int, unit_cost_paise: int, salvage_paise: int = 0, goodwill_paise: int = 0
) -> float:
    """Service level that earns most: cost of one too few over cost of one too few plus one too many.

    Parameters
    ----------
    unit_price_paise, unit_cost_paise : int
        What a unit sells and is bought for.
    salvage_paise : int, default=0
        What a unit left over is still worth.
    goodwill_paise : int, default=0
        What a customer sent away costs beyond the margin.

    Returns
    -------
    float
        Between 0 and 1; 0 where a unit earns nothing.

    Raises
    ------
    ParameterError
        If a unit left over is worth its cost or more: then no amount would be too much.

    References
    ----------
    Arrow, Harris and Marschak (1951), Optimal inventory policy, Econometrica 19(3).

    Examples
    --------
    >>> critical_ratio(10_00, 7_00, salvage_paise=2_00)
    0.375
    """
    under = unit_price_paise - unit_cost_paise + goodwill_paise
    over = unit_cost_paise - salvage_paise
    if over <= 0:
        raise ParameterError(
            f"'salvage_paise' must be below the cost of {unit_cost_paise}; got {salvage_paise}, "
            "so that no amount would be too much"
        )
    return max(under, 0) / (max(under, 0) + over)


def newsvendor_units(demand: PeriodDemand, ratio: float) -> float:
    """Stock that earns most: the demand's quantile at the critical ratio.

    Parameters
    ----------
    demand : PeriodDemand
        Demand until the next chance to order.
    ratio : float
        What `critical_ratio` answers.

    Returns
    -------
    float
        Units; 0 where a unit earns nothing.

    Raises
    ------
    ParameterError
        If `ratio` is not within 0 (included) and 1 (excluded).

    Examples
    --------
    >>> round(newsvendor_units(PeriodDemand(100.0, 20.0, "normal"), 0.9), 3)
    125.631
    """
    if not 0.0 <= ratio < 1.0:
        raise ParameterError(f"'ratio' must be 0 or more and below 1; got {ratio!r}")
    return 0.0 if ratio == 0.0 else demand.quantile(ratio)


def reorder_advice(
    demand: PeriodDemand,
    on_hand_milli: int,
    on_order_milli: int = 0,
    *,
    lead_time_days: int = 1,
    review_days: int = 1,
    service_level: float = 0.95,
    case_milli: int = 1000,
) -> ReorderAdvice:
    """Advise how much to order so that demand until the order after next arrives is met.

    Parameters
    ----------
    demand : PeriodDemand
        Demand over lead time plus review period.
    on_hand_milli : int
        Stock on the shelf; negative (sold before it was entered) counts as none.
    on_order_milli : int, default=0
        Stock on its way.
    lead_time_days, review_days : int, default=1
        Recorded in the advice; `demand` must be over their sum.
    service_level : float, default=0.95
        Chance of no stock-out that is asked for.
    case_milli : int, default=1000
        Milli-units in a case.

    Returns
    -------
    ReorderAdvice

    Raises
    ------
    ParameterError
        If a number is out of its range.

    Examples
    --------
    >>> advice = reorder_advice(PeriodDemand(20.0, 6.0), on_hand_milli=9_000, case_milli=12_000)
    >>> advice.reorder_point_milli, advice.needed_milli, advice.cases, advice.holds()
    (31000, 22000, 2, True)
    """
    if case_milli < 1:
        raise ParameterError(f"'case_milli' must be 1 or more; got {case_milli}")
    if on_order_milli < 0 or lead_time_days < 0 or review_days < 0:
        raise ParameterError("'on_order_milli', 'lead_time_days' and 'review_days' must be 0 or more")
    point = milli_up(demand.quantile(service_level))
    mean = round(demand.mean * 1000)
    needed = max(point - max(on_hand_milli, 0) - on_order_milli, 0)
    cases = -(-needed // case_milli)
    return ReorderAdvice(
        on_hand_milli=on_hand_milli,
        on_order_milli=on_order_milli,
        lead_time_days=lead_time_days,
        review_days=review_days,
        service_level=service_level,
        demand_mean_milli=mean,
        reorder_point_milli=point,
        safety_stock_milli=point - mean,
        case_milli=case_milli,
        needed_milli=needed,
        cases=cases,
        order_milli=cases * case_milli,
    )


def milli_up(units: float) -> int:
    """Round units up to whole milli-units, forgiving what floating point adds."""
    return -int(-(units * 1000 - 1e-6) // 1)
