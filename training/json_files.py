"""JSON files of jobs: read with a clear reason, written whole or not at all."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from samaan_ml.exceptions import DataError

__all__ = ["read_json", "write_json"]


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write an object; a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        part.write_text(json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n", "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any]:
    """Read an object.

    Raises
    ------
    DataError
        Naming it, when it is absent or no JSON object.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"'{path.name}' cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise DataError(f"'{path.name}' must hold an object, got {type(content).__name__}")
    return content
