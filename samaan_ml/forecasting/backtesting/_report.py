"""What a backtest found: scores by class, horizon and origin, verdicts against the baseline, a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml import metrics
from samaan_ml.exceptions import MissingExtraError, ParameterError
from samaan_ml.forecasting.models._base import Forecast

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
By = Literal["class", "horizon", "origin"]

BASELINE = "SeasonalNaiveForecaster"


@dataclass(frozen=True, slots=True)
class Window:
    """One origin of a backtest.

    Parameters
    ----------
    dates : ndarray of datetime64[D], shape (horizon,)
        The dates that were forecast.
    series : pandas.DataFrame, shape (series, 2)
        shop_id and item_id.
    actual : ndarray, shape (series, horizon)
        Units that came; NaN does not count.
    classes : ndarray of str, shape (series,)
        Demand class at the origin.
    rmsse_scale, mase_scale : ndarray, shape (series,)
        What scales squared and absolute errors.
    forecasts : dict of str to Forecast
        The forecast of each model.
    """

    dates: npt.NDArray[np.datetime64]
    series: pd.DataFrame
    actual: Floats
    classes: npt.NDArray[np.str_]
    rmsse_scale: Floats
    mase_scale: Floats
    forecasts: dict[str, Forecast]


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """Forecasts from past origins beside what came.

    Parameters
    ----------
    windows : tuple of Window
        The origins, earliest first.
    quantiles : tuple of float
        Levels of the quantile forecasts.
    """

    windows: tuple[Window, ...]
    quantiles: tuple[float, ...]

    @property
    def models(self) -> list[str]:
        """Name the models, the judged one first."""
        return list(self.windows[0].forecasts)

    def scores(self, by: By | None = None) -> pd.DataFrame:
        """Score every model, overall or by class, horizon or origin.

        Parameters
        ----------
        by : {"class", "horizon", "origin"} or None, default=None
            What to split by; None scores everything together.

        Returns
        -------
        pandas.DataFrame
            One row a model (and group): n (actuals that count), wape, bias, rmsse, mase, sql, wql, coverage
            of the interval between the outermost levels (`nominal` is what it should be), fva: forecast
            value added, the share of seasonal naive's WAPE that the model saves. mase is of the median
            forecast, where 0.5 is a level.

        Raises
        ------
        ParameterError
            If `by` is another word.
        """
        import pandas as pd

        rows = [
            {"model": model, **({by: group} if by else {}), **self._score(model, parts)}
            for group, parts in self._groups(by).items()
            for model in self.models
        ]
        table = pd.DataFrame(rows)
        keys = ["model", by] if by else ["model"]
        naive = table[table["model"] == BASELINE]
        base = naive.set_index(by)["wape"].reindex(table[by]).to_numpy() if by else naive["wape"].mean()
        table["fva"] = 1.0 - table["wape"] / base
        return table.set_index(keys)

    def verdicts(self) -> pd.DataFrame:
        """Tell, for each demand class, whether the judged model may be used.

        Returns
        -------
        pandas.DataFrame
            Indexed by class: the model's and seasonal naive's WAPE and WQL, and `use`: False where the model
            loses on both, so that the baseline would serve the class better.
        """
        import pandas as pd

        table = self.scores("class")
        model, rows = self.models[0], []
        for name in table.index.get_level_values("class").unique():
            mine = table.loc[(model, name)]
            theirs = table.loc[(BASELINE, name)] if BASELINE in self.models else mine
            loses = mine["wape"] > theirs["wape"] and mine["wql"] > theirs["wql"]
            rows.append(
                {
                    "class": name,
                    "wape": mine["wape"],
                    "naive_wape": theirs["wape"],
                    "wql": mine["wql"],
                    "naive_wql": theirs["wql"],
                    "use": not loses,
                }
            )
        return pd.DataFrame(rows).set_index("class")

    def to_frame(self, model: str | None = None) -> pd.DataFrame:
        """List every forecast beside what came.

        Parameters
        ----------
        model : str or None, default=None
            One of `models`; None is the judged one.

        Returns
        -------
        pandas.DataFrame
            origin, shop_id, item_id, date, demand_class, units (NaN where it does not count), mean and the
            quantiles.
        """
        import pandas as pd

        name = self._known_model(model)
        parts = []
        for window in self.windows:
            n, horizon = window.actual.shape
            columns = {
                "origin": np.repeat(window.dates[:1] - np.timedelta64(1, "D"), n * horizon),
                "shop_id": window.series["shop_id"].to_numpy().repeat(horizon),
                "item_id": window.series["item_id"].to_numpy().repeat(horizon),
                "date": np.tile(window.dates, n),
                "demand_class": window.classes.repeat(horizon),
                "units": window.actual.ravel(),
                "mean": window.forecasts[name].mean.ravel(),
            }
            for k, level in enumerate(self.quantiles):
                columns[f"q{level:g}"] = window.forecasts[name].quantiles[:, :, k].ravel()
            parts.append(pd.DataFrame(columns))
        table = pd.concat(parts, ignore_index=True)
        return table.astype({"origin": "datetime64[ns]", "date": "datetime64[ns]"})

    def plot(self, path: Path | str, model: str | None = None, series: int = 4) -> Path:
        """Draw the best-selling series, what came and the forecasts' bands.

        Parameters
        ----------
        path : Path or str
            Where to write; the suffix chooses the format.
        model : str or None, default=None
            One of `models`; None is the judged one.
        series : int, default=4
            How many series.

        Returns
        -------
        Path
            Where the picture is.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        name = self._known_model(model)
        try:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
        except ImportError:
            raise MissingExtraError("matplotlib", "plots") from None
        total = np.sum([np.nansum(window.actual, axis=1) for window in self.windows], axis=0)
        chosen = np.argsort(-total, kind="stable")[:series]
        figure = Figure(figsize=(9, 2.2 * len(chosen)), layout="constrained")
        FigureCanvasAgg(figure)
        panes = figure.subplots(len(chosen), 1, squeeze=False, sharex=True)[:, 0]
        for pane, row in zip(panes, chosen, strict=True):
            shop, item = self.windows[0].series.iloc[row]
            pane.set_title(f"{shop} / {item}", loc="left", fontsize=9)
            for k, window in enumerate(self.windows):
                forecast = window.forecasts[name]
                low, high = forecast.quantiles[row, :, 0], forecast.quantiles[row, :, -1]
                label = f"{self.quantiles[0]:g} to {self.quantiles[-1]:g}"
                names = [label, "mean", "sold"] if k == 0 else [None] * 3
                pane.fill_between(window.dates, low, high, alpha=0.3, color="C0", label=names[0])
                pane.plot(window.dates, forecast.mean[row], color="C0", label=names[1])
                pane.plot(window.dates, window.actual[row], ".", color="k", label=names[2])
            pane.set_ylabel("units")
        panes[0].legend(fontsize=8, ncols=3)
        figure.savefig(path)
        return Path(path)

    def _known_model(self, model: str | None) -> str:
        """Check a model's name."""
        name = self.models[0] if model is None else model
        if name not in self.models:
            raise ParameterError(f"'model' must be one of {self.models}; got {model!r}")
        return name

    def _groups(self, by: By | None) -> dict[object, list[npt.NDArray[np.bool_]]]:
        """Mark, for every group and window, the cells that belong to it."""
        everything = [np.ones(window.actual.shape, dtype=bool) for window in self.windows]
        if by is None:
            return {None: everything}
        if by == "class":
            names = sorted({str(name) for window in self.windows for name in np.unique(window.classes)})
            return {
                name: [np.broadcast_to((w.classes == name)[:, None], w.actual.shape) for w in self.windows]
                for name in names
            }
        if by == "horizon":
            steps = np.arange(self.windows[0].actual.shape[1])
            return {
                int(step) + 1: [np.broadcast_to(steps == step, w.actual.shape) for w in self.windows]
                for step in steps
            }
        if by == "origin":
            return {
                str(window.dates[0] - np.timedelta64(1, "D")): [
                    mark if k == position else np.zeros_like(mark) for k, mark in enumerate(everything)
                ]
                for position, window in enumerate(self.windows)
            }
        raise ParameterError(f"'by' must be 'class', 'horizon', 'origin' or None; got {by!r}")

    def _score(self, model: str, parts: list[npt.NDArray[np.bool_]]) -> dict[str, float]:
        """Measure one model on the marked cells of all windows."""
        actual = np.vstack([np.where(m, w.actual, np.nan) for w, m in zip(self.windows, parts, strict=True)])
        mean = np.vstack([window.forecasts[model].mean for window in self.windows])
        quantiles = np.vstack([window.forecasts[model].quantiles for window in self.windows])
        squared = np.concatenate([window.rmsse_scale for window in self.windows])
        absolute = np.concatenate([window.mase_scale for window in self.windows])
        median = quantiles[:, :, self.quantiles.index(0.5)] if 0.5 in self.quantiles else mean
        return {
            "n": int((~np.isnan(actual)).sum()),
            "wape": metrics.wape(actual, mean),
            "bias": metrics.bias(actual, mean),
            "rmsse": _mean(metrics.rmsse(actual, mean, scale=squared)),
            "mase": _mean(metrics.mase(actual, median, scale=absolute)),
            "sql": _mean(metrics.sql(actual, quantiles, self.quantiles, scale=absolute)),
            "wql": metrics.wql(actual, quantiles, self.quantiles),
            "coverage": metrics.coverage(actual, quantiles[:, :, 0], quantiles[:, :, -1]),
            "nominal": self.quantiles[-1] - self.quantiles[0],
        }


def _mean(values: Floats) -> float:
    """Mean of the known values; NaN where there is none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
