"""Elasticities of one panel by the peers, each at its recommended settings; run by benchmarks/elasticity.py.

    PEERS_PYTHON benchmarks/elasticity_peers.py PANEL.parquet OUT.json [METHOD]

PANEL has the columns item, category, week, units, price, promotion and share. OUT names for each method the CPU
seconds, and elasticity, lower and upper by item. A method that fails is reported with its error.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

Estimate = tuple[np.ndarray, np.ndarray, np.ndarray]


def controls(frame: pd.DataFrame) -> np.ndarray:
    """What any analyst would control for: promotion, stock, trend, season."""
    year = 2.0 * np.pi * frame["week"].to_numpy() / 52.0
    columns = [frame["promotion"], np.log(frame["share"]), frame["week"] / 104.0, np.sin(year), np.cos(year)]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


def moving(columns: np.ndarray) -> np.ndarray:
    """The controls that move at all: an item never promoted has no effect of promotions to estimate."""
    return columns[:, np.ptp(columns, axis=0) > 0.0]


def ols_by_item(frame: pd.DataFrame) -> Estimate:
    """Log-log least squares for each item: statsmodels."""
    import statsmodels.api as sm

    def fit(item: pd.DataFrame) -> tuple[float, float, float]:
        design = sm.add_constant(np.log(item["price"].to_numpy()))
        result = sm.OLS(np.log(item["units"].to_numpy() + 0.5), design).fit(cov_type="HC1")
        low, high = result.conf_int()[1]
        return result.params[1], low, high

    return by_item(frame, fit)


def ols_with_controls(frame: pd.DataFrame) -> Estimate:
    """The same with controls: statsmodels."""
    import statsmodels.api as sm

    def fit(item: pd.DataFrame) -> tuple[float, float, float]:
        design = sm.add_constant(np.column_stack([np.log(item["price"].to_numpy()), controls(item)]))
        result = sm.OLS(np.log(item["units"].to_numpy() + 0.5), design).fit(cov_type="HC1")
        low, high = result.conf_int()[1]
        return result.params[1], low, high

    return by_item(frame, fit)


def poisson_by_item(frame: pd.DataFrame) -> Estimate:
    """Poisson regression with controls for each item: statsmodels GLM."""
    import statsmodels.api as sm

    def fit(item: pd.DataFrame) -> tuple[float, float, float]:
        design = sm.add_constant(np.column_stack([np.log(item["price"].to_numpy()), moving(controls(item))]))
        model = sm.GLM(item["units"].to_numpy(), design, family=sm.families.Poisson())
        result = model.fit(cov_type="HC1")
        low, high = result.conf_int()[1]
        return result.params[1], low, high

    return by_item(frame, fit)


def mixed_model(frame: pd.DataFrame) -> Estimate:
    """Log-log mixed model with random slopes by item, one a category: statsmodels MixedLM."""
    import statsmodels.formula.api as smf

    data = frame.assign(y=np.log(frame["units"] + 0.5), x=np.log(frame["price"]), s=np.log(frame["share"]))
    data["x"] -= data.groupby("item")["x"].transform("mean")
    out: dict[str, tuple[float, float, float]] = {}
    for _, rows in data.groupby("category"):
        part = rows.assign(y=rows["y"] - rows.groupby("week")["y"].transform("mean"))
        result = smf.mixedlm("y ~ x + promotion + s", part, groups=part["item"], re_formula="~x").fit()
        for item, effect in result.random_effects.items():
            centre = result.fe_params["x"] + effect["x"]
            sd = float(np.sqrt(result.random_effects_cov[item].loc["x", "x"]))
            out[str(item)] = (centre, centre - 1.96 * sd, centre + 1.96 * sd)
    return aligned(frame, out)


def pyfixest_poisson(frame: pd.DataFrame) -> Estimate:
    """Poisson with item and category x week effects and a slope for each item: pyfixest fepois."""
    import pyfixest as pf

    data = frame.assign(x=np.log(frame["price"]), s=np.log(frame["share"]))
    data["cell"] = data["category"] + data["week"].astype(str)
    out: dict[str, tuple[float, float, float]] = {}
    for _, rows in data.groupby("category"):
        slopes = [f"x{k}" for k in range(rows["item"].nunique())]
        codes = pd.factorize(rows["item"])[0]
        part = rows.assign(**{name: rows["x"] * (codes == k) for k, name in enumerate(slopes)})
        formula = f"units ~ {' + '.join(slopes)} + promotion + s | item + cell"
        table = pf.fepois(formula, part, vcov={"CRV1": "item"}).tidy()
        for k, item in enumerate(pd.unique(part["item"])):
            row = table.loc[f"x{k}"]
            out[str(item)] = (row["Estimate"], row["2.5%"], row["97.5%"])
    return aligned(frame, out)


def econml_linear_dml(frame: pd.DataFrame) -> Estimate:
    """LinearDML with items as effect modifiers, one a category: EconML."""
    from econml.dml import LinearDML
    from lightgbm import LGBMRegressor

    out: dict[str, tuple[float, float, float]] = {}
    for _, part in frame.groupby("category"):
        items = pd.unique(part["item"])
        modifiers = pd.get_dummies(part["item"], dtype=float)[items].to_numpy()
        booster = {"n_estimators": 200, "num_leaves": 15, "learning_rate": 0.05, "verbose": -1, "n_jobs": 1}
        model = LinearDML(
            model_y=LGBMRegressor(**booster), model_t=LGBMRegressor(**booster),
            fit_cate_intercept=False, cv=5, random_state=0,
        )  # fmt: skip
        y, t = np.log(part["units"].to_numpy() + 0.5), np.log(part["price"].to_numpy())
        model.fit(y, t, X=modifiers, W=np.column_stack([controls(part), part["week"]]))
        effect = model.effect(np.eye(len(items)))
        low, high = model.effect_interval(np.eye(len(items)), alpha=0.05)
        out |= {str(item): (effect[k], low[k], high[k]) for k, item in enumerate(items)}
    return aligned(frame, out)


def doubleml_by_category(frame: pd.DataFrame) -> Estimate:
    """Partially linear model, one elasticity a category: DoubleML."""
    from doubleml import DoubleMLData, DoubleMLPLR
    from lightgbm import LGBMRegressor

    out: dict[str, tuple[float, float, float]] = {}
    for _, part in frame.groupby("category"):
        y, t = np.log(part["units"].to_numpy() + 0.5), np.log(part["price"].to_numpy())
        centred = [v - part.assign(v=v).groupby("item")["v"].transform("mean").to_numpy() for v in (y, t)]
        covariates = np.column_stack([controls(part), part["week"], pd.factorize(part["item"])[0]])
        booster = {"n_estimators": 200, "num_leaves": 15, "learning_rate": 0.05, "verbose": -1, "n_jobs": 1}
        data = DoubleMLData.from_arrays(covariates, centred[0], centred[1])
        model = DoubleMLPLR(data, LGBMRegressor(**booster), LGBMRegressor(**booster), n_folds=5).fit()
        low, high = model.confint(level=0.95).to_numpy()[0]
        out |= {str(item): (model.coef[0], low, high) for item in pd.unique(part["item"])}
    return aligned(frame, out)


def by_item(frame: pd.DataFrame, fit: Callable[[pd.DataFrame], tuple[float, float, float]]) -> Estimate:
    """Fit every item on its own."""
    return aligned(frame, {str(item): fit(part) for item, part in frame.groupby("item")})


def aligned(frame: pd.DataFrame, found: dict[str, tuple[float, float, float]]) -> Estimate:
    """Results in the order of the items."""
    table = np.array([found[item] for item in sorted(frame["item"].unique())], dtype=float)
    return table[:, 0], table[:, 1], table[:, 2]


METHODS: dict[str, Callable[[pd.DataFrame], Estimate]] = {
    "statsmodels OLS": ols_by_item,
    "statsmodels OLS + controls": ols_with_controls,
    "statsmodels Poisson": poisson_by_item,
    "statsmodels MixedLM": mixed_model,
    "pyfixest fepois": pyfixest_poisson,
    "EconML LinearDML": econml_linear_dml,
    "DoubleML PLR": doubleml_by_category,
}


def main(panel: str, out: str, only: str | None = None) -> None:
    """Run every method, or only one, on one panel."""
    frame = pd.read_parquet(panel).sort_values(["item", "week"], ignore_index=True)
    results: dict[str, dict[str, object]] = {}
    for name, method in METHODS.items():
        if only not in (None, name):
            continue
        started = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                elasticity, lower, upper = method(frame)
            answer: dict[str, object] = {
                "elasticity": elasticity.tolist(),
                "lower": lower.tolist(),
                "upper": upper.tolist(),
            }
        except Exception as error:  # noqa: BLE001 - a peer that fails is a result too
            answer = {"error": f"{type(error).__name__}: {error}"}
        results[name] = answer | {"cpu_seconds": time.process_time() - started}
    Path(out).write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
