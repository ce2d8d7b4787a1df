"""Reading time grows with the size of a sheet and no faster, whatever stands in its cells."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from re import _parser as sre  # type: ignore[attr-defined]
from typing import Any

import pytest

import samaan_ml.sheets
from samaan_ml.domain.unit_words import unit_word
from samaan_ml.sheets import SALES, Options, open_sheet
from samaan_ml.sheets._dates import parse_days
from samaan_ml.sheets._goods import is_service, is_total, spoilt_code
from samaan_ml.sheets._headings import map_columns, normalised
from samaan_ml.sheets._numbers import clean, parse_number

HOSTILE: dict[str, Callable[[int], str]] = {
    "blanks": lambda n: "1" + " " * n + "x",
    "opened": lambda n: "(" + " " * n + "1" + " " * n + ")x",
    "commas": lambda n: "1," * n + "x",
    "dots": lambda n: "1." * n,
    "groups": lambda n: "1" + ",000" * n + "x",
    "digits": lambda n: "1" * n + "e" + "9" * n,
    "signs": lambda n: "-" * n + "1",
    "currencies": lambda n: "Rs." * n + "1",
    "brackets": lambda n: "(" * n + "1" + ")" * n,
    "slashes": lambda n: "01/01/2026" + "/" * n,
    "times": lambda n: "2026-03-01 " + "10:" * n,
    "letters": lambda n: "5 " + "mar" * n + " 2026x",
    "no width": lambda n: "1" + "\u200b" * n + "x",
    "charges": lambda n: "discount" + " 1.,%" * n + "x",
    "totals": lambda n: "grand " * n + "total",
    "devanagari": lambda n: "१" * n + "क",
    "headings": lambda n: "Bill Date Qty Rate " * n,
    "camels": lambda n: "aB" * n,
}  # fmt: skip
READERS: tuple[Callable[[str], object], ...] = (
    parse_number.__wrapped__, parse_days.__wrapped__, clean, is_total, is_service.__wrapped__, spoilt_code, normalised,
    unit_word, lambda text: map_columns([text], tuple(SALES.fields)),
)  # fmt: skip


def steps_of(act: Callable[[], object]) -> int:
    """Count the lines of Python that a call runs."""
    count = 0

    def trace(*_: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_cell_costs_steps_that_grow_with_its_length_at_most(name: str) -> None:
    for reader in READERS:
        once, twice = (steps_of(partial(reader, HOSTILE[name](n))) for n in (2_000, 4_000))
        assert twice <= 2.2 * once + 200, reader


@pytest.mark.parametrize("name", HOSTILE)
def test_a_sheet_of_hostile_cells_costs_steps_that_grow_with_its_rows_at_most(
    name: str, tmp_path: Path
) -> None:
    def read(rows: int) -> int:
        path = tmp_path / f"{rows}.csv"
        cell = HOSTILE[name](40).replace('"', "")
        path.write_text(
            "date,item,qty,rate\n" + f'2026-03-01,"{cell}","{cell}","{cell}"\n"{cell}",a,1,1\n' * rows
        )
        options = Options(today=date(2026, 6, 30))
        return steps_of(lambda: list(open_sheet(path, SALES, options).lines()))

    assert read(120) <= 2.3 * read(60)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield every regular expression of the reader."""
    for module in pkgutil.iter_modules(samaan_ml.sheets.__path__):
        for name, value in vars(importlib.import_module(f"samaan_ml.sheets.{module.name}")).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name}.{name}", value


def nested(parsed: Any, inside: bool = False) -> bool:
    """Tell whether a repeat without a bound stands inside another, which makes an expression backtrack."""
    for kind, value in parsed:
        if str(kind) in ("MAX_REPEAT", "MIN_REPEAT"):
            unbounded = value[1] is sre.MAXREPEAT
            if (unbounded and inside) or nested(value[2], inside or unbounded):
                return True
        elif str(kind) == "SUBPATTERN":
            if nested(value[-1], inside):
                return True
        elif str(kind) == "BRANCH" and any(nested(each, inside) for each in value[1]):
            return True
    return False


def test_no_expression_repeats_a_repeat() -> None:
    found = dict(patterns())
    assert len(found) > 10
    assert [
        name for name, pattern in found.items() if nested(sre.parse(pattern.pattern, pattern.flags))
    ] == []
    assert nested(sre.parse(r"(?:a+)*"))  # the check itself can fail
