"""Write the library's reference pages from its public menus: one page a menu, one entry a public name.

Run `python docs/reference_pages.py`; a test compares the pages with the menus.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

PAGES = {
    "bills": "Bills",
    "datasets": "Data sets",
    "explain": "Explanations",
    "forecasting": "Forecasting",
    "inventory": "Inventory",
    "metrics": "Metrics",
    "pricing": "Pricing",
    "udhaar": "Udhaar",
}
FOLDER = Path(__file__).resolve().parent / "reference" / "library"


def page(menu: str, title: str) -> str:
    """Return a page: every public name under the module that defines it."""
    module = import_module(f"samaan_ml.{menu}")
    entries = (entry(module, name) for name in sorted(module.__all__))
    return f"# {title}\n\n::: samaan_ml.{menu}\n    options:\n      members: false\n\n" + "\n".join(entries)


def entry(module: ModuleType, name: str) -> str:
    """Return the entry of one name; inherited methods of models are shown too."""
    subject: Any = getattr(module, name)
    place = f"{home_of(module, name, subject)}.{name}"
    is_model = isinstance(subject, type) and hasattr(subject, "fit") and hasattr(subject, "predict")
    methods = "    options:\n      inherited_members: [fit, predict, explain, backtest]\n" if is_model else ""
    return f"::: {place}\n{methods}"


def home_of(module: ModuleType, name: str, subject: Any) -> str:
    """Return the module that defines a name; a constant is looked for where it is assigned."""
    if hasattr(subject, "__qualname__") and str(subject.__module__).startswith("samaan_ml"):
        return str(subject.__module__)
    folder = Path(str(module.__file__)).parent
    for path in sorted(folder.glob("_*.py")):
        if path.stem != "__init__" and re.search(rf"^{name}\b.*=", path.read_text("utf-8"), re.MULTILINE):
            return f"{module.__name__}.{path.stem}"
    return module.__name__


def main() -> None:
    """Write the pages."""
    for menu, title in PAGES.items():
        (FOLDER / f"{menu}.md").write_text(page(menu, title), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
