"""Commands of the data: make the sample, check tables, import a shop's own files."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

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
def check(folder: Path, today: str | None) -> None:
    """Check the tables in FOLDER; print every problem by file, row and reason, and exit 1 if there is one."""
    from samaan_ml.datasets._checking import check_folder

    report = check_folder(folder, today or datetime.now(_IST).date().isoformat())
    for name, rows in report.rows.items():
        click.echo(f"{name:18} {rows:>9,} rows, sound")
    for note in report.notes:
        click.echo(f"note: {note}")
    for problem in report.problems:
        click.echo(problem)
    if report.problems:
        click.echo(f"{len(report.problems)} problems", err=True)
        sys.exit(1)
