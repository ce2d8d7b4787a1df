"""The commands `samaan pipeline ...`."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from pipelines.areas import AREAS, golden_path, golden_text
from pipelines.champions import lay_champion
from pipelines.definition import render
from pipelines.deploy_cli import deploy, roll_back, status
from pipelines.local import Definition, ExecutionStatus, Launcher, LocalRunner, Progress
from pipelines.local.functions import handler_at
from pipelines.local.images import read_images
from pipelines.local.storage import Storage
from pipelines.models_cli import models
from pipelines.operator import write_operator_view
from pipelines.registry import MlflowRegistry
from pipelines.settings import home_folder

__all__ = ["pipeline"]

_home = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for all that is written.  [default: SAMAAN_HOME, else ./.samaan]",
)


@click.group()
def pipeline() -> None:
    """Run, render or list the pipelines; list, promote and roll back their models."""


for command in (models, deploy, status, roll_back):
    pipeline.add_command(command)


@pipeline.command()
@click.argument("name")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the shops' tables; stands for the parameter DataUri.",
)
@_home
@click.option(
    "--parameter", "-p", "given", multiple=True, metavar="NAME=VALUE", help="A parameter of the pipeline."
)
@click.option(
    "--function",
    "functions",
    multiple=True,
    metavar="NAME=MODULE:HANDLER",
    help="The handler of a Lambda step.",
)
@click.option(
    "--image",
    "images",
    multiple=True,
    metavar="NAME=COMMAND",
    help="The command that does the work of images with NAME in theirs; gets train or serve as its last word.",
)
@click.option(
    "--images",
    "images_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file of image names and commands.",
)
@click.option(
    "--from-step",
    metavar="STEP",
    help="Run STEP and what follows it; take the results before it from earlier runs.",
)
@click.option("--quiet", is_flag=True, help="Show nothing but errors.")
def run(
    name: str,
    data: Path | None,
    home: Path | None,
    given: tuple[str, ...],
    functions: tuple[str, ...],
    images: tuple[str, ...],
    images_file: Path | None,
    from_step: str | None,
    quiet: bool,
) -> None:
    """Run a pipeline on this machine: NAME is demand, price, udhaar or a definition's JSON file.

    The definition is the one SageMaker gets. Each job runs as a process of its own, s3:// addresses are
    files in the home's s3 folder, RegisterModel registers in MLflow and the champion is exported to
    models/NAME/champion. Steps that ran before on the same content are taken from the cache.
    """
    home = home_folder(home)
    definition = Definition.load(
        golden_path(name) if name in AREAS else _file(name), name if name in AREAS else None
    )
    parameters = _parameters(given)
    mounts = _mounts(definition, parameters, data, home)
    runner = LocalRunner(
        home,
        MlflowRegistry(home),
        mounts=mounts,
        launcher=Launcher(),
        progress=None if quiet else Progress(),
        functions={name: handler_at(place) for name, place in _parameters(functions).items()},
        images=read_images(_parameters(images), images_file),
    )
    with _stopped_by_sigterm(runner.launcher.stop.set):
        status = runner.run(definition, parameters, from_step)
    if name in AREAS:
        write_operator_view(home)
    if status.state != "Succeeded":
        raise click.ClickException(f"pipeline '{definition.name}' {status.state.lower()}: {status.reason}")


@pipeline.command()
@click.argument("definition", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_home
@click.option(
    "--parameter", "-p", "given", multiple=True, metavar="NAME=VALUE", help="A parameter of the pipeline."
)
def fetch(definition: Path, home: Path | None, given: tuple[str, ...]) -> None:
    """Bring the s3:// inputs of a DEFINITION, its scripts among them, into the home, to run it without AWS.

    What a step of the definition makes is not fetched. Credentials and region are boto3's own.
    """
    from pipelines.fetch import fetch_inputs

    read = Definition.load(definition)
    for line in fetch_inputs(read, _parameters(given), home_folder(home) / "s3"):
        click.echo(line)


@pipeline.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the shops' tables.",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the answers."
)
@_home
@click.option(
    "--area", "areas", multiple=True, type=click.Choice(list(AREAS)), help="Only this area; may be repeated."
)
@click.option("--quiet", is_flag=True, help="Show the parts alone, not the steps of the pipelines.")
def nightly(data: Path, out: Path, home: Path | None, areas: tuple[str, ...], quiet: bool) -> None:
    """Do the whole night: retrain, score every shop, hand over orders, price decisions and alerts, and watch.

    A candidate that the gate refuses leaves the champion in place. What the forecasts of the night before came
    to, and rows unlike those of training, are watched. night.json in OUT says of each part what came of it; run
    again after a kill, what was done is left alone. The exit code is 1 when a part failed or left shops out.
    """
    from pipelines.nightly import PartReport, run_night

    place = home_folder(home)

    def run_pipeline(area: str) -> ExecutionStatus:
        definition = Definition.load(golden_path(area), area)
        mounts = _mounts(definition, {}, data, place)
        progress = None if quiet else Progress()
        runner = LocalRunner(place, MlflowRegistry(place), mounts=mounts, progress=progress)
        with _stopped_by_sigterm(runner.launcher.stop.set):
            return runner.run(definition)

    def show(part: PartReport) -> None:
        timing = "done before" if part.kept else f"{part.seconds:9.1f} s"
        click.echo(f"{part.name:16} {part.state:10} {timing:>11}  {part.told.splitlines()[0]}")

    with _stopped_by_sigterm(_interrupt):
        night = run_night(areas or tuple(AREAS), data, out.resolve(), place, run_pipeline, show)
    write_operator_view(place, out.resolve())
    click.echo(f"{'the night':16} {'done' if night.complete else 'incomplete':10} {night.seconds:9.1f} s")
    for alarm in night.alarms:
        click.echo(f"look at: {alarm}", err=True)
    if not night.complete:
        raise SystemExit(1)


@pipeline.command("render")
@click.argument("name", required=False, type=click.Choice(list(AREAS)))
def render_definition(name: str | None) -> None:
    """Print the definition that SageMaker gets, or without NAME rebuild all of them with its SDK."""
    if name is not None:
        click.echo(golden_text(name), nl=False)
        return
    for area in AREAS:
        text, path = render(area), golden_path(area)
        same = path.is_file() and path.read_text("utf-8") == text
        path.write_text(text, "utf-8")
        click.echo(f"{path.name}: {'unchanged' if same else 'rewritten'}")


@pipeline.command("list")
@_home
def list_pipelines(home: Path | None) -> None:
    """List the pipelines, their last executions and what serves."""
    home = home_folder(home)
    for area in AREAS.values():
        click.echo(f"{area.name:8} {area.summary}")
        click.echo(f"{'':8} last execution: {_last_execution(home / 'runs' / area.name)}")
        click.echo(f"{'':8} champion: {_champion(home / 'models' / area.name / 'champion')}")


def _file(name: str) -> Path:
    """Take a name for the path of a definition."""
    if not name.endswith(".json"):
        raise click.UsageError(f"'{name}' is not a pipeline ({', '.join(AREAS)}) and not a .json file")
    return Path(name)


def _parameters(given: tuple[str, ...]) -> dict[str, Any]:
    """Read NAME=VALUE."""
    pairs = [each.partition("=") for each in given]
    wrong = [name for name, sign, _ in pairs if not sign]
    if wrong:
        raise click.UsageError(f"'{wrong[0]}' is not NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _mounts(
    definition: Definition, parameters: Mapping[str, Any], data: Path | None, home: Path
) -> dict[str, Path]:
    """Lay the data folder and the champion where the definition's parameters say they are."""
    values = {each.name: parameters.get(each.name, each.default) for each in definition.parameters}
    mounts: dict[str, Path] = {}
    if data is not None:
        if "DataUri" not in values:
            raise click.UsageError(f"pipeline '{definition.name}' has no parameter DataUri for --data")
        mounts[str(values["DataUri"])] = data
    if "ChampionUri" in values:
        lay_champion(
            home / "models" / definition.name / "champion",
            Storage(home / "s3").path(str(values["ChampionUri"])),
        )
    return mounts


@contextmanager
def _stopped_by_sigterm(stop: Callable[[], None]) -> Iterator[None]:
    """Stop in good order on SIGTERM; restore its handler afterwards."""

    def handle(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
        stop()

    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt() -> None:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt


def _last_execution(folder: Path) -> str:
    """Describe the execution that started last."""
    paths = sorted(folder.glob("*/status.json"))
    if not paths:
        return "none"
    status = json.loads(paths[-1].read_text("utf-8"))
    reason = f" ({status['reason']})" if status.get("reason") else ""
    return f"{status['execution_id']} {status['state'].lower()} in {status['seconds']:.1f} s{reason}"


def _champion(folder: Path) -> str:
    """Describe a champion."""
    try:
        record = json.loads((folder / "registry.json").read_text("utf-8"))
    except FileNotFoundError:
        return "none"
    tags = record["tags"]
    model, until = tags.get("samaan.model_version"), tags.get("samaan.trained_until")
    return f"version {record['version']}, model {model}, data until {until}"
