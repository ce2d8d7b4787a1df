"""One order list for the cash in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from samaan_ml.exceptions import ParameterError
from samaan_ml.inventory._gain import Options, expected_gain_paise, options_of
from samaan_ml.inventory._order_item import OrderItem, Supplier

Method = Literal["auto", "greedy", "milp"]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order, with the numbers it follows from.

    Parameters
    ----------
    item_id, supplier_id : str
        What from whom.
    cases : int
        Cases to order.
    order_milli : int
        Those cases in milli-units.
    case_cost_paise : int
        Cost of a case at the slab reached.
    cost_paise : int
        Cases times that cost.
    on_hand_milli : int
        Stock on the shelf and on its way.
    demand_mean_milli, demand_sd_milli : int
        Demand over lead time plus review.
    expected_gain_paise : int
        Expected profit beyond ordering nothing.
    service_level : float
        Chance that stock and order cover the demand.
    """

    item_id: str
    supplier_id: str
    cases: int
    order_milli: int
    case_cost_paise: int
    cost_paise: int
    on_hand_milli: int
    demand_mean_milli: int
    demand_sd_milli: int
    expected_gain_paise: int
    service_level: float


@dataclass(frozen=True, slots=True)
class OrderList:
    """What to order, line by line.

    Parameters
    ----------
    lines : tuple of OrderLine
        Items with at least one case.
    budget_paise : int
        Cash that there was.
    cost_paise : int
        Cost of all lines.
    left_paise : int
        Budget minus cost.
    expected_gain_paise : int
        Sum over the lines.
    method : {"greedy", "milp"}
        How it was found.
    proven_ratio : float
        Gain over the bound proven by the solver, at most 1; 0 where there is no bound (greedy).
    """

    lines: tuple[OrderLine, ...]
    budget_paise: int
    cost_paise: int
    left_paise: int
    expected_gain_paise: int
    method: Literal["greedy", "milp"]
    proven_ratio: float

    def by_supplier(self) -> dict[str, tuple[OrderLine, ...]]:
        """Split the list into one for each supplier."""
        names = dict.fromkeys(line.supplier_id for line in self.lines)
        return {name: tuple(line for line in self.lines if line.supplier_id == name) for name in names}

    def holds(self, items: Sequence[OrderItem]) -> bool:
        """Recompute every line from the items; False where a number does not follow."""
        known = {item.item_id: item for item in items}
        for line in self.lines:
            if line.item_id not in known or line != _line(known[line.item_id], line.cases):
                return False
        cost = sum(line.cost_paise for line in self.lines)
        gain = sum(line.expected_gain_paise for line in self.lines)
        return (
            cost == self.cost_paise <= self.budget_paise
            and self.left_paise == self.budget_paise - cost
            and gain == self.expected_gain_paise
        )


def order_list(
    items: Sequence[OrderItem],
    budget_paise: int,
    suppliers: Sequence[Supplier] = (),
    method: Method = "auto",
    seconds: float = 10.0,
) -> OrderList:
    """Choose cases of every item for the most expected profit within the cash in hand.

    Without supplier minimums and slabs cases are bought one after the other by profit per rupee, which is
    best up to the last case or two. With them a mixed-integer programme is solved (HiGHS), for then the best
    list may have to spend more on one supplier than its items alone are worth.

    Parameters
    ----------
    items : sequence of OrderItem
        What may be ordered.
    budget_paise : int
        Cash in hand.
    suppliers : sequence of Supplier, default=()
        Those with a minimum order; others have none.
    method : {"auto", "greedy", "milp"}, default="auto"
        How to choose; "greedy" cannot heed minimums or slabs.
    seconds : float, default=10.0
        Most time for the solver; the best list found until then is taken.

    Returns
    -------
    OrderList

    Raises
    ------
    ParameterError
        If the budget is negative, an item or supplier is named twice, or "greedy" is asked for where
        minimums or slabs bind.

    References
    ----------
    Kellerer, Pferschy and Pisinger (2004), Knapsack Problems, chapter 11 (multiple choice); Huangfu and Hall
    (2018), Parallelizing the dual revised simplex method, Math. Prog. Computation 10 (HiGHS).

    Examples
    --------
    >>> from samaan_ml.inventory import PeriodDemand
    >>> tea = OrderItem("tea", "hul", PeriodDemand(20.0, 6.0), 4_000, 12_000, 6_000, 54_000)
    >>> found = order_list([tea], budget_paise=200_000)
    >>> found.lines[0].cases, found.cost_paise, found.holds([tea])
    (3, 162000, True)
    """
    minimums = _checked(items, budget_paise, suppliers, method)
    options = [options_of(item, budget_paise) for item in items]
    needs_milp = bool(minimums) or any(item.slabs for item in items)
    if method == "milp" or (method == "auto" and needs_milp):
        from samaan_ml.inventory._milp import solve

        counts, ratio = solve(options, budget_paise, _groups(items, minimums), seconds)
        return _listed(items, counts, budget_paise, "milp", ratio)
    return _listed(items, _greedy(options, budget_paise), budget_paise, "greedy", 0.0)


def _checked(
    items: Sequence[OrderItem], budget_paise: int, suppliers: Sequence[Supplier], method: str
) -> dict[str, int]:
    """Check the question and return the minimums that bind, by supplier."""
    if budget_paise < 0:
        raise ParameterError(f"'budget_paise' must be 0 or more; got {budget_paise}")
    if method not in ("auto", "greedy", "milp"):
        raise ParameterError(f"'method' must be 'auto', 'greedy' or 'milp'; got {method!r}")
    for kind, names in (
        ("item", [item.item_id for item in items]),
        ("supplier", [supplier.supplier_id for supplier in suppliers]),
    ):
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ParameterError(f"{kind} '{repeated[0]}' is given twice; give each once")
    delivering = {item.supplier_id for item in items}
    minimums = {
        s.supplier_id: s.minimum_paise for s in suppliers if s.minimum_paise and s.supplier_id in delivering
    }
    if method == "greedy" and (minimums or any(item.slabs for item in items)):
        raise ParameterError(
            "'method' 'greedy' heeds neither supplier minimums nor slabs; use 'auto' or 'milp'"
        )
    return minimums


def _groups(items: Sequence[OrderItem], minimums: dict[str, int]) -> list[tuple[int, list[int]]]:
    """Pair each binding minimum with the positions of its supplier's items."""
    return [
        (minimum, [k for k, item in enumerate(items) if item.supplier_id == name])
        for name, minimum in minimums.items()
    ]


def _greedy(options: Sequence[Options], budget_paise: int) -> list[int]:
    """Buy the step with the most gain per rupee that the cash left allows, until none gains.

    A step may be several cases: where the first case earns little and the second much, they are weighed
    together.
    """
    chosen = [0] * len(options)
    left = budget_paise
    while True:
        best, best_rate = None, 0.0
        for k, option in enumerate(options):
            here = chosen[k]
            for step in range(here + 1, len(option.cases)):
                cost = option.cost_paise[step] - option.cost_paise[here]
                gain = option.gain_paise[step] - option.gain_paise[here]
                if 0 < cost <= left and gain > 0 and gain / cost > best_rate:
                    best, best_rate = (k, step, cost), gain / cost
        if best is None:
            return [option.cases[place] for option, place in zip(options, chosen, strict=True)]
        chosen[best[0]] = best[1]
        left -= best[2]


def _listed(
    items: Sequence[OrderItem],
    counts: Sequence[int],
    budget_paise: int,
    method: Literal["greedy", "milp"],
    ratio: float,
) -> OrderList:
    """Write the list."""
    lines = tuple(_line(item, cases) for item, cases in zip(items, counts, strict=True) if cases)
    cost = sum(line.cost_paise for line in lines)
    gain = sum(line.expected_gain_paise for line in lines)
    return OrderList(lines, budget_paise, cost, budget_paise - cost, gain, method, ratio)


def _line(item: OrderItem, cases: int) -> OrderLine:
    """Write one line with its arithmetic."""
    order = cases * item.case_milli
    cost = item.cost_paise(cases)
    return OrderLine(
        item_id=item.item_id,
        supplier_id=item.supplier_id,
        cases=cases,
        order_milli=order,
        case_cost_paise=cost // cases,
        cost_paise=cost,
        on_hand_milli=item.on_hand_milli,
        demand_mean_milli=round(item.demand.mean * 1000),
        demand_sd_milli=round(item.demand.sd * 1000),
        expected_gain_paise=expected_gain_paise(item, cases),
        service_level=item.demand.chance_within((max(item.on_hand_milli, 0) + order) / 1000),
    )
