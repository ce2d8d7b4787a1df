"""Tables in, dense arrays and features out, as of a date.

The menu is lazy: a process that only serves needs the kernels, never pandas.
"""

from importlib import import_module
from typing import Any

__all__ = ["Calendar", "Panel", "build_panel"]

_HOMES = {
    "Calendar": "samaan_ml.features._panel",
    "Panel": "samaan_ml.features._panel",
    "build_panel": "samaan_ml.features._build",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'samaan_ml.features' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names without importing them."""
    return __all__
