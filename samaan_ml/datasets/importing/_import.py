"""Import a file: read, stage, settle, write; whole or not at all, every line accounted for."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from samaan_ml.datasets._festivals import festival_calendar
from samaan_ml.datasets.importing._lines import staged_batches
from samaan_ml.datasets.importing._parquet import parquet_grid
from samaan_ml.datasets.importing._returns import take_back_returns
from samaan_ml.datasets.importing._staging import Staging
from samaan_ml.datasets.importing._writing import (
    settle_spelling,
    write_items,
    write_prices,
    write_rejects,
    write_sales,
    write_shops,
)
from samaan_ml.domain.calendar import STATES
from samaan_ml.exceptions import DataError
from samaan_ml.sheets import (
    INVOICES,
    SALES,
    DateOrder,
    DecimalMark,
    Options,
    Sheet,
    SheetError,
    Side,
    describe,
    open_sheet,
)
from samaan_ml.tables import CALENDAR, check, write_table

__all__ = ["Format", "ImportReport", "import_file"]

Format = Literal["invoices", "sales"]

_LAYOUTS = {"invoices": INVOICES, "sales": SALES}
_READINGS = {
    "dmy": "read day first, ",
    "mdy": "read month first, ",
    "either": "read day first (month first is possible too), ",
    "mixed": "those with two readings left out, ",
    "plain": "",
}
_GIGABYTE = 10**9
_REPORT = "import.json"
_REJECTS = "rejects.csv"
_CALENDAR_AHEAD_DAYS = 180
_IST = timezone(timedelta(hours=5, minutes=30))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every line of a file.

    Parameters
    ----------
    source : str
        Name of the file.
    columns : dict of str to str
        The heading taken for each field.
    dates_read : {"dmy", "mdy", "either", "mixed", "plain"}
        Day or month first; `either` was possible and day first taken; `mixed` dates speak for both orders, and those
        with two readings are rejected; `plain` dates have one reading.
    lines, used, returned, rejected : int
        Lines in the file, and what became of them: lines = used + returned + rejected.
    reasons : dict of str to int
        Rejected lines by reason, the most frequent first.
    units_sold, units_returned, units_taken_back, units_written : float
        written = sold - returned; returns without a matching sale are not subtracted.
    rows : dict of str to int
        Rows of each table written.
    first_day, last_day : str
        The span of the sales.
    notes : tuple of str
        What the reader should know.
    """

    source: str
    columns: dict[str, str]
    dates_read: str
    lines: int
    used: int
    returned: int
    rejected: int
    reasons: dict[str, int]
    units_sold: float
    units_returned: float
    units_taken_back: float
    units_written: float
    rows: dict[str, int]
    first_day: str
    last_day: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write the reconciliation."""
        out = [f"columns   {', '.join(f'{field}={heading}' for field, heading in self.columns.items())}"]
        out.append(f"dates     {_READINGS[self.dates_read]}{self._span()}")
        out += [
            f"lines in  {self.lines:>12,}",
            f"used      {self.used:>12,}",
            f"returned  {self.returned:>12,}",
        ]
        out.append(f"rejected  {self.rejected:>12,}")
        out += [f"          {count:>12,}  {reason}" for reason, count in self.reasons.items()]
        out.append(
            f"units     {self.units_sold:,.10g} sold - {self.units_taken_back:,.10g} of "
            f"{self.units_returned:,.10g} returned = {self.units_written:,.10g} written"
        )
        out.append(f"tables    {', '.join(f'{name} {rows:,}' for name, rows in self.rows.items())}")
        out += [f"note      {note}" for note in self.notes]
        return "\n".join(out)

    def _span(self) -> str:
        """Write the span of the sales."""
        return f"{self.first_day} to {self.last_day}" if self.first_day else "none used"


def import_file(
    path: Path | str,
    out: Path | str | None,
    form: Format = "invoices",
    *,
    columns: Mapping[str, str] | None = None,
    shop_id: str = "shop",
    state: str | None = None,
    date_order: DateOrder | None = None,
    decimal: DecimalMark | None = None,
    sale_side: Side | None = None,
    sheet: str | None = None,
    keep_codes: tuple[str, ...] = (),
    replace: bool = False,
    max_gigabytes: float = 4.0,
    today: date | str | None = None,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    r"""Import invoice lines or a sales sheet from CSV, Parquet, Excel, OpenDocument or Tally's XML into tables.

    Memory stays bounded: rows go through a temporary database on disk. Nothing is written unless all is.

    Parameters
    ----------
    path : path
        The file; its kind is known by its content.
    out : path or None
        A new or empty folder for the tables, `rejects.csv` and `import.json`; None tries without writing.
    form : {"invoices", "sales"}, default="invoices"
        One line an item of an invoice, or one row an item of a day; sheets may have merged dates and totals.
    columns : mapping of str to str or None, default=None
        Headings by field, where the guess is wrong.
    shop_id : str, default="shop"
        The shop of rows that name none.
    state : str or None, default=None
        ISO code of the shops' state in India: their region, and the calendar table is written.
    date_order : {"dmy", "mdy"} or None, default=None
        How 05/03/24 is read; None asks all dates of the file, and takes day first where they leave it open.
    decimal : {"dot", "comma"} or None, default=None
        The decimal mark; None asks all numbers of the file.
    sale_side : {"dr", "cr"} or None, default=None
        Which of Dr and Cr marks a sale; None takes what most lines have.
    sheet : str or None, default=None
        Sheet of a workbook; None takes the first with known headings.
    keep_codes : tuple of str, default=()
        Item codes that are goods though they look like charges.
    replace : bool, default=False
        Replace the folder of an earlier import.
    max_gigabytes : float, default=4.0
        A larger file is refused.
    today : datetime.date or str, default=None
        Later lines are rejected; None takes today in India.
    progress : callable or None, default=None
        Told the number of lines read so far.

    Returns
    -------
    ImportReport
        The reconciliation.

    Raises
    ------
    DataError
        When the file is no table, lacks a column, has no usable line, or the folder is not free.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> text = "Bill No,Item,Qty,Date,Rate\nB1,Sugar 1kg,2,05/03/24,46\nB2,sugar 1kg,abc,06/03/24,46\n"
    >>> _ = (folder / "bills.csv").write_text(text)
    >>> report = import_file(folder / "bills.csv", folder / "tables")
    >>> report.lines, report.used, report.rejected, report.reasons
    (2, 1, 1, {'quantity cannot be read': 1})
    """
    path = Path(path)
    out = None if out is None else Path(out)
    if state is not None and state not in STATES:
        raise DataError(f"'{state}' is not a state's code like 'MH'; known: {', '.join(STATES)}")
    _refuse_taken(out, replace)
    keep = frozenset(code.casefold() for code in keep_codes)
    last_day = date.fromisoformat(str(today)) if today else datetime.now(_IST).date()
    options = Options(columns or {}, date_order, decimal, sheet, sale_side, last_day, keep)
    opened = _opened(path, form, options, max_gigabytes)
    parent = Path(tempfile.gettempdir()) if out is None else out.parent
    parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".import.", dir=parent))
    try:
        with Staging(work / "lines.sqlite") as staging:
            _stage(path, opened, shop_id, staging, progress)
            staging.settle(keep)
            tables = work / "tables"
            tables.mkdir()
            report = _written(staging, tables, path, opened, state)
        if out is not None:
            _move(tables, out)
    finally:
        opened.close()
        shutil.rmtree(work, ignore_errors=True)
    return report


def _refuse_taken(out: Path | None, replace: bool) -> None:
    """Refuse to write over what an import did not write."""
    if out is None or not out.exists():
        return
    if not out.is_dir():
        raise DataError(f"'{out}' is a file; name a folder")
    if any(out.iterdir()) and not (replace and (out / _REPORT).is_file()):
        hint = "name another" if replace else "name another, or --replace an earlier import"
        raise DataError(f"'{out}' is not empty; {hint}")


def _opened(path: Path, form: Format, options: Options, max_gigabytes: float) -> Sheet:
    """Open the file and understand it, or say what is wrong with it."""
    if not path.is_file():
        raise DataError(f"'{path}' is not a file" if path.exists() else f"'{path}' does not exist")
    size = path.stat().st_size
    if size > max_gigabytes * _GIGABYTE:
        raise DataError(
            f"'{path}' has {size / _GIGABYTE:.1f} GB, the limit is {max_gigabytes:g}; split it or raise --max-gigabytes"
        )
    try:
        return open_sheet(
            path,
            _LAYOUTS[form],
            options,
            grid=parquet_grid(path),
            max_bytes=int(max_gigabytes * _GIGABYTE),
        )
    except SheetError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise DataError(f"'{path}': {error}{hint}") from error


def _stage(
    path: Path, sheet: Sheet, shop_id: str, staging: Staging, progress: Callable[[int], None] | None
) -> None:
    """Read the file into the staging database."""
    read = 0
    try:
        for batch in staged_batches(sheet, shop_id):
            staging.add(batch)
            read += len(batch)
            if progress is not None:
                progress(read)
    except SheetError as error:
        raise DataError(f"'{path}': {error}") from error
    if not read:
        raise DataError(f"'{path}' has a heading and no rows")


def _written(
    staging: Staging,
    folder: Path,
    path: Path,
    sheet: Sheet,
    state: str | None,
) -> ImportReport:
    """Net the returns, write the tables and count what became of every line."""
    heading, found = sheet.reading.heading, dict(sheet.reading.columns)
    returns = take_back_returns(staging)
    settle_spelling(staging)
    counts = dict(staging.query("SELECT class, COUNT(*) FROM lines GROUP BY class"))
    if not counts.get("used"):
        worst = _reasons(staging)
        few = "; ".join(f"{count} lines: {reason}" for reason, count in list(worst.items())[:3])
        raise DataError(f"'{path}' has no usable line: {few}")
    rows = {"sales": 0, "prices": 0, "items": 0, "shops": 0}
    rows["sales"], written = write_sales(staging, folder / "sales.parquet")
    if {"price", "amount"} & set(found) or sheet.reading.mrp_is_price:
        rows["prices"] = write_prices(staging, folder / "prices.parquet")
    rows["items"] = write_items(staging, folder / "items.parquet")
    rows["shops"] = len(write_shops(staging, folder / "shops.parquet", state or "unknown"))
    first, last, sold = staging.one("SELECT MIN(day), MAX(day), SUM(units) FROM lines WHERE class = 'used'")
    if state is not None:
        ahead = date.fromordinal(last + _CALENDAR_AHEAD_DAYS)
        calendar = check(festival_calendar(date.fromordinal(first), ahead, [state]), CALENDAR)
        write_table(calendar, folder / "calendar.parquet")
        rows["calendar"] = len(calendar)
    write_rejects(staging, folder / _REJECTS, [heading[position] for position in found.values()])
    report = ImportReport(
        source=path.name,
        columns={field: heading[position] for field, position in found.items()},
        dates_read=sheet.reading.dates,
        lines=sum(counts.values()),
        used=counts.get("used", 0),
        returned=counts.get("returned", 0),
        rejected=counts.get("rejected", 0),
        reasons=_reasons(staging),
        units_sold=round(sold, 6),
        units_returned=round(returns.units, 6),
        units_taken_back=round(returns.taken_back, 6),
        units_written=round(written, 6),
        rows={name: count for name, count in rows.items() if count},
        first_day=date.fromordinal(first).isoformat(),
        last_day=date.fromordinal(last).isoformat(),
        notes=tuple(_notes(staging, sheet)),
    )
    text = json.dumps(asdict(report), ensure_ascii=False, indent=1)
    (folder / _REPORT).write_text(text + "\n", encoding="utf-8")
    return report


def _reasons(staging: Staging) -> dict[str, int]:
    """Count the rejected lines by reason, without the values at fault."""
    found: dict[str, int] = {}
    for reason, count in staging.query(
        "SELECT reason, COUNT(*) FROM lines WHERE class = 'rejected' GROUP BY reason"
    ):
        kind = reason.split(", got '")[0].split(": '")[0].split("; ")[0]
        found[kind] = found.get(kind, 0) + count
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _notes(staging: Staging, sheet: Sheet) -> list[str]:
    """Return what the reader should know of the whole file."""
    notes = [f"{each.text} (--{each.option.replace('_', '-')})" for each in describe(sheet).questions]
    (zeros,) = staging.one("SELECT COUNT(*) FROM lines WHERE class = 'used' AND units = 0")
    if zeros:
        notes.append(f"{zeros:,} lines say that none were sold; they are kept as days of 0 units")
    (repeats,) = staging.one(
        "SELECT COUNT(*) - COUNT(DISTINCT mark) FROM lines WHERE class = 'used' AND invoice <> ''"
    )
    if repeats:
        notes.append(
            f"{repeats:,} used lines repeat another line of the file exactly; they count as further sales"
        )
    if "customer" in sheet.reading.columns:
        (unnamed,) = staging.one("SELECT COUNT(*) FROM lines WHERE class <> 'rejected' AND customer = ''")
        if unnamed:
            notes.append(f"{unnamed:,} lines name no customer; they are sales all the same")
    (unfound,) = staging.one("SELECT COUNT(*) FROM lines WHERE class = 'returned'")
    if unfound:
        notes.append("a return lowers the sale it undoes; one whose sale is not in the file lowers nothing")
    return notes


def _move(tables: Path, out: Path) -> None:
    """Put the finished folder in its place in one step."""
    if out.exists():
        before = out.with_name(f".{out.name}.before")
        shutil.rmtree(before, ignore_errors=True)
        out.replace(before)
        tables.replace(out)
        shutil.rmtree(before, ignore_errors=True)
    else:
        tables.replace(out)
