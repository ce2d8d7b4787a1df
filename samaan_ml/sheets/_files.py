"""Any file of rows by its content: CSV, Excel of every age, OpenDocument, HTML, and Tally's XML."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from samaan_ml.sheets._cells import Row, text_of
from samaan_ml.sheets._csv import csv_rows, dialect_of, start_of
from samaan_ml.sheets._errors import SheetError
from samaan_ml.sheets._markup import (
    html_rows,
    markup_kind,
    spreadsheetml_names,
    spreadsheetml_rows,
    tally_rows,
)
from samaan_ml.sheets._other_books import book_names, book_rows
from samaan_ml.sheets._xlsx import MAX_UNPACKED_BYTES, sheet_names, xlsx_rows

__all__ = ["HEAD_ROWS", "Grid", "open_grid", "reads_whole"]

HEAD_ROWS = 25
"""Rows among which the heading is looked for."""

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_BINARY = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite": "an SQLite database",
    b"ORC": "an ORC file",
    b"\x7fELF": "a program",
}

Rows = Callable[[], Generator[Row, None, None]]


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of one sheet of a file.

    Parameters
    ----------
    kind : str
        csv, xlsx, workbook (old or OpenDocument), html, spreadsheetml or tally.
    rows : callable
        Starts reading from the first row again.
    sheet : str or None, default=None
        Name of the sheet, where the file has sheets.
    others : tuple of str, default=()
        Other sheets of the file that look like the one read.
    """

    kind: str
    rows: Rows
    sheet: str | None = None
    others: tuple[str, ...] = ()

    def head(self) -> list[Row]:
        """Return the first rows that are not empty."""
        with closing(self.rows()) as rows:
            first = islice(rows, 4 * HEAD_ROWS)
            filled = ((n, cells) for n, cells in first if any(text_of(cell) for cell in cells))
            return list(islice(filled, HEAD_ROWS))


def reads_whole(path: Path) -> bool:
    """Return whether a file is of a kind whose sheets are held in memory as a whole."""
    with path.open("rb") as file:
        start = file.read(8)
    return start.startswith(_OLE) or (start.startswith(_ZIP) and not _has(path, "xl/workbook.xml"))


def open_grid(
    path: Path,
    sheet: str | None,
    is_table: Callable[[Sequence[Row]], bool],
    max_bytes: int = MAX_UNPACKED_BYTES,
) -> Grid:
    """Look at a file and choose its sheet: the named one, or the first with known headings.

    Raises
    ------
    SheetError
        When it is no file of rows, or has no sheet of that name.
    """
    start = start_of(path)
    if not start:
        raise SheetError("the file is empty", hint="give a file with a heading and rows")
    for magic, kind in _BINARY.items():
        if start.startswith(magic):
            raise SheetError(f"the file is no sheet, it is {kind}", hint="export it as CSV or Excel")
    if start.startswith((_ZIP, _OLE)):
        return _open_book(path, start, sheet, is_table, max_bytes)
    markup = markup_kind(start)
    if markup == "tally":
        return Grid("tally", partial(tally_rows, path))
    if markup == "spreadsheetml":
        return _chosen(
            "spreadsheetml", spreadsheetml_names(path), partial(spreadsheetml_rows, path), sheet, is_table
        )
    if markup == "html":
        return Grid("html", partial(html_rows, path))
    dialect = dialect_of(start)
    if markup == "xml" or start.decode(dialect.encoding, errors="ignore").lstrip()[:1] in ("{", "["):
        kind = "XML of another kind" if markup else "JSON"
        raise SheetError(f"the file is no sheet, it is {kind}", hint="export it as CSV or Excel")
    return Grid("csv", partial(csv_rows, path, dialect))


def _open_book(
    path: Path, start: bytes, sheet: str | None, is_table: Callable[[Sequence[Row]], bool], max_bytes: int
) -> Grid:
    """Open a workbook."""
    if start.startswith(_OLE) or (
        not _has(path, "xl/workbook.xml") and (_has(path, "content.xml") or _has(path, "xl/workbook.bin"))
    ):
        return _chosen("workbook", book_names(path), partial(book_rows, path), sheet, is_table)
    names = sheet_names(path, max_bytes)
    return _chosen("xlsx", names, partial(xlsx_rows, path, max_bytes=max_bytes), sheet, is_table)


def _has(path: Path, part: str) -> bool:
    """Return whether a packed file has a part."""
    try:
        with zipfile.ZipFile(path) as parts:
            return part in parts.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def _chosen(
    kind: str,
    names: list[str],
    rows: Callable[[int], Generator[Row, None, None]],
    sheet: str | None,
    is_table: Callable[[Sequence[Row]], bool],
) -> Grid:
    """Choose the sheet of a file, and name the others that look like it."""
    if not names:
        raise SheetError("the workbook has no sheet")
    if sheet is not None:
        if sheet not in names:
            raise SheetError(
                f"there is no sheet '{sheet}'; the sheets are {', '.join(names)[:300]}",
                "sheet",
                "name one of them",
            )
        return Grid(kind, partial(rows, names.index(sheet)), sheet)
    tables: list[int] = []
    for place in range(min(len(names), HEAD_ROWS)):
        try:
            if is_table(Grid(kind, partial(rows, place)).head()):
                tables.append(place)
        except SheetError:
            if place == 0:
                raise
    first, *others = tables or [0]
    return Grid(kind, partial(rows, first), names[first], tuple(names[place] for place in others))
