"""The bill as one system of equations: the lines, their sum and the foot decide together what was printed.

Every line has its possible readings (`_line_repair`), every number of the foot its own. A combination satisfies
the sum; its cost is the sum of its parts, so that costs are log-probabilities and a share of all combinations is a
posterior probability. A value is taken where that share is large, and asked for otherwise.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from samaan_ml.bills._line_repair import LineValues
from samaan_ml.bills._printed import Printed
from samaan_ml.domain.money import divide_down, divide_half_away

BEAM = 3_000
"""Partial sums kept while adding line after line."""
MARGIN = 11.0
"""Readings this many nats behind the best are forgotten: together they weigh less than a percent."""
_PER_SUM = 4
_ROUND_TO_RUPEE = 4.0
_TAXES_DIFFER = 5.0
_SUBTOTAL_OTHER = 5.0


@dataclass(frozen=True, slots=True)
class PrintedFoot:
    """The numbers under a bill's lines, in paise, None where there are none.

    Parameters
    ----------
    subtotal, discount, charges, round_off, total : Printed or None
        `discount` and `charges` count positive.
    taxes : tuple of Printed, default=()
        Each printed tax amount.
    round_off_sign : {1, -1}, default=1
        Sign of the rounding as printed.
    halves : bool, default=False
        Whether the taxes are the two halves (central and state) of one tax, hence equal.
    """

    subtotal: Printed | None
    discount: Printed | None
    charges: Printed | None
    round_off: Printed | None
    total: Printed | None
    taxes: tuple[Printed, ...] = ()
    round_off_sign: int = 1
    halves: bool = False


@dataclass(frozen=True, slots=True)
class FootValues:
    """One way to read the foot, in paise."""

    subtotal: int
    discount: int
    charges: int
    round_off: int
    total: int
    taxes: tuple[int, ...]
    taxes_added: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """A reading of a whole bill and its cost: the amount of each line and the foot."""

    amounts: tuple[int, ...]
    foot: FootValues
    cost: float


def balances(
    lines: Sequence[dict[LineValues, float]],
    foot: PrintedFoot,
    unexplained: float,
    *,
    line_tax_added: bool = False,
) -> list[Balance]:
    """List the readings of a bill that satisfy its sum, the least costly first.

    Parameters
    ----------
    lines : sequence of dict
        Readings of each line with their costs.
    foot : PrintedFoot
        What is printed under the lines.
    unexplained : float
        Cost of saying that the sum does not hold, because a line was not read at all.
    line_tax_added : bool, default=False
        Whether the lines' own taxes come on top of their amounts.

    Returns
    -------
    list of Balance
        The last resort, the bill as read without its sum, is always among them.
    """
    groups = [_by_amount(line, line_tax_added=line_tax_added) for line in lines]
    last_resort = _as_read(groups, foot, unexplained)
    found, least = [last_resort], last_resort.cost
    parts = _parts_near(foot)
    for total, ways in sorted(_sums(groups).items(), key=lambda pair: pair[1][0][0]):
        start = ways[0][0]
        if start > least + MARGIN:
            break
        for values, cost in _feet(foot, total, parts, least + MARGIN - start):
            least = min(least, start + cost)
            found += [Balance(amounts, values, way + cost) for way, amounts in ways]
    return sorted((each for each in found if each.cost <= least + MARGIN), key=lambda each: each.cost)


def _by_amount(line: dict[LineValues, float], *, line_tax_added: bool) -> dict[tuple[int, int], float]:
    """Add up, in probability, the readings of a line that bring the same amount (and added tax) to the sum."""
    weights: dict[tuple[int, int], list[float]] = defaultdict(list)
    for values, cost in line.items():
        weights[values.amount, values.amount + (values.tax if line_tax_added else 0)].append(cost)
    return {key: add_costs(costs) for key, costs in weights.items()}


def add_costs(costs: Sequence[float]) -> float:
    """Return the cost of "one of these": minus the log of the sum of probabilities.

    Examples
    --------
    >>> round(add_costs([7.0, 7.0]), 3)
    6.307
    """
    least = min(costs)
    return least - math.log(sum(math.exp(least - cost) for cost in costs))


_Way = tuple[float, tuple[int, ...]]


def _sums(groups: Sequence[dict[tuple[int, int], float]]) -> dict[int, list[_Way]]:
    """Add line after line, keeping for each partial sum its few best ways and for all the best sums."""
    states: dict[int, list[_Way]] = {0: [(0.0, ())]}
    for group in groups:
        options = sorted(group.items(), key=lambda pair: pair[1])
        first = options[0][1]
        grown: dict[int, list[_Way]] = defaultdict(list)
        best = min(ways[0][0] for ways in states.values())
        for total, ways in states.items():
            for (amount, added), cost in options:
                if ways[0][0] - best + cost - first > MARGIN:
                    break
                grown[total + added] += [(way + cost, (*amounts, amount)) for way, amounts in ways]
        ranked = sorted(
            ((sorted(ways)[:_PER_SUM], total) for total, ways in grown.items()), key=lambda e: e[0][0][0]
        )
        states = {total: ways for ways, total in ranked[:BEAM]}
    return states


def _as_read(groups: Sequence[dict[tuple[int, int], float]], foot: PrintedFoot, cost: float) -> Balance:
    """Return the bill with its sum left open: each line at its own best, the foot as printed."""
    best = [min(group.items(), key=lambda pair: pair[1]) for group in groups]
    discount, charges, rounding, taxes = _small_parts(foot)
    values = FootValues(
        foot.subtotal.value if foot.subtotal else 0,
        discount,
        charges,
        rounding,
        foot.total.value if foot.total else 0,
        taxes,
        taxes_added=True,
        holds=False,
    )
    return Balance(tuple(amount for (amount, _), _ in best), values, cost + sum(each for _, each in best))


_Parts = tuple[int, int, int, tuple[int, ...]]


def _feet(
    foot: PrintedFoot, lines_sum: int, parts: Sequence[tuple[_Parts, float]], bound: float
) -> Iterator[tuple[FootValues, float]]:
    """Go through the readings of the foot that fit a sum of the lines and cost no more than a bound."""
    for subtotal, cost in _subtotals(foot, lines_sum):
        if cost > bound:
            continue
        if foot.total is None:
            discount, charges, rounding, taxes = parts[0][0]
            total = lines_sum - discount + charges + rounding + sum(taxes)
            yield (
                FootValues(subtotal, discount, charges, rounding, total, taxes, taxes_added=True, holds=True),
                cost,
            )
            continue
        for added in (True, False) if foot.taxes else (True,):
            for values, more in _feet_over(
                foot, foot.total, lines_sum, subtotal, parts, added=added, bound=bound - cost
            ):
                if cost + more <= bound:
                    yield values, cost + more


def _subtotals(foot: PrintedFoot, lines_sum: int) -> Iterator[tuple[int, float]]:
    """Read the subtotal as the sum of the lines, or as something else (before discounts, without tax)."""
    if foot.subtotal is None:
        yield 0, 0.0
        return
    cost = foot.subtotal.cost(lines_sum)
    if math.isfinite(cost):
        yield lines_sum, cost
    if foot.subtotal.value != lines_sum:
        yield foot.subtotal.value, _SUBTOTAL_OTHER + foot.subtotal.error


def _feet_over(
    foot: PrintedFoot,
    printed: Printed,
    lines_sum: int,
    subtotal: int,
    parts: Sequence[tuple[_Parts, float]],
    *,
    added: bool,
    bound: float,
) -> Iterator[tuple[FootValues, float]]:
    """Read the foot with at most one of its small parts misread, the total as it then must be or nearly."""
    for (discount, charges, rounding, taxes), extra in parts:
        if extra > bound:
            break
        total = lines_sum - discount + charges + rounding + (sum(taxes) if added else 0)
        base = extra + (_TAXES_DIFFER if foot.halves and len(set(taxes)) > 1 else 0.0)
        reading = printed.cost(total)
        values = FootValues(subtotal, discount, charges, rounding, total, taxes, added, holds=True)
        if math.isfinite(reading):
            yield values, base + reading
        if foot.round_off is None and total % 100:
            yield from _rounded_silently(printed, values, base)
    yield from _part_implied(foot, printed, lines_sum, subtotal, parts[0][0], added=added)


def _rounded_silently(
    printed: Printed, values: FootValues, base: float
) -> Iterator[tuple[FootValues, float]]:
    """Read a total rounded to whole rupees without saying so."""
    total = values.total
    for whole in {divide_down(total, 100) * 100, divide_half_away(total, 100) * 100}:
        reading = printed.cost(whole)
        if math.isfinite(reading):
            far = 0.0 if abs(whole - total) <= 50 else 2.0
            rounded = replace(values, round_off=whole - total, total=whole)
            yield rounded, base + reading + _ROUND_TO_RUPEE + far


def _small_parts(foot: PrintedFoot) -> _Parts:
    """Return discount, charges, rounding and taxes as read."""
    return (
        foot.discount.value if foot.discount else 0,
        foot.charges.value if foot.charges else 0,
        foot.round_off.value * foot.round_off_sign if foot.round_off else 0,
        tuple(tax.value for tax in foot.taxes),
    )


def _parts_near(foot: PrintedFoot) -> list[tuple[_Parts, float]]:
    """List the small parts of the foot as read and with one of their digits misread, the least costly first."""
    discount, charges, rounding, taxes = _small_parts(foot)
    found: list[tuple[_Parts, float]] = [((discount, charges, rounding, taxes), 0.0)]
    if foot.discount:
        found += [((v, charges, rounding, taxes), c) for v, c in foot.discount.neighbours(1)[1:]]
    if foot.charges:
        found += [((discount, v, rounding, taxes), c) for v, c in foot.charges.neighbours(1)[1:]]
    if foot.round_off:
        sign = foot.round_off_sign
        found += [((discount, charges, v * sign, taxes), c) for v, c in foot.round_off.neighbours(1)[1:]]
    for place, tax in enumerate(foot.taxes):
        found += [
            ((discount, charges, rounding, (*taxes[:place], v, *taxes[place + 1 :])), c)
            for v, c in tax.neighbours(1)[1:]
        ]
    return sorted(found, key=lambda pair: pair[1])


def _part_implied(
    foot: PrintedFoot, printed: Printed, lines_sum: int, subtotal: int, parts: _Parts, *, added: bool
) -> Iterator[tuple[FootValues, float]]:
    """Let the discount, or the only tax, follow from the total as read: for digits misread more than once."""
    discount, charges, rounding, taxes = parts
    total = printed.value
    values = FootValues(subtotal, discount, charges, rounding, total, taxes, added, holds=True)
    if foot.discount is not None:
        needed = lines_sum + charges + rounding + (sum(taxes) if added else 0) - total
        cost = foot.discount.cost(needed)
        if math.isfinite(cost):
            yield replace(values, discount=needed), cost
    if len(taxes) == 1 and added:
        needed = total - (lines_sum - discount + charges + rounding)
        cost = foot.taxes[0].cost(needed)
        if math.isfinite(cost):
            yield replace(values, taxes=(needed,)), cost
