"""One model for all series: gradient-boosted trees over sampled (series, origin, step) rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.checkpoints import Checkpoints, active_checkpoints
from samaan_ml.forecasting.trees._forest import FlatForest
from samaan_ml.forecasting.trees._masked import mask_tables
from samaan_ml.forecasting.trees._shortened import shorten

if TYPE_CHECKING:
    from samaan_ml.features._inputs import KernelInputs
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["GlobalModel", "TrainingPlan", "Variant"]

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_LARGEST_RAW = 12.0  # no forecast lies further than e^12 times above or below its level
_PREDICT_BLOCK = 200_000
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the models that are averaged; they differ so that their errors do.

    Parameters
    ----------
    objective : {"tweedie", "poisson"}
        Loss.
    leaves : int
        Leaves a tree.
    power : float, default=1.1
        Variance power of the Tweedie loss.
    """

    objective: str
    leaves: int
    power: float = 1.1


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Sizes of a fit, chosen from the data.

    Parameters
    ----------
    rows : int
        Rows sampled for each variant.
    rounds : int
        Trees of each variant.
    rate : float
        Learning rate.
    smallest_leaf : int
        Rows a leaf holds at least.
    span : int
        Columns before the end that targets are sampled from.
    variants : tuple of Variant
        The models to average.
    shortened : bool, default=True
        Whether to show some rows with their past cut off, as new items have it.
    """

    rows: int
    rounds: int
    rate: float
    smallest_leaf: int
    span: int
    variants: tuple[Variant, ...]
    shortened: bool = True

    @classmethod
    def for_data(cls, n_targets: int, n_series: int, horizon: int, season: int) -> TrainingPlan:
        """Choose sizes for so many known targets.

        Parameters
        ----------
        n_targets : int
            Known cells a target could be sampled from.
        n_series : int
            Series they belong to; many short ones have more to tell than their cells alone would show.
        horizon : int
            Steps ahead.
        season : int
            Columns of a season; a longer one needs a longer span.
        """
        wanted = 40_000 + 0.35 * n_targets + 60 * n_series
        rows = int(min(450_000, wanted, n_targets * min(horizon, 8)))
        small = rows < 30_000
        leaves = 31 if rows > 100_000 else 15 if rows > 10_000 else 7
        return cls(
            rows=rows,
            rounds=120 if small else 220,
            rate=0.05 if small else 0.06,
            smallest_leaf=max(10, min(100, rows // 500)),
            span=3 * 364 if season == 7 else 260,
            variants=(
                Variant("tweedie", leaves),
                Variant("tweedie", leaves + leaves // 2, 1.2),
                Variant("poisson", leaves),
            ),
        )


class GlobalModel:
    """The mean of a few boosted forests on the same features.

    Parameters
    ----------
    recipe : FeatureRecipe
        What the rows hold.
    forests : list of FlatForest
        The trees.
    """

    def __init__(self, recipe: FeatureRecipe, forests: list[FlatForest]) -> None:
        self.recipe = recipe
        self.forests = forests

    @classmethod
    def fit(
        cls,
        recipe: FeatureRecipe,
        inputs: KernelInputs,
        targets: Floats,
        horizon: int,
        plan: TrainingPlan,
        end: int,
        random_state: int,
    ) -> GlobalModel:
        """Sample rows with targets before column `end` and train every variant on its own sample.

        Parameters
        ----------
        recipe : FeatureRecipe
            What the rows hold.
        inputs : KernelInputs
            Histories; columns from `end` on are not looked at.
        targets : ndarray of float32, shape (n_series, n_dates)
            What is to be forecast; NaN cells are never targets.
        horizon : int
            Steps ahead.
        plan : TrainingPlan
            Sizes.
        end : int
            First column that is not used.
        random_state : int
            Seed.
        """
        kept = active_checkpoints()

        def train(k: int) -> FlatForest:
            rng = np.random.default_rng([random_state, k])
            rows = sample_rows(inputs, targets, horizon, plan, end, rng)
            return _train(recipe, inputs, targets, rows, plan.variants[k], plan, random_state + k, rng, kept)

        with ThreadPoolExecutor(
            _THREADS
        ) as pool:  # one thread a variant wastes no time waiting for the others
            return cls(recipe, list(pool.map(train, range(len(plan.variants)))))

    def predict(
        self, inputs: KernelInputs, series: Ints, origins: Ints, steps: Ints
    ) -> npt.NDArray[np.float64]:
        """Forecast the mean of each row; rows sorted by series."""
        out = np.empty(len(series), dtype=np.float64)
        for first in range(0, len(series), _PREDICT_BLOCK):
            part = slice(first, first + _PREDICT_BLOCK)
            rows, base = inputs.rows(self.recipe, series[part], origins[part], steps[part])
            out[part] = base * self.factor(rows)
        return out

    def factor(self, rows: Floats) -> npt.NDArray[np.float64]:
        """Forecast the mean of each row as a multiple of its level."""
        if not self.forests:
            return np.ones(len(rows))
        total = np.zeros(len(rows))
        for forest in self.forests:
            total += np.exp(np.clip(forest.raw(rows), -_LARGEST_RAW, _LARGEST_RAW))
        return total / len(self.forests)

    def get_state(self) -> dict[str, object]:
        """Return recipe and forests as plain values and arrays."""
        return {
            "recipe": self.recipe.get_state(),
            "forests": {str(k): forest.get_state() for k, forest in enumerate(self.forests)},
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> GlobalModel:
        """Rebuild the model from `get_state`'s values."""
        from samaan_ml.features._recipe import FeatureRecipe

        forests = state["forests"]
        return cls(
            FeatureRecipe.from_state(state["recipe"]),
            [FlatForest.from_state(forests[str(k)]) for k in range(len(forests))],
        )


def sample_rows(
    inputs: KernelInputs,
    targets: Floats,
    horizon: int,
    plan: TrainingPlan,
    end: int,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints]:
    """Draw (series, origin, step) rows whose target is known and lies before `end`, sorted by series and origin."""
    n_series = targets.shape[0]
    low = max(end - plan.span, 1)
    found: list[Ints] = []
    n_found = 0
    for _ in range(12):
        n = int(1.6 * (plan.rows - n_found)) + 64
        s = rng.integers(0, n_series, n)
        first = np.maximum(inputs.start[s] + 1, low)
        width = end - first
        target = first + (rng.random(n) * np.maximum(width, 1)).astype(np.int64)
        longest = np.minimum(horizon, target - inputs.start[s])
        step = 1 + (rng.random(n) * np.maximum(longest, 1)).astype(np.int64)
        usable = (width > 0) & (longest >= 1)
        usable &= ~np.isnan(targets[s, np.minimum(target, end - 1)])
        found.append(np.stack([s, target - step, step])[:, usable])
        n_found += int(usable.sum())
        if n_found >= plan.rows:
            break
    drawn = np.concatenate(found, axis=1)[:, : plan.rows]
    order = np.lexsort((drawn[2], drawn[1], drawn[0]))
    s, origin, step = drawn[:, order]
    return s, origin, step


def count_targets(inputs: KernelInputs, targets: Floats, span: int, end: int) -> int:
    """Count the cells a target can be drawn from."""
    low = max(end - span, 0)
    column = np.arange(low, end)
    total = 0
    for first in range(0, targets.shape[0], 4096):
        part = slice(first, first + 4096)
        known = ~np.isnan(targets[part, low:end]) & (column > inputs.start[part, None])
        total += int(known.sum())
    return total


def _train(
    recipe: FeatureRecipe,
    inputs: KernelInputs,
    targets: Floats,
    rows: tuple[Ints, Ints, Ints],
    variant: Variant,
    plan: TrainingPlan,
    seed: int,
    rng: np.random.Generator,
    kept: Checkpoints | None,
) -> FlatForest:
    """Train one variant, unless it is kept from a fit that was cut off, and flatten it."""
    import lightgbm

    series, origins, steps = rows
    features, base = inputs.rows(recipe, series, origins, steps)
    if plan.shortened:
        shorten(recipe, inputs, rows, features, base, rng)
    mask_tables(recipe, series, features, rng)
    wanted = targets[series, origins + steps] / recipe.unit
    parameters: dict[str, Any] = {
        "objective": variant.objective,
        "learning_rate": plan.rate,
        "num_leaves": variant.leaves,
        "min_data_in_leaf": plan.smallest_leaf,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 1.0,
        "max_bin": 127,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    if variant.objective == "tweedie":
        parameters["tweedie_variance_power"] = variant.power
    start = np.log(base / recipe.unit)
    made_of = ("booster", lightgbm.__version__, parameters, plan.rounds, features, wanted, start)
    key = "" if kept is None else kept.key(*made_of)
    found = None if kept is None else kept.find(key)
    if found is not None:
        return FlatForest.from_lightgbm(found)
    data = lightgbm.Dataset(features, wanted, init_score=start, params=parameters, free_raw_data=True)
    data.construct()
    del features, made_of  # binned by now, and on a large panel the largest array there is
    text = lightgbm.train(parameters, data, plan.rounds).model_to_string()
    if kept is not None:
        kept.keep(key, text)
    return FlatForest.from_lightgbm(text)
