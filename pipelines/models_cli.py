"""The commands `samaan pipeline models ...`: versions, promotion, rolling back, comparing."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from pipelines.areas import AREAS
from pipelines.operator import write_operator_view
from pipelines.registry import MlflowRegistry
from pipelines.registry_sync import RegistrySync
from pipelines.settings import home_folder

__all__ = ["models"]

_area = click.argument("area", type=click.Choice(list(AREAS)))
_home = click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), help="[default: SAMAAN_HOME]"
)


@click.group()
def models() -> None:
    """List, promote, roll back and compare the registered models."""


def _registry(home: Path | None) -> MlflowRegistry:
    """Open the registry."""
    return MlflowRegistry(home_folder(home))


@models.command("list")
@_area
@_home
def list_versions(area: str, home: Path | None) -> None:
    """List an area's versions, newest first."""
    for version in _registry(home).versions(f"samaan-{area}"):
        tags = version.tags
        names = ", ".join(version.aliases) or tags.get("samaan.state", "")
        model, until = tags.get("samaan.model_version"), tags.get("samaan.trained_until")
        click.echo(f"{version.number:>4}  {names:<22} model {model}  data until {until}")


@models.command()
@_area
@click.argument("number")
@_home
def promote(area: str, number: str, home: Path | None) -> None:
    """Make version NUMBER the champion; the API serves it without a restart."""
    _registry(home).promote(f"samaan-{area}", number)
    write_operator_view(home_folder(home))
    click.echo(f"version {number} of {area} is champion")


@models.command("rollback")
@_area
@_home
def roll_back(area: str, home: Path | None) -> None:
    """Make the champion's predecessor champion again."""
    number = _registry(home).roll_back(f"samaan-{area}")
    write_operator_view(home_folder(home))
    click.echo(f"version {number} of {area} is champion again")


@models.command()
@_area
@click.argument("one")
@click.argument("other")
@_home
def compare(area: str, one: str, other: str, home: Path | None) -> None:
    """Set the metrics of two versions side by side."""
    for name, (first, second) in _registry(home).compare(f"samaan-{area}", one, other).items():
        written = ("-" if value is None else f"{value:.6g}" for value in (first, second))
        click.echo(f"{name:<40} {next(written):>14} {next(written):>14}")


@models.command()
@_home
@click.option("--port", default=5000, show_default=True, help="Port on this machine.")
def ui(home: Path | None, port: int) -> None:
    """Start MLflow's own pages over the registry, on this machine alone.

    Every version has the gate's sentences and the model card as its description, and pictures of backtest and
    calibration among its run's artifacts.
    """
    if find_spec("flask") is None:
        raise click.ClickException("MLflow's pages need the whole of MLflow: pip install 'mlflow>=3.17,<4'")
    registry = _registry(home)
    registry.versions("samaan-demand")  # makes the tables
    address = ["--backend-store-uri", str(registry.uri), "--host", "127.0.0.1", "--port", str(port)]
    click.echo(f"http://127.0.0.1:{port}")
    raise SystemExit(subprocess.run([sys.executable, "-m", "mlflow", "ui", *address], check=False).returncode)  # noqa: S603


_bucket = click.option("--bucket", required=True, help="Bucket of the models' files.")
_image = click.option("--image", default="", help="Container image that serves them; needed to push.")


@models.command()
@_area
@_bucket
@_image
@_home
def push(area: str, bucket: str, image: str, home: Path | None) -> None:
    """Make SageMaker's registry say what this one says: versions, champion, what was rolled back."""
    if not image:
        raise click.UsageError("name the container image with --image")
    _tell(_sync(bucket, image, home).push(f"samaan-{area}"))


@models.command()
@_area
@_bucket
@_home
def pull(area: str, bucket: str, home: Path | None) -> None:
    """Make this registry say what SageMaker's says; the newest approved package becomes champion."""
    _tell(_sync(bucket, "", home).pull(f"samaan-{area}"))


def _sync(bucket: str, image: str, home: Path | None) -> RegistrySync:
    """Connect both registries."""
    import boto3

    return RegistrySync(_registry(home), boto3.client("sagemaker"), boto3.client("s3"), bucket, image)


def _tell(lines: list[str]) -> None:
    """Return what was changed."""
    for line in lines or ["both registries say the same"]:
        click.echo(line)
