"""From the readings a bill allows to the one that is taken: posterior shares, and a question where they are split."""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from samaan_ml.bills._balance import Balance, FootValues, PrintedFoot, add_costs, balances
from samaan_ml.bills._line_repair import (
    LineForm,
    LineStyle,
    LineValues,
    PrintedLine,
    goods_value,
    holds_as_read,
    off_whole_percent,
    readings_of_line,
    share,
)

ACCEPT = 0.975
"""Posterior share above which a value other than the printed one is taken without asking."""
_OFFERED = 0.01
_MOST_OFFERED = 4
_RATE_STEPS = (10_000, 5_000, 2_500, 1_000, 500, 100)
"""Whole rupees, halves, quarters, tenths, twentieths, paise; in 1/100 paise."""
_FEWEST_FOR_HABIT = 3
_CLOSE = 0.25
_NET_FORM = 5.0
"""Where both fit, amounts after tax are likelier."""
LINE_MISSED = 3.0
LINE_MISSED_UNDER_HEADINGS = 16.0
"""Cost of a line that was not seen at all: low unless the lines stand in a table whose arithmetic is sound."""

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Value]):
    """What a field is taken to say: its likeliest value, the share of probability behind it, and the other choices."""

    value: Value
    share: float
    options: tuple[Value, ...]

    @property
    def clear(self) -> bool:
        """Whether no question is needed."""
        return self.share >= ACCEPT


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settled bill: a verdict for each number, and which equations hold."""

    form: LineForm
    lines: tuple[dict[str, Verdict[int]], ...]
    line_holds: tuple[bool, ...]
    foot: dict[str, Verdict[int]]
    taxes: tuple[Verdict[int], ...]
    sum_holds: bool
    taxes_added: bool


def settle(
    lines: Sequence[PrintedLine], foot: PrintedFoot, rates_bp: Sequence[int], *, under_headings: bool
) -> Settlement:
    """Choose the form of the bill and settle each of its numbers.

    Parameters
    ----------
    lines : sequence of PrintedLine
        The lines' numbers.
    foot : PrintedFoot
        The foot's numbers.
    rates_bp : sequence of int
        Tax rates legal on the bill's day.
    under_headings : bool
        Whether the lines stand in a table with headings, so that a whole line is rarely missed.
    """
    best: tuple[float, Settlement] | None = None
    for form in _forms(lines):
        style = _style(lines, form, rates_bp)
        readings = [
            _negated(readings_of_line(line, form, style))
            if line.negative
            else readings_of_line(line, form, style)
            for line in lines
        ]
        own_tax = not form.tax_in_amount and not foot.taxes and any(line.tax for line in lines)
        for on_top in (False, True) if own_tax else (False,):
            missed = LINE_MISSED_UNDER_HEADINGS if under_headings and _is_sound(lines, form) else LINE_MISSED
            found = balances(readings, foot, missed, line_tax_added=on_top)
            cost = add_costs([each.cost for each in found]) + (0.0 if form.tax_in_amount else _NET_FORM)
            if best is None or cost < best[0] - 1e-9:
                best = cost, _settled(form, readings, found)
    assert best is not None
    return best[1]


def _negated(readings: dict[LineValues, float]) -> dict[LineValues, float]:
    """Return the readings of a line that takes goods back their sign."""
    return {
        LineValues(-v.quantity, v.rate, -v.discount, -v.tax, -v.amount, v.holds): cost
        for v, cost in readings.items()
    }


def _is_sound(lines: Sequence[PrintedLine], form: LineForm) -> bool:
    """Return whether enough lines satisfy their equation as read to trust that the table was understood."""
    return 3 * sum(holds_as_read(line, form) for line in lines) >= len(lines) > 0


def _forms(lines: Sequence[PrintedLine]) -> list[LineForm]:
    """List the forms that about as many lines agree with, as read, as with the best."""
    forms = [LineForm(tax_in_amount=True), LineForm(tax_in_amount=False)]
    if not any(line.tax or line.tax_bp for line in lines):
        forms = forms[1:]
    forms += [LineForm(form.tax_in_amount, whole_rupees=True) for form in forms if _all_whole(lines)]
    votes = [sum(holds_as_read(line, form) for line in lines) for form in forms]
    most = max(votes)
    return [form for form, vote in zip(forms, votes, strict=True) if most - vote <= _CLOSE * len(lines)]


def _all_whole(lines: Sequence[PrintedLine]) -> bool:
    """Return whether all amounts are whole rupees."""
    return bool(lines) and all(line.amount is None or line.amount.value % 100 == 0 for line in lines)


def _style(lines: Sequence[PrintedLine], form: LineForm, rates_bp: Sequence[int]) -> LineStyle:
    """Learn the bill's habits from its lines as read: misread lines break them, so that a part must do."""
    whole = [line for line in lines if line.quantity and line.rate]
    rates = [line.rate.value for line in whole if line.rate]
    steps = [
        step
        for step in _RATE_STEPS
        if rates and 3 * sum(rate % step == 0 for rate in rates) >= 2 * len(rates)
    ]
    taxed = [line for line in whole if line.tax and line.tax.value]
    by_rate = sum(_follows_a_rate(line, rates_bp) for line in taxed)
    reduced = [line for line in whole if line.discount and line.discount.value]
    by_percent = sum(
        off_whole_percent(line.discount.value, line.quantity.value, line.rate.value) == 0
        for line in reduced
        if line.discount and line.quantity and line.rate
    )
    return LineStyle(
        tuple(rates_bp) if taxed and 3 * by_rate >= len(taxed) else None,
        steps[0] if steps and len(rates) >= _FEWEST_FOR_HABIT else 1,
        len(whole) >= _FEWEST_FOR_HABIT and 2 * by_percent >= len(reduced),
        len(whole) >= _FEWEST_FOR_HABIT
        and 2 * sum(holds_as_read(line, form) for line in whole) >= len(whole),
    )


def _follows_a_rate(line: PrintedLine, rates_bp: Sequence[int]) -> bool:
    """Return whether a line's tax, as read, is a legal share of its goods."""
    assert line.tax is not None
    assert line.quantity is not None
    assert line.rate is not None
    goods, _ = goods_value(line.quantity.value, line.rate.value)
    taxable = goods - (line.discount.value if line.discount else 0)
    return any(abs(share(taxable, rate) - line.tax.value) <= 1 for rate in rates_bp)


def _settled(
    form: LineForm, readings: Sequence[dict[LineValues, float]], found: Sequence[Balance]
) -> Settlement:
    """Turn the readings of the whole into a verdict for each number."""
    least = found[0].cost
    weights = [math.exp(least - each.cost) for each in found]
    whole = sum(weights)
    shares = [weight / whole for weight in weights]
    lines, holds = [], []
    for place, line in enumerate(readings):
        amounts: dict[int, float] = defaultdict(float)
        for balance, part in zip(found, shares, strict=True):
            amounts[balance.amounts[place]] += part
        posterior = _line_posterior(line, amounts)
        lines.append({name: _verdict(posterior, lambda v, n=name: getattr(v, n)) for name in _LINE_NUMBERS})  # type: ignore[misc]
        holds.append(sum(part for values, part in posterior.items() if values.holds) > 0.5)
    feet: dict[FootValues, float] = defaultdict(float)
    for balance, part in zip(found, shares, strict=True):
        feet[balance.foot] += part
    taxes = tuple(_verdict(feet, lambda v, n=place: v.taxes[n]) for place in range(len(found[0].foot.taxes)))  # type: ignore[misc]
    return Settlement(
        form,
        tuple(lines),
        tuple(holds),
        {name: _verdict(feet, lambda v, n=name: getattr(v, n)) for name in FOOT_NUMBERS},  # type: ignore[misc]
        taxes,
        sum(part for values, part in feet.items() if values.holds) > 0.5,
        sum(part for values, part in feet.items() if values.taxes_added) > 0.5,
    )


_LINE_NUMBERS = ("quantity", "rate", "discount", "tax", "amount")
FOOT_NUMBERS = ("subtotal", "discount", "charges", "round_off", "total")


def _line_posterior(line: dict[LineValues, float], amounts: dict[int, float]) -> dict[LineValues, float]:
    """Share each amount's probability out over the readings that bring it."""
    by_amount: dict[int, list[tuple[LineValues, float]]] = defaultdict(list)
    for values, cost in line.items():
        by_amount[values.amount].append((values, cost))
    posterior = {}
    for amount, part in amounts.items():
        together = add_costs([cost for _, cost in by_amount[amount]])
        for values, cost in by_amount[amount]:
            posterior[values] = part * math.exp(together - cost)
    return posterior


Reading = TypeVar("Reading", bound=Hashable)


def _verdict(posterior: dict[Reading, float], value_of: Callable[[Reading], Value]) -> Verdict[Value]:
    """Add up the shares of each value of one field."""
    shares: dict[Value, float] = defaultdict(float)
    for reading, part in posterior.items():
        shares[value_of(reading)] += part
    ranked = sorted(shares.items(), key=lambda pair: -pair[1])
    options = tuple(value for value, part in ranked[:_MOST_OFFERED] if part >= _OFFERED)
    return Verdict(ranked[0][0], ranked[0][1], options)
