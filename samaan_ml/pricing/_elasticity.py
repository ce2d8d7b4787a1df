"""Price elasticities with intervals and a grade of the evidence."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from samaan_ml.estimators import Estimator
from samaan_ml.exceptions import NotFittedError
from samaan_ml.pricing._cross import find_cross_elasticities
from samaan_ml.pricing._estimation import Estimation, estimate
from samaan_ml.pricing._evidence import NARROW, Evidence, gather_evidence, grade, truncate
from samaan_ml.pricing._panel import Panel, build_panel
from samaan_ml.pricing._robust import sturdy

Floats = npt.NDArray[np.float64]

_PLUG_IN = 1.1
"""Dispersion, drift and the spread of promotions are plugged in as estimated. Not carrying their errors makes
posterior errors 6 % too small over simulated panels of five distributions of elasticities and three of noise, and
more in the kirana worlds; at this factor intervals hold 96 of 100 truths in the former and 93 in the latter."""


class ElasticityModel(Estimator):
    """Price elasticity of every item of every shop, shrunken where the item's own data are thin.

    Units sold in a period follow a negative-binomial model whose log mean has an effect of the item, a slowly
    moving level of the item, a free effect of the shop's category in the period (which takes up seasons,
    festivals and whatever else moves the category and tempts a shopkeeper to change prices), promotions, and
    the log price. Where costs are given and move prices, the part of the regular price that cost does not
    explain enters as a control function. The price slopes are shrunken item <- category <- all items <- a weak
    prior by empirical Bayes; intervals carry the uncertainty of the period effects and of the shrinkage itself.

    Parameters
    ----------
    random_state : int, default=0
        Kept for the common interface; the estimate is deterministic.

    Attributes
    ----------
    elasticities_ : pandas.DataFrame
        shop_id, item_id, elasticity (percent change of units for one percent of price, never positive),
        std_error, lower, upper (95 % interval), grade (A to D; D means "no evidence, hold").
    evidence_ : pandas.DataFrame
        One row a series: category, price_levels, price_changes, periods, units, raw_elasticity and
        raw_std_error (the item's own data, unshrunken, of either sign; NaN where they say nothing), reason.
    fallback_ : pandas.DataFrame
        The answer for an item without history: level ("item" in other shops, "category" or "all"), name,
        elasticity, std_error, lower, upper, grade.
    cross_elasticities_ : pandas.DataFrame
        shop_id, item_id, other_item_id, elasticity, std_error, lower, upper: how the item's sales answer to the
        price of another of its category, beyond the average substitute; only pairs that stand out.
    notes_ : tuple of str
        What was left out as a typing error, what is not used, and what costs were used for, in plain words.
    controls_ : pandas.DataFrame
        control, coefficient, std_error: mean effect of promotions and of the control function.

    See Also
    --------
    PriceOptimizer : Turns elasticities into prices that keep the rules.

    Notes
    -----
    Further numeric columns of `prices` (a deal flag, a feature share) are promotions; so are calendar rows that
    name an `item_id`. Without any, temporary reductions are found in the price itself.

    References
    ----------
    Morris, C. N. (1983), Parametric empirical Bayes inference: theory and applications, JASA 78.
    Petrin, A. and Train, K. (2010), A control function approach to endogeneity, J. Marketing Research 47.
    Santos Silva, J. and Tenreyro, S. (2006), The log of gravity, Review of Economics and Statistics 88.

    Examples
    --------
    >>> from samaan_ml.datasets._elasticity_panel import simulate_elasticity_panel
    >>> shop = simulate_elasticity_panel(n_items=12, n_weeks=52, n_categories=2)
    >>> model = ElasticityModel().fit(shop.sales, shop.prices, stock=shop.stock, items=shop.items)
    >>> model.elasticities_.columns.tolist()
    ['shop_id', 'item_id', 'elasticity', 'std_error', 'lower', 'upper', 'grade']
    >>> bool((model.elasticities_["elasticity"] < 0).all())
    True
    """

    elasticities_: pd.DataFrame
    evidence_: pd.DataFrame
    fallback_: pd.DataFrame
    controls_: pd.DataFrame
    cross_elasticities_: pd.DataFrame
    notes_: tuple[str, ...]

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(
        self,
        sales: pd.DataFrame,
        prices: pd.DataFrame,
        stock: pd.DataFrame | None = None,
        calendar: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> Self:
        """Estimate the elasticities.

        Parameters
        ----------
        sales : pandas.DataFrame
            shop_id, item_id, date, units.
        prices : pandas.DataFrame
            shop_id, item_id, date, unit_price in rupees; optional unit_cost, mrp and numeric promotion columns.
            A price holds until the next row.
        stock : pandas.DataFrame or None, default=None
            shop_id, item_id, date, in_stock_share; sold-out time is taken out of the exposure.
        calendar : pandas.DataFrame or None, default=None
            Events; rows with an item_id are promotions of that item. Events of a whole category or shop are
            taken up by the period effects.
        items : pandas.DataFrame or None, default=None
            item_id, category; without it all items are one category.

        Returns
        -------
        ElasticityModel
            Itself.

        Raises
        ------
        TableError
            When a table breaks its schema; all problems are listed.
        DataError
            When no item has both sales and a price.
        """
        from threadpoolctl import threadpool_limits

        panel = build_panel(sales, prices, stock, calendar, items)
        evidence = gather_evidence(panel)
        # The matrices are small: more BLAS threads wait for each other, at ten times the CPU on a busy machine.
        with threadpool_limits(1, user_api="blas"):
            estimation = estimate(panel, evidence.usable)
            self._keep(panel, evidence, estimation)
        return self

    def get_state(self) -> dict[str, object]:
        """Everything `from_state` and `ShopPricer.from_state` need: nested arrays and scalars, no frames.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        self._check_fitted()
        return {
            "random_state": self.random_state,
            "notes": list(self.notes_),
            "elasticities": _arrays(self.elasticities_),
            "evidence": _arrays(self.evidence_),
            "fallback": _arrays(self.fallback_),
            "controls": _arrays(self.controls_),
            "cross": _arrays(self.cross_elasticities_),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild a fitted model from `get_state`."""
        model = cls(random_state=int(state["random_state"]))
        model.notes_ = tuple(state.get("notes", ()))
        model.elasticities_ = pd.DataFrame(state["elasticities"])
        model.evidence_ = pd.DataFrame(state["evidence"])
        model.fallback_ = pd.DataFrame(state["fallback"])
        model.controls_ = pd.DataFrame(state["controls"])
        model.cross_elasticities_ = pd.DataFrame(state["cross"])
        return model

    def _facts(self) -> dict[str, Any]:
        """Return what was learned in a few figures."""
        if not hasattr(self, "elasticities_"):
            return {}
        counts = self.elasticities_["grade"].value_counts().sort_index()
        grades = ", ".join(f"{letter} {count}" for letter, count in counts.items())
        return {
            "series": len(self.elasticities_),
            "median elasticity": float(self.elasticities_["elasticity"].median()),
            "grades": grades,
        }

    def _check_fitted(self) -> None:
        """Refuse to answer before `fit`."""
        if not hasattr(self, "elasticities_"):
            raise NotFittedError(
                "'ElasticityModel' has not learned anything yet; call fit(sales, prices) first"
            )

    def _keep(self, panel: Panel, evidence: Evidence, estimation: Estimation) -> None:
        """Write the estimation as the public frames."""
        shrunk = estimation.shrunk
        mean, sd, lower, upper = truncate(shrunk.mean, shrunk.variance * _PLUG_IN**2)
        information = 1.0 - shrunk.variance / shrunk.prior_variance
        grades, reasons = grade(
            evidence,
            estimation.raw,
            estimation.raw_variance,
            sd,
            information,
            _sturdy(estimation, 1.96 * sd),
            panel.doubtful_prices,
        )
        self.notes_ = panel.notes + estimation.notes
        keys = {"shop_id": panel.shop_ids, "item_id": panel.item_ids}
        self.elasticities_ = pd.DataFrame(
            keys | {"elasticity": mean, "std_error": sd, "lower": lower, "upper": upper, "grade": grades}
        )
        known = np.isfinite(estimation.raw_variance)
        self.evidence_ = pd.DataFrame(
            keys
            | {
                "category": panel.categories,
                "price_levels": evidence.price_levels,
                "price_changes": evidence.price_changes,
                "periods": evidence.periods,
                "units": evidence.units,
                "raw_elasticity": np.where(known, estimation.raw, np.nan),
                "raw_std_error": np.sqrt(np.where(known, estimation.raw_variance, np.nan)),
                "reason": reasons,
            }
        )
        self.fallback_ = _fallback(estimation)
        self.cross_elasticities_ = _cross(panel, estimation)
        self.controls_ = pd.DataFrame(
            [(name, *values) for name, values in estimation.shared.items()],
            columns=["control", "coefficient", "std_error"],
        ).astype({"coefficient": float, "std_error": float})


def _sturdy(estimation: Estimation, half_width: Floats) -> npt.NDArray[np.bool_]:
    """Return which elasticities no single period or price decides."""
    out = np.zeros(len(half_width), dtype=bool)
    for group in estimation.groups:
        out[group.rows] = sturdy(group, half_width[group.rows], NARROW)
    return out


def _arrays(frame: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
    """Columns of a frame as arrays that need no pickle: words as fixed-width text."""
    return {
        str(name): frame[name].to_numpy(
            dtype=float if pd.api.types.is_float_dtype(frame[name].dtype) else None
        )
        if pd.api.types.is_numeric_dtype(frame[name].dtype)
        else frame[name].to_numpy(dtype=str)
        for name in frame.columns
    }


def _cross(panel: Panel, estimation: Estimation) -> pd.DataFrame:
    """Pairs of items of one shop whose cross elasticity stands out."""
    found = find_cross_elasticities(estimation.groups, panel.shop_ids)
    return pd.DataFrame(
        {
            "shop_id": panel.shop_ids[found.row].astype(str),
            "item_id": panel.item_ids[found.row].astype(str),
            "other_item_id": panel.item_ids[found.other].astype(str),
            "elasticity": found.elasticity,
            "std_error": found.std_error,
            "lower": found.elasticity - 1.96 * found.std_error,
            "upper": found.elasticity + 1.96 * found.std_error,
        }
    )


def _fallback(estimation: Estimation) -> pd.DataFrame:
    """Predictions for items never seen: under each known item, category, and under none."""
    shrunk = estimation.shrunk
    level = np.concatenate(
        [
            np.full(len(n), w, dtype=object)
            for w, n in zip(estimation.levels, estimation.node_names, strict=True)
        ]
        + [np.array(["all"], dtype=object)]
    )
    name = np.concatenate([*estimation.node_names, np.array([""], dtype=object)])
    mean = np.concatenate([*shrunk.node_mean, [shrunk.root_mean]])
    variance = np.concatenate([*shrunk.node_variance, [shrunk.root_variance]])
    centre, sd, lower, upper = truncate(mean, variance * _PLUG_IN**2)
    return pd.DataFrame(
        {
            "level": level,
            "name": name,
            "elasticity": centre,
            "std_error": sd,
            "lower": lower,
            "upper": upper,
            "grade": np.where(level == "item", "C", "D"),
        }
    )
