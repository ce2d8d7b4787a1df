"""What every forecaster is: tables in, quantile forecasts out, one validation for all."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast, final

import numpy as np
import numpy.typing as npt

from samaan_ml.estimators import Estimator
from samaan_ml.exceptions import ArtifactError, DataError, NotFittedError, ParameterError
from samaan_ml.features import Panel
from samaan_ml.forecasting.models._outliers import plausible
from samaan_ml.forecasting.models._parameters import Choice, Constraint, Levels, Number, check_parameters

if TYPE_CHECKING:
    import pandas as pd

    from samaan_ml.forecasting.backtesting._report import BacktestReport

Floats = npt.NDArray[np.floating]

SEASONS: Mapping[str, int] = {"D": 7, "W": 52}


@dataclass(frozen=True, slots=True)
class Forecast:
    """Forecasts of many series as dense arrays.

    Parameters
    ----------
    mean : ndarray, shape (series, horizon)
        Expected units.
    quantiles : ndarray, shape (series, horizon, levels)
        Quantiles in the order of the forecaster's levels.
    """

    mean: Floats
    quantiles: Floats

    def tidied(self) -> Forecast:
        """Make units non-negative and quantiles increasing."""
        mean = np.maximum(self.mean, 0.0)
        return Forecast(mean, np.sort(np.maximum(self.quantiles, 0.0), axis=2))


class BaseForecaster(Estimator, ABC):
    """Base of all forecasters: `fit` and `predict` check and call `_fit` and `_predict`.

    A new forecaster is one private module with a subclass that writes `_fit`, `_predict` and, where it
    learns more than it can learn again from the history, `_learned` and `_relearn`; the contract tests, the
    backtest's menu and the reference page find it by themselves.

    Parameters
    ----------
    horizon : int, default=14
        Days (or weeks) ahead that `predict` answers by default.
    quantiles : tuple of float, default=(0.1, 0.5, 0.9)
        Levels of the quantiles, increasing.
    frequency : {"D", "W"}, default="D"
        Daily or weekly forecasts.
    random_state : int, default=0
        Seed; the same seed and data give the same model.

    Attributes
    ----------
    history_ : Panel
        The tables that were fitted, as dense arrays.
    notes_ : tuple of str
        What had to be put right while the tables were read (repeated rows added up, unfinished weeks left
        out).
    """

    _constraints: ClassVar[dict[str, Constraint]] = {
        "horizon": Number(1, 1000, whole=True),
        "quantiles": Levels(),
        "frequency": Choice(("D", "W")),
        "random_state": Number(0, 2**31 - 1, whole=True),
    }

    history_: Panel
    notes_: tuple[str, ...]

    def __init__(
        self,
        horizon: int = 14,
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
        frequency: Literal["D", "W"] = "D",
        random_state: int = 0,
    ) -> None:
        self.horizon = horizon
        self.quantiles = quantiles
        self.frequency = frequency
        self.random_state = random_state

    # ---------------------------------------------------------------- fit and predict

    @final
    def fit(
        self,
        sales: Any,
        prices: Any = None,
        stock: Any = None,
        calendar: Any = None,
        items: Any = None,
        shops: Any = None,
        covariates: Any = None,
    ) -> Self:
        """Learn from the tables described in `samaan_ml.tables`.

        Parameters
        ----------
        sales : DataFrame
            Units sold by shop, item and date; pandas or polars, in any order.
        prices, calendar : DataFrame or None, default=None
            Known ahead: they may reach into the future.
        stock : DataFrame or None, default=None
            Share of each day with stock on the shelf.
        items, shops : DataFrame or None, default=None
            Attributes.
        covariates : DataFrame or None, default=None
            Anything else that moves sales, past and ahead, such as promotions; `open` = 0 is a closed day.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If a constructor parameter is out of its range.
        TableError
            If a table is not what its schema says.
        """
        from samaan_ml.features import build_panel

        self._check_parameters()
        panel = build_panel(
            sales,
            prices,
            stock,
            calendar,
            items,
            shops,
            covariates=covariates,
            frequency=self.frequency,
            horizon=self.horizon,
        )
        return self.fit_panel(panel)

    @final
    def fit_panel(self, panel: Panel) -> Self:
        """Learn from tables that are dense already; what `fit` does once it has built the panel."""
        self._check_parameters()
        if panel.frequency != self.frequency:
            raise ParameterError(f"'frequency' is '{self.frequency}', but the panel has '{panel.frequency}'")
        self.history_ = plausible(panel)
        self.notes_ = self.history_.notes
        self._fit(self.history_)
        return self

    @final
    def predict(
        self,
        horizon: int | None = None,
        *,
        sales: Any = None,
        prices: Any = None,
        stock: Any = None,
        calendar: Any = None,
        items: Any = None,
        shops: Any = None,
        covariates: Any = None,
    ) -> pd.DataFrame:
        """Forecast every series of the history, or of newer sales, without fitting again.

        Parameters
        ----------
        horizon : int or None, default=None
            Days (or weeks) ahead; None is the constructor's.
        sales, stock : DataFrame or None, default=None
            Given, the forecast starts after the end of these sales, which replace the fitted history.
        prices, calendar, covariates : DataFrame or None, default=None
            What is known ahead. Without `sales` they are laid over the fitted history: a what-if.
        items, shops : DataFrame or None, default=None
            Attributes.

        Returns
        -------
        pandas.DataFrame
            shop_id, item_id, date, mean and one column a level (q0.1, q0.5, ...), sorted.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ParameterError
            If `horizon` is not a positive whole number.
        """
        self._check_fitted()
        steps = self.horizon if horizon is None else horizon
        given = {"prices": prices, "stock": stock, "calendar": calendar, "items": items, "shops": shops}
        given["covariates"] = covariates
        if sales is None and all(table is None for table in given.values()):
            return self._to_frame(self.history_, self.predict_panel(horizon=steps))
        panel = self._given_panel(sales, given, steps)
        return self._to_frame(panel, self.predict_panel(panel, steps))

    @final
    def update(
        self,
        sales: Any,
        prices: Any = None,
        stock: Any = None,
        calendar: Any = None,
        items: Any = None,
        shops: Any = None,
    ) -> Self:
        """Take new days without learning again; `predict` then starts after them.

        The answers are those of `predict(sales=...)` with the whole history: what was learned stays as it is.

        Parameters
        ----------
        sales : DataFrame
            New rows alone; one of a series and day that the history has replaces it.
        prices, stock, calendar, items, shops : DataFrame or None, default=None
            The whole table where it changed; None keeps the one fitted, the last prices held on.

        Returns
        -------
        self

        Raises
        ------
        NotFittedError
            Before `fit`, and without a history.
        TableError
            If a table is not what its schema says.
        """
        from samaan_ml.forecasting.models._update import extended

        self._check_fitted()
        given = {"prices": prices, "stock": stock, "calendar": calendar, "items": items, "shops": shops}
        self.history_ = plausible(extended(self.history_, sales, given, self.horizon))
        self.notes_ = self.history_.notes
        return self

    @final
    def predict_panel(self, panel: Panel | None = None, horizon: int | None = None) -> Forecast:
        """Forecast as dense arrays; what `predict` does before it writes a frame."""
        self._check_fitted()
        source = self.history_ if panel is None else panel
        if source is not self.__dict__.get("history_"):
            source = plausible(source)
        steps = self.horizon if horizon is None else horizon
        limit = BaseForecaster._constraints["horizon"]
        if not limit.allows(steps):
            raise ParameterError(f"'horizon' must be {limit.description}; got {steps!r}")
        forecast = self._predict(source, int(steps))
        expected = (source.n_series, int(steps))
        if forecast.mean.shape != expected or forecast.quantiles.shape != (*expected, len(self.quantiles)):
            raise DataError(
                f"{type(self).__name__} answered shapes {forecast.mean.shape} and {forecast.quantiles.shape} "
                f"for {expected} and {len(self.quantiles)} levels"
            )
        return forecast.tidied()

    @abstractmethod
    def _fit(self, panel: Panel) -> None:
        """Learn from the panel; store what was learned in attributes that end in `_`."""

    @abstractmethod
    def _predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast the `horizon` dates after the panel's last one, for each of its series, in order."""

    @final
    def backtest(
        self,
        sales: Any,
        prices: Any = None,
        stock: Any = None,
        calendar: Any = None,
        items: Any = None,
        shops: Any = None,
        covariates: Any = None,
        *,
        n_origins: int = 3,
        step: int | None = None,
        baselines: Sequence[BaseForecaster] | None = None,
        refit: bool = True,
        sold_out: Literal["drop", "keep"] = "drop",
    ) -> BacktestReport:
        """Forecast from several past origins and score what came; see `samaan_ml.forecasting.backtest`.

        Parameters
        ----------
        sales, prices, stock, calendar, items, shops, covariates : DataFrame or None, default=None
            The tables; sales and stock after an origin are hidden from it, prices, calendar and covariates are
            known ahead.
        n_origins : int, default=3
            Number of origins; the last forecasts the last `horizon` dates.
        step : int or None, default=None
            Dates between origins; None is the horizon.
        baselines : sequence of BaseForecaster or None, default=None
            What it is compared with; None is seasonal naive, window mean and ETS.
        refit : bool, default=True
            Fit again at each origin; False fits at the first only.
        sold_out : {"drop", "keep"}, default="drop"
            Whether days with less than full stock are left out of the score.

        Returns
        -------
        BacktestReport
        """
        from samaan_ml.forecasting.backtesting._backtest import backtest

        tables = (sales, prices, stock, calendar, items, shops, covariates)
        options = {"n_origins": n_origins, "step": step, "baselines": baselines, "refit": refit}
        return backtest(self, *tables, sold_out=sold_out, **options)  # type: ignore[arg-type]

    # ---------------------------------------------------------------- parameters

    @classmethod
    def _parameter_names(cls) -> list[str]:
        """List the constructor's parameters."""
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 - scikit-learn's signature
        """Return the constructor's parameters by name, as scikit-learn does."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Set constructor parameters by name, as scikit-learn does."""
        known = self._parameter_names()
        for name, value in params.items():
            if name not in known:
                raise ParameterError(f"'{name}' is not a parameter of {type(self).__name__}; it has {known}")
            setattr(self, name, value)
        return self

    def clone(self) -> Self:
        """Make an unfitted forecaster with the same parameters."""
        return type(self)(**self.get_params())

    def __repr__(self) -> str:
        """Show the parameters that differ from their defaults."""
        defaults = inspect.signature(type(self).__init__).parameters
        changed = [f"{k}={v!r}" for k, v in self.get_params().items() if v != defaults[k].default]
        return f"{type(self).__name__}({', '.join(changed)})"

    def _facts(self) -> Mapping[str, Any]:
        """Return what was learned in a few figures."""
        if "history_" not in self.__dict__:
            return {}
        panel = self.history_
        return {
            "series": panel.n_series,
            "dates": f"{panel.dates[0]} to {panel.dates[-1]}",
            "notes": len(self.notes_),
        }

    def _check_parameters(self) -> None:
        """Hold the parameters against the tables of constraints of the class and its bases."""
        for owner in type(self).__mro__:
            check_parameters(self, vars(owner).get("_constraints", {}))

    def _check_fitted(self) -> None:
        """Refuse to answer before `fit`."""
        if not hasattr(self, "history_"):
            name = type(self).__name__
            raise NotFittedError(f"this {name} has not learned anything yet; call 'fit' first")

    # ---------------------------------------------------------------- state

    def get_state(self) -> dict[str, object]:
        """Return parameters, history and what was learned, as plain values and arrays."""
        from samaan_ml.forecasting.models._panel_state import panel_state

        self._check_fitted()
        return {
            "parameters": {**self.get_params(), "quantiles": list(self.quantiles)},
            "history": panel_state(self.history_),
            "learned": self._learned(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, object]) -> Self:
        """Make a fitted forecaster from what `get_state` returned.

        Raises
        ------
        ArtifactError
            If a part of the state is missing.
        """
        from samaan_ml.forecasting.models._panel_state import panel_from_state

        try:
            parameters = dict(cast("Mapping[str, Any]", state["parameters"]))
            parameters["quantiles"] = tuple(parameters["quantiles"])
            model = cls(**parameters)
            model.history_ = panel_from_state(cast("Mapping[str, Any]", state["history"]))
            model.notes_ = model.history_.notes
            model._relearn(cast("Mapping[str, Any]", state["learned"]))
        except KeyError as error:
            raise ArtifactError(f"the state of {cls.__name__} lacks {error}; save the model again") from None
        return model

    def _learned(self) -> dict[str, object]:
        """Return what was learned beyond the history."""
        return {}

    def _relearn(self, learned: Mapping[str, Any]) -> None:
        """Take back what `_learned` returned."""

    # ---------------------------------------------------------------- frames

    def _given_panel(self, sales: Any, given: dict[str, Any], horizon: int) -> Panel:
        """Build the panel to forecast from: newer sales, or the fitted history under other known futures."""
        from samaan_ml.features import build_panel
        from samaan_ml.forecasting.models._panel_state import sales_of

        what_if = sales is None
        panel = build_panel(
            sales_of(self.history_) if what_if else sales, **given, frequency=self.frequency, horizon=horizon
        )
        if not what_if:
            return panel
        changes: dict[str, Any] = {}
        if given["prices"] is not None or given["covariates"] is not None:
            price = panel.unit_price if given["prices"] is not None else self.history_.unit_price
            changes |= {
                "unit_price": price,
                "price_covariates": panel.price_covariates,
                "price_values": panel.price_values,
            }
        if given["calendar"] is not None:
            changes["calendar"] = panel.calendar
        if given["stock"] is not None:
            changes["in_stock_share"] = panel.in_stock_share
        if given["items"] is not None or given["shops"] is not None:
            changes["series"] = panel.series
        return replace(self.history_, **changes)

    def _to_frame(self, panel: Panel, forecast: Forecast) -> pd.DataFrame:
        """Write dense forecasts as a table."""
        import pandas as pd

        n, steps = forecast.mean.shape
        columns: dict[str, Any] = {
            name: panel.series[name].repeat(steps).reset_index(drop=True) for name in ("shop_id", "item_id")
        }
        columns["date"] = np.tile(panel.future_dates(steps).astype("datetime64[ns]"), n)
        columns["mean"] = forecast.mean.ravel().astype(np.float64)
        for k, level in enumerate(self.quantiles):
            columns[f"q{level:g}"] = forecast.quantiles[:, :, k].ravel().astype(np.float64)
        return pd.DataFrame(columns)
