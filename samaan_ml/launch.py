"""Where the installed command `samaan` begins.

The wheel holds one importable name, `samaan_ml`; the command line, the jobs, the pipelines and the API lie in its
folder `_apps`, where no other distribution's packages of the same names can be met. The command puts that folder on
its own path and on that of the processes it starts; in a checkout, where the packages lie at the top, there is none.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    apps = Path(__file__).with_name("_apps")
    if apps.is_dir():
        sys.path.insert(0, str(apps))
        others = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = f"{apps}{os.pathsep}{others}" if others else str(apps)
    import_module("samaan.cli").main()
