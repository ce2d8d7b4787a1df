"""Print where a Chromium lies; where the machine has none, fetch one with the app's packages: `.ci/run`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from build import WEB, node

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGE = "@sparticuz/chromium@^153"
FOLDER = WEB / "node_modules" / ".chromium"
_ASK = "import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath());"


def find() -> str:
    """Return the path of a Chromium."""
    named = os.environ.get("SAMAAN_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return named or _fetch()


def _fetch() -> str:
    """Install the package that carries a Chromium and let it unpack itself."""
    run_node, run_npm = node()
    FOLDER.mkdir(parents=True, exist_ok=True)
    install = [
        *run_npm,
        "install",
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--prefix",
        str(FOLDER),
        PACKAGE,
    ]
    subprocess.run(install, check=True, stdout=sys.stderr)
    asked = subprocess.run(
        [*run_node, "--input-type=module", "-e", _ASK], cwd=FOLDER, check=True, capture_output=True, text=True
    )
    return Path(asked.stdout.strip().splitlines()[-1]).as_posix()


if __name__ == "__main__":
    print(find())
