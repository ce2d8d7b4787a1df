"""The risk model: scorecard, smooth curves and monotone trees, blended and calibrated out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from samaan_ml.exceptions import ArtifactError, DataError, NotFittedError, ParameterError
from samaan_ml.udhaar._encoding import Array, Codes, TableEncoder
from samaan_ml.udhaar._logistic import expit
from samaan_ml.udhaar._reasons import ReasonCode
from samaan_ml.udhaar._scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd

    from samaan_ml.udhaar._leakage import Suspicion

STATE_VERSION = 1
_LEAST_ROWS = 20
_LEAST_OF_A_CLASS = 5


class UdhaarRiskModel:
    """Calibrated probability of a bad outcome, with its reasons and its uncertainty.

    Four models of different temper are blended on the log-odds scale: a scorecard (supervised bins, shrunken
    weight of evidence, ridge logistic regression), an additive model of smooth curves whose smoothness is
    learned, and monotone gradient-boosted trees sized to the rows at hand, of greedy and of random cuts. Blend
    weights and calibration come from out-of-fold scores in one step.

    Any table will do: numbers, categories, texts, truth values, instants, missing and special values.

    Parameters
    ----------
    random_state : int, default=0
        Seed of the folds and of the trees' samples; same seed and data, same model.

    Attributes
    ----------
    feature_names_in_ : list of str
        Columns of the training table.
    n_rows_ : int
        Rows learned from.
    base_rate_ : float
        Share of bad outcomes among them.
    scorer_ : Scorer
        The fitted arithmetic on codes.
    weights_ : dict of str to float
        Weight of "scorecard", "curves", "greedy_trees" and "random_trees" in the blend.
    out_of_fold_ : float array (n_rows,)
        Out-of-fold probabilities of the training rows, for honest plots; not kept in the state.

    suspicions_ : tuple of Suspicion
        Columns that look as if they knew the outcome; not kept in the state.

    See Also
    --------
    LedgerFeatures : The features of an udhaar ledger.
    LedgerRiskModel : From a ledger to answers about its customers.

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

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(
        self,
        X: pd.DataFrame,
        y: Any,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        groups: Any = None,
        *,
        check_leaks: bool = True,
    ) -> UdhaarRiskModel:
        """Learn from labelled rows.

        Parameters
        ----------
        X : pandas.DataFrame or polars.DataFrame, shape (n_rows, n_columns)
            Any mixture of columns; missing values are allowed.
        y : array-like of {0, 1}, shape (n_rows,)
            1 for the bad outcome.
        monotone : mapping of column to {1, 0, -1} or sequence of them, default=None
            Direction of numeric columns: with 1 more can only raise the probability. None constrains nothing.
        groups : array-like, shape (n_rows,), default=None
            Rows of one group (one customer's snapshots) stay in one fold. None takes every row by itself.
        check_leaks : bool, default=True
            Look for columns that know the outcome; what is found is in `suspicions_` and in one warning. Switch
            it off where every column is known to be of before, as the features of a ledger are.

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
            If X and y do not fit together, y is not 0 and 1, or there is too little to learn from.
        ParameterError
            If `monotone` names no column, a category, or another direction than -1, 0 and 1.
        """
        from samaan_ml.udhaar._leakage import find_suspicions, warn_of
        from samaan_ml.udhaar._training import assign_folds, n_folds_for, train

        frame = _as_frame(X)
        outcome = _check_outcome(y, len(frame))
        encoder = TableEncoder.fit(frame)
        directions = _check_directions(monotone, frame, encoder)
        names = None if groups is None else np.asarray(groups)
        if names is not None and len(names) != len(outcome):
            raise DataError(f"X has {len(outcome)} rows and groups {len(names)}; give one group a row")
        codes = encoder.encode(frame)
        self.scorer_, self.out_of_fold_ = train(encoder, codes, outcome, directions, names, self.random_state)
        self.suspicions_: tuple[Suspicion, ...] = ()
        if check_leaks:
            folds = assign_folds(outcome, names, n_folds_for(len(outcome)), self.random_state)
            self.suspicions_ = find_suspicions(encoder.columns, codes, outcome, folds)
            warn_of(self.suspicions_)
        self.feature_names_in_ = [str(name) for name in frame.columns]
        self.directions_ = {n: d for n, d in zip(encoder.names, directions, strict=True) if d}
        self.n_rows_ = len(outcome)
        self.base_rate_ = float(outcome.mean())
        return self

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
        """Return 1 where the probability of the bad outcome reaches the threshold."""
        return (self.predict_proba(X)[:, 1] >= threshold).astype(int)

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
            "feature_names_in": list(self.feature_names_in_),
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
        model.feature_names_in_ = [str(name) for name in state["feature_names_in"]]
        model.directions_ = {str(name): int(d) for name, d in state["directions"].items()}
        return model

    def _encode(self, X: Any) -> Codes:
        """Turn rows into codes."""
        self._check_fitted()
        return self.scorer_.encoder.encode(X if isinstance(X, Mapping) else _as_frame(X))

    def _check_fitted(self) -> None:
        """Refuse to answer before `fit`."""
        if not hasattr(self, "scorer_"):
            raise NotFittedError("this UdhaarRiskModel has learned nothing yet; call fit(X, y) first")


def _as_frame(X: Any) -> pd.DataFrame:
    """Take a pandas or polars frame, or an array, as a pandas frame."""
    import pandas as pd

    if isinstance(X, pd.DataFrame):
        return X
    if hasattr(X, "to_pandas"):
        frame: pd.DataFrame = X.to_pandas()
        return frame
    if isinstance(X, np.ndarray) and X.ndim == 2:
        return pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])
    raise DataError(f"X is a '{type(X).__name__}'; give a table with a column a feature")


def _check_outcome(y: Any, n_rows: int) -> Array:
    """Return outcomes as 0 and 1.

    Raises
    ------
    DataError
        If they are anything else, or too few to learn from.
    """
    outcome = np.asarray(y)
    if outcome.ndim != 1 or len(outcome) != n_rows:
        raise DataError(f"X has {n_rows} rows and y the shape {outcome.shape}; give one outcome a row")
    values = set(outcome.tolist())
    if not values <= {0, 1}:
        strange = next(value for value in values if value not in (0, 1))
        raise DataError(f"y holds '{strange}'; give 1 for the bad outcome and 0 for the good one")
    counts = np.bincount(outcome.astype(np.int64), minlength=2)
    if n_rows < _LEAST_ROWS or counts.min() < _LEAST_OF_A_CLASS:
        raise DataError(
            f"y has {counts[1]} bad and {counts[0]} good outcomes; at least {_LEAST_ROWS} rows with "
            f"{_LEAST_OF_A_CLASS} of each are needed to learn from"
        )
    return outcome.astype(np.int64)


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
