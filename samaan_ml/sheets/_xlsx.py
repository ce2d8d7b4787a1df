"""Sheets of an Excel workbook (.xlsx) row by row, read with the standard library.

Every library reads a sheet as a whole, so that a small file with one cell in its last row and column fills the
memory; here at most `_MAX_ELEMENTS_AT_ONCE` elements are held. ECMA-376 part 1 describes the parts:
`xl/workbook.xml`, `xl/sharedStrings.xml`, `xl/styles.xml`.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

from samaan_ml.sheets._cells import Cell, Row
from samaan_ml.sheets._errors import SheetError

__all__ = ["MAX_UNPACKED_BYTES", "sheet_names", "xlsx_rows"]

MAX_UNPACKED_BYTES = 100_000_000
_MAX_COLUMNS = 200
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_MAX_MERGED_AT_ONCE = 50
_MAX_ELEMENTS, _BYTES_AN_ELEMENT = 6_000_000, 16
_MAX_ELEMENTS_AT_ONCE = 100_000
"""A row of all 16,384 columns holds a third of them."""
_MAX_STRINGS = 1_000_000
_MAX_SMALL_PART_BYTES = 4_000_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_EXACT = 10**15
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def sheet_names(path: Path, max_bytes: int = MAX_UNPACKED_BYTES) -> list[str]:
    """Return the names of a workbook's sheets, in order.

    Raises
    ------
    SheetError
        When it is no workbook, is damaged, or unpacks to more than `max_bytes`.
    """
    with _opened(path, max_bytes) as parts:
        return [each.get("name", "") for each in _sheets(_small_part(parts, "xl/workbook.xml"))]


def xlsx_rows(path: Path, place: int, max_bytes: int = MAX_UNPACKED_BYTES) -> Generator[Row, None, None]:
    """Yield the rows of a sheet; a value that is merged downwards stands in each row it spans.

    Raises
    ------
    SheetError
        As `sheet_names`.
    """
    with _opened(path, max_bytes) as parts:
        sheet, since_1904 = _part_of(parts, place)
        strings, dates = _strings(parts), _date_styles(parts)
        merged = _merged(parts, sheet)
        most = _MAX_ELEMENTS if max_bytes <= MAX_UNPACKED_BYTES else max_bytes // _BYTES_AN_ELEMENT
        with parts.open(sheet) as file:
            yield from _rows(file, strings, dates, merged, since_1904=since_1904, most=most)


@contextmanager
def _opened(path: Path, max_bytes: int) -> Generator[zipfile.ZipFile, None, None]:
    """Open a workbook, and say what is wrong with one that cannot be read."""
    try:
        with zipfile.ZipFile(path) as parts:
            if not {part.compress_type for part in parts.infolist()} <= _PACKED:
                raise ValueError("packed in a way that no spreadsheet uses")
            if sum(part.file_size for part in parts.infolist()) > max_bytes:
                raise SheetError("the workbook unpacks to too much", hint="send it in parts")
            yield parts
    except SheetError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        ET.ParseError,
        KeyError,
        IndexError,
        ValueError,
        OverflowError,
        EOFError,
    ) as error:
        raise SheetError(
            f"the workbook cannot be read: {type(error).__name__}",
            hint="open it once, save it as .xlsx or CSV (UTF-8), and send that",
        ) from None
    except (RuntimeError, NotImplementedError):  # encrypted, or packed in a way zipfile does not know
        raise SheetError("the workbook is locked with a password or packed strangely") from None


def _sheets(book: ET.Element) -> list[ET.Element]:
    """Return the elements that name the sheets."""
    return book.findall(f"{_MAIN}sheets/{_MAIN}sheet")


def _part_of(parts: zipfile.ZipFile, place: int) -> tuple[str, bool]:
    """Name the part of a sheet, and tell whether days count from 1904."""
    book = _small_part(parts, "xl/workbook.xml")
    rules = book.find(f"{_MAIN}workbookPr")
    since_1904 = rules is not None and rules.get("date1904") in ("1", "true")
    wanted = _sheets(book)[place].get(_RELATION)
    for relation in _small_part(parts, "xl/_rels/workbook.xml.rels"):
        if relation.get("Id") == wanted:
            target = relation.attrib["Target"]
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}", since_1904
    raise KeyError("sheet")


def _small_part(parts: zipfile.ZipFile, name: str) -> ET.Element:
    """Read a part that only describes the others, as a whole."""
    if parts.getinfo(name).file_size > _MAX_SMALL_PART_BYTES:
        raise ValueError(f"'{name}' is too large")
    return ET.fromstring(parts.read(name))  # noqa: S314 (expat bounds expansion; no outside entities)


def _strings(parts: zipfile.ZipFile) -> list[str]:
    """Read the texts that cells point to; one in several fonts is put together."""
    if "xl/sharedStrings.xml" not in parts.namelist():
        return []
    found: list[str] = []
    with parts.open("xl/sharedStrings.xml") as file:
        for each in _elements(file, f"{_MAIN}si"):
            found.append(_text(each))
            if len(found) > _MAX_STRINGS:
                raise ValueError("too many texts")
    return found


def _elements(file: IO[bytes], *tags: str, most: int = 0) -> Iterator[ET.Element]:
    """Yield the elements of some tags as they end, each let go of before the next, whatever else the part holds.

    Elements take ten times the room of their text and a thousand times that of the packed file: without a bound
    on how many are held, a small file would fill the memory.
    """
    open_elements: list[ET.Element] = []
    total = held = 0
    for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314 (expat bounds expansion)
        if event == "start":
            open_elements.append(element)
            total, held = total + 1, held + 1
            if held > _MAX_ELEMENTS_AT_ONCE or total > (most or _MAX_ELEMENTS):
                raise ValueError("too many elements")
            continue
        open_elements.pop()
        if element.tag in tags:
            yield element
            if open_elements:
                open_elements[-1].clear()
            held = len(open_elements)


def _text(element: ET.Element) -> str:
    """Put the runs of a text together, what only says how it is read aloud left out."""
    runs = [*element.findall(f"{_MAIN}t"), *element.findall(f"{_MAIN}r/{_MAIN}t")]
    return "".join(run.text or "" for run in runs)


def _date_styles(parts: zipfile.ZipFile) -> frozenset[int]:
    """Return which cell styles show a number as a day."""
    if "xl/styles.xml" not in parts.namelist():
        return frozenset()
    styles = _small_part(parts, "xl/styles.xml")
    own = {
        int(each.attrib["numFmtId"])
        for each in styles.findall(f"{_MAIN}numFmts/{_MAIN}numFmt")
        if re.search(r"[dy]", re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", each.attrib["formatCode"].lower()))
    }
    formats = [int(each.get("numFmtId", 0)) for each in styles.findall(f"{_MAIN}cellXfs/{_MAIN}xf")]
    return frozenset(style for style, form in enumerate(formats) if form in _DATE_FORMATS or form in own)


def _merged(parts: zipfile.ZipFile, sheet: str) -> list[tuple[int, int, int]]:
    """Read which cells of a column are merged downwards: first row, last row and column of each."""
    found: list[tuple[int, int, int]] = []
    with parts.open(sheet) as file:
        if not _mentions_merged(file):
            return found
    with parts.open(sheet) as file:
        for element in _elements(file, f"{_MAIN}row", f"{_MAIN}mergeCell"):
            if element.tag == f"{_MAIN}mergeCell":
                first, _, last = element.attrib["ref"].partition(":")
                (top, left), (bottom, _) = _place(first), _place(last or first)
                if bottom > top and left < _MAX_COLUMNS:
                    found.append((top, bottom, left))
    return found


def _mentions_merged(file: IO[bytes]) -> bool:
    """Tell by its bytes whether a sheet can have merged cells, which few have: parsing it twice is dear."""
    end = b""
    while chunk := file.read(1_048_576):
        if b"mergeCell" in end + chunk or b"\0" in chunk:  # as in UTF-16, where the word looks different
            return True
        end = chunk[-16:]
    return False


def _place(name: str) -> tuple[int, int]:
    """Return row and column of a cell, both from 0.

    Examples
    --------
    >>> _place("A1"), _place("AB12")
    ((0, 0), (11, 27))
    """
    match = _CELL.fullmatch(name)
    if match is None:
        raise ValueError(name)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _rows(
    file: IO[bytes],
    strings: list[str],
    dates: frozenset[int],
    merged: list[tuple[int, int, int]],
    *,
    since_1904: bool,
    most: int,
) -> Iterator[Row]:
    """Yield the rows in order, and give a value that is merged downwards to each row it spans."""
    waiting = sorted(merged, reverse=True)
    active: list[tuple[int, int, Cell]] = []
    number = expected = 0
    for element in _elements(file, f"{_MAIN}row", most=most):
        number = int(element.get("r", expected + 1)) - 1
        cells: dict[int, Cell] = {}
        for place, cell in enumerate(element.findall(f"{_MAIN}c")):
            column = _place(cell.attrib["r"])[1] if "r" in cell.attrib else place
            if column < _MAX_COLUMNS:
                cells[column] = _value(cell, strings, dates, since_1904=since_1904)
        active = [each for each in active if each[0] >= number]
        while waiting and waiting[-1][0] <= number:
            _, bottom, left = waiting.pop()
            active.append((bottom, left, cells.get(left, "")))
        if len(active) > _MAX_MERGED_AT_ONCE:
            raise ValueError("too many merged cells")
        if any(value != "" for value in cells.values()):
            for _, column, value in active:
                cells[column] = value if cells.get(column, "") == "" else cells[column]
        expected = number + 1
        yield number + 1, [cells.get(column, "") for column in range(max(cells, default=-1) + 1)]


def _value(cell: ET.Element, strings: list[str], dates: frozenset[int], *, since_1904: bool) -> Cell:
    """Return a cell as text, number or day."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(f"{_MAIN}is")
        return "" if inline is None else _text(inline)
    value = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s" and value:
        return strings[int(value)]
    if kind != "n" or not value:
        return value
    number = float(value)
    if int(cell.get("s", 0)) in dates:
        return _day(number, since_1904=since_1904)
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _day(number: float, *, since_1904: bool) -> date:
    """Return the day that a number stands for."""
    first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 (a calendar day)
    return (first + timedelta(days=int(number))).date()
