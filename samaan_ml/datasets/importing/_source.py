"""Files of rows, read piece by piece: CSV of any dialect, Parquet, Excel. A file that is no table says so."""

from __future__ import annotations

import csv
import gzip
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow.parquet as pq

from samaan_ml.datasets.importing._columns import best_header, normalised
from samaan_ml.exceptions import DataError, MissingExtraError

__all__ = ["Chunk", "Table", "open_table"]

_CHUNK_ROWS = 50_000
_HEADER_WITHIN = 25
_LONGEST_CELL = 1_000_000
_GIGABYTE = 10**9

_BINARY = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\xd0\xcf\x11\xe0": "an old Excel (.xls) or Word file; save it as .xlsx or .csv",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite": "an SQLite database",
    b"ORC": "an ORC file",
    b"\x7fELF": "a program",
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file.

    Parameters
    ----------
    lines : list of int
        Line of each row as an editor or a spreadsheet shows it; in Parquet the row, from 1.
    columns : list of pandas.Series
        Values by column: typed from Parquet, else as they stand; a short row is filled with None.
    ragged : dict of int to int
        Rows (positions in the chunk) with more cells than the heading, and how many they have.
    """

    lines: list[int]
    columns: list[pd.Series]
    ragged: dict[int, int]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's heading and a way to its rows.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    kind : str
        csv, parquet or excel.
    heading : list of str
        Names of the columns.
    before : int
        Lines up to and with the heading.
    """

    path: Path
    kind: str
    heading: list[str]
    before: int
    sheet: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows below the heading, piece by piece.

        Raises
        ------
        DataError
            When the file turns out to be broken half-way.
        """
        if self.kind == "parquet":
            yield from _parquet_chunks(self.path)
            return
        rows = _csv_rows(self) if self.kind == "csv" else _excel_rows(self.path, self.sheet)
        with closing(rows):
            yield from _chunks_of(islice(rows, _rows_before(self), None), len(self.heading))


def open_table(
    path: Path | str, fields: Sequence[str], *, sheet: str | None = None, max_gigabytes: float = 4.0
) -> Table:
    """Look at a file: its kind by its content, its heading among its first rows.

    Parameters
    ----------
    path : path
        The file.
    fields : sequence of str
        Fields by whose headings the heading row is known.
    sheet : str or None, default=None
        Sheet of a workbook; None takes the first.
    max_gigabytes : float, default=4.0
        A larger file, or a workbook that unpacks to more, is refused.

    Raises
    ------
    DataError
        When the file is absent, empty, too large, or no table.
    MissingExtraError
        When it is a workbook and openpyxl is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"'{path}' is not a file" if path.exists() else f"'{path}' does not exist")
    size = path.stat().st_size
    if size == 0:
        raise DataError(f"'{path}' is empty; give a file with a heading and rows")
    _refuse_large(path, size, max_gigabytes)
    with path.open("rb") as file:
        start = file.read(65536)
    if start.startswith(b"PAR1"):
        return Table(path, "parquet", _parquet_heading(path), 0)
    if start.startswith(b"PK\x03\x04"):
        return _open_workbook(path, fields, sheet, max_gigabytes)
    return _open_csv(path, start, fields)


def _refuse_large(path: Path, size: int, max_gigabytes: float) -> None:
    """Refuse what is too large, before reading any of it."""
    if size > max_gigabytes * _GIGABYTE:
        raise DataError(
            f"'{path}' has {size / _GIGABYTE:.1f} GB, the limit is {max_gigabytes:g}; split it or raise --max-gigabytes"
        )


def _open_csv(path: Path, start: bytes, fields: Sequence[str]) -> Table:
    """Find out a text file's encoding, delimiter and heading."""
    for magic, kind in _BINARY.items():
        if start.startswith(magic):
            raise DataError(f"'{path}' is no table, it is {kind}")
    if start.startswith(b"\x1f\x8b"):
        start = _gunzip_start(path)
    encoding = _encoding(path, start)
    text = start.decode(encoding, errors="ignore")
    if text.lstrip()[:1] in ("{", "[", "<"):
        kind = "JSON" if text.lstrip()[0] in "{[" else "HTML or XML"
        raise DataError(f"'{path}' is no table, it is {kind}; export it as CSV, Parquet or Excel")
    delimiter = _delimiter(text)
    table = Table(path, "csv", [], 0, encoding=encoding, delimiter=delimiter)
    with closing(_csv_rows(table)) as rows:
        first = list(islice(rows, _HEADER_WITHIN))
    filled = [(line, cells) for line, cells in first if any(str(cell).strip() for cell in cells)]
    if not filled:
        raise DataError(f"'{path}' has no rows; give a file with a heading and rows")
    line, heading = filled[best_header([cells for _, cells in filled], fields)]
    return Table(path, "csv", _names(heading), line, encoding=encoding, delimiter=delimiter)


def _open_workbook(path: Path, fields: Sequence[str], sheet: str | None, max_gigabytes: float) -> Table:
    """Look into an Excel workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            is_workbook = "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile as error:
        raise DataError(f"'{path}' is a broken workbook or archive: {error}") from error
    if not is_workbook:
        raise DataError(f"'{path}' is an archive, not a table; unpack it and give the file inside")
    _refuse_large(path, unpacked, max_gigabytes)
    with closing(_excel_rows(path, sheet)) as rows:
        first = list(islice(rows, _HEADER_WITHIN))
    filled = [(line, cells) for line, cells in first if any(cell not in (None, "") for cell in cells)]
    if not filled:
        raise DataError(f"'{path}' has no rows; give a sheet with a heading and rows")
    line, heading = filled[best_header([cells for _, cells in filled], fields)]
    return Table(path, "excel", _names(heading), line, sheet=sheet)


def _names(cells: Sequence[object]) -> list[str]:
    """Return the heading's names, without empty ones at its end."""
    names = ["" if cell is None else str(cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _encoding(path: Path, start: bytes) -> str:
    """Tell a text's encoding by its mark or by what decodes; refuse bytes that are no text."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if start.startswith(mark):
            return name
    if b"\x00" in start:
        raise DataError(f"'{path}' is no table: it holds zero bytes, as no CSV, Parquet or Excel file does")
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 4:
            return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """Tell the delimiter: the one that cuts the first lines into the most equal number of cells."""
    lines = [line for line in text.splitlines()[:50] if line.strip()][:_HEADER_WITHIN]

    def quality(delimiter: str) -> tuple[int, int]:
        counts = [len(row) - 1 for row in csv.reader(lines, delimiter=delimiter)]
        usual = (
            max(set(counts), key=lambda count: (counts.count(count) * (count > 0), count)) if counts else 0
        )
        return (counts.count(usual) if usual else 0, usual)

    return max((",", "\t", ";", "|"), key=quality)


def _csv_rows(table: Table) -> Generator[tuple[int, list[Any]], None, None]:
    """Yield line number and cells of each record."""
    csv.field_size_limit(_LONGEST_CELL)
    with _open_text(table) as file:
        reader = csv.reader(file, delimiter=table.delimiter, strict=False)
        try:
            for row in reader:
                yield reader.line_num, row
        except (csv.Error, UnicodeError, OSError, EOFError) as error:
            raise DataError(f"'{table.path}' is broken at line {reader.line_num + 1}: {error}") from error


def _open_text(table: Table) -> IO[str]:
    """Open a text file, unpacking gzip; stray bytes of another encoding are kept visible, not fatal."""
    with table.path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(table.path, "rt", encoding=table.encoding, errors="replace", newline="")
    return table.path.open("r", encoding=table.encoding, errors="replace", newline="")


def _gunzip_start(path: Path) -> bytes:
    """Return the first bytes of a gzip file's content."""
    try:
        with gzip.open(path, "rb") as file:
            return file.read(65536)
    except (OSError, EOFError) as error:
        raise DataError(f"'{path}' is a broken gzip file: {error}") from error


def _excel_rows(path: Path, sheet: str | None) -> Generator[tuple[int, list[Any]], None, None]:
    """Yield row number and cells of a sheet."""
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError("openpyxl", "excel") from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises what the XML parser and zipfile raise
        raise DataError(f"'{path}' cannot be read as Excel: {_first_line(error)}") from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise DataError(f"'{path}' has no sheet '{sheet}'; it has {', '.join(book.sheetnames)}")
        page = book[sheet] if sheet is not None else book.worksheets[0]
        for number, cells in enumerate(page.iter_rows(values_only=True), start=1):
            yield number, list(cells)
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError, SyntaxError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"'{path}' cannot be read as Excel: {_first_line(error)}") from error
    finally:
        book.close()


def _parquet_heading(path: Path) -> list[str]:
    """Return a Parquet file's columns."""
    try:
        with pq.ParquetFile(path) as file:
            return [str(name) for name in file.schema_arrow.names]
    except Exception as error:  # pyarrow raises a dozen types for a broken file
        raise DataError(f"'{path}' cannot be read as Parquet: {_first_line(error)}") from error


def _parquet_chunks(path: Path) -> Iterator[Chunk]:
    """Yield a Parquet file's rows in batches."""
    row = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_CHUNK_ROWS):
                frame = batch.to_pandas()
                columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
                yield Chunk(list(range(row, row + batch.num_rows)), columns, {})
                row += batch.num_rows
    except DataError:
        raise
    except Exception as error:  # as above
        raise DataError(f"'{path}' is broken near row {row}: {_first_line(error)}") from error


def _chunks_of(rows: Iterator[tuple[int, list[Any]]], width: int) -> Iterator[Chunk]:
    """Cut rows into chunks and turn them into columns."""
    while batch := list(islice(rows, _CHUNK_ROWS)):
        ragged: dict[int, int] = {}
        cells = []
        for position, (_, row) in enumerate(batch):
            if len(row) > width and any(cell not in (None, "") for cell in row[width:]):
                ragged[position] = len(row)
            cells.append(row if len(row) == width else (row + [None] * width)[:width])
        columns = [pd.Series(column, dtype=object) for column in zip(*cells, strict=True)]
        yield Chunk([line for line, _ in batch], columns, ragged)


def _rows_before(table: Table) -> int:
    """Count the records up to and with the heading; a quoted cell may span lines."""
    rows = _csv_rows(table) if table.kind == "csv" else _excel_rows(table.path, table.sheet)
    with closing(rows):
        for count, (line, _) in enumerate(rows, start=1):
            if line >= table.before:
                return count
    return 0


def _first_line(error: Exception) -> str:
    """Return the first line of a foreign error's text."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def is_heading(cells: Sequence[object], heading: Sequence[str]) -> bool:
    """Tell whether a row repeats the heading, as sheets printed by the page do."""
    return [normalised(cell or "") for cell in cells] == [normalised(name) for name in heading]
