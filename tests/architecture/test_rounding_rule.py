"""Money is rounded in one module: no other rounds paise by `round`, `rint` or a floor division."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("samaan_ml", "training", "pipelines", "serving", "samaan")
HOMES = {"samaan_ml/domain/money.py", "samaan_ml/rounding.py"}
ROUNDERS = {"round", "rint", "round_", "around"}
PARTS = {100, 1_000, 10_000, 20_000}
Unit = ast.stmt | ast.keyword | ast.expr


def units(node: ast.AST) -> Iterator[Unit]:
    """Cut the code into the smallest parts that say what a value is: statements, arguments, entries of a dict."""
    for child in ast.iter_child_nodes(node):
        yield from units(child)
    if isinstance(node, ast.keyword) or (isinstance(node, ast.stmt) and not hasattr(node, "body")):
        yield node


def own(unit: ast.AST) -> Iterator[ast.AST]:
    """Walk through a part without the arguments by name inside it, which are parts of their own."""
    yield unit
    for child in ast.iter_child_nodes(unit):
        if not isinstance(child, ast.keyword):
            yield from own(child)


def names(unit: ast.AST) -> set[str]:
    """Collect the words a part speaks of."""
    found = set()
    for leaf in own(unit):
        if isinstance(leaf, ast.Name):
            found.add(leaf.id)
        elif isinstance(leaf, ast.Attribute):
            found.add(leaf.attr)
        elif isinstance(leaf, ast.keyword) and leaf.arg:
            found.add(leaf.arg)
        elif isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and len(leaf.value) < 40:
            found.add(leaf.value)
    return found


def is_money(word: str) -> bool:
    """Tell whether a word speaks of money in paise or rupees."""
    return word.endswith(("paise", "rupees")) or word in {"revenue", "profit"}


def roundings(unit: ast.AST) -> Iterator[ast.expr]:
    """Find calls that round and floor divisions by a power of ten."""
    for leaf in own(unit):
        if isinstance(leaf, ast.Call):
            called = leaf.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name in ROUNDERS and not _keeps_parts_of_a_paisa(leaf):
                yield leaf
        elif (
            isinstance(leaf, ast.BinOp)
            and isinstance(leaf.op, ast.FloorDiv)
            and isinstance(leaf.right, ast.Constant)
            and leaf.right.value in PARTS
        ):
            yield leaf


def _keeps_parts_of_a_paisa(call: ast.Call) -> bool:
    """Tell whether a call cuts rupees to three decimals or more, which takes away the noise of floats alone."""
    digits = call.args[-1] if call.args else None
    return len(call.args) > 1 and isinstance(digits, ast.Constant) and int(str(digits.value)) > 2


def faults(tree: ast.Module) -> list[int]:
    """List the lines that round money by a rule of their own."""
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and is_money(function.name):
            found |= {
                place.lineno
                for part in function.body
                if isinstance(part, ast.Return)
                for place in roundings(part)
            }
    for unit in units(tree):
        if any(is_money(word) for word in names(unit)):
            found |= {place.lineno for place in roundings(unit)}
    return sorted(found)


@pytest.mark.parametrize(
    "fault",
    [
        "amount_paise = round(x)",
        "card = Card(profit_paise=round(float(profit)))",
        "row = {'cost_paise': round(cost * 100)}",
        "paise = np.rint(values * 100)",
        "half = (amount_paise + 50) // 100",
        "limit_paise = np.round(limit)",
        "def share_paise(part):\n    return part * 3 // 10_000",
        "def price_paise(value):\n    return round(value)",
        "stake = balance_paise * chance // 10_000",
    ],
)
def test_the_rule_sees_a_planted_fault(fault: str) -> None:
    assert faults(ast.parse(fault))


@pytest.mark.parametrize(
    "sound",
    [
        "days = round(float(x), 1)",
        "seconds = round(wait)",
        "pace_milli = milli // 28",
        "share = units // 1000",
    ],
)
def test_the_rule_leaves_other_numbers_alone(sound: str) -> None:
    assert faults(ast.parse(sound)) == []


def test_money_is_rounded_in_one_module(project_root: Path) -> None:
    found = [
        f"{path.relative_to(project_root)}:{line}"
        for package in PACKAGES
        for path in sorted((project_root / package).rglob("*.py"))
        if str(path.relative_to(project_root)) not in HOMES
        for line in faults(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []
