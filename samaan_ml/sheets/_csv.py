"""Text files of rows: CSV of any dialect, in any encoding that programs write, packed with gzip or not."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from samaan_ml.sheets._cells import Row
from samaan_ml.sheets._errors import SheetError

__all__ = ["Dialect", "csv_rows", "dialect_of", "start_of"]

_LONGEST_CELL = 1_000_000
_LOOKED_AT = 65_536
_LINES = 50
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written.

    Parameters
    ----------
    encoding, delimiter : str
        Its encoding and what parts the cells.
    """

    encoding: str
    delimiter: str


def start_of(path: Path) -> bytes:
    """Return the first bytes of a file, unpacked where it is packed with gzip.

    Raises
    ------
    SheetError
        When a gzip file is broken.
    """
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
    if not start.startswith(_GZIP):
        return start
    try:
        with gzip.open(path, "rb") as packed:
            return packed.read(_LOOKED_AT)
    except (OSError, EOFError) as error:
        raise SheetError(f"a broken gzip file: {error}") from error


def dialect_of(start: bytes) -> Dialect:
    """Find out encoding and delimiter from the first bytes.

    Raises
    ------
    SheetError
        When the bytes are no text.
    """
    encoding = _encoding(start)
    return Dialect(encoding, _delimiter(start.decode(encoding, errors="ignore")))


def _encoding(start: bytes) -> str:
    """Tell a text's encoding by its mark or by what decodes; refuse bytes that are no text."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if start.startswith(mark):
            if name == "utf-16" and len(start) % 2 and len(start) < _LOOKED_AT:
                break
            return name
    if b"\x00" in start:
        even, odd = start[0::2].count(0), start[1::2].count(0)
        if len(start) > 3 and max(even, odd) > 0.3 * len(start) and min(even, odd) == 0:
            return "utf-16-le" if odd else "utf-16-be"
        raise SheetError("it holds zero bytes, as no sheet does", hint="save it as CSV (UTF-8)")
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 4:
            return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """Tell the delimiter: the one that cuts the most lines into an equal number of cells."""
    lines = [line for line in text.splitlines()[:_LINES] if line.strip()]
    if lines and lines[0].casefold().startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]

    def quality(delimiter: str) -> tuple[int, int]:
        try:
            counts = [len(row) - 1 for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            return (0, 0)
        usual = max(set(counts), key=lambda count: (counts.count(count) * (count > 0), count), default=0)
        return (counts.count(usual) if usual else 0, usual)

    return max((",", "\t", ";", "|"), key=quality)


def csv_rows(path: Path, dialect: Dialect) -> Generator[Row, None, None]:
    """Yield line number and cells of each record.

    Raises
    ------
    SheetError
        When the file turns out to be broken half-way.
    """
    csv.field_size_limit(_LONGEST_CELL)
    with _opened(path, dialect.encoding) as file:
        reader = csv.reader(file, delimiter=dialect.delimiter, strict=False)
        try:
            for row in reader:
                yield reader.line_num, row
        except (csv.Error, UnicodeError, OSError, EOFError) as error:
            raise SheetError(f"broken at line {reader.line_num + 1}: {error}") from error


def _opened(path: Path, encoding: str) -> IO[str]:
    """Open a text file, unpacking gzip; stray bytes of another encoding stay visible and are not fatal."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    if packed:
        return gzip.open(path, "rt", encoding=encoding, errors="replace", newline="")
    return path.open("r", encoding=encoding, errors="replace", newline="")
