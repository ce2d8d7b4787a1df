"""Old Excel (.xls), binary Excel (.xlsb) and OpenDocument (.ods) workbooks, read by calamine.

calamine holds a whole sheet, so that a hostile file can ask for any amount of memory: `read_apart` runs it in a
process of its own with a limit.
"""

from __future__ import annotations

import io
from collections.abc import Generator
from datetime import date, datetime
from pathlib import Path

from samaan_ml.sheets._cells import Row
from samaan_ml.sheets._errors import SheetError

__all__ = ["book_names", "book_rows"]

_MAX_COLUMNS = 200


def book_names(path: Path) -> list[str]:
    """Return the names of the sheets.

    Raises
    ------
    SheetError
        When the file cannot be read, or calamine is not installed.
    """
    return list(_opened(path).sheet_names)


def book_rows(path: Path, place: int) -> Generator[Row, None, None]:
    """Yield the rows of a sheet; a value that is merged downwards stands in each row it spans.

    Raises
    ------
    SheetError
        As `book_names`.
    """
    sheet = _opened(path).get_sheet_by_index(place)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, [_plain(cell) for cell in cells[:_MAX_COLUMNS]]


def _opened(path: Path):  # type: ignore[no-untyped-def]
    """Open a workbook."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise SheetError(
            "this kind of workbook needs python-calamine",
            hint="save it as .xlsx or CSV, or install the extra 'excel'",
        ) from None
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))  # the kind by its content
    except (CalamineError, OSError, ValueError) as error:
        raise SheetError(f"the workbook cannot be read: {error}", hint="save it as .xlsx or CSV") from None


def _plain(cell: object) -> str | int | float | date | None:
    """Return a cell as text, number or day."""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else cell
    if isinstance(cell, str | int | date):
        return cell
    return None if cell is None else str(cell)
