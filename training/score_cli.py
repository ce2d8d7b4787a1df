"""`samaan score`: all shops of a folder, today or on past days, or what that will take."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from training.areas import AREAS

if TYPE_CHECKING:
    from training.batch import Shard
    from training.scoring import Scoring

__all__ = ["score"]


class _Place(click.ParamType[Path | str]):
    """A folder here, or s3://bucket/prefix."""

    name = "folder or s3://"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:
        """Leave addresses on S3 as they are."""
        text = str(value)
        if text.startswith("s3://"):
            return text
        if param is not None and param.name != "out" and not Path(text).is_dir():
            self.fail(f"folder '{text}' does not exist", param, ctx)
        return Path(text)


@click.command()
@click.argument("area", type=click.Choice(list(AREAS)))
@click.option("--data", required=True, type=_Place(), help="Folder of the tables, here or on S3.")
@click.option("--out", required=True, type=_Place(), help="Folder for the answers, here or on S3.")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that holds the champions.  [default: SAMAAN_HOME, else ./.samaan]",
)
@click.option("--model", type=_Place(), help="Another model folder than the champion's, here or on S3.")
@click.option(
    "--horizon-days",
    default=14,
    show_default=True,
    type=click.IntRange(1, 90),
    help="Days ahead, for demand.",
)
@click.option(
    "--shard", default="0/1", show_default=True, metavar="I/N", help="Score only the I-th of N parts, from 0."
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="Parts scored side by side."
)
@click.option(
    "--engine",
    default="processes",
    show_default=True,
    type=click.Choice(["processes", "spark"]),
    help="Who runs the parts: processes here, or Spark (extra 'spark').",
)
@click.option(
    "--as-of",
    "days",
    metavar="DAY[..DAY]",
    help="Score as on the evenings of these days, each into OUT/as_of=DAY, with a model of that time.",
)
@click.option(
    "--hindsight", is_flag=True, help="With --as-of: let a model score days that it has learned from."
)
@click.option(
    "--estimate", "only_estimate", is_flag=True, help="Write nothing; tell what it will take, by a few shops."
)
@click.option(
    "--hourly-paise",
    type=click.IntRange(1),
    help="With --estimate: what an hour of the machine costs, to tell the run's cost.",
)
def score(
    area: str,
    data: Path | str,
    out: Path | str,
    home: Path | None,
    model: Path | str | None,
    horizon_days: int,
    shard: str,
    workers: int,
    engine: str,
    days: str | None,
    hindsight: bool,
    only_estimate: bool,
    hourly_paise: int | None,
) -> None:
    """Score all shops of a folder with the champion model.

    Every shop's answers are one Parquet file, written whole or not at all; a shop whose rows and model have
    not changed is left alone, so a run that was cut off is taken up where it stopped and late rows score their own
    shop again. manifest.json accounts for every shop, row and series; the exit code is 1 when something could not
    be scored. On S3 the folders are staged in SAMAAN_HOME, and only what changed is fetched and sent.

    --as-of fills past days in, knowing of each no more than its evening did: rows up to it, and the newest
    registered model that was trained until then.
    """
    from training.batch import Shard, champion_folder
    from training.scoring import Scoring

    place = (home or Path(os.environ.get("SAMAAN_HOME") or ".samaan")).resolve()
    past = days is not None and model is None and not hindsight
    chosen = model or ("" if past else champion_folder(area, home))  # of a past day its own, see below
    scoring = Scoring(
        area,
        data,
        out,
        chosen,
        place / "staging",
        horizon_days,
        Shard.parse(shard),
        hindsight=hindsight,
    )
    if only_estimate:
        if days is not None:
            raise click.UsageError("--estimate tells of one day; leave --as-of out and multiply")
        _estimate(scoring, workers, hourly_paise)
    elif days is not None:
        if engine == "spark" or scoring.shard.count > 1:
            raise click.UsageError("--as-of goes with --workers alone, not with --shard or --engine spark")
        _fill_in(scoring, days, place if past else None, workers)
    elif engine == "spark":
        from training.spark import score_on_spark

        _tell(score_on_spark(scoring, workers), scoring.shard, str(out))
    else:
        _tell(scoring.run(workers), scoring.shard, str(out))


def _fill_in(scoring: Scoring, text: str, home: Path | None, workers: int) -> None:
    """Score past days; with a home, each with the newest model of that time."""
    from training.backfill import backfill, days_between, model_as_of

    def model_of(day: date) -> Path | str:
        return scoring.model if home is None else model_as_of(scoring.area, home, day)

    incomplete = False
    for day, manifest in backfill(scoring, days_between(text), model_of, workers):
        try:
            _tell(manifest, scoring.shard, f"as_of={day}")
        except SystemExit:
            incomplete = True
    if incomplete:
        raise SystemExit(1)


def _estimate(scoring: Scoring, workers: int, hourly_paise: int | None) -> None:
    """Return what a run will take."""
    from training.estimate import estimate

    before = time.process_time()  # what it took to come here, every run's process takes
    found = estimate(scoring.job(Path("nowhere")), workers, len(os.sched_getaffinity(0)))
    found = replace(
        found,
        start_seconds=found.start_seconds + before,
        start_cpu_seconds=found.start_cpu_seconds + before,
    )
    click.echo(
        f"{found.shops} shops with {found.rows} rows: about {found.seconds:.1f} s by the clock with {workers} "
        f"worker{'s' if workers > 1 else ''}, {found.cpu_seconds:.1f} s of CPU, {found.peak_mib:.0f} MiB a process"
    )
    click.echo(f"told by {found.probed} shops; shops that are done already take next to nothing")
    if hourly_paise is not None:
        click.echo(
            f"cost: about {found.cost_paise(hourly_paise) / 100:.2f} rupees at {hourly_paise} paise an hour"
        )


def _tell(manifest: dict[str, Any] | None, shard: Shard, place: str) -> None:
    """Return what was scored."""
    if manifest is None:
        click.echo(
            f"part {shard.index} of {shard.count} is scored in '{place}'; manifest.json follows the last part"
        )
        return
    told = manifest["reconciliation"]
    click.echo(
        f"{told['rows_out']} rows for {told['answered']} of {told['asked']} asked, "
        f"{told['shops_scored']} of {told['shops']} shops, by model {manifest['model_version']}, in '{place}'"
    )
    for file, reason in manifest["unreadable"].items():
        click.echo(f"file '{file}' was not read: {reason}", err=True)
    for shop, reason in manifest["failed"].items():
        first, *more = [line.strip() for line in reason.splitlines()] or [""]
        line = " ".join([first, *more[:1]]) + (" ..." if more[1:] else "")
        click.echo(f"shop '{shop}' was not scored: {line}", err=True)
    if not told["complete"]:
        raise SystemExit(1)
