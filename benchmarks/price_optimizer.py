"""Speed and optimality of the price optimiser, with and without couplings.

    python benchmarks/price_optimizer.py [--items 1000 10000] [--categories 200] [--out FILE.json]

Without couplings the answer is exact, so only time is reported, and the value against a plain double loop for the
smaller size. With couplings (a price image of every category, and a budget of changes besides) the value is set
against the least bound known, which no choice can exceed: that of the linear programme, and with a budget, whose
whole labels cannot be halved, that of whole choices a category; for a small shop against the exact answer
of HiGHS.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from samaan_ml.domain.pricing import PriceRules
from samaan_ml.pricing import ChangeBudget, PriceImage, PriceOptimizer

RULES = PriceRules(max_change_bp=1_500, min_gain_paise_per_week=100)


def main() -> None:
    """Measure every size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--categories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    arguments = parser.parse_args()
    rows = []
    for count in arguments.items:
        shop = a_shop(count, arguments.categories, arguments.seed)
        image, budget = PriceImage(0.0), ChangeBudget(count // 5)
        rows += [
            measure(shop, "no coupling", ()),
            measure(shop, f"{arguments.categories} price images", (image,)),
            measure(shop, f"{arguments.categories} price images, budget", (image, budget)),
        ]
    small = a_shop(200, 5, arguments.seed)
    for couplings in ((PriceImage(0.0),), (PriceImage(0.0), ChangeBudget(30))):
        for solver in ("lagrangian", "exact"):
            rows.append(measure(small, f"{len(couplings)} couplings, {solver}", couplings, solver))
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def a_shop(count: int, categories: int, seed: int) -> dict[str, pd.DataFrame]:
    """A random shop whose items have about twelve legal prices each."""
    rng = np.random.default_rng(seed)
    keys = pd.DataFrame({"shop_id": "s", "item_id": [f"i{k:06d}" for k in range(count)]})
    price = rng.integers(20, 90, count).astype(float)
    elasticity = -rng.uniform(0.8, 3.5, count)
    return {
        "elasticities": keys.assign(
            elasticity=elasticity,
            std_error=0.15,
            lower=elasticity - 0.3,
            upper=np.minimum(elasticity + 0.3, 0.0),
            grade="A",
        ),
        "prices": keys.assign(
            date="2026-01-05", unit_price=price, unit_cost=price * rng.uniform(0.5, 0.9, count)
        ),
        "items": pd.DataFrame(
            {"item_id": keys["item_id"], "category": rng.integers(0, categories, count).astype(str)}
        ),
        "demand": keys.assign(units=rng.gamma(1.5, 6.0, count)),
    }


def measure(
    shop: dict[str, pd.DataFrame],
    name: str,
    couplings: Sequence[PriceImage | ChangeBudget],
    solver: str = "lagrangian",
) -> dict[str, object]:
    """Best CPU time of three runs, and the distance to the bound."""
    optimizer = PriceOptimizer(RULES, couplings=couplings, solver=solver)  # type: ignore[arg-type]
    seconds = []
    for _ in range(3):
        started = time.process_time()
        answer = optimizer.recommend(**shop, on="2026-03-01")
        seconds.append(time.process_time() - started)
    row: dict[str, object] = {
        "items": len(answer),
        "couplings": name,
        "cpu_seconds": round(min(seconds), 4),
        "changes": int((answer["action"] == "change").sum()),
        "gain_rupees_per_week": round(
            float((answer["profit_paise"] - answer["profit_now_paise"]).sum()) * 7 / 100, 2
        ),
    }
    if couplings:
        reached = answer.attrs["coupling"]
        row |= {"value": reached["value"], "bound": reached["bound"]}
        row["gap_percent"] = round(100.0 * (1.0 - reached["value"] / reached["bound"]), 4)
        row["to_linear_bound_percent"] = round(100.0 * (1.0 - reached["value"] / reached["linear_bound"]), 4)
    return row


if __name__ == "__main__":
    main()
