"""Columns that know the outcome are told of; honest ones are left in peace."""

import warnings

import numpy as np
import pandas as pd
import pytest

from samaan_ml.exceptions import LeakageWarning
from samaan_ml.udhaar import UdhaarRiskModel
from samaan_ml.udhaar._encoding import TableEncoder
from samaan_ml.udhaar._leakage import Suspicion, find_suspicions
from samaan_ml.udhaar._training import assign_folds


def a_table(seed: int = 0, rows: int = 800) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw honest columns: strong, weak, with gaps that say a little, a category with many levels."""
    rng = np.random.default_rng(seed)
    late = rng.exponential(10.0, rows)
    y = (rng.random(rows) < 1 / (1 + np.exp(2.0 - late / 6))).astype(int)
    gaps = rng.random(rows) < np.where(y == 1, 0.3, 0.1)
    return pd.DataFrame(
        {
            "late": late,
            "noise": rng.normal(size=rows),
            "seldom_known": np.where(gaps, np.nan, rng.normal(size=rows)),
            "street": rng.integers(0, 300, rows).astype(str),
            "settled_credits": rng.integers(0, 9, rows),
            "written_off_share": rng.random(rows),
        }
    ), y


def found_in(X: pd.DataFrame, y: np.ndarray) -> dict[str, Suspicion]:
    """Look at a table without fitting a model."""
    encoder = TableEncoder.fit(X)
    folds = assign_folds(y, None, 5, 0)
    return {each.column: each for each in find_suspicions(encoder.columns, encoder.encode(X), y, folds)}


@pytest.mark.parametrize("seed", range(20))
def test_an_honest_table_raises_no_suspicion(seed: int) -> None:
    assert found_in(*a_table(seed)) == {}


def test_a_rare_outcome_raises_no_suspicion_where_gaps_are_few() -> None:
    X, _ = a_table(rows=3_000)
    y = (np.random.default_rng(1).random(3_000) < 0.02).astype(int)
    X.loc[np.flatnonzero(y == 0)[:200], "noise"] = np.nan  # no bad one among 200 is chance at 2 %
    assert found_in(X, y) == {}


@pytest.mark.parametrize("as_words", [False, True])
def test_a_column_that_decides_alone_is_found(as_words: bool) -> None:
    X, y = a_table()
    known = np.where(np.random.default_rng(2).random(len(y)) < 0.02, 1 - y, y)
    X["penalty"] = np.where(known == 1, "yes", "no") if as_words else known * 50.0 + X["noise"]
    (found,) = found_in(X, y).values()
    assert (found.column, found.ground) == ("penalty", "decides_alone")
    assert found.figure is not None
    assert found.figure > 0.95


@pytest.mark.parametrize("missing_of", [0, 1])
def test_a_column_whose_gaps_decide_is_found(missing_of: int) -> None:
    X, y = a_table()
    half = np.random.default_rng(3).random(len(y)) < 0.5
    X["visit"] = np.where((y == missing_of) & half, np.nan, X["noise"])
    (found,) = found_in(X, y).values()
    assert (found.column, found.ground, found.figure) == ("visit", "missing_decides", 0.0)


@pytest.mark.parametrize(
    "name", ["closedDate", "closed_on", "loan_status", "recoveries", "settlement date", "y_label"]
)
def test_a_name_of_afterwards_is_found(name: str) -> None:
    X, y = a_table()
    found = found_in(X.rename(columns={"noise": name}), y)
    assert {(each.column, each.ground) for each in found.values()} == {(name, "named_after_the_outcome")}


def test_a_fit_warns_once_and_keeps_what_it_found() -> None:
    X, y = a_table()
    planted = X[["late", "noise"]].assign(penalty=y * 50.0 + X["noise"], recoveries=X["noise"])
    with pytest.warns(LeakageWarning, match=r"'penalty' alone .* 'recoveries' is named") as told:
        model = UdhaarRiskModel().fit(planted, y)
    assert len([each for each in told if each.category is LeakageWarning]) == 1
    assert [each.column for each in model.suspicions_] == ["penalty", "recoveries"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert UdhaarRiskModel().fit(planted, y, check_leaks=False).suspicions_ == ()
        assert UdhaarRiskModel().fit(X[["late", "noise"]], y).suspicions_ == ()
