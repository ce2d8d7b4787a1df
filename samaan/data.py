"""Commands of the data: make the sample, check tables, import a shop's own files."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

import click

__all__ = ["data"]

_IST = timezone(timedelta(hours=5, minutes=30))


@click.group()
def data() -> None:
    """Make the sample, check tables, import a shop's own files."""


@data.command()
@click.option(
    "--out", "folder", required=True, type=click.Path(path_type=Path), help="A new or empty folder."
)
@click.option("--seed", default=None, type=int, help="Another seed than that of the committed sample.")
@click.option("--shops", default=None, type=click.IntRange(1), help="Shops (the sample has 4).")
@click.option("--items", default=None, type=click.IntRange(1), help="Items (the sample has 168).")
@click.option("--days", default=None, type=click.IntRange(1), help="Days of history (the sample has 730).")
@click.option("--truth/--no-truth", default=True, help="Write the hidden truth too, into OUT/truth.")
def sample(
    folder: Path, seed: int | None, shops: int | None, items: int | None, days: int | None, truth: bool
) -> None:
    """Write the sample shops: simulated, the same to the byte for the same seed."""
    from samaan_ml.datasets import SAMPLE, SAMPLE_SEED, write_sample

    changes = {"n_shops": shops, "n_items": items, "days": days}
    simulation = SAMPLE.replace(**{name: value for name, value in changes.items() if value is not None})
    seed = SAMPLE_SEED if seed is None else seed
    world = write_sample(folder, simulation, seed, truth=truth)
    for name, table in world.data:
        click.echo(f"{name + '.parquet':18} {len(table):>9,} rows")
    click.echo(f"Simulated shops (seed {seed}) written to {folder}; no real shop stands behind them.")


@data.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--today", default=None, metavar="DATE", help="The last day rows may have.  [default: today in India]"
)
@click.option(
    "--quarantine",
    type=click.Path(path_type=Path),
    help="A new folder for the tables without their suspicious rows; these go to quarantine/ in it.",
)
@click.option(
    "--decimal", type=click.Choice([".", ","]), default=".", show_default=True, help="Decimal mark."
)
def check(folder: Path, today: str | None, quarantine: Path | None, decimal: Literal[".", ","]) -> None:
    """Check the tables in FOLDER; print every problem by file, row and reason, and exit 1 if there is one."""
    from samaan_ml.datasets._checking import check_folder

    day = today or datetime.now(_IST).date().isoformat()
    report = check_folder(folder, day, quarantine=quarantine, decimal=decimal)
    for name, rows in report.rows.items():
        click.echo(f"{name:18} {rows:>9,} rows, sound")
    for note in report.notes:
        click.echo(f"note: {note}")
    for suspicion in report.suspicious:
        click.echo(f"suspicious: {suspicion}")
    for problem in report.problems:
        click.echo(problem)
    if report.problems:
        click.echo(f"{len(report.problems)} problems", err=True)
        sys.exit(1)


@data.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), help="A new or empty folder for the tables."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["invoices", "sales"]),
    default="invoices",
    show_default=True,
    help="Invoice lines, or a sheet of sales with merged dates and totals.",
)
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=HEADING", help="Name a column the guess misses."
)
@click.option("--shop", "shop_id", default="shop", show_default=True, help="Shop of rows that name none.")
@click.option(
    "--state", metavar="CODE", help="The shops' state, like MH: their region; writes the calendar too."
)
@click.option(
    "--date-order", type=click.Choice(["dmy", "mdy"]), help="Read 05/03/24 so; else the file decides."
)
@click.option(
    "--decimal", type=click.Choice(["dot", "comma"]), help="The decimal mark; else the file decides."
)
@click.option("--sale-side", type=click.Choice(["dr", "cr"]), help="Which of Dr and Cr marks a sale.")
@click.option("--sheet", help="Sheet of a workbook.  [default: the first with known headings]")
@click.option(
    "--keep-code", "keep_codes", multiple=True, help="An item code that is goods, whatever it looks like."
)
@click.option("--replace", is_flag=True, help="Replace the folder of an earlier import.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--max-gigabytes", default=4.0, show_default=True, help="Refuse a larger file.")
def import_(
    file: Path,
    folder: Path | None,
    form: Literal["invoices", "sales"],
    columns: tuple[str, ...],
    shop_id: str,
    state: str | None,
    date_order: Literal["dmy", "mdy"] | None,
    decimal: Literal["dot", "comma"] | None,
    sale_side: Literal["dr", "cr"] | None,
    sheet: str | None,
    keep_codes: tuple[str, ...],
    replace: bool,
    dry_run: bool,
    max_gigabytes: float,
) -> None:
    """Import FILE (CSV, Parquet, Excel, OpenDocument, Tally XML) into tables, and account for every line.

    Rejected lines go to OUT/rejects.csv with their line number and the reason.
    """
    from samaan_ml.datasets.importing import import_file

    if folder is None and not dry_run:
        raise click.UsageError("give --out DIR, or --dry-run to write nothing")
    named = dict(_pair(each) for each in columns)
    report = import_file(
        file,
        None if dry_run else folder,
        form,
        columns=named,
        shop_id=shop_id,
        state=state,
        date_order=date_order,
        decimal=decimal,
        sale_side=sale_side,
        sheet=sheet,
        keep_codes=keep_codes,
        replace=replace,
        max_gigabytes=max_gigabytes,
        progress=_progress if sys.stderr.isatty() else None,
    )
    click.echo(str(report))
    click.echo("Nothing written (--dry-run)." if dry_run else f"Written to {folder}.")


def _pair(given: str) -> tuple[str, str]:
    """Split FIELD=HEADING."""
    field, sign, heading = given.partition("=")
    if not sign:
        raise click.UsageError(f"--column takes FIELD=HEADING, got '{given}'")
    return field, heading


def _progress(lines: int) -> None:
    """Show how far the reading is."""
    click.echo(f"\r{lines:,} lines read", err=True, nl=False)
