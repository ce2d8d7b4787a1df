"""One peer's forecast, run by the peers' own Python: see forecast_peers.py.

    python forecast_peer_models.py NAME TRAIN.parquet HORIZON OUT.parquet [FREQUENCY SEASON]

TRAIN holds unique_id, ds, y (long format); FREQUENCY is pandas' word for the step ("D", "W-MON"), SEASON its length in
steps. OUT gets unique_id, ds, mean and q0.1 ... q0.9; the last line
printed is the CPU seconds of fit and predict as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

LEVELS = tuple(round(0.1 * k, 1) for k in range(1, 10))
_LONGEST_ETS_SEASON = 24  # statsforecast's ETS has no longer one


@dataclass(frozen=True, slots=True)
class Task:
    """What a peer is asked: steps ahead, the length of a step and of a season in steps."""

    horizon: int
    frequency: str = "D"
    season: int = 7


Peer = Callable[[pd.DataFrame, Task], pd.DataFrame]


def statsforecast_model(name: str) -> Peer:
    """One of statsforecast's local models, with its own intervals."""

    def run(train: pd.DataFrame, task: Task) -> pd.DataFrame:
        from statsforecast import StatsForecast, models
        from statsforecast.utils import ConformalIntervals

        conformal = ConformalIntervals(h=task.horizon, n_windows=2)
        season = task.season if task.season <= _LONGEST_ETS_SEASON else 1
        kinds = {
            "AutoETS": lambda: models.AutoETS(season_length=season),
            "AutoCES": lambda: models.AutoCES(season_length=season, alias="AutoCES"),
            "AutoTheta": lambda: models.AutoTheta(season_length=season),
            "SeasonalNaive": lambda: models.SeasonalNaive(season_length=task.season),
            "CrostonSBA": lambda: models.CrostonSBA(prediction_intervals=conformal),
        }
        # Series too short for a model get the naive forecast, as statsforecast's guide advises.
        spare = models.Naive()
        forecaster = StatsForecast([kinds[name]()], freq=task.frequency, n_jobs=1, fallback_model=spare)
        table = forecaster.forecast(df=train, h=task.horizon, level=[20, 40, 60, 80])
        return from_levels(table.reset_index(drop="unique_id" in table.columns), name)

    return run


def from_levels(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Turn Nixtla's central intervals into quantiles."""
    out = table[["unique_id", "ds"]].copy()
    out["mean"] = table[name]
    for level in (80, 60, 40, 20):
        low, high = round(0.5 - level / 200, 1), round(0.5 + level / 200, 1)
        out[f"q{low}"], out[f"q{high}"] = table[f"{name}-lo-{level}"], table[f"{name}-hi-{level}"]
    out["q0.5"] = table[name]
    return out


def mlforecast_lightgbm(train: pd.DataFrame, task: Task) -> pd.DataFrame:
    """The recursive LightGBM of mlforecast's tutorials, with conformal intervals."""
    import lightgbm
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMean
    from mlforecast.utils import PredictionIntervals

    daily = task.frequency == "D"
    model = MLForecast(
        models={"lgb": lightgbm.LGBMRegressor(verbosity=-1, n_jobs=2, random_state=0)},
        freq=task.frequency,
        lags=[1, 7, 14, 28] if daily else sorted({1, 2, 4, 8, task.season}),
        lag_transforms={1: [RollingMean(7), RollingMean(28)], 7: [RollingMean(28)]}
        if daily
        else {1: [RollingMean(4, min_samples=1), RollingMean(13, min_samples=1)]},
        date_features=["dayofweek", "day", "month"] if daily else ["week", "month"],
    )
    train = with_attributes(train)
    keep = {"static_features": ["shop", "item"], "dropna": daily}
    spread = PredictionIntervals(n_windows=2, h=task.horizon)
    try:
        model.fit(train, prediction_intervals=spread, **keep)
        return from_levels(model.predict(task.horizon, level=[20, 40, 60, 80]), "lgb")
    except ValueError:  # some series are too short for conformal intervals: all go without
        model.fit(train, **keep)
        table = model.predict(task.horizon)
        for level in (20, 40, 60, 80):
            table[f"lgb-lo-{level}"] = table[f"lgb-hi-{level}"] = table["lgb"]
        return from_levels(table, "lgb")


def with_attributes(train: pd.DataFrame) -> pd.DataFrame:
    """Add shop and item as categories, which mlforecast takes as static features."""
    parts = train["unique_id"].str.split("/", n=1, expand=True)
    return train.assign(shop=parts[0].astype("category"), item=parts[1].astype("category"))


def skforecast_lightgbm(train: pd.DataFrame, task: Task) -> pd.DataFrame:
    """The global recursive forecaster of skforecast with LightGBM and bootstrapped residuals."""
    import lightgbm
    from skforecast.recursive import ForecasterRecursiveMultiSeries

    wide = train.set_index(["ds", "unique_id"])["y"].unstack().asfreq(task.frequency)  # noqa: PD010 - one value a cell
    model = ForecasterRecursiveMultiSeries(
        lightgbm.LGBMRegressor(verbosity=-1, n_jobs=2, random_state=0), lags=28, encoding="ordinal"
    )
    model.fit(series=wide, store_in_sample_residuals=True)
    point = model.predict(steps=task.horizon)
    spread = model.predict_quantiles(steps=task.horizon, quantiles=list(LEVELS), n_boot=50)
    table = point.reset_index(names="ds").rename(columns={"level": "unique_id", "pred": "mean"})
    spread = spread.reset_index(names="ds").rename(columns={"level": "unique_id"})
    spread = spread.rename(columns={f"q_{level}": f"q{level}" for level in LEVELS})
    return table.merge(spread, on=["unique_id", "ds"])


def autogluon_fast(train: pd.DataFrame, task: Task) -> pd.DataFrame:
    """AutoGluon-TimeSeries with its fast preset."""
    from autogluon.timeseries import TimeSeriesDataFrame, TimeSeriesPredictor

    data = TimeSeriesDataFrame.from_data_frame(train, id_column="unique_id", timestamp_column="ds")
    folder = tempfile.TemporaryDirectory()  # else it leaves its models where the benchmark is run
    predictor = TimeSeriesPredictor(
        path=folder.name,
        prediction_length=task.horizon,
        target="y",
        quantile_levels=list(LEVELS),
        eval_metric="WQL",
        freq=task.frequency,
        verbosity=0,
    )
    predictor.fit(data, presets="fast_training", random_seed=0)
    table = predictor.predict(data).reset_index()
    folder.cleanup()
    names = {"item_id": "unique_id", "timestamp": "ds"} | {str(level): f"q{level}" for level in LEVELS}
    return table.rename(columns=names)


PEERS: dict[str, Peer] = {
    **{
        name: statsforecast_model(name)
        for name in ("SeasonalNaive", "CrostonSBA", "AutoTheta", "AutoETS", "AutoCES")
    },
    "mlforecast": mlforecast_lightgbm,
    "skforecast": skforecast_lightgbm,
    "AutoGluon": autogluon_fast,
}


def cpu_seconds() -> float:
    """CPU of this process and its children so far."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    """Forecast and write."""
    name, source, horizon, target, *step = sys.argv[1:]
    task = Task(int(horizon), step[0], int(step[1])) if step else Task(int(horizon))
    train = pd.read_parquet(source)
    begin = cpu_seconds()
    table = PEERS[name](train, task)
    spent = cpu_seconds() - begin
    columns = ["mean", *(f"q{level}" for level in LEVELS)]
    table[columns] = np.maximum(table[columns].to_numpy(dtype=float), 0.0)
    table[["unique_id", "ds", *columns]].to_parquet(target, index=False)
    print(json.dumps({"cpu_seconds": spent}))


if __name__ == "__main__":
    main()
