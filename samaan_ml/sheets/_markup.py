"""Rows out of markup: Tally's XML of vouchers, Excel's XML of 2003, and HTML tables that are named .xls."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree as ET

from samaan_ml.sheets._cells import Row
from samaan_ml.sheets._csv import dialect_of
from samaan_ml.sheets._errors import SheetError

__all__ = [
    "TALLY_HEADING",
    "html_rows",
    "markup_kind",
    "spreadsheetml_names",
    "spreadsheetml_rows",
    "tally_rows",
]

TALLY_HEADING = (
    "Voucher Date",
    "Voucher Type",
    "Voucher No",
    "Party Name",
    "Item Name",
    "Quantity",
    "Rate",
    "Amount",
)
_SALES_WORDS = ("sale", "credit note", "pos", "retail", "tax invoice", "cash memo")
_CHUNK = 65_536
_MAX_COLUMNS = 200
_MAX_HELD = 200_000
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_BAD_REFERENCE = re.compile(
    r"&#(?:x0{0,6}(?:[0-8bBcCeEfF]|1[0-9a-fA-F])|0{0,6}(?:[0-8]|1[124-9]|2[0-9]|3[01]));"
)
_BAD_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LINES = ("ALLINVENTORYENTRIES.LIST", "INVENTORYENTRIES.LIST", "INVENTORYENTRIESOUT.LIST")


def markup_kind(start: bytes) -> str | None:
    """Return which kind of markup a file is: `tally`, `spreadsheetml`, `html`, another (`xml`), or None for none."""
    try:
        head = start.decode(dialect_of(start[:4096]).encoding, errors="ignore").lstrip("\ufeff \r\n\t")
    except SheetError:
        return None
    if not head.startswith("<"):
        return None
    lower = head[:8192].casefold()
    if "<envelope" in lower or "<tallymessage" in lower:
        return "tally"
    if "schemas-microsoft-com:office:spreadsheet" in lower and "<html" not in lower:
        return "spreadsheetml"
    return "html" if "<table" in lower or "<html" in lower or "<tr" in lower else "xml"


def tally_rows(path: Path) -> Generator[Row, None, None]:
    """Yield one row an item of each voucher of sale, below `TALLY_HEADING`.

    Cancelled and optional vouchers, and those of other kinds, are left out; they are no sales.

    Raises
    ------
    SheetError
        When the XML is broken.
    """
    yield 1, list(TALLY_HEADING)
    number = 1
    for voucher in _ended(path, "VOUCHER"):
        kind = (voucher.findtext("VOUCHERTYPENAME") or voucher.get("VCHTYPE") or "").strip()
        if not any(word in kind.casefold() for word in _SALES_WORDS) or "order" in kind.casefold():
            continue
        if any(_yes(voucher, tag) for tag in ("ISCANCELLED", "ISOPTIONAL", "ISDELETED")):
            continue
        head = [
            (voucher.findtext("DATE") or "").strip(),
            "Return" if "credit note" in kind.casefold() else kind,
            (voucher.findtext("VOUCHERNUMBER") or "").strip(),
            (voucher.findtext("PARTYLEDGERNAME") or voucher.findtext("PARTYNAME") or "").strip(),
        ]
        for tag in _LINES:
            for line in voucher.findall(tag):
                number += 1
                yield number, [*head, *_tally_line(line)]


def _tally_line(line: ET.Element) -> list[str]:
    """Return item, quantity, rate and amount of an entry; in a sale Tally writes the amount as a credit."""
    quantity = (line.findtext("BILLEDQTY") or line.findtext("ACTUALQTY") or "").strip()
    amount = (line.findtext("AMOUNT") or "").strip().lstrip("-")
    name = (line.findtext("STOCKITEMNAME") or "").strip()
    return [
        name,
        quantity.partition("=")[0].strip().lstrip("-"),
        (line.findtext("RATE") or "").strip(),
        amount,
    ]


def _yes(voucher: ET.Element, tag: str) -> bool:
    """Return whether a flag of a voucher is set."""
    return (voucher.findtext(tag) or "").strip().casefold() == "yes"


def spreadsheetml_names(path: Path) -> list[str]:
    """Return the names of the sheets of an Excel XML file."""
    return [each.get(f"{_SS}Name", "") for each in _ended(path, f"{_SS}Worksheet", keep=False)]


def spreadsheetml_rows(path: Path, place: int) -> Generator[Row, None, None]:
    """Yield the rows of a sheet of an Excel XML file.

    Raises
    ------
    SheetError
        When the XML is broken.
    """
    sheet, number = 0, 0
    for element in _ended(path, f"{_SS}Row", f"{_SS}Worksheet"):
        if element.tag == f"{_SS}Worksheet":
            sheet, number = sheet + 1, 0
            continue
        number = _index(element, number)
        if sheet != place:
            continue
        cells: dict[int, str] = {}
        column = 0
        for cell in element.findall(f"{_SS}Cell"):
            column = _index(cell, column)
            data = cell.find(f"{_SS}Data")
            if data is not None and column <= _MAX_COLUMNS:
                cells[column] = "".join(data.itertext())
        yield number, [cells.get(each, "") for each in range(1, max(cells, default=0) + 1)]


def _index(element: ET.Element, before: int) -> int:
    """Return the place of a row or cell, which is written where places are left out before it."""
    given = element.get(f"{_SS}Index", "")
    return int(given) if given.isdecimal() and len(given) < 9 else before + 1


def html_rows(path: Path) -> Generator[Row, None, None]:
    """Yield the rows of the tables of an HTML file."""
    parser, number = _TableParser(), 0
    for chunk in _chunks(path):
        parser.feed(chunk)
        for cells in parser.take():
            number += 1
            yield number, cells
    parser.close()
    for cells in parser.take():
        number += 1
        yield number, cells


class _TableParser(HTMLParser):
    """Collects the rows of tables."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None

    def take(self) -> list[list[str]]:
        """Return the rows that ended since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a row or a cell."""
        if tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            self._cell = []
            span = next((value for name, value in attrs if name == "colspan"), None)
            width = int(span) if span and span.isdecimal() and len(span) < 4 else 1
            self._row += [""] * (min(width, _MAX_COLUMNS) - 1)
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Close a row or a cell."""
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        """Add to the open cell."""
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        """Put the open cell into its row."""
        if self._cell is not None and self._row is not None and len(self._row) < _MAX_COLUMNS:
            self._row.append(" ".join("".join(self._cell).split()))
        self._cell = None

    def _end_row(self) -> None:
        """Put the open row to the others."""
        self._end_cell()
        if self._row is not None:
            self._rows.append(self._row)
        self._row = None


def _chunks(path: Path) -> Iterator[str]:
    """Yield the text of a file, piece by piece, without what XML cannot hold."""
    with path.open("rb") as start:
        encoding = dialect_of(start.read(4096)).encoding
    with path.open("r", encoding=encoding, errors="replace") as file:
        yield from _cleaned(file)


def _cleaned(file: IO[str]) -> Iterator[str]:
    """Drop control characters and references to them, which Tally writes and no parser takes."""
    left = ""
    while chunk := file.read(_CHUNK):
        text = left + chunk
        cut = text.rfind("&", len(text) - 12)
        left = text[cut:] if cut >= 0 else ""
        yield _BAD_CHARACTER.sub("", _BAD_REFERENCE.sub("", text[: len(text) - len(left)]))
    yield _BAD_CHARACTER.sub("", _BAD_REFERENCE.sub("", left))


def _ended(path: Path, *tags: str, keep: bool = True) -> Iterator[ET.Element]:
    """Yield the elements of some tags as they end, each let go of before the next."""
    parser: Any = ET.XMLPullParser(("start", "end"))  # expat bounds expansion and resolves no outside entity
    held = 0
    parents: list[ET.Element] = []
    try:
        for chunk in _chunks(path):
            parser.feed(chunk)
            for event, element in parser.read_events():
                if event == "start":
                    parents.append(element)
                    held += 1
                    if held > _MAX_HELD:
                        raise SheetError("the XML holds too much in one element", hint="export it in parts")
                    continue
                parents.pop()
                if element.tag in tags:
                    yield element
                if (element.tag in tags or not keep) and parents:
                    parents[-1].remove(element)
                    held = len(parents)
    except ET.ParseError as error:
        raise SheetError(f"the XML is broken: {error}", hint="export it again") from None
