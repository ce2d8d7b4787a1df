"""What one line of a bill may really say: every reading near the printed one that its equation allows."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

from samaan_ml.bills._printed import Printed
from samaan_ml.domain.money import divide_half_away, share_of

RATE_PLACES = 4
"""Rates are printed with up to four decimals; inside the solver they count in 1/100 paise."""
_RATE_STEP = 10 ** (RATE_PLACES - 2) * 1000
MARGIN = 18.0
"""Readings this many nats behind the line's best one are forgotten."""
UNEXPLAINED = 13.0
UNEXPLAINED_AMONG_SOUND_LINES = 22.0
"""Cost of saying that the line's columns are not what they seem; higher where the other lines' columns are."""
_ROUNDED = 4.0
_OFF_SLAB = 9.0
_TAX_ROUNDED_OTHERWISE = 4.0
_OFF_STYLE = 5.0
_MOST = 400


class LineValues(NamedTuple):
    """One way to read a line: milli-units, 1/100 paise, then paise; `holds` tells whether its equation does."""

    quantity: int
    rate: int
    discount: int
    tax: int
    amount: int
    holds: bool = True


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """The numbers printed on a line, None where there are none.

    Parameters
    ----------
    quantity, rate, discount, tax, amount : Printed or None
        Milli-units, 1/100 paise, then paise.
    discount_bp, tax_bp : int or None, default=None
        Percentages printed instead of, or beside, the money.
    negative : bool, default=False
        Whether the line takes goods back: its numbers are compared without their sign.
    """

    quantity: Printed | None
    rate: Printed | None
    discount: Printed | None
    tax: Printed | None
    amount: Printed | None
    discount_bp: int | None = None
    tax_bp: int | None = None
    negative: bool = False


@dataclass(frozen=True, slots=True)
class LineForm:
    """What a bill's lines mean.

    Parameters
    ----------
    tax_in_amount : bool
        Whether the amount is after tax.
    whole_rupees : bool, default=False
        Whether amounts are rounded to whole rupees.
    """

    tax_in_amount: bool
    whole_rupees: bool = False


@dataclass(frozen=True, slots=True)
class LineStyle:
    """Habits that a bill's own lines show, so that a reading off them is less likely.

    Parameters
    ----------
    rates_bp : tuple of int or None, default=None
        Tax rates that the lines' taxes follow; None where they follow none.
    rate_step : int, default=1
        Step of which the rates are multiples, in 1/100 paise.
    percent_discounts : bool, default=False
        Whether discounts are whole percentages of the goods.
    sound : bool, default=False
        Whether most lines satisfy their equation as read.
    """

    rates_bp: tuple[int, ...] | None = None
    rate_step: int = 1
    percent_discounts: bool = False
    sound: bool = False


def goods_value(quantity: int, rate: int) -> tuple[int, bool]:
    """Return quantity times rate in paise, rounded half up, and whether nothing was rounded.

    Examples
    --------
    >>> goods_value(2500, 450_000)
    (11250, True)
    """
    product = quantity * rate
    return divide_half_away(product, _RATE_STEP), product % _RATE_STEP == 0


def share(amount: int, basis_points: int) -> int:
    """Return a percentage of an amount."""
    return share_of(amount, basis_points)


def implied_amount(
    line: PrintedLine, form: LineForm, quantity: int, rate: int, discount: int, tax: int
) -> int:
    """Return what the amount must be, percentages standing in for money that is not printed."""
    goods, _ = goods_value(quantity, rate)
    if line.discount is None and line.discount_bp:
        discount = share(goods, line.discount_bp)
    if line.tax is None and line.tax_bp:
        tax = share(goods - discount, line.tax_bp)
    amount = goods - discount + (tax if form.tax_in_amount else 0)
    return divide_half_away(amount, 100) * 100 if form.whole_rupees else amount


def holds_as_read(line: PrintedLine, form: LineForm) -> bool:
    """Return whether a fully printed line satisfies its equation as it was read."""
    if line.quantity is None or line.rate is None or line.amount is None:
        return False
    discount = line.discount.value if line.discount else 0
    tax = line.tax.value if line.tax else 0
    expected = implied_amount(line, form, line.quantity.value, line.rate.value, discount, tax)
    return abs(expected - line.amount.value) <= _slack(line, line.quantity.value, line.rate.value)


def readings_of_line(line: PrintedLine, form: LineForm, style: LineStyle) -> dict[LineValues, float]:
    """List the readings of a line with their costs, the best ones first.

    Parameters
    ----------
    line : PrintedLine
        What is printed.
    form : LineForm
        What the columns mean.
    style : LineStyle
        What the bill's other lines lead to expect.

    Returns
    -------
    dict of LineValues to float
        Costs in nats; at least the line as read, marked as not holding.
    """
    if line.amount is None and (line.quantity is None or line.rate is None):
        return {_as_read(line): 0.0}
    if line.quantity is None or line.rate is None:
        return _with_one_factor(line, form)
    found: dict[LineValues, float] = {}
    for values, cost in _near(line, form):
        if not math.isfinite(cost):
            continue
        total = cost + _tax_cost(line, values, style.rates_bp) + _style_cost(line, values, style)
        if total < found.get(values, math.inf):
            found[values] = total
    for values, cost in _other_percentages(line, form):
        found[values] = min(cost, found.get(values, math.inf))
    found[_as_read(line)] = UNEXPLAINED_AMONG_SOUND_LINES if style.sound else UNEXPLAINED
    least = min(found.values())
    ranked = sorted(found.items(), key=lambda pair: pair[1])[:_MOST]
    return {values: cost for values, cost in ranked if cost <= least + MARGIN}


def _as_read(line: PrintedLine) -> LineValues:
    """Return the line as it was read, without a claim that it holds."""
    quantity, rate, discount, tax, amount = (
        0 if each is None else each.value
        for each in (line.quantity, line.rate, line.discount, line.tax, line.amount)
    )
    return LineValues(quantity, rate, discount, tax, amount, holds=False)


def _with_one_factor(line: PrintedLine, form: LineForm) -> dict[LineValues, float]:
    """Read a line that prints an amount without a rate or without a quantity: the other factor follows."""
    assert line.amount is not None
    discount = line.discount.value if line.discount else 0
    tax = line.tax.value if line.tax and form.tax_in_amount else 0
    found = {}
    for amount, cost in line.amount.neighbours(1):
        goods = amount + discount - tax
        quantity = line.quantity.value if line.quantity else 0
        rate = line.rate.value if line.rate else 0
        if quantity:
            rate = (goods * _RATE_STEP * 2 + quantity) // (2 * quantity)
        elif rate:
            quantity = goods * _RATE_STEP // rate if goods * _RATE_STEP % rate == 0 else 0
        found[
            LineValues(quantity, rate, discount, line.tax.value if line.tax else 0, amount, holds=False)
        ] = cost
    return found


def _near(line: PrintedLine, form: LineForm) -> Iterator[tuple[LineValues, float]]:
    """Go through the readings that satisfy the equation: some fields as read or nearly, one as it then must be."""
    as_read = [
        (each.value if each else 0, 0.0) for each in (line.quantity, line.rate, line.discount, line.tax)
    ]
    moved = [
        each.neighbours(1)[1:] if each else [] for each in (line.quantity, line.rate, line.discount, line.tax)
    ]
    starts = [(tuple(as_read), 0.0)]
    for place, options in enumerate(moved):
        starts += [((*as_read[:place], option, *as_read[place + 1 :]), option[1]) for option in options]
    best = math.inf
    for values, cost in starts:
        for reading in _implied(line, form, values, cost):
            best = min(best, reading[1])
            yield reading
    if best > 1.5 * _typical(line):
        yield from _two_moved(line, form, as_read, moved)


def _two_moved(
    line: PrintedLine, form: LineForm, as_read: list[tuple[int, float]], moved: list[list[tuple[int, float]]]
) -> Iterator[tuple[LineValues, float]]:
    """Go through readings with a misread digit in each of two fields, the amount as it then must be."""
    for one, other in combinations(range(len(moved)), 2):
        for first in moved[one]:
            for second in moved[other]:
                values = list(as_read)
                values[one], values[other] = first, second
                yield from _amount_implied(line, form, tuple(values), first[1] + second[1])


def _typical(line: PrintedLine) -> float:
    """Return about the cost of one misread digit of the line."""
    assert line.amount is not None or line.rate is not None
    error = (line.amount or line.rate).error  # type: ignore[union-attr]
    return -math.log(error / 9)


def _other_percentages(line: PrintedLine, form: LineForm) -> Iterator[tuple[LineValues, float]]:
    """Go through readings in which a digit of a percentage is misread and all other numbers are right."""
    if line.quantity is None or line.rate is None or line.amount is None:
        return
    slack = _slack(line, line.quantity.value, line.rate.value)
    discount = line.discount.value if line.discount else 0
    tax = line.tax.value if line.tax else 0
    for printed, is_tax in ((line.discount_bp, False), (line.tax_bp, True)):
        if printed is None:
            continue
        for other in _PERCENTAGES:
            if other == printed:
                continue
            moved = replace(line, tax_bp=other) if is_tax else replace(line, discount_bp=other)
            expected = implied_amount(moved, form, line.quantity.value, line.rate.value, discount, tax)
            if abs(expected - line.amount.value) <= slack:
                cost = _misread_percentage(printed, other, line.amount.error)
                yield LineValues(line.quantity.value, line.rate.value, discount, tax, line.amount.value), cost


def _misread_percentage(read: int, true: int, error: float) -> float:
    """Return the cost of reading one percentage for another: its digits, or a digit lost."""
    one, other = f"{read / 100:g}", f"{true / 100:g}"
    if len(one) != len(other):
        return -math.log(error / 9) + _PERCENT_SLIP
    return sum(-math.log(error / 9) for a, b in zip(one, other, strict=True) if a != b)


_PERCENT_SLIP = 3.0
_PERCENTAGES = tuple(range(0, 10_001, 50))
"""Percentages that discounts and taxes have, in basis points."""

_Start = tuple[tuple[int, float], ...]


def _implied(
    line: PrintedLine, form: LineForm, start: _Start, cost: float
) -> Iterator[tuple[LineValues, float]]:
    """Let each field in turn follow from the others."""
    yield from _amount_implied(line, form, start, cost)
    if line.amount is None:
        return
    quantity, rate, discount, tax = (value for value, _ in start)
    amounts = line.amount.neighbours(1) if cost == 0 else [(line.amount.value, 0.0)]
    for amount, extra in amounts:
        base = cost + extra
        yield from _factor_implied(line, form, (quantity, rate, discount, tax, amount), base)
        if not form.whole_rupees:
            yield from _part_implied(line, form, LineValues(quantity, rate, discount, tax, amount), base)


def _part_implied(
    line: PrintedLine, form: LineForm, values: LineValues, cost: float
) -> Iterator[tuple[LineValues, float]]:
    """Let the discount or the tax follow from the others, where the paper can say so."""
    goods, _ = goods_value(values.quantity, values.rate)
    if line.discount is not None:
        needed = goods + (values.tax if form.tax_in_amount else 0) - values.amount
        yield values._replace(discount=needed), cost + line.discount.cost(needed)
    if line.tax is not None and form.tax_in_amount:
        needed = values.amount - goods + values.discount
        yield values._replace(tax=needed), cost + line.tax.cost(needed)


def _amount_implied(
    line: PrintedLine, form: LineForm, start: _Start, cost: float
) -> Iterator[tuple[LineValues, float]]:
    """Let the amount follow, give or take a paisa where something was rounded."""
    quantity, rate, discount, tax = (value for value, _ in start)
    expected = implied_amount(line, form, quantity, rate, discount, tax)
    if expected < 0:
        return
    if line.amount is None:
        yield LineValues(quantity, rate, discount, tax, expected), cost
        return
    slack = _slack(line, quantity, rate)
    for amount in range(expected - slack, expected + slack + 1):
        extra = line.amount.cost(amount)
        if math.isfinite(extra):
            rounding = 0.0 if amount == expected else _ROUNDED
            yield LineValues(quantity, rate, discount, tax, amount), cost + extra + rounding


def _factor_implied(
    line: PrintedLine, form: LineForm, values: tuple[int, int, int, int, int], cost: float
) -> Iterator[tuple[LineValues, float]]:
    """Let the rate or the quantity follow from the amount."""
    quantity, rate, discount, tax, amount = values
    if (
        (line.discount is None and line.discount_bp)
        or (line.tax is None and line.tax_bp)
        or form.whole_rupees
    ):
        return
    goods = amount + discount - (tax if form.tax_in_amount else 0)
    if goods <= 0:
        return
    for printed, other, is_rate in ((line.rate, quantity, True), (line.quantity, rate, False)):
        if printed is None or not other:
            continue
        value = divide_half_away(goods * _RATE_STEP, other * printed.factor) * printed.factor
        pair = (quantity, value) if is_rate else (value, rate)
        if goods_value(*pair)[0] == goods:
            extra = printed.cost(value)
            if math.isfinite(extra):
                yield LineValues(pair[0], pair[1], discount, tax, amount), cost + extra


def _slack(line: PrintedLine, quantity: int, rate: int) -> int:
    """Return the paise by which a line may miss its equation: only where its arithmetic rounds."""
    exact = goods_value(quantity, rate)[1]
    percent = (line.discount is None and line.discount_bp) or (line.tax is None and line.tax_bp)
    return (0 if exact else 1) + (1 if percent else 0)


def _tax_cost(line: PrintedLine, values: LineValues, slabs: tuple[int, ...] | None) -> float:
    """Return what it costs that a line's tax is not a legal share of its goods."""
    if line.tax is None:
        return 0.0
    taxable = goods_value(values.quantity, values.rate)[0] - values.discount
    rates = slabs if line.tax_bp is None else (line.tax_bp,)
    if rates is None:
        return 0.0
    away = min(abs(share(taxable, rate) - values.tax) for rate in rates)
    return (0.0, _TAX_ROUNDED_OTHERWISE)[away] if away <= 1 else _OFF_SLAB


def _style_cost(line: PrintedLine, values: LineValues, style: LineStyle) -> float:
    """Return what it costs that a reading is off the bill's own habits, in the fields it changes."""
    cost = 0.0
    if line.rate and values.rate % style.rate_step:
        cost += _OFF_STYLE
    if line.discount and style.percent_discounts:
        away = off_whole_percent(values.discount, values.quantity, values.rate)
        cost += 0.0 if away == 0 else _TAX_ROUNDED_OTHERWISE if away == 1 else _OFF_STYLE
    return cost


def off_whole_percent(discount: int, quantity: int, rate: int) -> int:
    """Return the paise by which a discount misses the nearest whole or half percentage of the goods, up to half."""
    goods, _ = goods_value(quantity, rate)
    if discount == 0:
        return 0
    percent = divide_half_away(discount * 200, goods) if goods else 0
    if not 0 < percent <= 100:
        return discount
    return abs(share(goods, percent * 50) - discount)
