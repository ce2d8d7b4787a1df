"""A price never depends on who buys: nothing on the way to a price can name a customer."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PRICE_PATH = ("serving/pricing", "samaan_ml/pricing")
PRICE_MODULES = (
    "samaan_ml/domain/pricing.py",
    "samaan_ml/domain/price_rules.py",
    "samaan_ml/domain/price_ladder.py",
    "samaan_ml/domain/pack_prices.py",
    "serving/ports/prices.py",
)
FORBIDDEN = ("customer", "ledger", "udhaar")


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name that code can reach data by: names, attributes, parameters, imports, keys of tables."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name):
            yield line, node.id
        elif isinstance(node, ast.Attribute):
            yield line, node.attr
        elif isinstance(node, ast.arg | ast.keyword):
            yield line, node.arg or ""
        elif isinstance(node, ast.ImportFrom):
            yield line, node.module or ""
            yield from ((line, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((line, alias.name) for alias in node.names)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            yield line, str(node.slice.value)


def names_of_customers(source: str) -> list[str]:
    """Lines that name a customer or the ledger."""
    return [
        f"{line}: {name}"
        for line, name in identifiers(ast.parse(source))
        if any(word in name.lower() for word in FORBIDDEN)
    ]


@pytest.mark.parametrize(
    "fault",
    [
        "price = quote(item, customer_id)",
        "from serving.ports.udhaar import UdhaarStore",
        "units = table['customer_id']",
    ],
)
def test_the_rule_sees_a_planted_fault(fault: str) -> None:
    assert names_of_customers(fault)


def test_nothing_on_the_way_to_a_price_names_a_customer(project_root: Path) -> None:
    files = [file for folder in PRICE_PATH for file in sorted((project_root / folder).glob("*.py"))]
    files += [project_root / module for module in PRICE_MODULES]
    assert len(files) > 25
    found = {
        f"{file.relative_to(project_root)}:{fault}"
        for file in files
        for fault in names_of_customers(file.read_text("utf-8"))
    }
    assert found == set()
