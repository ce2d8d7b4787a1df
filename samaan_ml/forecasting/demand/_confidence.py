"""How sure a forecast may be: earned on the series' own last weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from samaan_ml.forecasting.demand._engine import Answer, DemandEngine

__all__ = ["Confidence", "confidence_of"]

Confidence = Literal["high", "medium", "low"]

_NEW_COLUMNS = {"D": 28, "W": 8}
_MATURE_COLUMNS = {"D": 56, "W": 13}
_FEW_SALES = 8
_STEADY_SPREAD = 1.5
_LONGEST_GAP = {"D": 3, "W": 1}
_SURE_DOUBT = 0.06
"""Relative variance of the level above which no forecast is sure."""
_LIKE = 1.6
"""A shop whose level the model misses by more than this factor is of a kind it has not seen."""
_STRANGE_KINDS = 0.5
_LARGEST_ERROR = 1.0
"""Mean absolute error of the back-forecasts, relative to what came, of a forecast that is sure."""


def confidence_of(engine: DemandEngine, answer: Answer) -> tuple[Confidence, ...]:
    """Judge each series.

    "low" is a series of less than four weeks or eight sales, or a model without trees. "high" needs eight weeks, a
    steady series, at most three days without an entry at the end, back-forecasts that were right on this very series
    and a shop of a kind that the model has seen; everything else is "medium".
    """
    reading, means, adaptation = answer.reading, answer.means, answer.adaptation
    frequency = engine.model.recipe.frequency
    known = (~np.isnan(reading.demand)).sum(axis=1)
    sales = (reading.demand > 0).sum(axis=1)
    age = reading.demand.shape[1] - reading.inputs.start
    low = (age < _NEW_COLUMNS[frequency]) | (sales < _FEW_SALES) | (not engine.model.forests)
    high = (means.spread <= _STEADY_SPREAD) & (known >= _MATURE_COLUMNS[frequency])
    high &= reading.gap <= _LONGEST_GAP[frequency]
    if means.doubt is not None:
        high &= means.doubt <= _SURE_DOUBT
    compared = adaptation.days > 0
    high &= ~compared | (np.nan_to_num(adaptation.error, nan=np.inf) <= _LARGEST_ERROR)
    high &= ~_strange(engine, answer)
    return tuple("low" if a else "high" if b else "medium" for a, b in zip(low, high, strict=True))


def _strange(engine: DemandEngine, answer: Answer) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell the series of shops of a kind that the model has not seen."""
    history, recipe = answer.reading.history, engine.model.recipe
    seen = dict(recipe.attributes).get(recipe.kind, ())
    kinds = history.column(recipe.kind) or ("",) * history.n_series
    unknown = np.array([bool(seen) and kind not in seen for kind in kinds], dtype=np.float64)
    names, shop = history.shop_numbers()
    share = np.bincount(shop, unknown, len(names)) / np.bincount(shop, minlength=len(names))
    off = np.abs(np.log(answer.adaptation.shop)) > np.log(_LIKE)
    new = np.array([name not in engine.known["shop_id"] for name in history.shops], dtype=np.bool_)
    return np.asarray(new & (off | (share[shop] > _STRANGE_KINDS)), dtype=np.bool_)
