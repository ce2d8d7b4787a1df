"""No text of an engine makes a reader of numbers, dates, names or instructions slow."""

# ruff: noqa: E501 (tables stand as they are)

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from re import _parser as sre  # type: ignore[attr-defined]
from typing import Any

import pytest

import samaan_ml.bills
from samaan_ml.bills import Box, Reading, Token, find_suspicions, read_bill
from samaan_ml.bills._dates import find_date, find_dates, find_doubtful_date
from samaan_ml.bills._injection import _directives, _patterns, pattern_in
from samaan_ml.bills._numbers import parse_numeral, parse_percent, parse_quantity

TODAY = date(2026, 11, 30)
HOSTILE: dict[str, Callable[[int], str]] = {
    "opened": lambda n: "(" + " " * n + "1" + " " * n + ")x",
    "blanks": lambda n: "1" + " " * n + "x",
    "signs": lambda n: "-" * n + "1x",
    "currencies": lambda n: "Rs." * n + "1x",
    "commas": lambda n: "1,00" * n + "x",
    "slashes": lambda n: "1" + "/-" * n + "x",
    "halves": lambda n: "1" * n + "½" * n,
    "days": lambda n: "1-" * n + "jan" + "-" * n + "x",
    "months": lambda n: "jan" + " -" * n + "1" + " -" * n,
    "words": lambda n: "total " * n + "1.00x",
    "letters": lambda n: "i g n o r e " * n,
    "markup": lambda n: "<" + " " * n + "bill",
    "ignored": lambda n: "ignore " + "a " * n,
}  # fmt: skip
READERS: tuple[Callable[[str], object], ...] = (
    parse_numeral, lambda text: parse_numeral(text, repair_letters=True), parse_quantity, parse_percent,
    lambda text: find_date(text, TODAY), lambda text: find_dates(text, TODAY), lambda text: find_doubtful_date(text, TODAY),
    pattern_in,
)  # fmt: skip


def cost(act: Callable[[], object]) -> float:
    """Return the least CPU time of a few calls."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        act()
        spent.append(time.process_time() - began)
    return min(spent)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_text_sixteen_times_as_long_costs_at_most_some_thirty_times_as_much(name: str) -> None:
    for reader in READERS:
        short, long = HOSTILE[name](200), HOSTILE[name](3200)
        assert (
            cost(lambda text=long, act=reader: act(text))
            <= 32 * cost(lambda text=short, act=reader: act(text)) + 0.01
        )  # type: ignore[misc]


def test_a_bill_of_hostile_texts_is_read_and_flagged_in_bounded_time() -> None:
    tokens = tuple(
        Token(make(400), Box(0, 20 * place, 400, 20 * place + 12))
        for place, make in enumerate(HOSTILE.values())
    )
    began = time.process_time()
    read_bill(Reading("hostile", tokens), today=TODAY)
    find_suspicions(tokens)
    assert time.process_time() - began < 20


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield every regular expression that sees the text of an engine."""
    for module in pkgutil.iter_modules(samaan_ml.bills.__path__):
        for name, value in vars(importlib.import_module(f"samaan_ml.bills.{module.name}")).items():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, re.Pattern):
                    yield f"{module.name}.{name}", each
    yield from _patterns()
    yield from _directives()


def nested(parsed: Any, inside: bool = False) -> bool:
    """Tell whether a repeat without a bound stands inside another, which makes an expression backtrack without end."""
    for kind, value in parsed:
        if str(kind) in ("MAX_REPEAT", "MIN_REPEAT"):
            unbounded = value[1] is sre.MAXREPEAT
            if (unbounded and inside) or nested(value[2], inside or unbounded):
                return True
        elif (str(kind) == "SUBPATTERN" and nested(value[-1], inside)) or (
            str(kind) == "BRANCH" and any(nested(each, inside) for each in value[1])
        ):
            return True
    return False


def test_no_expression_repeats_a_repeat_without_bound() -> None:
    found = list(patterns())
    assert len(found) > 40
    assert [name for name, pattern in found if nested(sre.parse(pattern.pattern, pattern.flags))] == []
