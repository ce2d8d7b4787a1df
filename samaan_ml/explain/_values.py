"""Values that facts give, and what follows from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from samaan_ml.explain._facts import Fact
from samaan_ml.explain._languages import spoken_milli

_DIFFERENCES = {
    ("promised", "unpaid"): "paid",
    ("limit", "balance"): "limit",
    ("price", "cost"): "price",
    ("price", "sold_at"): "price",
    ("old_price", "new_price"): "change",
    ("usual_sales", "today_sales"): "change",
    ("usual", "expected"): "change",
}
"""Facts whose difference is a figure of its own, and what that figure is."""


_SUMS = frozenset({("balance", "purchase")})


@dataclass(frozen=True, slots=True)
class _Value:
    """A number that the facts yield."""

    kind: str
    number: Fraction
    basis: str
    unit: str | None = None
    fact_ids: frozenset[str] = frozenset()


def _values(facts: Sequence[Fact], pairs: Sequence[tuple[str, str]]) -> Iterator[_Value]:
    """Go through the numbers that facts yield: themselves, then one step of arithmetic."""
    numbered = [fact for fact in facts if fact.number is not None]
    for fact in numbered:
        number = Fraction(fact.number or 0)
        yield _Value(fact.unit, number, fact.id, fact.unit_name, frozenset({fact.id}))
        if fact.unit == "quantity" and (spoken := spoken_milli(fact)) != number:
            yield _Value(fact.unit, Fraction(spoken), fact.id, fact.unit_name, frozenset({fact.id}))
    for one, other in permutations(numbered, 2):
        if one.unit != other.unit or one.unit_name != other.unit_name:
            continue
        # Small numbers meet by chance: only what belongs together is subtracted or added.
        sides = (Fraction(one.number or 0), Fraction(other.number or 0))
        pair = (one.id, other.id)
        if pair in _DIFFERENCES or pair in pairs:
            role = frozenset({_DIFFERENCES.get(pair, "change")})
            yield _Value(one.unit, abs(sides[0] - sides[1]), f"{one.id} - {other.id}", one.unit_name, role)
        if pair in _SUMS:
            yield _Value(one.unit, sides[0] + sides[1], f"{one.id} + {other.id}", one.unit_name)
    for one, other in permutations(numbered, 2):
        yield from _products(one, other)
    yield from _changes(numbered, pairs)


def _products(one: Fact, other: Fact) -> Iterator[_Value]:
    """Yield price times quantity, and an amount a day times days."""
    left, right = Fraction(one.number or 0), Fraction(other.number or 0)
    if one.unit == "money" and other.unit == "quantity":
        yield _Value("money", left * right / 1000, f"{one.id} x {other.id}")
    if one.unit == "money" and other.unit in {"days", "count"}:
        yield _Value("money", left * right, f"{one.id} x {other.id}")


def _changes(facts: Sequence[Fact], pairs: Sequence[tuple[str, str]]) -> Iterator[_Value]:
    """Yield the percentage changes of compared facts."""
    numbers = {fact.id: fact.number for fact in facts}
    for before, after in pairs:
        start, end = numbers.get(before), numbers.get(after)
        if start and end is not None:
            change = Fraction(abs(end - start) * 10_000, abs(start))
            yield _Value("percent", change, f"({after} - {before}) / {before}")
