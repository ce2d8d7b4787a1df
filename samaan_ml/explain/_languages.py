"""The words of each language, read once on first use from `languages/*.json`."""

import json
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.money import group_indian
from samaan_ml.domain.units import format_quantity
from samaan_ml.explain._facts import LANGUAGES, Fact


@dataclass(frozen=True, slots=True)
class Words:
    """A language's words.

    Parameters
    ----------
    language, name : str
        Code and own name.
    months : tuple of str
        January to December.
    units : dict of str to (str, str)
        Name of one and of many of each unit.
    day : (str, str)
        One day, many days.
    up, down : frozenset of str
        Words that claim a rise and a fall.
    topics : dict of str to tuple of str
        Sentences of each variant, with slots.
    """

    language: str
    name: str
    months: tuple[str, ...]
    units: dict[str, tuple[str, str]]
    day: tuple[str, str]
    up: frozenset[str]
    down: frozenset[str]
    topics: dict[str, tuple[str, ...]]


@cache
def words_of(language: str) -> Words:
    """Return the words of a language.

    Raises
    ------
    RuleError
        When it is not among `LANGUAGES`.

    Examples
    --------
    >>> words_of("mr").name
    'मराठी'
    """
    if language not in LANGUAGES:
        raise RuleError(
            f"language '{language}' is unknown; use one of {', '.join(LANGUAGES)}", field="language"
        )
    text = files("samaan_ml.explain").joinpath("languages", f"{language}.json").read_text(encoding="utf-8")
    raw = json.loads(unicodedata.normalize("NFC", text))
    return Words(
        raw["language"],
        raw["name"],
        tuple(raw["months"]),
        {name: (one, many) for name, (one, many) in raw["units"].items()},
        (raw["days"][0], raw["days"][1]),
        frozenset(word.lower() for word in raw["up"]),
        frozenset(word.lower() for word in raw["down"]),
        {variant: tuple(sentences) for variant, sentences in raw["topics"].items()},
    )


def format_fact(fact: Fact, language: str, *, exact: bool = False) -> str:
    """Write a fact's value for a reader of a language; `exact` keeps all digits of a quantity.

    Examples
    --------
    >>> format_fact(Fact.money("cost", 12_34_567_00), "en")
    '₹12,34,567'
    >>> format_fact(Fact.quantity("q", 2_500, "kg"), "hi")
    '2.5 किलो'
    >>> format_fact(Fact.day("d", date(2026, 11, 23)), "en")
    '23 Nov 2026'
    """
    words = words_of(language)
    if fact.unit in {"item", "person"}:
        return fact.name or ""
    if fact.unit == "day":
        assert fact.on is not None
        return format_day(fact.on, language)
    assert fact.number is not None
    if fact.unit == "money":
        return format_money(fact.number)
    if fact.unit == "percent":
        return _decimal(fact.number, 2) + "%"
    if fact.unit == "quantity":
        one, many = words.units[fact.unit_name or "piece"]
        milli = fact.number if exact else spoken_milli(fact)
        return f"{_grouped(milli)} {one if milli == 1000 else many}"
    if fact.unit == "days":
        return f"{group_indian(fact.number)} {words.day[fact.number != 1]}"
    return group_indian(fact.number)


ESTIMATES = frozenset({"expected_demand", "daily_demand", "expected", "usual", "at_risk", "reorder_point"})
"""Quantities that are estimated: more digits than people use would claim a precision that they lack."""


def spoken_milli(fact: Fact) -> int:
    """Return a quantity as people say it, in milli-units.

    Pieces are whole, at least one where there is some. An estimated weight or volume is whole from 10 on and has one
    decimal from 1 on; a weight that was measured keeps its digits.

    Examples
    --------
    >>> spoken_milli(Fact.quantity("daily_demand", 15_875)), spoken_milli(Fact.quantity("on_hand", 2_500, "kg"))
    (16000, 2500)
    """
    assert fact.number is not None
    if fact.unit_name in (None, "piece"):
        step = 1000
    elif fact.id not in ESTIMATES or abs(fact.number) < 1000:
        return fact.number
    else:
        step = 1000 if abs(fact.number) >= 10_000 else 100
    size = (2 * abs(fact.number) + step) // (2 * step) * step
    if size == 0 and fact.number:
        size = step
    return size if fact.number >= 0 else -size


def format_money(paise: int) -> str:
    """Write an amount with lakh commas, paise only where there are any."""
    rupees, rest = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}₹{group_indian(rupees)}" + (f".{rest:02d}" if rest else "")


def format_day(on: date, language: str) -> str:
    """Write a day with the month's name."""
    return f"{on.day} {words_of(language).months[on.month - 1]} {on.year}"


def _grouped(milli: int) -> str:
    """Write a quantity with lakh commas."""
    whole, _, part = format_quantity(milli).partition(".")
    sign = "-" if whole.startswith("-") else ""
    return sign + group_indian(int(whole.lstrip("-"))) + (f".{part}" if part else "")


def _decimal(number: int, places: int) -> str:
    """Write a fixed-point number without trailing zeros."""
    whole, part = divmod(abs(number), 10**places)
    return f"{'-' if number < 0 else ''}{whole}" + (f".{part:0{places}d}".rstrip("0") if part else "")
