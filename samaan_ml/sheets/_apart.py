"""Read a sheet in a process of its own, with limits of memory and time, so that the caller's process stays free."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from samaan_ml.sheets._errors import SheetError
from samaan_ml.sheets._files import reads_whole
from samaan_ml.sheets._kept import keep
from samaan_ml.sheets._layout import PRICED_SALES, Options
from samaan_ml.sheets._sheet import open_sheet

__all__ = ["read_apart"]

_SMALL_BYTES = 200_000
_MAX_MEMORY = 1_500_000_000
_MAX_SECONDS = 120


def read_apart(path: Path, options: Options, *, max_rows: int, small: int = _SMALL_BYTES) -> bytes:
    """Read a sheet of sales and return it as a kept file; a large one, or an old workbook, in another process.

    Parameters
    ----------
    path : pathlib.Path
        The sheet.
    options : Options
        What the caller says of it.
    max_rows : int
        A sheet with more rows is refused.
    small : int
        Up to so many bytes the sheet is read here.

    Raises
    ------
    SheetError
        When it is no sheet, lacks a column, is too long, or needs more memory or time than a sheet may.
    """
    with tempfile.TemporaryDirectory(prefix="sheet.") as folder:
        out = Path(folder, "kept")
        if path.stat().st_size <= small and not reads_whole(path):
            _read(path, out, options, max_rows)
            return out.read_bytes()
        asked = {**asdict(options), "keep_codes": sorted(options.keep_codes)}
        asked["today"] = options.today.isoformat() if options.today else None
        request = json.dumps({"path": str(path), "out": str(out), "max_rows": max_rows, "options": asked})
        answer = _run(request)
        if not answer.get("done"):
            raise SheetError(
                answer.get("message", "the sheet needs more memory or time than a sheet may"),
                answer.get("field"),
                answer.get("hint", "save it as CSV (UTF-8), or send it in parts"),
            )
        return out.read_bytes()


def _read(path: Path, out: Path, options: Options, max_rows: int) -> None:
    """Read a sheet into a kept file."""
    sheet = open_sheet(path, PRICED_SALES, options, max_rows=max_rows)
    try:
        with out.open("wb") as file:
            keep(sheet, file)
    finally:
        sheet.close()


def _run(request: str) -> dict[str, Any]:
    """Run the reader in another process and return its answer; nothing where it was ended."""
    code = "from samaan_ml.sheets._apart import main; main()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter and code)
            [sys.executable, "-c", code],
            input=request.encode(),
            capture_output=True,
            env=environment,
            timeout=_MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {}
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {}
    return answer


def main() -> None:
    """Read the sheet that standard input names; answer on standard output."""
    asked = json.loads(sys.stdin.read())
    _limit()
    given = asked["options"]
    day = date.fromisoformat(given["today"]) if given["today"] else None
    options = Options(**{**given, "today": day, "keep_codes": frozenset(given["keep_codes"])})
    try:
        _read(Path(asked["path"]), Path(asked["out"]), options, asked["max_rows"])
        answer: dict[str, Any] = {"done": True}
    except SheetError as error:
        answer = {"message": str(error), "field": error.field, "hint": error.hint}
    except MemoryError:
        answer = {"message": "the sheet needs more memory than a sheet may"}
    sys.stdout.write(json.dumps(answer))


def _limit() -> None:
    """Bound memory and time where the system can."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_SECONDS, _MAX_SECONDS))
