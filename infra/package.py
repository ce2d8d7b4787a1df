"""Puts together what the functions run: no docker, only pip."""

import shutil
import subprocess
import sys
from pathlib import Path

from infra.deployment import DeploymentError

__all__ = ["LIBRARY_PARTS", "PLATFORMS", "RUNTIME", "copy_sources", "package"]

LIBRARY_PARTS = ("domain", "bills", "explain")
"""The library's parts that the API imports: those of the standard library alone."""

RUNTIME = "3.11"
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_26_x86_64")
"""Wheels that run on the runtime's Linux, whose C library is of version 2.26."""


def package(root: Path, out: Path) -> Path:
    """Install the locked packages for Lambda's Linux and copy the sources into `out`.

    Raises
    ------
    DeploymentError
        When pip cannot install them; its own words are in the message.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    done = subprocess.run(  # noqa: S603 (the words are ours)
        [
            *(
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-compile",
            ),
            *("--target", str(out), "--require-hashes", "--no-deps", "--only-binary=:all:"),
            *("--implementation", "cp", "--python-version", RUNTIME),
            *(word for platform in PLATFORMS for word in ("--platform", platform)),
            *("-r", str(root / "requirements" / "lambda.txt")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeploymentError(f"the functions' packages could not be installed:\n{done.stderr.strip()}")
    shutil.rmtree(out / "bin", ignore_errors=True)
    return copy_sources(root, out)


def copy_sources(root: Path, out: Path) -> Path:
    """Copy the API and the library's light parts."""
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "serving", out / "serving", ignore=without, dirs_exist_ok=True)
    for part in LIBRARY_PARTS:
        shutil.copytree(
            root / "samaan_ml" / part, out / "samaan_ml" / part, ignore=without, dirs_exist_ok=True
        )
    shutil.copy(root / "samaan_ml" / "__init__.py", out / "samaan_ml")
    return out
