"""`samaan backtest`: measure a demand forecast on past days, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from samaan_ml.forecasting.backtesting._report import BacktestReport
    from samaan_ml.forecasting.models._base import BaseForecaster

_COLUMNS = ["n", "wape", "bias", "rmsse", "mase", "sql", "wql", "coverage", "fva"]


def _model(context: click.Context, parameter: click.Parameter, value: str) -> type[BaseForecaster]:
    """Turn a short name into a class."""
    from samaan_ml.forecasting.models._menu import forecasters

    known = forecasters()
    if value.lower() not in known:
        raise click.BadParameter(
            f"'{value}' is not a model; choose from {', '.join(sorted(known))}", context, parameter
        )
    return known[value.lower()]


_BY = click.Choice(["class", "horizon", "origin"])
_SOLD_OUT = click.Choice(["drop", "keep"])
_FREQUENCY = click.Choice(["D", "W"])
_AT_LEAST_ONE = click.IntRange(1)
_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--data", type=_PATH, required=True, help="Folder with the table sales and others.")
@click.option(
    "--model", default="demand", show_default=True, callback=_model, help="Forecaster's short name."
)
@click.option("--horizon", default=14, show_default=True, type=_AT_LEAST_ONE, help="Dates ahead.")
@click.option("--origins", default=3, show_default=True, type=_AT_LEAST_ONE, help="Number of past origins.")
@click.option("--step", type=_AT_LEAST_ONE, help="Dates between origins [default: the horizon].")
@click.option("--frequency", default="D", show_default=True, type=_FREQUENCY, help="Daily or weekly.")
@click.option("--quantiles", default="0.1,0.5,0.9", show_default=True, help="Levels, separated by commas.")
@click.option("--by", type=_BY, multiple=True, help="Also split the scores; may be repeated.")
@click.option(
    "--sold-out", default="drop", show_default=True, type=_SOLD_OUT, help="Whether such days count."
)
@click.option("--no-refit", is_flag=True, help="Fit at the first origin only.")
@click.option("--seed", default=0, show_default=True, type=int, help="Seed of the model.")
@click.option("--out", type=_PATH, help="Write the scores as JSON to this file.")
@click.option("--plot", type=_PATH, help="Write a picture to this file (extra 'plots').")
def backtest(
    data: Path,
    model: type[BaseForecaster],
    horizon: int,
    origins: int,
    step: int | None,
    frequency: str,
    quantiles: str,
    by: tuple[str, ...],
    sold_out: str,
    no_refit: bool,
    seed: int,
    out: Path | None,
    plot: Path | None,
) -> None:
    """Forecast the last days of DATA from several past origins and score what came against baselines."""
    from samaan_ml.exceptions import DataError, ParameterError
    from samaan_ml.forecasting import backtest as run
    from samaan_ml.tables import ShopData

    try:
        levels = tuple(float(level) for level in quantiles.split(","))
    except ValueError:
        message = f"'--quantiles' must be numbers separated by commas; got '{quantiles}'"
        raise ParameterError(message) from None
    tables = dict(ShopData.load(data))
    tables.pop("ledger", None)
    if "sales" not in tables:
        raise DataError(f"'{data}' holds no table 'sales'; a backtest needs it")
    forecaster = model(horizon=horizon, quantiles=levels, frequency=frequency, random_state=seed)  # type: ignore[arg-type]
    report = run(
        forecaster,
        **tables,  # type: ignore[arg-type]
        n_origins=origins,
        step=step,
        refit=not no_refit,
        sold_out=sold_out,  # type: ignore[arg-type]
    )
    _print(report, by)
    if out is not None:
        _write(report, out)
    if plot is not None:
        click.echo(f"picture: {report.plot(plot)}")


def _print(report: BacktestReport, by: tuple[str, ...]) -> None:
    """Show the scores, the splits asked for, and the verdicts."""
    from samaan_ml.forecasting.backtesting._report import BASELINE

    first, last = report.windows[0].dates[0], report.windows[-1].dates[-1]
    click.echo(f"{report.models[0]}, {len(report.windows)} origins, {first} to {last}\n")
    click.echo(report.scores()[_COLUMNS].round(4).to_string())
    for split in by:
        click.echo(f"\nby {split}\n" + report.scores(split)[_COLUMNS].round(4).to_string())  # type: ignore[arg-type]
    if report.models[0] == BASELINE:
        return
    verdicts = report.verdicts()
    click.echo("\nagainst seasonal naive\n" + verdicts.round(4).to_string())
    for name in verdicts.index[~verdicts["use"]]:
        click.echo(f"class '{name}': the model loses to seasonal naive; do not use it there", err=True)


def _write(report: BacktestReport, path: Path) -> None:
    """Write all scores and verdicts as JSON."""
    import json

    content = {
        "model": report.models[0],
        "overall": report.scores().reset_index().to_dict("records"),
        **{
            f"by_{split}": report.scores(split).reset_index().to_dict("records")
            for split in ("class", "horizon", "origin")
        },
        "verdicts": report.verdicts().reset_index().to_dict("records"),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, default=float) + "\n", encoding="utf-8")
    click.echo(f"scores: {path}")
