"""Values mean the same however they are stored, and the model is a classifier like scikit-learn's."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from samaan_ml.exceptions import DataError, UnseenDataWarning
from samaan_ml.udhaar import UdhaarRiskModel

N = 300


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, N), unit="D")
    return pd.DataFrame(
        {
            "grade": rng.integers(1, 4, N).astype(str),
            "member": rng.random(N) < 0.4,
            "joined": pd.Series(day).astype("datetime64[ns]"),
            "late": rng.exponential(20, N),
        }
    )


@pytest.fixture(scope="module")
def outcome(table: pd.DataFrame) -> np.ndarray:
    rng = np.random.default_rng(2)
    log_odds = table["grade"].astype(int) - 2 + (table["late"] - 20) / 12 - table["member"]
    return (rng.random(N) < 1 / (1 + np.exp(-log_odds))).astype(int)


@pytest.fixture(scope="module")
def model(table: pd.DataFrame, outcome: np.ndarray) -> UdhaarRiskModel:
    return UdhaarRiskModel(monotone={"late": 1}, check_leaks=False).fit(table, outcome)


@pytest.mark.parametrize(
    "changes",
    [
        {"grade": lambda t: t["grade"].astype(int)},
        {"grade": lambda t: t["grade"].astype(float)},
        {"grade": lambda t: t["grade"].astype("category")},
        {"grade": lambda t: t["grade"].astype("string")},
        {"grade": lambda t: " " + t["grade"]},
        {"member": lambda t: t["member"].astype(int)},
        {"member": lambda t: t["member"].map({True: "yes", False: "NO"})},
        {"member": lambda t: t["member"].map({True: "true", False: "False"})},
        {"member": lambda t: t["member"].astype("boolean")},
        {"joined": lambda t: t["joined"].astype("datetime64[s]")},
        {"joined": lambda t: t["joined"].astype("datetime64[us]")},
        {"joined": lambda t: t["joined"].dt.date},
        {"joined": lambda t: t["joined"].dt.to_period("D")},
        {"joined": lambda t: t["joined"].dt.strftime("%Y-%m-%d")},
        {"late": lambda t: t["late"].astype("Float64")},
        {"late": lambda t: t["late"].astype(str)},
    ],
)
def test_the_same_value_in_another_form_gives_the_same_risk(
    model: UdhaarRiskModel, table: pd.DataFrame, changes: dict
) -> None:
    other = table.assign(**{name: change(table) for name, change in changes.items()})
    np.testing.assert_allclose(model.predict_proba(other), model.predict_proba(table), atol=1e-9)


def test_infinity_lies_at_the_end_where_it_belongs(model: UdhaarRiskModel, table: pd.DataFrame) -> None:
    rows = table.iloc[[0] * 6].assign(late=[-np.inf, 0.0, 20.0, 80.0, 1e12, np.inf])
    risk = model.predict_proba(rows)[:, 1]
    assert (np.diff(risk) >= 0).all()
    assert risk[0] < 0.5 < risk[-1]


def test_unseen_categories_and_columns_are_named_once_with_their_share(
    model: UdhaarRiskModel, table: pd.DataFrame
) -> None:
    strange = table.assign(grade=["9"] * 30 + list(table["grade"][30:]), height=1.0)
    with pytest.warns(UnseenDataWarning) as heard:
        model.predict_proba(strange)
    assert len(heard) == 1
    assert "'grade' holds categories that training had not, or once only, in 10.0% of the rows" in str(
        heard[0].message
    )
    assert "'height'" in str(heard[0].message)


def test_a_number_where_instants_were_is_refused(model: UdhaarRiskModel, table: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="'joined' held instants in training"):
        model.predict_proba(table.assign(joined=20_000.0))


def test_a_row_of_weight_two_counts_as_two_rows(table: pd.DataFrame, outcome: np.ndarray) -> None:
    bad = np.where(outcome == 1, 3.0, 1.0)
    plain = UdhaarRiskModel(check_leaks=False).fit(table, outcome)
    heavy = UdhaarRiskModel(check_leaks=False).fit(table, outcome, sample_weight=bad)
    assert heavy.base_rate_ > plain.base_rate_
    shift = heavy.log_odds(table).mean() - plain.log_odds(table).mean()
    assert shift == pytest.approx(np.log(3), abs=0.4)


def test_scikit_learn_clones_pipes_and_validates_it(table: pd.DataFrame, outcome: np.ndarray) -> None:
    model = UdhaarRiskModel(random_state=3, check_leaks=False)
    assert clone(model).get_params() == model.get_params()
    scores = cross_val_score(make_pipeline(model), table, outcome, cv=2, scoring="roc_auc")
    assert scores.min() > 0.7


def test_feature_importances_name_what_matters(model: UdhaarRiskModel) -> None:
    share = dict(zip(model.feature_names_in_, model.feature_importances_, strict=True))
    assert sum(share.values()) == pytest.approx(1)
    assert share["late"] > share["joined"]


def test_a_notebook_shows_what_was_learned(model: UdhaarRiskModel) -> None:
    assert "not fitted" in UdhaarRiskModel()._repr_html_()
    assert f"<td>{N}</td>" in model._repr_html_()


EXCEPTIONS = {
    "check_sample_weight_equivalence_on_dense_data": "folds and trees are drawn by row, so a row twice is not one of "
    "weight two to the last digit",
    "check_dataframe_column_names_consistency": "columns are found by name, so their order is free",
}


@pytest.mark.slow
def test_it_passes_scikit_learns_own_checks() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        small = UdhaarRiskModel(check_leaks=False, least_rows=2, least_of_a_class=1)
        results = check_estimator(small, expected_failed_checks=EXCEPTIONS, on_fail=None)
    assert [each["check_name"] for each in results if each["status"] == "failed"] == []
