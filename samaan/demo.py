"""`samaan demo`: the whole main road on the sample shops, by one command."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

_AREAS = ("demand", "price", "udhaar")

_TRY = """
Registered three champions in {seconds:.0f} s; everything that was written lies in '{home}'.

Try:
  samaan pipeline list                                   what ran, and which models serve
  samaan score demand --data {data} --out forecasts      quantile forecasts of every series
  samaan backtest --data {data}                          the forecast against its baselines
  samaan serve                                           the API, http://127.0.0.1:8000/docs
"""


@click.command()
@click.option("--serve/--no-serve", default=True, show_default=True, help="Start the API afterwards.")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for all that is written.  [default: SAMAAN_HOME, else ./.samaan]",
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the shops' tables.  [default: the sample]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the API listens on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port of the API."
)
@click.pass_context
def demo(ctx: click.Context, serve: bool, home: Path | None, data: Path | None, host: str, port: int) -> None:
    """Run the three pipelines on the sample shops, register three champions and start the API.

    A second run finds its steps in the cache and is done in seconds.
    """
    if home is not None:
        os.environ["SAMAAN_HOME"] = str(home.absolute())
    home = Path(os.environ.get("SAMAAN_HOME") or ".samaan").absolute()
    started = time.monotonic()
    if data is None:
        data = _sample(ctx, home)
    for area in _AREAS:
        _run(ctx, "pipeline", "run", area, "--data", str(data))
    click.echo(_TRY.format(seconds=time.monotonic() - started, home=home, data=data))
    click.echo(_champions(home))
    if serve:
        _run(ctx, "serve", "--host", host, "--port", str(port))


def _sample(ctx: click.Context, home: Path) -> Path:
    """Find the committed sample, or generate it where only the wheel is installed."""
    committed = Path(__file__).parent.parent / "data" / "sample"
    if (committed / "sales.parquet").exists():
        return committed
    made = home / "sample"
    if not (made / "sales.parquet").exists():
        _run(ctx, "data", "sample", "--out", str(made))
    return made


def _run(ctx: click.Context, name: str, *arguments: str) -> None:
    """Call another command of the menu, as the user would."""
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    command = root.command.get_command(root, name)
    assert command is not None, name
    click.echo(f"$ samaan {name} {' '.join(arguments)}")
    command.main(list(arguments), prog_name=f"samaan {name}", standalone_mode=False)


def _champions(home: Path) -> str:
    """List the champions with their versions."""
    lines = []
    for area in _AREAS:
        manifest = json.loads((home / "models" / area / "champion" / "manifest.json").read_bytes())
        lines.append(f"  {area:8} champion {manifest['model_version']}")
    return "\n".join(lines)
