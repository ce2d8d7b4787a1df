"""The risk model: scorecard, smooth curves and monotone trees, blended and calibrated out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.estimators import Estimator
from samaan_ml.exceptions import ArtifactError, DataError, ParameterError, not_fitted
from samaan_ml.udhaar._encoding import Array, Codes, TableEncoder
from samaan_ml.udhaar._input import as_frame, check_outcome, check_weight, warn_of_unseen
from samaan_ml.udhaar._logistic import expit
from samaan_ml.udhaar._reasons import ReasonCode
from samaan_ml.udhaar._scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd

    from samaan_ml.udhaar._leakage import Suspicion

STATE_VERSION = 1
_IMPORTANCE_ROWS = 200


class UdhaarRiskModel(Estimator):
    r"""Calibrated probability of a bad outcome, with its reasons and its uncertainty.

    Four models of different temper are blended on the log-odds scale: a scorecard (supervised bins, shrunken
    weight of evidence, ridge logistic regression), an additive model of smooth curves whose smoothness is
    learned, and monotone gradient-boosted trees sized to the rows at hand, of greedy and of random cuts. Blend
    weights and calibration come from out-of-fold scores in one step.

    Any table will do: numbers, categories, texts, truth values, instants of any unit, missing and infinite values.
    A category is read alike as text, number or truth value ("1", 1 and 1.0; "true", True and 1).

    It is a binary classifier in the sense of scikit-learn, and works in its pipelines, searches and inspections.

    Parameters
    ----------
    random_state : int, default=0
        Seed of the folds and of the trees' samples; same seed and data, same model.
    monotone : mapping of column to {1, 0, -1} or sequence of them, default=None
        Direction of numeric columns: with 1 more can only raise the probability. None constrains nothing.
    check_leaks : bool, default=True
        Look for columns that know the outcome; what is found is in `suspicions_` and in one warning. Switch it off
        where every column is known to be of before, as the features of a ledger are.
    least_rows : int, default=20
        Rows below which `fit` refuses: so few teach nothing that can be trusted.
    least_of_a_class : int, default=5
        Rows of each outcome below which `fit` refuses.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The outcomes, the bad one last; 0 and 1, or any two labels in their order.
    feature_names_in_ : ndarray of str, shape (n_columns,)
        Columns of the training table; absent after training on an array.
    n_features_in_ : int
        Number of them.
    feature_importances_ : float array (n_columns,)
        Mean absolute share of each column in the log-odds of training rows, of all columns together 1.
    n_rows_ : int
        Rows learned from.
    base_rate_ : float
        Share of bad outcomes among them.
    scorer_ : Scorer
        The fitted arithmetic on codes.
    weights_ : dict of str to float
        Weight of "scorecard", "curves", "greedy_trees" and "random_trees" in the blend.
    out_of_fold_ : float array (n_rows,)
        Out-of-fold probabilities of the training rows, for honest plots, NaN where a row has no weight; not kept in
        the state.

    suspicions_ : tuple of Suspicion
        Columns that look as if they knew the outcome; not kept in the state.

    See Also
    --------
    LedgerFeatures : The features of an udhaar ledger.
    LedgerRiskModel : From a ledger to answers about its customers.

    Notes
    -----
    The blend of the parts' log-odds s, calibrated on folds that they were not fitted on:

    .. math:: \log \frac{p}{1 - p} = b + \sum_k w_k s_k, \quad w_k \ge 0

    References
    ----------
    Siddiqi (2006), Credit Risk Scorecards. Wood and Fasiolo (2017), A generalized Fellner-Schall method for
    smoothing parameter optimization. Ke et al. (2017), LightGBM. Geurts et al. (2006), Extremely randomized
    trees. Platt (1999), Probabilistic outputs for support vector machines.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"days_late": rng.exponential(10, 400), "noise": rng.normal(size=400)})
    >>> y = (rng.random(400) < 1 / (1 + np.exp(2 - X["days_late"] / 10))).astype(int)
    >>> model = UdhaarRiskModel(random_state=0).fit(X, y, monotone={"days_late": 1})
    >>> new = pd.DataFrame({"days_late": [0.0, 40.0], "noise": [0.0, 0.0]})
    >>> low, high = model.predict_proba(new)[:, 1]
    >>> bool(low < 0.3 < high)
    True
    >>> model.reasons(new.iloc[[1]], n=1)[0][0].feature
    'days_late'
    """

    _estimator_type = "classifier"
    out_of_fold_: Array

    def __init__(
        self,
        random_state: int = 0,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        check_leaks: bool = True,
        least_rows: int = 20,
        least_of_a_class: int = 5,
    ) -> None:
        self.random_state = random_state
        self.monotone = monotone
        self.check_leaks = check_leaks
        self.least_rows = least_rows
        self.least_of_a_class = least_of_a_class

    def fit(
        self,
        X: Any,
        y: Any,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        groups: Any = None,
        *,
        check_leaks: bool | None = None,
        sample_weight: Any = None,
    ) -> UdhaarRiskModel:
        """Learn from labelled rows.

        Parameters
        ----------
        X : pandas.DataFrame, polars.DataFrame or array, shape (n_rows, n_columns)
            Any mixture of columns; missing values are allowed.
        y : array-like, shape (n_rows,)
            1 for the bad outcome and 0 for the good one; of two other labels the greater is the bad one.
        monotone : mapping of column to {1, 0, -1} or sequence of them, default=None
            Outranks the constructor's; None takes that.
        groups : array-like, shape (n_rows,), default=None
            Rows of one group (one customer's snapshots) stay in one fold. None takes every row by itself.
        check_leaks : bool, default=None
            Outranks the constructor's; None takes that.
        sample_weight : array-like, shape (n_rows,), default=None
            How often each row counts, 0 or more; None counts each once.

        Returns
        -------
        UdhaarRiskModel
            Itself.

        Warns
        -----
        LeakageWarning
            If a column alone decides the outcome (out-of-fold AUC above 0.95), if its being missing does, or if it
            is named like something that is known only afterwards.

        Raises
        ------
        DataError
            If X and y do not fit together, y has not two labels, or there is too little to learn from.
        ParameterError
            If `monotone` names no column, a category, or another direction than -1, 0 and 1.
        """
        frame = as_frame(X)
        self.classes_, outcome = check_outcome(y, len(frame), self.least_rows, self.least_of_a_class)
        weight = check_weight(sample_weight, outcome)
        counted = np.ones(len(outcome), dtype=bool) if weight is None else weight > 0
        if not counted.all() and weight is not None:  # a row of no weight is no row
            frame, outcome, weight = frame[counted], outcome[counted], weight[counted]
            groups = None if groups is None else np.asarray(groups)[counted]
        encoder = TableEncoder.fit(frame)
        directions = _check_directions(self.monotone if monotone is None else monotone, frame, encoder)
        names = None if groups is None else np.asarray(groups)
        if names is not None and len(names) != len(outcome):
            raise DataError(f"X has {len(outcome)} rows and groups {len(names)}; give one group a row")
        self._train(encoder, encoder.encode(frame), outcome, directions, names, weight)
        if self.check_leaks if check_leaks is None else check_leaks:
            self._look_for_leaks(encoder.encode(frame), outcome, names)
        self.n_features_in_ = frame.shape[1]
        self.__dict__.pop("feature_names_in_", None)
        if hasattr(X, "columns"):
            self.feature_names_in_ = np.array([str(name) for name in frame.columns], dtype=object)
        self._columns = [str(name) for name in frame.columns]
        self.directions_ = {n: d for n, d in zip(encoder.names, directions, strict=True) if d}
        self.n_rows_ = len(outcome)
        self.base_rate_ = float(np.average(outcome, weights=weight))
        self.feature_importances_ = self._importances(encoder.encode(frame.iloc[:_IMPORTANCE_ROWS]))
        if not counted.all():
            everywhere = np.full(len(counted), np.nan)
            everywhere[counted] = self.out_of_fold_
            self.out_of_fold_ = everywhere
        return self

    def _train(
        self,
        encoder: TableEncoder,
        codes: Codes,
        outcome: Array,
        directions: list[int],
        groups: Array | None,
        weight: Array | None,
    ) -> None:
        """Train on one thread: more of them wait for each other by spinning, at many times the CPU."""
        from threadpoolctl import threadpool_limits

        from samaan_ml.udhaar._training import train

        with threadpool_limits(1):
            self.scorer_, self.out_of_fold_ = train(
                encoder, codes, outcome, directions, groups, self.random_state, weight
            )
        self.suspicions_: tuple[Suspicion, ...] = ()

    def _look_for_leaks(self, codes: Codes, outcome: Array, groups: Array | None) -> None:
        """Find columns that know the outcome, and warn of them."""
        from samaan_ml.udhaar._leakage import find_suspicions, warn_of
        from samaan_ml.udhaar._training import assign_folds, n_folds_for

        folds = assign_folds(outcome, groups, n_folds_for(len(outcome)), self.random_state)
        self.suspicions_ = find_suspicions(self.scorer_.encoder.columns, codes, outcome, folds)
        warn_of(self.suspicions_)

    def _importances(self, codes: Codes) -> Array:
        """Share the mean absolute contributions among the columns."""
        shares = np.abs(self.scorer_.contributions(codes)).mean(axis=0)
        place = {name: k for k, name in enumerate(self._columns)}
        out = np.zeros(len(self._columns))
        out[[place[name] for name in self.scorer_.encoder.names]] = shares
        return out / max(float(out.sum()), 1e-12)

    @property
    def weights_(self) -> dict[str, float]:
        """Return the weight of each part in the blend."""
        self._check_fitted()
        return dict(self.scorer_.weights)

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities of the good and the bad outcome.

        Parameters
        ----------
        X : pandas.DataFrame, polars.DataFrame or mapping of column to array
            Rows with the columns of training; others are ignored.

        Returns
        -------
        float array (n_rows, 2)
            Columns good (0) and bad (1).

        Raises
        ------
        NotFittedError
            Before `fit`.
        DataError
            If a column is absent.
        """
        bad = expit(self.log_odds(X))
        return np.column_stack([1 - bad, bad])

    def predict(self, X: Any, threshold: float = 0.5) -> Array:
        """Return the bad outcome's label (1) where its probability reaches the threshold, else the good one's (0)."""
        bad = (self.predict_proba(X)[:, 1] >= threshold).astype(int)
        return np.asarray(self.classes_[bad])

    def decision_function(self, X: Any) -> Array:
        """Return the log-odds of the bad outcome, as scikit-learn's scorers ask for them."""
        return self.log_odds(X)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of rows whose outcome `predict` tells, as scikit-learn's classifiers do."""
        return float(np.average(self.predict(X) == np.asarray(y), weights=sample_weight))

    def log_odds(self, X: Any) -> Array:
        """Return the calibrated log-odds of the bad outcome, shape (n_rows,)."""
        codes = self._encode(X)
        return self.scorer_.log_odds(codes)

    def interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Return how far the data at hand pin the probability down.

        The posterior of the additive part gives the width: wide where few training rows are like the one asked
        about. It is an interval of the probability, not of the outcome.

        Parameters
        ----------
        X : as in `predict_proba`
            Rows.
        coverage : float, default=0.9
            Between 0 and 1.

        Returns
        -------
        float array (n_rows, 2)
            Lower and upper probability.
        """
        if not 0 < coverage < 1:
            raise ParameterError(f"'coverage' is {coverage}; give a share between 0 and 1")
        codes = self._encode(X)
        middle, half = self.scorer_.log_odds(codes), self.scorer_.half_width(codes, coverage)
        return expit(np.column_stack([middle - half, middle + half]))

    def contributions(self, X: Any) -> pd.DataFrame:
        """Share the log-odds of each row among the columns, exactly.

        A column's share compares its value with the typical row's (`reference_`), by Shapley's rule.

        Returns
        -------
        pandas.DataFrame
            A column a feature and "baseline" (the typical row's log-odds); rows sum to `log_odds(X)`.
        """
        import pandas as pd

        codes = self._encode(X)
        shares = self.scorer_.contributions(codes)
        frame = pd.DataFrame(shares, columns=self.scorer_.encoder.names, index=getattr(X, "index", None))
        frame["baseline"] = self.scorer_.baseline()
        return frame

    def reasons(self, X: Any, n: int = 3) -> list[list[ReasonCode]]:
        """Return the strongest reasons behind each row's score.

        Each reason was tried: with its column at the typical value the score moves the way the reason says.

        Parameters
        ----------
        X : as in `predict_proba`
            Rows.
        n : int, default=3
            Reasons a row at most.

        Returns
        -------
        list of list of ReasonCode
            Strongest first.
        """
        if n < 1:
            raise ParameterError(f"'n' is {n}; ask for at least one reason")
        codes = self._encode(X)
        return self.scorer_.reasons(codes, n)

    @property
    def reference_(self) -> dict[str, str]:
        """Return the typical value of each column, with which reasons compare."""
        self._check_fitted()
        pairs = zip(self.scorer_.encoder.columns, self.scorer_.reference, strict=True)
        return {column.name: column.label(int(code)) for column, code in pairs}

    def get_state(self) -> dict[str, object]:
        """Return everything an answer needs, as JSON values and arrays."""
        self._check_fitted()
        return {
            "version": STATE_VERSION,
            "random_state": self.random_state,
            "feature_names_in": list(self._columns),
            "importances": self.feature_importances_,
            "directions": dict(self.directions_),
            "n_rows": self.n_rows_,
            "base_rate": self.base_rate_,
            "scorer": self.scorer_.get_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> UdhaarRiskModel:
        """Rebuild a model from `get_state`; neither pandas nor lightgbm is imported.

        Raises
        ------
        ArtifactError
            If the state is of another version.
        """
        if state.get("version") != STATE_VERSION:
            raise ArtifactError(
                f"the risk model's state has version '{state.get('version')}', this code reads {STATE_VERSION}; "
                "train the model again"
            )
        model = cls(random_state=int(state["random_state"]))
        model.scorer_ = Scorer.from_state(state["scorer"])
        model.n_rows_ = int(state["n_rows"])
        model.base_rate_ = float(state["base_rate"])
        model._columns = [str(name) for name in state["feature_names_in"]]
        model.feature_names_in_ = np.array(model._columns, dtype=object)
        model.n_features_in_ = len(model._columns)
        model.classes_ = np.array([0, 1])
        if "importances" in state:
            model.feature_importances_ = np.asarray(state["importances"], dtype=float)
        model.directions_ = {str(name): int(d) for name, d in state["directions"].items()}
        return model

    def _encode(self, X: Any) -> Codes:
        """Turn rows into codes."""
        self._check_fitted()
        if isinstance(X, Mapping):
            return self.scorer_.encoder.encode(X)
        frame = as_frame(X, self._columns, named=hasattr(self, "feature_names_in_"))
        codes = self.scorer_.encoder.encode(frame)
        warn_of_unseen(frame, codes, self.scorer_.encoder.columns, self._columns)
        return codes

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn whether the model has learned."""
        return hasattr(self, "scorer_")

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn what the model takes; it is imported when scikit-learn asks."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(multi_class=False),
            input_tags=InputTags(allow_nan=True, categorical=True, string=True),
        )

    def _facts(self) -> Mapping[str, Any]:
        """Return what was learned in a few figures."""
        if not hasattr(self, "scorer_"):
            return {}
        weights = ", ".join(f"{name} {weight:.2f}" for name, weight in self.weights_.items())
        return {"rows": self.n_rows_, "bad outcomes": f"{self.base_rate_:.1%}", "blend": weights}

    def _check_fitted(self) -> None:
        """Refuse to answer before `fit`."""
        if not hasattr(self, "scorer_"):
            raise not_fitted("this UdhaarRiskModel has learned nothing yet; call fit(X, y) first")


def _check_directions(
    monotone: Mapping[str, int] | Sequence[int] | None, X: pd.DataFrame, encoder: TableEncoder
) -> list[int]:
    """Return one direction a coded column.

    Raises
    ------
    ParameterError
        See `UdhaarRiskModel.fit`.
    """
    names = [str(name) for name in X.columns]
    if monotone is None:
        monotone = {}
    elif not isinstance(monotone, Mapping):
        if len(monotone) != len(names):
            raise ParameterError(f"'monotone' has {len(monotone)} directions for {len(names)} columns")
        monotone = dict(zip(names, monotone, strict=True))
    kinds = {column.name: column.kind for column in encoder.columns}
    for name, direction in monotone.items():
        if name not in names:
            raise ParameterError(f"'monotone' names the column '{name}', which X does not have")
        if direction not in (-1, 0, 1):
            raise ParameterError(f"'monotone' gives '{name}' the direction {direction}; use -1, 0 or 1")
        if direction and kinds.get(name) == "category":
            raise ParameterError(f"'monotone' gives the category '{name}' a direction; only numbers have one")
    return [int(monotone.get(name, 0)) for name in encoder.names]
