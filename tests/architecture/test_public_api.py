"""The public menus are complete and documented, and docstrings tell the truth about defaults."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

MENUS = (
    "samaan_ml.forecasting",
    "samaan_ml.pricing",
    "samaan_ml.udhaar",
    "samaan_ml.inventory",
    "samaan_ml.metrics",
    "samaan_ml.features",
    "samaan_ml.datasets",
    "samaan_ml.bills",
    "samaan_ml.explain",
    "samaan_ml.tables",
    "samaan_ml.artifacts",
    "samaan_ml.exceptions",
    "samaan_ml",
)

_DOCUMENTED_DEFAULT = re.compile(r"^\s{0,8}([a-z_A-Z0-9, ]+?) : .*?default=(.+?)\s*$", re.MULTILINE)


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Go through what a menu offers."""
    for name in module.__all__:
        yield name, getattr(module, name)


def documented_defaults(subject: Any) -> Iterator[tuple[str, str, str]]:
    """Pair each documented default with the signature's."""
    try:
        parameters = inspect.signature(subject).parameters
    except (TypeError, ValueError):
        return
    for names, written in _DOCUMENTED_DEFAULT.findall(inspect.getdoc(subject) or ""):
        for name in (part.strip() for part in names.split(",")):
            if name in parameters and parameters[name].default is not inspect.Parameter.empty:
                yield name, written.rstrip("."), repr(parameters[name].default)


def same(written: str, actual: str) -> bool:
    """Compare two spellings of one default.

    A default whose repr is no literal (an object, a function, a constant's name) has a name in the text.
    """
    try:
        value = ast.literal_eval(actual)
    except (ValueError, SyntaxError):
        return actual.startswith("<") or "(" in actual or _plain(written) == _plain(actual)
    try:
        # numpydoc writes a text without its quotes and a large number with its separators
        return bool(ast.literal_eval(written.strip("`")) == value)
    except (ValueError, SyntaxError):
        return _plain(written) == _plain(actual) or written.strip("`").isupper()


def _plain(text: str) -> str:
    """Take away what spellings differ in."""
    return re.sub(r"[\s'\"`]", "", text)


@pytest.mark.parametrize("menu", MENUS)
def test_a_menu_is_complete_and_documented(menu: str) -> None:
    module = importlib.import_module(menu)
    assert len(set(module.__all__)) == len(module.__all__) > 0
    undocumented = [
        name
        for name, each in public(module)
        if (inspect.isclass(each) or inspect.isroutine(each)) and not (each.__doc__ or "").strip()
    ]
    assert undocumented == []


@pytest.mark.parametrize("menu", MENUS)
def test_documented_defaults_are_those_of_the_signature(menu: str) -> None:
    wrong = [
        f"{menu}.{name}: {parameter} is documented as {written}, is {actual}"
        for name, each in public(importlib.import_module(menu))
        if callable(each)
        for subject in [each, *(m for n, m in inspect.getmembers(each, callable) if not n.startswith("_"))]
        if (getattr(subject, "__module__", None) or "").startswith("samaan_ml")
        for parameter, written, actual in documented_defaults(subject)
        if not same(written, actual)
    ]
    assert sorted(set(wrong)) == []


def test_the_default_check_sees_a_planted_lie() -> None:
    def stretch(x: float, factor: float = 2.0) -> float:
        """Stretch.

        Parameters
        ----------
        factor : float, default=3.0
            How much.
        """
        return x * factor

    assert [not same(written, actual) for _, written, actual in documented_defaults(stretch)] == [True]


@pytest.mark.parametrize(
    ("written", "actual"),
    [
        ("(0.25, 0.75)", "(25.0, 75.0)"),
        ("(1, 2)", "(1, 2, 3)"),
        ("[]", "()"),
        ("None", "0"),
        ("True", "False"),
        ("'mean'", "'median'"),
        ("{'a': 1}", "{'a': 2}"),
        ("frozenset()", "None"),
        ("1e-3", "0.01"),
    ],
)
def test_a_lie_about_any_kind_of_default_is_seen(written: str, actual: str) -> None:
    assert not same(written, actual)


@pytest.mark.parametrize(
    ("written", "actual"),
    [
        ("(25.0, 75.0)", "(25.0, 75.0)"),
        ("(25, 75)", "(25.0, 75.0)"),
        ("10_000", "10000"),
        ("mean", "'mean'"),
        ('"mean"', "'mean'"),
        ("None", "None"),
        ("0.5", "0.5"),
        ("`None`", "None"),
    ],
)
def test_spellings_of_one_default_are_the_same(written: str, actual: str) -> None:
    assert same(written, actual)
