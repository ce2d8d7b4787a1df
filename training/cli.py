"""The commands of the training image."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from samaan_ml.domain.capture import CAPTURED_AREAS
from training.areas import AREAS, area_named, check_settings
from training.job import Hyperparameters, Job, run_as_job

__all__ = ["train"]

_SETTINGS = {
    "horizon_days": "Days ahead.",
    "windows": "Held-out windows of the backtest.",
    "held_out_days": "Last days held out to judge by.",
    "random_state": "Seed.",
}

_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_area = click.argument("area", type=click.Choice(list(AREAS)))


def _settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command an option for every hyperparameter."""
    for name, text in reversed(_SETTINGS.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, help=text)(command)
    return command


def _given(options: dict[str, str | None]) -> Hyperparameters:
    """Keep the options that were given."""
    return Hyperparameters({name: value for name, value in options.items() if value is not None})


class _Jobs(click.Group):
    """Commands that keep the containers' contract however they are started: a failure leaves its reason."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a job, its reason in `output/failure` and exit code 1 where it fails."""
        if code := run_as_job(lambda: super(_Jobs, self).invoke(ctx)):
            ctx.exit(code)


@click.group(cls=_Jobs)
def train() -> None:
    """Run one job of the training image.

    Each job reads and writes the folder named by SAGEMAKER_BASE_DIR (default /opt/ml), as SageMaker lays it
    out; `samaan pipeline run` runs them all in order.
    """


@train.command()
@_area
def prepare(area: str) -> None:
    """Check the tables of input 'data' and pass on those the area needs."""
    from training.prepare import prepare as prepare_tables

    job = Job()
    summary = prepare_tables(area_named(area), job.input("data"), job.output("prepared"))
    click.echo(json.dumps(summary, sort_keys=True))


@train.command()
@_area
def fit(area: str) -> None:
    """Fit the area's model on channel 'prepared' and leave it in model/.

    Told to stop, the job leaves the boosters it has trained in checkpoints/; started again on them it goes on from
    there, to the same bytes.
    """
    from samaan_ml.artifacts import save_model
    from samaan_ml.checkpoints import keeping_checkpoints
    from training.lineage import code_digest
    from training.prepare import load_prepared

    job, chosen = Job(), area_named(area)
    settings = job.hyperparameters
    check_settings(chosen, settings)
    prepared = load_prepared(job.channel("prepared"))
    lineage = {
        "area": area,
        "data_digest": prepared.summary["digest"],
        "trained_until": prepared.summary["last"],
        "hyperparameters": {**{k: str(v) for k, v in chosen.settings.items()}, **settings.values},
        "code": code_digest(),
    }
    with keeping_checkpoints(job.checkpoints):
        manifest = save_model(chosen.fit(prepared, settings), job.model, lineage)
    click.echo(f"model {manifest.model_version}")


@train.command()
@_area
@_settings_options
def evaluate(area: str, **options: str | None) -> None:
    """Measure the area's model on held-out days of input 'prepared', beside its baseline."""
    from samaan_ml.checkpoints import keeping_checkpoints
    from training.prepare import load_prepared

    job, chosen, settings = Job(), area_named(area), _given(options)
    check_settings(chosen, settings)
    with keeping_checkpoints(job.checkpoints):
        evaluation = chosen.evaluate(load_prepared(job.input("prepared")), settings)
    evaluation.write(job.output("evaluation") / "evaluation.json")
    for name, skill in evaluation.skill.items():
        mine, its = evaluation.model[name], evaluation.baseline[name]
        click.echo(f"{name}: {mine:.4g}, {evaluation.baseline_name} {its:.4g} ({skill:+.1%})")


@train.command("check")
@_area
@click.option(
    "--horizon-days", default=14, show_default=True, type=click.IntRange(1, 90), help="Days ahead to ask."
)
def check_model(area: str, horizon_days: int) -> None:
    """Time input 'model' on the shops' questions, compare the shops, write baseline and card to 'checks'."""
    from training.check import check
    from training.evaluate import model_folder, read_evaluation

    job = Job()
    model, evaluation = model_folder(job.input("model")), read_evaluation(job.input("evaluation"))
    found = check(
        area_named(area), model, job.input("prepared"), evaluation, horizon_days, job.output("checks")
    )
    latency, fairness = found["latency"], found["fairness"] or {"compared": 0}
    click.echo(f"{found['size_mib']:.1f} MiB, loaded in {latency['load_seconds']:.2f} s")
    click.echo(f"a question takes {latency.get('p95_cpu_ms', float('nan')):.1f} ms of CPU (95th percentile)")
    click.echo(f"{fairness['compared']} shops compared")


@train.command()
@_area
@click.option(
    "--horizon-days", default=14, show_default=True, type=click.IntRange(1, 90), help="Days ahead to ask."
)
def requests(area: str, horizon_days: int) -> None:
    """Write the requests of all shops in input 'prepared' as JSON lines, for batch transform."""
    from training.shop_requests import write_requests

    job = Job()
    count = write_requests(area_named(area), job.input("prepared"), job.output("requests"), horizon_days)
    click.echo(f"{count} requests")


@train.command()
@_area
@click.option(
    "--minimum-skill", type=float, default=0.0, show_default=True, help="Share by which to beat the baseline."
)
@click.option(
    "--champion-tolerance",
    type=float,
    default=0.02,
    show_default=True,
    help="Share by which to miss the champion.",
)
@click.option("--maximum-latency-ms", type=float, help="Longest 95th percentile of a question's CPU time.")
@click.option("--maximum-model-mib", type=float, help="Largest model folder.")
def gate(
    area: str,
    minimum_skill: float,
    champion_tolerance: float,
    maximum_latency_ms: float | None,
    maximum_model_mib: float | None,
) -> None:
    """Decide on input 'model' by inputs 'evaluation', 'checks' and 'champion'; reasons go to gate.json."""
    from training.champion import read_champion
    from training.evaluate import decide, model_folder, read_checks, read_evaluation

    job, rules = Job(), area_named(area).rules
    if maximum_latency_ms is not None:
        rules = replace(rules, most_latency_ms=maximum_latency_ms)
    if maximum_model_mib is not None:
        rules = replace(rules, most_mib=maximum_model_mib)
    champion = read_champion(job.input("champion"), job.base / "champion")
    decision = decide(
        rules,
        read_evaluation(job.input("evaluation")),
        model_folder(job.input("model")),
        champion,
        read_checks(job.input("checks")),
        minimum_skill,
        champion_tolerance,
    )
    text = json.dumps(decision, indent=1, sort_keys=True) + "\n"
    (job.output("gate") / "gate.json").write_text(text, "utf-8")
    for verdict in decision["verdicts"]:
        click.echo(f"{'passed ' if verdict['passed'] else 'REFUSED'} {verdict['name']}: {verdict['reason']}")


@train.command()
@_area
def champion(area: str) -> None:
    """Leave input 'model', which was registered, where the next gate and the night find the champion."""
    from training.champion import write_champion
    from training.evaluate import model_folder

    job = Job()
    reports = [job.input(name) for name in ("evaluation", "checks", "gate")]
    version = write_champion(model_folder(job.input("model")), reports, job.output("champion"))
    click.echo(f"model {version} is the champion of {area}")


@train.command()
@click.option("--horizon-days", default=14, type=click.IntRange(1, 90), help="Days ahead, for demand.")
def night(horizon_days: int) -> None:
    """Score the shops of input 'data' with the champions in inputs 'champion-AREA'; hand over orders and alerts.

    What a schedule starts as a processing job, after the pipelines. An area without a champion is left out. A shop
    that fails is named in the manifest and fails the job at its end, when all others are done.
    """
    from training.night import score_and_hand_over

    job = Job()
    champions = {area: job.input(f"champion-{area}") for area in AREAS}
    failed = score_and_hand_over(job.input("data"), champions, job.output("answers"), horizon_days, job.base)
    if failed:
        raise click.ClickException(f"not done: {', '.join(failed[:5])}, {len(failed)} in all")


@train.command("score-shard")
@_area
@click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Tables."
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Answers.")
@click.option(
    "--model", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Model."
)
@click.option("--horizon-days", default=14, type=click.IntRange(1, 90), help="Days ahead.")
@click.option("--shard", default="0/1", metavar="I/N", help="Which part of the shops.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Score as on the evening of this day.")
def score_shard(
    area: str, data: Path, out: Path, model: Path, horizon_days: int, shard: str, as_of: datetime | None
) -> None:
    """Score one part of a folder's shops: what a host of a processing job, or a worker here, does."""
    from training.batch import BatchJob, Shard

    day = None if as_of is None else as_of.date()
    BatchJob(area, data, out, model, horizon_days, Shard.parse(shard), day).run()


@train.command("captured")
@click.argument("area", type=click.Choice(list(CAPTURED_AREAS)))
@click.option("--captured", type=_folder, help="Capture files.  [default: input 'captured']")
@click.option("--baseline", type=_folder, help="Model's baseline.  [default: input 'baseline']")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="[default: output 'report']")
@click.option("--days", type=click.IntRange(1, 3660), help="Days before the newest capture.  [default: 7]")
@click.option("--hours", type=click.IntRange(1, 87840), help="The same in hours, or beside the days.")
def watch_captures(
    area: str,
    captured: Path | None,
    baseline: Path | None,
    report: Path | None,
    days: int | None,
    hours: int | None,
) -> None:
    """Hold what an endpoint was asked of late against its model's baseline.

    Reads SageMaker's capture files; the baseline is the folder of the model's statistics.json and constraints.json,
    such as its champion folder. Alarms are printed, and written to captured.json and constraint_violations.json;
    they are no failure of the job, whose exit message names their number. Lines that cannot be read are counted.
    Files in hour folders (yyyy/mm/dd/hh) older than --days and --hours are not opened.
    """
    from training.captured import watch_captured

    job = Job()
    seen = watch_captured(
        area,
        captured or job.input("captured"),
        baseline or job.input("baseline"),
        report or job.output("report"),
        timedelta(days=days or 0, hours=hours or 0) or timedelta(days=7),
    )
    for line in (*seen.alarms, *seen.unwatched):
        click.echo(line)
    state = "CompletedWithViolations" if seen.alarms else "Completed"
    said = f"{state}: {len(seen.alarms)} to look at, {len(seen.unwatched)} could not be watched"
    job.say(said)
    click.echo(said)


@train.command("serve")
@click.option("--host", default="0.0.0.0", show_default=True, help="Address; SageMaker asks on every one.")  # noqa: S104
@click.option("--port", default=8080, show_default=True, envvar="SAGEMAKER_BIND_TO_PORT", help="Port.")
def serve_model(host: str, port: int) -> None:
    """Serve the model in model/ with /ping and /invocations."""
    from training.container import serve

    serve(host, port)
