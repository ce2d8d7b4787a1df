"""The peers that benchmarks/credit.py measures against, each at its own defaults."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Peer = Callable[[int], Any]
"""Given a random state, an unfitted estimator with fit(X, y) and predict_proba(X)[:, 1]."""


class FramePreparation:
    """Bring a frame to what an estimator can read, learning only from the training rows.

    Parameters
    ----------
    estimator : object
        With fit and predict_proba.
    form : {"one_hot", "codes", "native", "text"}
        One-hot columns, integer codes (missing = NaN), pandas categories, or texts.
    """

    def __init__(self, estimator: Any, form: str) -> None:
        self.estimator = estimator
        self.form = form

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "FramePreparation":
        """Learn the categories and fit the estimator."""
        self.words_ = [c for c in X if not pd.api.types.is_numeric_dtype(X[c])]
        self.levels_ = {c: sorted(X[c].dropna().astype(str).unique()) for c in self.words_}
        self.medians_ = X.drop(columns=self.words_).median(numeric_only=True)
        if self.form == "text":
            self.estimator.set_params(cat_features=self.words_)
        self.estimator.fit(self._prepare(X), y)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Return both probabilities for each row."""
        return np.asarray(self.estimator.predict_proba(self._prepare(X)))

    def _prepare(self, X: pd.DataFrame) -> pd.DataFrame:
        """Apply what was learned."""
        frame = X.copy()
        for name in self.words_:
            text = frame[name].astype(str).where(frame[name].notna())
            as_category = pd.Categorical(text, categories=self.levels_[name])
            if self.form == "codes":
                frame[name] = np.where(as_category.codes < 0, np.nan, as_category.codes)
            elif self.form == "text":
                frame[name] = text.fillna("missing").astype(object)
            else:
                frame[name] = as_category
        if self.form != "one_hot":
            return frame
        numeric = [c for c in frame if c not in self.words_]
        missing = frame[numeric].isna().astype(float).add_suffix("_missing")
        frame[numeric] = (
            frame[numeric].fillna(self.medians_).fillna(0.0)
        )  # a column may be missing altogether
        return pd.concat([pd.get_dummies(frame, columns=self.words_, dtype=float), missing], axis=1)


def logistic(seed: int) -> Any:
    """Ridge logistic regression on standardised one-hot columns."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, random_state=seed))
    return FramePreparation(model, "one_hot")


class OptBinningScorecard:
    """optbinning's binning of every column, then a logistic regression on WOE."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "OptBinningScorecard":
        """Bin and fit."""
        from optbinning import BinningProcess
        from sklearn.linear_model import LogisticRegression

        words = [c for c in X if not pd.api.types.is_numeric_dtype(X[c])]
        self.binning_ = BinningProcess(list(X.columns), categorical_variables=words)
        transformed = self.binning_.fit_transform(self._plain(X), y, metric="woe", metric_missing="empirical")
        self.logistic_ = LogisticRegression(max_iter=2000).fit(transformed, y)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Return both probabilities for each row."""
        transformed = self.binning_.transform(self._plain(X), metric="woe", metric_missing="empirical")
        return np.asarray(self.logistic_.predict_proba(transformed))

    @staticmethod
    def _plain(X: pd.DataFrame) -> pd.DataFrame:
        """Give optbinning the dtypes it knows."""
        return X.astype({c: (float if pd.api.types.is_numeric_dtype(X[c]) else object) for c in X})


def optbinning(seed: int) -> Any:  # noqa: ARG001 - it has no seed
    """Optbinning's scorecard."""
    return OptBinningScorecard()


def lightgbm(seed: int) -> Any:
    """LightGBM at its defaults."""
    from lightgbm import LGBMClassifier

    return FramePreparation(LGBMClassifier(random_state=seed, n_jobs=1, verbose=-1), "native")


def hist_gradient_boosting(seed: int) -> Any:
    """Histogram gradient boosting of scikit-learn at its defaults."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=seed, categorical_features="from_dtype")
    return FramePreparation(model, "native")


def xgboost(seed: int) -> Any:
    """XGBoost at its defaults."""
    from xgboost import XGBClassifier

    return FramePreparation(XGBClassifier(random_state=seed, n_jobs=1, enable_categorical=True), "native")


def catboost(seed: int) -> Any:
    """CatBoost with 500 rounds, which its defaults (1,000) do not beat on these sets."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        iterations=500, random_seed=seed, thread_count=1, verbose=False, allow_writing_files=False
    )
    return FramePreparation(model, "text")


def ebm(seed: int) -> Any:
    """Explainable boosting machine of interpret at its defaults."""
    from interpret.glassbox import ExplainableBoostingClassifier

    return FramePreparation(ExplainableBoostingClassifier(random_state=seed, n_jobs=1), "native")


PEERS: dict[str, Peer] = {
    "logistic": logistic,
    "optbinning": optbinning,
    "lightgbm": lightgbm,
    "hist_gb": hist_gradient_boosting,
    "xgboost": xgboost,
    "catboost": catboost,
    "ebm": ebm,
}
