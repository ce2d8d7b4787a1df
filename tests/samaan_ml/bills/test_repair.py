"""Repair against brute force, and its rates on simulated bills."""

import itertools
import random

import pytest

from samaan_ml.bills._balance import PrintedFoot
from samaan_ml.bills._line_repair import LineForm, LineStyle, PrintedLine, goods_value, readings_of_line
from samaan_ml.bills._printed import Printed
from samaan_ml.bills._settle import settle

NUMBERS = ("quantity", "rate", "discount", "tax", "amount")


def misread(text: str, rng: random.Random, error: float) -> str:
    return "".join(
        rng.choice([d for d in "0123456789" if d != c]) if rng.random() < error else c for c in text
    )


def printed_line(values: tuple[int, int, int, int, int], rng: random.Random, error: float) -> PrintedLine:
    quantity, rate, discount, tax, amount = values
    return PrintedLine(
        Printed(misread(str(quantity // 1000), rng, error), 1000),
        Printed(misread(f"{rate // 100:03d}", rng, error), 100),
        Printed(misread(f"{discount:03d}", rng, error), 1),
        Printed(misread(f"{tax:03d}", rng, error), 1),
        Printed(misread(f"{amount:03d}", rng, error), 1),
    )


def true_line(rng: random.Random) -> tuple[int, int, int, int, int]:
    count, rate = rng.choice((1, 2, 3, 5, 6, 10, 12)), rng.randint(20, 999) * 50
    goods = count * rate
    discount = (goods * rng.choice((0, 0, 5)) + 50) // 100
    tax = ((goods - discount) * rng.choice((0, 500, 1800)) + 5_000) // 10_000
    return count * 1000, rate * 100, discount, tax, goods - discount + tax


def test_the_cheapest_reading_is_the_one_that_brute_force_finds() -> None:
    rng = random.Random(11)
    form = LineForm(tax_in_amount=True)
    for _ in range(25):
        truth = (rng.choice((2, 3, 4)) * 1000, rng.randint(11, 99) * 10_000, 0, 0, 0)
        amount = goods_value(truth[0], truth[1])[0]
        line = PrintedLine(
            Printed(str(truth[0] // 1000), 1000),
            Printed(misread(str(truth[1] // 10_000), rng, 0.5), 10_000),
            None,
            None,
            Printed(str(amount // 100), 100),
        )
        found = readings_of_line(line, form, LineStyle())
        best = min((cost, values) for values, cost in found.items() if values.holds)
        assert line.quantity is not None
        assert line.rate is not None
        assert line.amount is not None
        brute = min(
            line.quantity.cost(q * 1000) + line.rate.cost(r * 10_000) + line.amount.cost(q * r * 100)
            for q, r in itertools.product(range(10), range(100))
        )
        assert best[0] == pytest.approx(brute)


def test_a_cost_is_the_same_seen_from_the_value_and_from_its_neighbours() -> None:
    printed = Printed("1250", 1)
    for value, cost in printed.neighbours(2):
        assert printed.cost(value) == pytest.approx(cost)


def test_a_typed_number_has_no_neighbours() -> None:
    typed = Printed("1250", 1, certain=True)
    assert typed.neighbours(2) == [(1250, 0.0)]
    assert typed.cost(1251) == float("inf")


@pytest.mark.parametrize(("error", "least_right"), [(0.005, 0.96), (0.01, 0.92), (0.02, 0.80)])
def test_bills_are_repaired_and_never_silently_wrong(error: float, least_right: float) -> None:
    rng = random.Random(3)
    bills = 60
    right = wrong = 0
    for _ in range(bills):
        truth = [true_line(rng) for _ in range(rng.randint(4, 7))]
        total = sum(values[4] for values in truth)
        foot = PrintedFoot(None, None, None, None, Printed(misread(str(total), rng, error), 1))
        lines = [printed_line(values, rng, error) for values in truth]
        settled = settle(lines, foot, (0, 500, 1200, 1800, 2800), under_headings=True)
        got = [tuple(line[name].value for name in NUMBERS) for line in settled.lines]
        clear = (
            all(each.clear for line in settled.lines for each in line.values())
            and settled.foot["total"].clear
        )
        is_right = got == truth and settled.foot["total"].value == total
        taken = clear and settled.sum_holds and all(settled.line_holds)
        right += taken and is_right
        wrong += taken and not is_right
    assert right >= least_right * bills
    assert wrong == 0
