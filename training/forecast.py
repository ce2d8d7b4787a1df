"""The demand area: fit the forecaster, backtest it from rolling origins against seasonal naive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from training.areas import Prepared
from training.evaluate import Evaluation, GateRules, GroupRule, Limit
from training.job import Hyperparameters

if TYPE_CHECKING:
    from samaan_ml.artifacts import Persistable
    from samaan_ml.forecasting import BacktestReport

__all__ = ["DemandArea"]

_METRICS = ("wape", "wql", "bias", "coverage", "rmsse", "mase", "sql")
_LONGEST_SHARE = 0.5
"""The held-out windows together may take so much of the history."""
_CLEARLY = 1.05
"""An error so many times another one is more than noise."""


class DemandArea:
    """Daily demand of every item of every shop."""

    name = "demand"
    required = ("sales",)
    optional = ("prices", "stock", "calendar", "items", "shops")
    settings: ClassVar[Mapping[str, int]] = {"horizon_days": 14, "windows": 3, "random_state": 0}
    rules = GateRules(
        skills=("wape", "wql"),
        limits=(
            Limit(
                "coverage", 0.6, 0.97, "the band between the 10 % and 90 % forecasts should hold 80 % of days"
            ),
            Limit("bias", -0.25, 0.25, "a forecast far too high or low empties or fills the shelf"),
            Limit(
                "shops_worse_than_naive", 0.0, 0.2, "a model good on the whole may not be bad for some shops"
            ),
        ),
        groups=GroupRule("wape", "baseline_wape"),
    )

    def fit(self, prepared: Prepared, settings: Hyperparameters) -> Persistable:
        """Fit on all of the data."""
        model: Persistable = _forecaster(settings).fit(**_tables(prepared))
        return model

    def evaluate(self, prepared: Prepared, settings: Hyperparameters) -> Evaluation:
        """Backtest from rolling origins, a fresh fit at each.

        Raises
        ------
        DataError
            When the history is too short for one window.
        """
        from samaan_ml.forecasting import SeasonalNaiveForecaster, backtest

        model = _forecaster(settings)
        baseline = SeasonalNaiveForecaster(horizon=model.horizon, quantiles=model.quantiles)
        asked = settings.integer("windows", self.settings["windows"], minimum=1)
        report = backtest(
            model,
            **_tables(prepared),
            n_origins=min(asked, _windows_that_fit(prepared, model.horizon)),
            baselines=[baseline],
        )
        mine, its = report.models
        overall, by_origin, by_shop = report.scores(), report.scores("origin"), _by_shop(report)
        return Evaluation(
            area=self.name,
            data=dict(prepared.summary),
            primary="wql",
            model=_metrics(overall.loc[mine]) | {"shops_worse_than_naive": _share_worse(by_shop)},
            baseline_name="seasonal naive",
            baseline={
                name: _metrics(overall.loc[its])[name] for name in ("wape", "wql", "rmsse", "mase", "sql")
            },
            windows=[
                {
                    "first": str(window.dates[0]),
                    "last": str(window.dates[-1]),
                    "model": _metrics(by_origin.loc[mine].iloc[place]),
                    "baseline": _metrics(by_origin.loc[its].iloc[place]),
                }
                for place, window in enumerate(report.windows)
            ],
            slices=by_shop,
        )


def _forecaster(settings: Hyperparameters) -> Any:
    """Make the forecaster."""
    from samaan_ml.forecasting import DemandForecaster

    return DemandForecaster(
        horizon=settings.integer("horizon_days", DemandArea.settings["horizon_days"], minimum=1),
        random_state=settings.integer("random_state", DemandArea.settings["random_state"]),
    )


def _tables(prepared: Prepared) -> dict[str, Any]:
    """Name the tables as the forecaster does."""
    return {name: getattr(prepared.data, name) for name in ("sales", *DemandArea.optional)}


def _windows_that_fit(prepared: Prepared, horizon: int) -> int:
    """Count the windows that leave at least half of the history to learn from."""
    dates = prepared.table("sales")["date"]
    days = (dates.max() - dates.min()).days + 1
    return max(1, int(days * _LONGEST_SHARE) // horizon)


def _metrics(row: Any) -> dict[str, float]:
    """Take the metrics that are numbers; those whose scale is zero everywhere are left out."""
    return {name: float(row[name]) for name in _METRICS if row[name] == row[name]}


def _by_shop(report: BacktestReport) -> dict[str, dict[str, float]]:
    """Score every shop, so that a model good on the whole and bad for one shop is seen."""
    mine, its = (report.to_frame(name).dropna(subset=["units"]) for name in report.models)
    errors = {
        "model": (mine["units"] - mine["mean"]).abs(),
        "baseline": (its["units"] - its["mean"]).abs(),
        "units": mine["units"],
    }
    sums = mine[["shop_id"]].assign(**errors, rows=1.0).groupby("shop_id", observed=True).sum()
    sold = sums[sums["units"] > 0]
    return {
        str(shop): {
            "wape": float(row["model"] / row["units"]),
            "baseline_wape": float(row["baseline"] / row["units"]),
            "rows": float(row["rows"]),
        }
        for shop, row in sold.iterrows()
    }


def _share_worse(by_shop: Mapping[str, Mapping[str, float]]) -> float:
    """Return the share of shops that would be clearly better off with the naive forecast."""
    worse = [each["wape"] > _CLEARLY * each["baseline_wape"] for each in by_shop.values()]
    return sum(worse) / len(worse) if worse else 0.0
