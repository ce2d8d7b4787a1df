"""The public menus are complete and documented, and docstrings tell the truth about defaults."""

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
    """Compare two spellings of one default."""

    def plain(text: str) -> str:
        return re.sub(r"[\s'\"_`]", "", text).replace("..", ".")

    if plain(written) == plain(actual):
        return True
    try:
        return float(written.replace("_", "")) == float(actual)
    except ValueError:
        # A default that is an object has a name in the text and a long repr in the signature.
        return actual.startswith("<") or "(" in actual or actual.isupper()


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
