"""A sheet of sales: opened, understood as a whole, then read line by line."""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO

from samaan_ml.sheets._cells import Cell, Row, text_of
from samaan_ml.sheets._errors import SheetError
from samaan_ml.sheets._evidence import Evidence
from samaan_ml.sheets._files import HEAD_ROWS, Grid, open_grid
from samaan_ml.sheets._headings import map_columns
from samaan_ml.sheets._layout import Layout, Options
from samaan_ml.sheets._line import Line, Reading
from samaan_ml.sheets._lines import LineReader
from samaan_ml.sheets._money import exact_rows, infer_money
from samaan_ml.sheets._xlsx import MAX_UNPACKED_BYTES

__all__ = ["Sheet", "open_sheet"]

_SAMPLE = 5000
_BATCH = 1000
_MOST_COLUMNS = 250
_STAND_INS = {"item": ("name",), "price": ("amount", "mrp")}


@dataclass(slots=True)
class Sheet:
    """A sheet that is understood.

    Parameters
    ----------
    grid : Grid
        The rows of the file.
    heading_row : int
        Number of the row of headings.
    evidence : Evidence
        What all rows say.
    reading : Reading
        How they are read.
    """

    grid: Grid
    heading_row: int
    evidence: Evidence
    reading: Reading
    _spool: IO[bytes] | None = field(default=None, repr=False)

    def lines(self) -> Iterator[Line]:
        """Yield a line for each row below the heading; what cannot be one is bad and says why."""
        reader = LineReader(self.reading)
        for number, cells in self._rows():
            yield reader.read(number, cells)

    def _rows(self) -> Iterator[Row]:
        """Yield the rows below the heading."""
        if self._spool is None:
            yield from _below(self.grid, self.heading_row)
            return
        self._spool.seek(0)
        while True:
            try:
                batch = marshal.load(self._spool)  # noqa: S302 (written by this object)
            except EOFError:
                return
            yield from batch

    def close(self) -> None:
        """Let go of the rows."""
        if self._spool is not None:
            self._spool.close()


def open_sheet(
    path: Path | str,
    layout: Layout,
    options: Options | None = None,
    *,
    grid: Grid | None = None,
    max_bytes: int = MAX_UNPACKED_BYTES,
    max_rows: int | None = None,
) -> Sheet:
    r"""Look at a whole sheet and decide how it is read.

    Parameters
    ----------
    path : path
        The file; its kind is known by its content.
    layout : Layout
        `SALES` or `INVOICES`.
    options : Options or None, default=None
        What the caller says of it.
    grid : Grid or None, default=None
        Rows from elsewhere; None opens the file.
    max_bytes : int
        A workbook that unpacks to more is refused.
    max_rows : int or None, default=None
        A sheet with more rows is refused.

    Raises
    ------
    SheetError
        When it is no sheet, lacks a column or is too long.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "sales.csv").write_text("date;item;qty;rate\n05/03/24;Eggs;3;7,50\n")
    >>> from samaan_ml.sheets import SALES
    >>> [(line.on.isoformat(), line.item, str(line.amount)) for line in open_sheet(folder / "sales.csv", SALES).lines()]
    [('2024-03-05', 'Eggs', '22.50')]
    """
    options = options or Options()
    path = Path(path)
    if grid is None:
        grid = open_grid(path, options.sheet, lambda head: _best(head, layout, {})[1], max_bytes)
    head = grid.head()
    if not head:
        raise SheetError("the sheet has no rows", hint="give a sheet with a heading and rows")
    place, whole = _best(head, layout, options.columns)
    heading_row, heading = head[place]
    names = _names(heading)
    columns = map_columns(names, layout.fields, options.columns)
    if not whole:
        raise _missing(names, columns, layout)
    evidence = Evidence(columns, options.today)
    spool, sample = _look(grid, heading_row, evidence, max_rows)
    reading = _reading(names, columns, layout, options, evidence, sample)
    return Sheet(grid, heading_row, evidence, reading, spool)


def _best(head: Sequence[Row], layout: Layout, given: Mapping[str, str]) -> tuple[int, bool]:
    """Return which of the first rows is the heading, and whether it has the columns that are needed."""
    counts = []
    for _, cells in head[:HEAD_ROWS]:
        names = _names(cells)
        try:
            found = map_columns(names, layout.fields, given)
        except SheetError:
            found = map_columns(names, layout.fields)
            if given:
                found = dict.fromkeys(list(found)[:1], 0)
        counts.append((not _lacks(found, layout), len(found)))
    place = max(range(len(counts)), key=lambda number: (*counts[number], -number))
    return place, counts[place][0]


def _lacks(found: Mapping[str, int], layout: Layout) -> list[str]:
    """Name the fields without a column."""
    return [
        name
        for name in layout.required
        if name not in found and not any(other in found for other in _STAND_INS.get(name, ()))
    ]


def _missing(names: Sequence[str], columns: Mapping[str, int], layout: Layout) -> SheetError:
    """Return which columns are missing and how to name them."""
    lacks = _lacks(columns, layout)
    has = ", ".join(f"'{name}'" for name in names if name)[:300] or "none"
    return SheetError(
        f"no column for {', '.join(lacks)}; the columns are {has}",
        None,
        f"name one with columns: {lacks[0]}=HEADING" if lacks else "name the columns",
    )


def _names(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Return the heading's names, without empty ones at its end."""
    names = [text_of(cell) for cell in cells[:_MOST_COLUMNS]]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _below(grid: Grid, heading_row: int) -> Generator[Row, None, None]:
    """Yield the rows below the heading."""
    with closing(grid.rows()) as rows:
        for number, cells in rows:
            if number > heading_row:
                yield number, cells


def _look(
    grid: Grid, heading_row: int, evidence: Evidence, max_rows: int | None
) -> tuple[IO[bytes] | None, list[list[Cell]]]:
    """Count the evidence of all rows; keep them where reading the file again is dear, and a sample of them."""
    spool = None if grid.kind in ("csv", "parquet") else tempfile.TemporaryFile()  # noqa: SIM115 (closed with the sheet)
    sample: list[list[Cell]] = []
    batch: list[tuple[int, list[Cell]]] = []
    for number, cells in _below(grid, heading_row):
        row = [_plain(cell) for cell in cells] if spool is not None else list(cells)
        if any(text_of(cell) for cell in row):
            if max_rows is not None and evidence.rows >= max_rows:
                raise SheetError(f"the sheet has more than {max_rows} rows", hint="send it in parts")
            evidence.add(row)
            if len(sample) < _SAMPLE:
                sample.append(row)
        if spool is not None:
            batch.append((number, row))
            if len(batch) >= _BATCH:
                marshal.dump(batch, spool)
                batch = []
    if spool is not None:
        marshal.dump(batch, spool)
    return spool, sample


def _plain(cell: Cell) -> Cell:
    """Return a cell as a type that can be kept."""
    if isinstance(cell, date):
        return cell.isoformat()
    return float(cell) if isinstance(cell, Decimal) else cell


def _reading(
    names: tuple[str, ...],
    columns: dict[str, int],
    layout: Layout,
    options: Options,
    evidence: Evidence,
    sample: Sequence[Sequence[Cell]],
) -> Reading:
    """Decide how the sheet is read."""
    decimals = evidence.decimals(options)
    if decimals == "either" and "amount" in columns:
        dots, commas = (exact_rows(columns, columns["amount"], sample, mark) for mark in ("dot", "comma"))
        if dots != commas:
            decimals = "dot" if dots > commas else "comma"
    mark = "comma" if decimals == "comma" else "dot"
    money = infer_money(names, columns, "amount" in options.columns, sample, mark)
    columns = {name: place for name, place in columns.items() if name != "amount"}
    if money.amount is not None:
        columns["amount"] = money.amount
        columns = {name: columns[name] for name in layout.fields if name in columns}
    elif "price" not in columns and "price" in layout.required and "mrp" not in columns:
        raise SheetError(
            "no column holds the price or the amount of a line", "columns", "name it with columns"
        )
    return Reading(
        columns=columns,
        heading=names,
        dates=evidence.dates(options),
        decimals=decimals,
        sale_side=evidence.sale_side(options),
        money=money,
        mrp_is_price="mrp" in columns and "price" not in columns and money.amount is None,
        cash_kinds=any("cash" in kind or "upi" in kind or "नकद" in kind for kind in evidence.kinds),
        units=evidence.units,
        prices=evidence.prices,
        today=options.today,
        fill_down=layout.fill_down,
        keep_codes=options.keep_codes,
    )
