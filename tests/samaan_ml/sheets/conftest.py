"""Sheets written to files."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a sheet to a file."""

    def write(content: str | bytes, name: str = "sheet") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
