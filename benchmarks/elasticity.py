"""Elasticities against the truth, real orange juice and vegetables, and peers, in one run.

    python benchmarks/elasticity.py [--data DIR] [--seeds 5] [--peers-python DIR/bin/python] [--out FILE.json]

Simulated: 200 items x 104 weeks at endogenous prices, several seeds; every method sees the same tables. Real: the
pooled log-log elasticity of three orange juice brands, which checks the path of the data, the share of held-out
deviance explained, and vegetables priced daily on their purchase cost.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from samaan_ml.datasets._elasticity_panel import ElasticityPanel, simulate_elasticity_panel
from samaan_ml.metrics._price import (
    elasticity_rmse,
    interval_coverage,
    poisson_deviance_explained,
    profit_regret,
    wrong_sign_share,
)
from samaan_ml.pricing import ElasticityModel

RATIOS = np.linspace(0.8, 1.25, 19)
FIRST_WEEK = pd.Timestamp("1990-01-01")
TRAINED_UNTIL_WEEK = 130
SERIES = ["shop_id", "item_id"]


def main() -> None:
    """Run what the arguments ask for."""
    arguments = read_arguments()
    report: dict[str, object] = {"simulator": simulated(arguments.seeds, arguments.peers_python)}
    if arguments.data is not None:
        report["orange_juice"] = orange_juice(arguments.data / "dominicks_oj")
        report["vegetables"] = vegetables(arguments.data / "veg_supermarket_cumcm2023")
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(report, indent=1), encoding="utf-8")


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder of the benchmark data; without it the simulator only"
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--peers-python", type=Path, help="python of an environment with the peers")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    return parser.parse_args()


def simulated(seeds: int, peers_python: Path | None) -> dict[str, dict[str, float]]:
    """Score every method on every seed."""
    rows: list[dict[str, object]] = []
    for seed in range(seeds):
        panel = simulate_elasticity_panel(random_state=seed)
        rows += [
            scores(panel, name, answer) | {"seed": seed}
            for name, answer in answers(panel, peers_python).items()
        ]
    table = (
        pd.DataFrame(rows).groupby("method").mean(numeric_only=True).drop(columns="seed").sort_values("rmse")
    )
    print(f"\nsimulator, {seeds} seeds of 200 items x 104 weeks\n{table.round(3).to_string()}")
    return {str(k): v for k, v in table.to_dict("index").items()}


def answers(panel: ElasticityPanel, peers_python: Path | None) -> dict[str, dict[str, object]]:
    """Every method's estimate of one panel."""
    started = time.process_time()
    model = ElasticityModel().fit(panel.sales, panel.prices, stock=panel.stock, items=panel.items)
    spent = time.process_time() - started
    ours = model.elasticities_
    out: dict[str, dict[str, object]] = {
        "samaan ElasticityModel": {name: ours[name].to_numpy() for name in ("elasticity", "lower", "upper")}
        | {"cpu_seconds": spent}
    }
    constant = np.full(len(ours), -1.5)
    out["always -1.5"] = {"elasticity": constant, "lower": constant, "upper": constant, "cpu_seconds": 0.0}
    return out if peers_python is None else out | ask_peers(panel, peers_python)


def ask_peers(panel: ElasticityPanel, python: Path) -> dict[str, dict[str, object]]:
    """Run the peers in their own environment."""
    frame = pd.DataFrame(
        {
            "item": panel.sales["item_id"].astype(str),
            "category": panel.sales["item_id"].map(panel.items.set_index("item_id")["category"]).astype(str),
            "week": panel.sales.groupby("item_id").cumcount(),
            "units": panel.sales["units"],
            "price": panel.prices["unit_price"],
            "promotion": panel.prices["promotion"],
            "share": panel.stock["in_stock_share"],
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "panel.parquet"), Path(folder, "out.json")
        frame.to_parquet(source)
        script = Path(__file__).with_name("elasticity_peers.py")
        subprocess.run([str(python), str(script), str(source), str(target)], check=True)
        found: dict[str, dict[str, object]] = json.loads(target.read_text(encoding="utf-8"))
    for name, answer in found.items():
        if "error" in answer:
            print(f"{name}: {answer['error']}", file=sys.stderr)
    return {name: answer for name, answer in found.items() if "error" not in answer}


def scores(panel: ElasticityPanel, name: str, answer: dict[str, object]) -> dict[str, object]:
    """Score one estimate against the truth."""
    truth = panel.truth
    true, estimate = truth["elasticity"], np.asarray(answer["elasticity"], dtype=float)
    return {
        "method": name,
        "rmse": elasticity_rmse(true, estimate),
        "wrong_sign": wrong_sign_share(true, estimate),
        "coverage": interval_coverage(true, answer["lower"], answer["upper"]),
        "regret": profit_regret(true, estimate, truth["level"], truth["price"], truth["cost"], RATIOS),
        "cpu_seconds": answer["cpu_seconds"],
    }


def orange_juice(folder: Path) -> dict[str, float]:
    """Pooled elasticity of three brands, and what slopes learned before explain of later weeks."""
    data = pd.read_parquet(folder / "oj_long.parquet")
    data = data.assign(
        shop_id=data["store"].astype(str),
        item_id=data["brand"].astype(str),
        date=FIRST_WEEK + pd.to_timedelta(7 * data["week"], unit="D"),
        unit_price=data["price"],
        # Some recorded margins are impossible; see the SOURCE.md of the set.
        unit_cost=np.clip(data["unit_cost"].astype(float), 0.25 * data["price"], 0.98 * data["price"]),
    )
    report = {"pooled_log_log": pooled_log_log(data[data["brand"].isin([1, 5, 10])])}
    before, after = data[data["week"] <= TRAINED_UNTIL_WEEK], data[data["week"] > TRAINED_UNTIL_WEEK]
    started = time.process_time()
    model = fit_juice(before)
    report["cpu_seconds"] = time.process_time() - started
    report |= held_out(model, after)
    print(
        "\norange juice, 83 stores x 11 brands\n" + "\n".join(f"{k:38s} {v:9.4f}" for k, v in report.items())
    )
    brands = model.elasticities_.groupby("item_id")["elasticity"].describe()[["mean", "min", "max"]]
    print(brands.round(2).to_string())
    return report


def pooled_log_log(data: pd.DataFrame) -> float:
    """Least squares of log units on log price with a constant for each brand; published as -3.139."""
    y, x = np.log(data["units"].to_numpy(dtype=float)), np.log(data["price"].to_numpy(dtype=float))
    brand = data["brand"].to_numpy()
    y = y - pd.Series(y).groupby(brand).transform("mean").to_numpy()
    x = x - pd.Series(x).groupby(brand).transform("mean").to_numpy()
    return float((x @ y) / (x @ x))


def fit_juice(data: pd.DataFrame) -> ElasticityModel:
    """Fit the model with deal and feature as promotions and the cost as instrument."""
    keys = data[[*SERIES, "date"]]
    prices = keys.join(data[["unit_price", "unit_cost", "deal", "feat"]])
    items = pd.DataFrame({"item_id": data["item_id"].unique(), "category": "orange juice"})
    return ElasticityModel().fit(keys.join(data["units"]), prices, items=items)


def held_out(model: ElasticityModel, after: pd.DataFrame) -> dict[str, float]:
    """Deviance of later weeks, levels of items and of shops' weeks fitted there, slopes learned before.

    The ceiling are slopes fitted on the later weeks themselves, each series for itself.
    """
    units = after["units"].to_numpy(dtype=float)
    slopes = model.elasticities_.set_index(SERIES)["elasticity"]
    own = slopes.reindex(pd.MultiIndex.from_frame(after[SERIES])).fillna(float(slopes.mean())).to_numpy()
    effects = model.controls_.set_index("control")["coefficient"]
    promoted = sum(effects.get(name, 0.0) * after[name].to_numpy(dtype=float) for name in ("deal", "feat"))
    log_price = np.log(after["unit_price"].to_numpy(dtype=float))
    nothing = fitted_levels(after, np.zeros(len(after)))
    learned = fitted_levels(after, own * log_price + promoted)
    constant = fitted_levels(after, -2.0 * log_price)
    ceiling = fitted_slopes(after, np.asarray(promoted), log_price)
    average = np.full(len(units), units.mean())
    attainable = poisson_deviance_explained(units, ceiling, nothing)
    return {
        "held_out_share_of_attainable": poisson_deviance_explained(units, learned, nothing) / attainable,
        "held_out_share_constant_-2": poisson_deviance_explained(units, constant, nothing) / attainable,
        "held_out_deviance_against_levels": poisson_deviance_explained(units, learned, nothing),
        "held_out_deviance_against_mean": poisson_deviance_explained(units, learned, average),
    }


def fitted_levels(data: pd.DataFrame, log_response: np.ndarray, sweeps: int = 60) -> np.ndarray:
    """Poisson maximum likelihood of the levels of series and of shops' weeks at a given response, by raking."""
    units = data["units"].to_numpy(dtype=float)
    series, cell = codes(data)
    response = np.exp(log_response - log_response.mean())
    of_cell = np.ones(cell.max() + 1)
    of_series = of_cell[:0]
    for _ in range(sweeps):
        of_series = np.bincount(series, units) / np.bincount(series, response * of_cell[cell])
        of_cell = np.bincount(cell, units) / np.bincount(cell, response * of_series[series])
    return np.asarray(response * of_series[series] * of_cell[cell])


def fitted_slopes(
    data: pd.DataFrame, promoted: np.ndarray, log_price: np.ndarray, sweeps: int = 40
) -> np.ndarray:
    """The same with a slope for each series, fitted on these very data."""
    units = data["units"].to_numpy(dtype=float)
    series, _ = codes(data)
    centred = log_price - (np.bincount(series, log_price) / np.bincount(series))[series]
    slope = np.full(series.max() + 1, -2.5)
    mean = units
    for _ in range(sweeps):
        mean = fitted_levels(data, promoted + slope[series] * centred, sweeps=3)
        gradient = np.bincount(series, (units - mean) * centred)
        first = np.bincount(series, mean * centred)
        bend = np.bincount(series, mean * centred**2) - first**2 / np.bincount(series, mean)
        slope = np.clip(slope + np.clip(gradient / (bend + 1e-6), -1.0, 1.0), -12.0, 6.0)
    return mean


def codes(data: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Codes of the series and of the shops' weeks."""
    series = pd.factorize(data["shop_id"] + "/" + data["item_id"])[0]
    return series, pd.factorize(data["shop_id"] + "/" + data["date"].astype(str))[0]


def vegetables(folder: Path) -> dict[str, float]:
    """Vegetables with their daily purchase cost: signs and grades, with the cost and without."""
    data = pd.read_parquet(folder / "daily_item.parquet")
    data = data.assign(
        shop_id="market", date=pd.to_datetime(data["date"]), units=data["qty_kg"].clip(lower=0.0)
    )
    keys = data[["shop_id", "item_id", "date"]]
    prices = keys.assign(
        unit_price=data["price"], unit_cost=data["wholesale_price"], sale=data["discounted_share"]
    )
    items = data[["item_id", "category"]].drop_duplicates("item_id")
    report: dict[str, float] = {}
    for name, table in (("with_cost", prices), ("without_cost", prices.drop(columns="unit_cost"))):
        started = time.process_time()
        model = ElasticityModel().fit(keys.join(data["units"]), table, items=items)
        grades = model.elasticities_["grade"]
        raw = model.evidence_["raw_elasticity"]
        report |= {
            f"{name}_cpu_seconds": time.process_time() - started,
            f"{name}_median": float(model.elasticities_.loc[grades.isin(["A", "B"]), "elasticity"].median()),
            f"{name}_grade_A_or_B": float(grades.isin(["A", "B"]).sum()),
            f"{name}_raw_positive_at_A_or_B": float((raw[grades.isin(["A", "B"])] > 0.0).sum()),
            f"{name}_grade_D": float((grades == "D").sum()),
        }
        print(model.controls_.round(3).to_string())
    print(
        "\nvegetables, 246 items x 1,085 days\n" + "\n".join(f"{k:38s} {v:9.3f}" for k, v in report.items())
    )
    return report


if __name__ == "__main__":
    main()
