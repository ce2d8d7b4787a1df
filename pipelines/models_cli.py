"""The commands `samaan pipeline models ...`: versions, promotion, rolling back, comparing."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.areas import AREAS
from pipelines.registry import MlflowRegistry
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
    click.echo(f"version {number} of {area} is champion")


@models.command("rollback")
@_area
@_home
def roll_back(area: str, home: Path | None) -> None:
    """Make the champion's predecessor champion again."""
    click.echo(f"version {_registry(home).roll_back(f'samaan-{area}')} of {area} is champion again")


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
