"""A blend of models, chosen by rolling-origin validation for each demand class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import ParameterError
from samaan_ml.features import Panel
from samaan_ml.forecasting.backtesting import _backtest
from samaan_ml.forecasting.backtesting._report import Window
from samaan_ml.forecasting.models._base import BaseForecaster, Forecast
from samaan_ml.forecasting.models._blend import Trial, choose_spreads, choose_weights, stretched
from samaan_ml.forecasting.models._demand_class import EVERY_CLASS, classify
from samaan_ml.forecasting.models._parameters import Constraint, Names, Number

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_MOST_SERIES = 3000
"""Series that the weights are chosen on; more would cost time and change nothing."""
_LEAST_PAST = 21


class EnsembleForecaster(BaseForecaster):
    """Blend several forecasters with weights chosen on past origins, demand class by demand class.

    Smooth, erratic, intermittent, lumpy and new series get weights of their own. A model that loses to
    seasonal naive on a class is not used there. A history too short to validate on gets the mean of window
    mean and ETS.

    Parameters
    ----------
    horizon : int, default=14
        Days (or weeks) ahead that `predict` answers by default.
    quantiles : tuple of float, default=(0.1, 0.5, 0.9)
        Levels of the quantiles, increasing; the blend's are the weighted means of the members'.
    frequency : {"D", "W"}, default="D"
        Daily or weekly forecasts.
    random_state : int, default=0
        Seed of the members and of the sample of series that the weights are chosen on.
    models : tuple of str, default=("windowmean", "croston", "tsb", "ets", "theta")
        Members by short name (the class without "Forecaster", in lower case); "demand" adds the global
        model. Seasonal naive is always there.
    n_origins : int, default=3
        Past origins that the weights are chosen on.

    Attributes
    ----------
    weights_ : dict of str to dict of str to float
        Weights of the members by demand class, and for "all", which a class without its own gets.
    spreads_ : dict of str to list of float
        Factors on each quantile's distance from the middle, by demand class as above: blended quantiles are
        too narrow as they come.
    members_ : dict of str to BaseForecaster
        The fitted members that have a weight anywhere.

    References
    ----------
    Caruana, Niculescu-Mizil, Crew and Ksikes (2004), Ensemble selection from libraries of models, ICML;
    Petropoulos and Svetunkov (2020), A simple combination of univariate models, Int. J. Forecasting 36(1).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> days = pd.date_range("2026-01-05", periods=140)
    >>> units = np.random.default_rng(0).poisson(4.0, (9, 140))
    >>> tables = [pd.DataFrame({"shop_id": "s", "item_id": f"i{k}", "date": days, "units": units[k]})
    ...           for k in range(9)]
    >>> model = EnsembleForecaster(horizon=7).fit(pd.concat(tables))
    >>> round(sum(model.weights_["all"].values()), 6)
    1.0
    >>> model.weights_["all"]["seasonalnaive"]
    0.0
    """

    _constraints: ClassVar[dict[str, Constraint]] = {
        "models": Names(),
        "n_origins": Number(1, 100, whole=True),
    }

    weights_: dict[str, dict[str, float]]
    spreads_: dict[str, list[float]]
    members_: dict[str, BaseForecaster]

    def __init__(
        self,
        horizon: int = 14,
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
        frequency: Literal["D", "W"] = "D",
        random_state: int = 0,
        models: Sequence[str] = ("windowmean", "croston", "tsb", "ets", "theta"),
        n_origins: int = 3,
    ) -> None:
        super().__init__(horizon, quantiles, frequency, random_state)
        self.models = models
        self.n_origins = n_origins

    def choices(self) -> pd.DataFrame:
        """Show the weights as a table, classes by models.

        Returns
        -------
        pandas.DataFrame
            One row a demand class that has weights of its own, and "all".
        """
        import pandas as pd

        self._check_fitted()
        return pd.DataFrame(self.weights_).T

    def _fit(self, panel: Panel) -> None:
        """Choose the weights on past origins, then fit the members that have one on everything."""
        members = self._unfitted()
        trial = self._trial(panel, members)
        self.weights_ = self._assumed(members) if trial is None else choose_weights(trial)
        unchanged = {EVERY_CLASS: [1.0] * len(self.quantiles)}
        self.spreads_ = unchanged if trial is None else choose_spreads(trial, self.weights_)
        used = {name for weights in self.weights_.values() for name, weight in weights.items() if weight > 0}
        self.members_ = {name: member.clone() for name, member in members.items() if name in used}
        for member in self.members_.values():
            member.fit_panel(panel)

    def _predict(self, panel: Panel, horizon: int) -> Forecast:
        """Blend the members' forecasts by the class of each series."""
        classes = classify(panel.units)
        by_class = {name: self.weights_.get(name, self.weights_[EVERY_CLASS]) for name in np.unique(classes)}
        mean = np.zeros((panel.n_series, horizon))
        quantiles = np.zeros((panel.n_series, horizon, len(self.quantiles)))
        for name, member in self.members_.items():
            weight = np.array([by_class[each][name] for each in classes])
            if weight.any():
                forecast = member.predict_panel(panel, horizon)
                mean += weight[:, None] * forecast.mean
                quantiles += weight[:, None, None] * forecast.quantiles
        spreads = {name: self.spreads_.get(name, self.spreads_[EVERY_CLASS]) for name in by_class}
        factors = np.array([spreads[each] for each in classes])
        return Forecast(mean, stretched(mean, quantiles, factors, self.quantiles))

    def _unfitted(self) -> dict[str, BaseForecaster]:
        """Make the members, the baseline first."""
        from samaan_ml.forecasting.models._menu import forecasters

        known = {name: kind for name, kind in forecasters().items() if kind is not EnsembleForecaster}
        if wrong := sorted(set(self.models) - set(known)):
            raise ParameterError(f"'models' of EnsembleForecaster must be from {sorted(known)}; got {wrong}")
        names = ["seasonalnaive", *(name for name in dict.fromkeys(self.models) if name != "seasonalnaive")]
        return {
            name: known[name](self.horizon, self.quantiles, self.frequency, self.random_state)
            for name in names
        }

    def _assumed(self, members: Mapping[str, BaseForecaster]) -> dict[str, dict[str, float]]:
        """Weights where nothing can be validated: the two models that hold on little history."""
        safe = [name for name in ("windowmean", "ets") if name in members] or list(members)
        return {EVERY_CLASS: {name: (1.0 / len(safe) if name in safe else 0.0) for name in members}}

    def _trial(self, panel: Panel, members: Mapping[str, BaseForecaster]) -> Trial | None:
        """Forecast from past origins; None where the history is too short for one."""
        least = _LEAST_PAST if panel.frequency == "D" else 8
        n_origins = min(self.n_origins, (panel.n_dates - least) // self.horizon)
        if n_origins < 1:
            return None
        rng = np.random.default_rng(self.random_state)
        rows = np.sort(rng.permutation(panel.n_series)[:_MOST_SERIES])
        sample = panel if rows.size == panel.n_series else panel.take(rows)
        windows: list[Window] = []
        for origin in _backtest.origins(sample.n_dates, self.horizon, n_origins):
            past = sample.until(origin)
            window = _backtest.window_at(sample, origin, self.horizon, "drop")
            for name, member in members.items():
                # Fitted once: what a member learns moves little over the origins, and refitting costs the
                # most.
                model = member if windows else member.fit_panel(past)
                window.forecasts[name] = model.predict_panel(past, self.horizon)
            windows.append(window)
        return Trial(
            np.vstack([window.actual for window in windows]),
            {name: _stacked([window.forecasts[name] for window in windows]) for name in members},
            tuple(self.quantiles),
            np.concatenate([window.classes for window in windows]),
            np.concatenate([window.rmsse_scale for window in windows]),
            np.concatenate([window.mase_scale for window in windows]),
        )

    def _learned(self) -> dict[str, object]:
        """Return weights, spreads and what each member learned; the history is kept once."""
        return {
            "weights": self.weights_,
            "spreads": self.spreads_,
            "members": {
                # A member is of the same family, so its protected hooks may be called here.
                name: member._learned() if _shares_history(type(member)) else member.get_state()  # noqa: SLF001
                for name, member in self.members_.items()
            },
        }

    def _relearn(self, learned: Mapping[str, Any]) -> None:
        """Take weights, spreads and members back."""
        self.models = tuple(self.models)
        self.weights_ = {name: dict(weights) for name, weights in learned["weights"].items()}
        self.spreads_ = {name: list(spreads) for name, spreads in learned["spreads"].items()}
        unfitted = self._unfitted()
        self.members_ = {}
        for name, state in learned["members"].items():
            member = unfitted[name]
            if _shares_history(type(member)):
                member.history_, member.notes_ = self.history_, self.notes_
                member._relearn(state)  # noqa: SLF001
            else:
                member = type(member).from_state(state)
            self.members_[name] = member


def _shares_history(kind: type[BaseForecaster]) -> bool:
    """Return whether a member keeps the history as the base does; the global model has a state of its own."""
    return kind.get_state is BaseForecaster.get_state


def _stacked(forecasts: Sequence[Forecast]) -> Forecast:
    """Put forecasts of several origins below each other."""
    return Forecast(np.vstack([f.mean for f in forecasts]), np.vstack([f.quantiles for f in forecasts]))
