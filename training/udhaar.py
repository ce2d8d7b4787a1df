"""The udhaar area: fit the ledger's risk model, judge it by what became of customers in later months.

The judge asks the model the question it serves, for every customer with something falling due, as of days
after all that it learned from was known, and sets its answers beside the base rate and a logistic regression
on the same features.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from samaan_ml.exceptions import DataError
from training.areas import Prepared
from training.evaluate import Evaluation, GateRules, GroupRule, Limit
from training.job import Hyperparameters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from samaan_ml.artifacts import Persistable
    from samaan_ml.domain.promises import Promise

    Floats = npt.NDArray[np.float64]

__all__ = ["UdhaarArea", "expected_calibration_error", "ledger_rows"]

_HORIZON_DAYS = 30
_OUTCOME_DAYS = 30
"""An outcome is known so many days after its horizon."""
_BINS = 10
_FEWEST_OF_A_SHOP = 50


class UdhaarArea:
    """Risk that a customer's credit is paid more than 30 days late."""

    name = "udhaar"
    required = ("ledger",)
    optional = ("promises", "shops")
    settings: ClassVar[Mapping[str, int]] = {"held_out_days": 120, "random_state": 0}
    rules = GateRules(
        skills=("brier", "log_loss"),
        limits=(
            Limit("auc", 0.55, 1.0, "the order of the customers must mean something"),
            Limit("ece", 0.0, 0.1, "of customers with a risk of 20 %, about 20 % should be late"),
            Limit("brier_to_logistic", 0.0, 1.05, "it may not be worse than a logistic regression"),
            Limit("name_swap_change", 0.0, 1e-9, "who a customer is called may not matter"),
            Limit(
                "worst_shop_gap", 0.0, 0.2, "no shop's customers may have predictions far from its outcomes"
            ),
        ),
        groups=GroupRule("brier", "baseline_brier"),
        most_latency_ms=1000.0,  # a customer is asked about with the shop's whole ledger
    )

    def fit(self, prepared: Prepared, settings: Hyperparameters) -> Persistable:
        """Fit on all snapshots whose outcome is known."""
        model: Persistable = _model(settings).fit(prepared.table("ledger"), promises=_promises(prepared))
        return model

    def evaluate(self, prepared: Prepared, settings: Hyperparameters) -> Evaluation:
        """Fit on what was known before the held-out snapshots and judge by those.

        Raises
        ------
        DataError
            When the ledger is too short to hold anything out, or all outcomes are equal.
        """
        ledger = prepared.table("ledger")
        split = _Split.of(
            ledger, settings.integer("held_out_days", self.settings["held_out_days"], minimum=1)
        )
        promises = _promises(prepared)
        test, model = split.test, _model(settings).fit(ledger, split.train_dates, promises)
        answers = {
            "model": _asked(model, ledger, test, promises),
            "base": test.late * 0 + float(split.train.late.mean()),
            "logistic": _logistic(split.train, test),
        }
        scores = {name: _scores(test.late, probability) for name, probability in answers.items()}
        by_shop = _by_shop(test, answers["model"], answers["base"])
        mine = scores["model"] | {
            "name_swap_change": _name_swap_change(model, ledger, test),
            "worst_shop_gap": _worst_gap(by_shop),
            "brier_to_logistic": scores["model"]["brier"] / scores["logistic"]["brier"],
            "customers": float(len(test.late)),
            "late_share": float(test.late.mean()),
        }
        return Evaluation(
            area=self.name,
            data=dict(prepared.summary),
            primary="brier",
            model=mine,
            baseline_name="the base rate",
            baseline={name: scores["base"][name] for name in ("brier", "log_loss")},
            windows=[{"dates": split.test_dates, "model": mine, "logistic": scores["logistic"]}],
            slices=by_shop,
        )


@dataclass(frozen=True)
class _Snapshots:
    """Customers as of some days and what became of them.

    Parameters
    ----------
    features : pandas.DataFrame
        Index (shop_id, customer_id, as_of).
    late : float array (n_rows,)
        1 where something went late.
    """

    features: pd.DataFrame
    late: Floats


@dataclass(frozen=True)
class _Split:
    """Snapshots to learn from and snapshots to judge by; outcomes of the first are known before the second."""

    train_dates: list[str]
    test_dates: list[str]
    train: _Snapshots
    test: _Snapshots

    @classmethod
    def of(cls, ledger: pd.DataFrame, held_out_days: int) -> _Split:
        """Hold out the snapshots of the last days."""
        import pandas as pd

        from samaan_ml.udhaar import snapshot_dates

        dates = snapshot_dates(ledger, _HORIZON_DAYS)
        start = pd.Timestamp(dates[-1]) - pd.Timedelta(days=held_out_days)
        known = start - pd.Timedelta(days=_HORIZON_DAYS + _OUTCOME_DAYS)
        test = [date for date in dates if pd.Timestamp(date) > start]
        train = [date for date in dates if pd.Timestamp(date) <= known]
        if not train:
            raise DataError(
                f"the ledger's {len(dates)} months with known outcomes leave nothing to learn from when "
                f"{held_out_days} days are held out; give a longer ledger or hold out fewer days"
            )
        return cls(train, test, _snapshots(ledger, train), _snapshots(ledger, test))


def _snapshots(ledger: pd.DataFrame, dates: list[str]) -> _Snapshots:
    """Take snapshots on some days."""
    from samaan_ml.udhaar import build_training_frame

    features, late, _ = build_training_frame(ledger, dates, _HORIZON_DAYS)
    outcome = late.to_numpy(dtype=float)
    if outcome.min() == outcome.max():
        said = "late" if outcome[0] else "in time"
        raise DataError(f"every customer paid {said} from {dates[0]} to {dates[-1]}; there is only one class")
    return _Snapshots(features, outcome)


def _model(settings: Hyperparameters) -> Any:
    """Make the model."""
    from samaan_ml.udhaar import LedgerRiskModel

    return LedgerRiskModel(random_state=settings.integer("random_state", UdhaarArea.settings["random_state"]))


def _promises(prepared: Prepared) -> pd.DataFrame | None:
    """Return what customers promised, where the data tell."""
    promises: pd.DataFrame | None = prepared.data.promises
    return promises


def _asked(
    model: Any, ledger: pd.DataFrame, test: _Snapshots, promises: pd.DataFrame | None = None
) -> Floats:
    """Ask the model about every test customer, a shop and a day at a time, as the API does."""
    import numpy as np

    from samaan_ml.udhaar import promises_from_frame

    rows = {str(shop): ledger_rows(part) for shop, part in ledger.groupby(ledger["shop_id"].astype("str"))}
    said: dict[str, list[Promise]] = defaultdict(list)
    for promise in [] if promises is None else promises_from_frame(promises):
        said[promise.shop_id].append(promise)
    asked = test.features.index.to_frame(index=False).astype("str")
    answers: Floats = np.full(len(asked), np.nan)
    for (shop, date), part in asked.groupby(["shop_id", "as_of"]):
        told = model.assess(
            rows[str(shop)],
            date,
            part["customer_id"].tolist(),
            shop_id=str(shop),
            promises=None if promises is None else said[str(shop)],
        )
        answers[part.index.to_numpy()] = [each.probability_30 for each in told]
    return answers


def _name_swap_change(model: Any, ledger: pd.DataFrame, test: _Snapshots) -> float:
    """Return every customer another's name and tell by how much an answer of the last test day changes at most."""
    import numpy as np

    days = test.features.index.get_level_values("as_of")
    last = test.features[days == days.max()]
    names = sorted(ledger["customer_id"].astype("str").unique())
    swapped = dict(zip(names, reversed(names), strict=True))
    renamed = last.rename(index=swapped, level="customer_id")
    other = ledger.assign(customer_id=ledger["customer_id"].astype("str").map(swapped))
    before = _asked(model, ledger, _Snapshots(last, np.zeros(len(last))))
    after = _asked(model, other, _Snapshots(renamed, np.zeros(len(renamed))))
    return float(np.abs(before - after).max())


def ledger_rows(ledger: pd.DataFrame) -> list[Any]:
    """Turn a ledger table into the rows that models are asked with."""
    from samaan_ml.domain.customer_messages import LedgerRow

    return list(_rows(ledger, LedgerRow))


def _rows(ledger: pd.DataFrame, row: type) -> Iterator[Any]:
    """Go through a ledger's rows."""
    import pandas as pd

    optional = [name for name in ("entry_id", "reverses") if name in ledger]
    names = ["customer_id", "at", "kind", "amount_paise", "due_on", *optional]
    for values in zip(*(ledger[name].tolist() for name in names), strict=True):
        given = dict(zip(names, values, strict=True))
        due = given["due_on"]
        given["due_on"] = None if pd.isna(due) else due.date()
        given["at"] = given["at"].to_pydatetime()
        for name in optional:
            given[name] = None if pd.isna(given[name]) else str(given[name])
        yield row(**given)


def _logistic(train: _Snapshots, test: _Snapshots) -> Floats:
    """Return the answers of a logistic regression on the same features."""
    import numpy as np
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = train.features.columns[train.features.notna().any()]
    model = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(max_iter=2000),
    )
    model.fit(train.features[known].to_numpy(dtype=float), train.late)
    return np.asarray(model.predict_proba(test.features[known].to_numpy(dtype=float))[:, 1])


def _scores(late: Floats, probability: Floats) -> dict[str, float]:
    """Score probabilities."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    return {
        "auc": float(roc_auc_score(late, probability)),
        "brier": float(np.mean((probability - late) ** 2)),
        "log_loss": float(-np.mean(late * np.log(clipped) + (1 - late) * np.log(1 - clipped))),
        "ece": expected_calibration_error(late, probability),
    }


def expected_calibration_error(late: Floats, probability: Floats) -> float:
    """Mean distance of predictions from outcomes, over ten bins of equal size.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning.
    """
    import numpy as np

    order = np.argsort(probability, kind="stable")
    bins = np.array_split(order, min(_BINS, len(order)))
    distances = [len(part) * abs(probability[part].mean() - late[part].mean()) for part in bins]
    return float(sum(distances) / len(order))


def _by_shop(test: _Snapshots, probability: Floats, base: Floats) -> dict[str, dict[str, float]]:
    """Score every shop, so that a model good on the whole and bad for one shop is seen."""
    import pandas as pd

    shops = test.features.index.get_level_values("shop_id").astype("str")
    table = pd.DataFrame({"shop": shops, "told": probability, "late": test.late})
    table["brier"] = (table["told"] - table["late"]) ** 2
    table["baseline_brier"] = (base - table["late"]) ** 2
    found = table.groupby("shop").mean()
    found["rows"] = table.groupby("shop").size().astype(float)
    means: dict[str, dict[str, float]] = found.to_dict("index")  # type: ignore[assignment]
    return means


def _worst_gap(by_shop: Mapping[str, Mapping[str, float]]) -> float:
    """Return the largest distance of a shop's mean risk from its share of late customers; small shops say nothing."""
    gaps = [
        abs(each["told"] - each["late"]) for each in by_shop.values() if each["rows"] >= _FEWEST_OF_A_SHOP
    ]
    return max(gaps, default=0.0)
