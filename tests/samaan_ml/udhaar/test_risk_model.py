"""The risk model: exact reasons, kept directions, calibration, any table, the same answer after a round trip."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from samaan_ml.exceptions import ArtifactError, DataError, NotFittedError, ParameterError, UnseenDataWarning
from samaan_ml.metrics import auc, ece
from samaan_ml.udhaar import UdhaarRiskModel, calibration_drift, stability
from samaan_ml.udhaar._logistic import expit


def a_table(n: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw mixed columns with a planted risk: a number, a category, a special value, missing ones, and noise."""
    rng = np.random.default_rng(seed)
    late = rng.exponential(10, n)
    job = rng.choice(["farm", "trade", "office"], n, p=[0.5, 0.3, 0.2])
    score = np.where(rng.random(n) < 0.2, -9.0, rng.uniform(0, 100, n))
    income = np.where(rng.random(n) < 0.3, np.nan, rng.lognormal(3, 1, n))
    z = -2 + 0.08 * late + 0.7 * (job == "farm") + 0.9 * (score == -9) - 0.01 * np.maximum(score, 0)
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    X = pd.DataFrame(
        {
            "late": late, "job": job, "score": score, "income": income, "noise": rng.normal(size=n),
            "flag": rng.random(n) < 0.5, "constant": 1.0,
            "since": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
        }
    )  # fmt: skip
    X.loc[rng.random(n) < 0.05, "job"] = None
    return X, y


@pytest.fixture(scope="module")
def fitted() -> tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray]:
    """Fit one model for the tests that only ask."""
    X, y = a_table(1_500)
    return UdhaarRiskModel(random_state=0).fit(X, y, monotone={"late": 1}), X, y


def test_contributions_sum_to_the_log_odds(fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray]) -> None:
    model, X, _ = fitted
    shares = model.contributions(X.head(200))
    np.testing.assert_allclose(shares.sum(axis=1), model.log_odds(X.head(200)), atol=1e-9)
    p = model.predict_proba(X.head(200))
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    np.testing.assert_allclose(np.log(p[:, 1] / p[:, 0]), model.log_odds(X.head(200)))


def test_removing_a_reason_moves_the_score_in_the_stated_direction(
    fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray],
) -> None:
    model, X, _ = fitted
    rows = X.head(60)
    codes = model.scorer_.encoder.encode(rows)
    names = model.scorer_.encoder.names
    scores = model.log_odds(rows)
    seen = 0
    for i, reasons in enumerate(model.reasons(rows, n=3)):
        assert [abs(r.contribution) for r in reasons] == sorted(
            (abs(r.contribution) for r in reasons), reverse=True
        )
        for reason in reasons:
            j = names.index(reason.feature)
            without = codes[[i]].copy()
            without[0, j] = model.scorer_.reference[j]
            moved = scores[i] - model.scorer_.log_odds(without)[0]
            assert moved * reason.contribution > 0
            assert reason.direction == ("raises" if reason.contribution > 0 else "lowers")
            seen += 1
    assert seen > 100


def test_a_monotone_feature_is_monotone_on_a_grid(
    fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray],
) -> None:
    model, X, _ = fitted
    grid = np.linspace(0, 80, 161)
    for i in range(25):
        rows = pd.concat([X.iloc[[i]]] * len(grid), ignore_index=True).assign(late=grid)
        assert (np.diff(model.log_odds(rows)) >= -1e-9).all()


def test_it_finds_the_planted_risk_and_is_calibrated_on_new_rows(
    fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray],
) -> None:
    model, _, _ = fitted
    new, outcome = a_table(6_000, seed=9)
    p = model.predict_proba(new)[:, 1]
    z = -2 + 0.08 * new["late"] + 0.7 * (new["job"] == "farm") + 0.9 * (new["score"] == -9)
    best = auc(outcome, z - 0.01 * np.maximum(new["score"], 0))
    assert auc(outcome, p) > best - 0.02
    assert ece(outcome, p) < 0.04
    assert not calibration_drift(outcome, p, tolerance=5)["drifted"]
    assert calibration_drift(outcome, np.clip(p * 0.5, 0, 1))["drifted"]


def test_the_interval_holds_the_probability_and_narrows_with_rows() -> None:
    widths = []
    for n in (200, 3_000):
        X, y = a_table(n)
        model = UdhaarRiskModel(random_state=0).fit(X[["late", "noise"]], y)
        asked = pd.DataFrame({"late": [5.0, 15.0, 30.0], "noise": 0.0})
        interval, p = model.interval(asked), model.predict_proba(asked)[:, 1]
        assert ((interval[:, 0] <= p) & (p <= interval[:, 1])).all()
        wider = model.interval(asked, coverage=0.99)
        assert (wider[:, 1] - wider[:, 0] > interval[:, 1] - interval[:, 0]).all()
        widths.append((interval[:, 1] - interval[:, 0]).mean())
    assert widths[1] < widths[0]


def test_a_round_trip_keeps_every_answer(fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray]) -> None:
    model, X, _ = fitted
    again = UdhaarRiskModel.from_state(model.get_state())
    np.testing.assert_array_equal(model.log_odds(X), again.log_odds(X))
    assert model.reasons(X.head(5)) == again.reasons(X.head(5))
    np.testing.assert_allclose(model.interval(X.head(50)), again.interval(X.head(50)), atol=1e-3)
    assert again.reference_ == model.reference_
    with pytest.raises(ArtifactError, match="version"):
        UdhaarRiskModel.from_state({**model.get_state(), "version": 99})


def test_same_seed_and_data_same_model() -> None:
    X, y = a_table(400)
    one, two = (UdhaarRiskModel(random_state=3).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(one.log_odds(X), two.log_odds(X))


def test_trees_answer_as_lightgbm_does() -> None:
    from samaan_ml.udhaar._boosting import fit_boosted, round_marks, sizes_for, weighted_leaves
    from samaan_ml.udhaar._encoding import TableEncoder
    from samaan_ml.udhaar._forest import Forest

    X, y = a_table(600)
    encoder = TableEncoder.fit(X)
    codes = encoder.encode(X)
    for size in sizes_for(len(y), codes.shape[1]):
        fold = fit_boosted(
            codes[150:], y[150:], codes[:150], y[:150], encoder.columns, [0] * codes.shape[1], size, 0
        )
        leaves, trees = weighted_leaves([fold], round_marks(size)[2], 1.0, 0)
        forest = Forest.from_leaves(leaves, encoder.sizes)
        np.testing.assert_allclose(forest.score(codes[:150]), fold.held_out[2], atol=1e-12)
        assert trees == round_marks(size)[2]
        again = Forest.from_state(forest.get_state())
        np.testing.assert_array_equal(again.score(codes), forest.score(codes))


def test_unseen_categories_missing_values_and_infinities_are_answered(
    fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray],
) -> None:
    model, X, _ = fitted
    strange = X.head(3).copy()
    strange["job"] = ["astronaut", None, "farm"]
    strange["income"] = [np.inf, np.nan, -np.inf]
    strange["score"] = [1e300, -1e300, np.nan]
    with pytest.warns(UnseenDataWarning, match="'job'.*'extra'"):
        p = model.predict_proba(strange.assign(extra="ignored"))[:, 1]
    assert ((p > 0) & (p < 1)).all()
    with pytest.warns(UnseenDataWarning, match="33.3% of the rows"):
        assert model.predict(strange).shape == (3,)


def test_reordered_columns_change_nothing(fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray]) -> None:
    model, X, _ = fitted
    np.testing.assert_array_equal(model.log_odds(X), model.log_odds(X[X.columns[::-1]]))


def test_polars_and_numpy_tables_are_taken() -> None:
    polars = pytest.importorskip("polars")
    X, y = a_table(200)
    plain = X[["late", "noise"]]
    one = UdhaarRiskModel().fit(plain, y).log_odds(plain)
    np.testing.assert_allclose(UdhaarRiskModel().fit(polars.from_pandas(plain), y).log_odds(plain), one)
    array = UdhaarRiskModel().fit(plain.to_numpy(), y)
    np.testing.assert_allclose(array.log_odds(plain.to_numpy()), one)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X, y[:-1]), "one outcome a row"),
        (lambda X, y: (X, np.arange(len(y)) % 3), "y holds 3 labels, such as '2'"),
        (lambda X, y: (X, np.zeros_like(y)), "0 bad"),
        (lambda X, y: (X.head(10), y[:10]), "at least 20 rows"),
        (lambda X, y: (X[["constant"]], y), "more than one value"),
        (lambda X, y: (pd.concat([X, X[["late"]]], axis=1), y), "occurs twice"),
        (lambda _, y: ("a text", y), "give a table"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(change: object, message: str) -> None:
    X, y = change(*a_table(100))
    with pytest.raises(DataError, match=message):
        UdhaarRiskModel().fit(X, y)


@pytest.mark.parametrize("monotone", [{"nope": 1}, {"late": 2}, {"job": 1}, [1, 0]])
def test_impossible_directions_are_refused(monotone: object) -> None:
    X, y = a_table(100)
    with pytest.raises(ParameterError, match="monotone"):
        UdhaarRiskModel().fit(X, y, monotone=monotone)


def test_asking_before_fitting_or_without_a_column_is_refused(
    fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray],
) -> None:
    model, X, _ = fitted
    with pytest.raises(NotFittedError, match="fit"):
        UdhaarRiskModel().predict_proba(X)
    with pytest.raises(DataError, match="lacks the column 'late'"):
        model.predict_proba(X.drop(columns="late"))
    with pytest.raises(DataError, match="now holds 'many'"):
        model.predict_proba(X.head(1).astype({"late": object}).assign(late="many"))
    with pytest.raises(ParameterError):
        model.reasons(X, n=0)
    with pytest.raises(ParameterError):
        model.interval(X, coverage=1.0)


def test_rows_of_one_group_stay_in_one_fold() -> None:
    from samaan_ml.udhaar._training import assign_folds

    rng = np.random.default_rng(0)
    groups = rng.integers(0, 60, 500)
    y = rng.integers(0, 2, 500)
    folds = assign_folds(y, groups, 5, seed=1)
    assert all(len(set(folds[groups == g])) == 1 for g in np.unique(groups))
    alone = assign_folds(y, None, 5, seed=1)
    assert np.ptp([y[alone == k].mean() for k in range(5)]) < 0.02


def test_drift_is_told_where_the_mean_holds_and_the_sureness_does_not() -> None:
    rng = np.random.default_rng(0)
    truth = expit(rng.normal(0, 1, 4_000))
    outcome = (rng.random(4_000) < truth).astype(int)
    too_sure = expit(2 * np.log(truth / (1 - truth)))
    honest, sure = calibration_drift(outcome, truth), calibration_drift(outcome, too_sure)
    assert not honest["drifted"]
    assert abs(sure["z"]) < 3
    assert sure["z_sureness"] > 3
    assert sure["drifted"]


def test_a_shifted_feature_is_told() -> None:
    X, _ = a_table(2_000)
    now, _ = a_table(2_000, seed=5)
    numbers = ["late", "income", "noise"]
    assert set(stability(X[numbers], now[numbers])["verdict"]) == {"stable"}
    shifted = stability(X[numbers], now[numbers].assign(late=now["late"] * 3))
    assert shifted.iloc[0][["feature", "verdict"]].tolist() == ["late", "shifted"]
    with pytest.raises(ParameterError, match="lacks"):
        stability(X[numbers], now[["late"]])


def test_answering_imports_neither_pandas_nor_lightgbm(
    fitted: tuple[UdhaarRiskModel, pd.DataFrame, np.ndarray], tmp_path: Path
) -> None:
    _, X, _ = fitted
    columns = {name: X[name].to_numpy() for name in ("late", "score", "income", "noise")}
    outcome = (X["late"] > 10).astype(int)
    numbers = UdhaarRiskModel(random_state=0).fit(pd.DataFrame(columns), outcome, check_leaks=False)
    state, arrays = _parted(numbers.get_state())
    (tmp_path / "state.json").write_text(json.dumps(state))
    np.savez(
        tmp_path / "arrays.npz", **arrays, **{f"column.{name}": values for name, values in columns.items()}
    )
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(numbers.log_odds(columns).sum())


_ASK = """
import json, sys
from pathlib import Path
import numpy as np
from samaan_ml.udhaar import UdhaarRiskModel
folder = Path(sys.argv[1])
arrays = np.load(folder / "arrays.npz")
def joined(value):
    if isinstance(value, dict):
        return arrays[value["array"]] if set(value) == {"array"} else {k: joined(v) for k, v in value.items()}
    return [joined(v) for v in value] if isinstance(value, list) else value
model = UdhaarRiskModel.from_state(joined(json.loads((folder / "state.json").read_text())))
X = {name.removeprefix("column."): arrays[name] for name in arrays.files if name.startswith("column.")}
model.reasons(X, n=2), model.interval(X)
print(model.log_odds(X).sum())
heavy = {"pandas", "lightgbm", "sklearn", "scipy", "numba", "polars"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""


def _parted(state: dict[str, object]) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    """Part a state into JSON and named arrays."""
    arrays: dict[str, np.ndarray] = {}

    def part(value: object, at: str) -> object:
        if isinstance(value, np.ndarray):
            arrays[at] = value
            return {"array": at}
        if isinstance(value, dict):
            return {key: part(each, f"{at}.{key}") for key, each in value.items()}
        return value

    return part(state, "state"), arrays
