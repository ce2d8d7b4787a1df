"""Category, shop and total: forecast where they are smooth, and brought into line with the items below.

Items are forecast one by one; their sums inherit every small bias. Each upper level is therefore forecast on its own,
by a structural model and, where there are sums enough, by boosted trees, and blended with the sum from below in logs;
the weights are chosen on held-out origins. The items are then scaled level by level, from the finest to the total, so
that sums agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.features._history import as_history, as_panel
from samaan_ml.forecasting.hierarchy._boosted_sums import BoostedSums, sums_panel
from samaan_ml.forecasting.hierarchy._structural import structural_forecast

if TYPE_CHECKING:
    from samaan_ml.features._history import History
    from samaan_ml.features._panel import Panel
    from samaan_ml.forecasting.intervals._out_of_sample import OutOfSample

__all__ = ["Hierarchy", "UpperLevels", "choose_upper"]

Floats = npt.NDArray[np.float64]

_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_SHARE_OF_TREES = (
    0.5  # over many origins the even mean is better than either model, and than choosing one of them
)
_DAMPING = 0.7
_MOST_SUMS = 600
_LEAST_MEMBERS = 4
_GAIN = 0.99  # an upper model has to be one per cent better than the sum from below to be used


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Which upper levels there are and how much they are trusted.

    Parameters
    ----------
    levels : tuple of tuple of str
        Columns whose values together name the sums of a level, from the total to the finest.
    weight : float
        Share of the upper model in the blend of logs; 0 leaves the items as they are.
    n_series : int
        Series in training; a panel that shows less than nine tenths of them is not scaled.
    share : float, default=0.0
        Share of the trees in the upper model, in logs; the rest is the structural model's.
    boosted : BoostedSums or None, default=None
        The trees; None where their share is 0.
    """

    levels: tuple[tuple[str, ...], ...]
    weight: float
    n_series: int
    share: float = 0.0
    boosted: BoostedSums | None = None

    @classmethod
    def of(cls, panel: Panel) -> Hierarchy:
        """Find the levels of a panel: every choice of one shop attribute and one item attribute, or none."""
        series = panel.series
        shop_side: list[tuple[str, ...]] = [()]
        item_side: list[tuple[str, ...]] = [()]
        for name in series.columns:
            if name == "item_id":
                continue
            side = _side(panel, str(name))
            if side is not None and series[name].nunique() >= 2:
                (shop_side if side == "shop" else item_side).append((str(name),))
        found: dict[bytes, tuple[int, tuple[str, ...]]] = {}
        for a in shop_side:
            for b in item_side:
                codes, n = codes_of(panel, a + b)
                if n * _LEAST_MEMBERS <= panel.n_series and n <= _MOST_SUMS:
                    found.setdefault(codes.tobytes(), (n, a + b))
        ordered = sorted(found.values())
        return cls(tuple(columns for _, columns in ordered), 0.0, panel.n_series)

    def applies(self, history: History) -> bool:
        """Return whether a history shows enough of the series for its sums to mean what they did in training."""
        named = {c for columns in self.levels for c in columns}
        return (
            self.weight > 0
            and history.n_series >= 0.9 * self.n_series
            and all(history.column(name) is not None for name in named)
        )

    def agreed(self, history: History, demand: npt.NDArray[np.float32], mean: Floats) -> Floats:
        """Bring forecasts of the series after a history into agreement with those of their sums."""
        upper = UpperLevels(self, as_panel(history), demand)
        own = upper.own(history.n_dates, mean.shape[1])
        return upper.scaled(mean, own, self.weight)

    def get_state(self) -> dict[str, object]:
        """Return the hierarchy as plain values and arrays."""
        return {
            "levels": [list(c) for c in self.levels],
            "weight": self.weight,
            "n_series": self.n_series,
            "share": self.share,
            "boosted": None if self.boosted is None else self.boosted.get_state(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Hierarchy:
        """Rebuild the hierarchy from `get_state`'s values."""
        levels = tuple(tuple(str(c) for c in columns) for columns in state["levels"])
        boosted = None if state["boosted"] is None else BoostedSums.from_state(state["boosted"])
        return cls(levels, float(state["weight"]), int(state["n_series"]), float(state["share"]), boosted)


class UpperLevels:
    """The sums of one panel, ready to be forecast from any origin.

    Parameters
    ----------
    hierarchy : Hierarchy
        The levels.
    panel : Panel
        The series, in the order of the forecasts that will be scaled.
    demand : ndarray of float32, shape (n_series, n_dates)
        Units, sold-out days put right.
    """

    def __init__(self, hierarchy: Hierarchy, panel: Panel, demand: npt.NDArray[np.float32]) -> None:
        from samaan_ml.features._kernels import group_sums
        from samaan_ml.features._sold_out import with_expected

        self.codes: list[npt.NDArray[np.int32]] = []
        self.offsets = [0]
        self._calendar, self._weekly = panel.calendar, panel.frequency == "W"
        n_regions = panel.calendar.occurs.shape[0]
        mixes = []
        for columns in hierarchy.levels:
            codes, n = codes_of(panel, columns)
            self.codes.append(codes)
            mix = np.zeros((n, n_regions))
            np.add.at(mix, (codes, panel.calendar.region_of_series), 1.0)
            mixes.append(mix / mix.sum(axis=1, keepdims=True))
            self.offsets.append(self.offsets[-1] + n)
        self._mix = np.concatenate(mixes) if mixes else np.zeros((0, n_regions))
        shifted = [codes + offset for codes, offset in zip(self.codes, self.offsets, strict=False)]
        stacked = (
            np.stack(shifted, axis=1).astype(np.int32) if shifted else np.zeros((panel.n_series, 0), np.int32)
        )
        start = np.zeros(panel.n_series, dtype=np.int64)
        filled = with_expected(as_history(panel), demand, panel.first_sale())
        self.sums = group_sums(demand, filled, start, stacked, self.offsets[-1])
        self._panel, self.hierarchy = panel, hierarchy

    @cached_property
    def as_panel(self) -> Panel:
        """The sums as series of a panel of their own."""
        return sums_panel(self._panel, self.hierarchy.levels, self.codes, self.sums, self._mix)

    def below(self, mean: Floats) -> Floats:
        """Add forecasts of the series up, all levels one under the other."""
        parts = []
        for codes, low, high in zip(self.codes, self.offsets, self.offsets[1:], strict=False):
            total = np.zeros((high - low, mean.shape[1]))
            np.add.at(total, codes, mean)
            parts.append(total)
        return np.concatenate(parts) if parts else np.zeros((0, mean.shape[1]))

    def own(self, n_dates: int, horizon: int) -> Floats:
        """Forecast every sum by the hierarchy's upper model, after `n_dates` columns."""
        structural, boosted = self.structural(n_dates, horizon), self.hierarchy.boosted
        if boosted is None:
            return structural
        trees = boosted.forecast(boosted.inputs(self.as_panel), n_dates, horizon)
        return mixed(structural, trees, self.hierarchy.share)

    def structural(self, n_dates: int, horizon: int) -> Floats:
        """Forecast every sum from its own past, after `n_dates` columns."""
        return structural_forecast(
            self.sums[:, :n_dates], self._calendar, self._mix, horizon, weekly=self._weekly
        )

    def scaled(self, mean: Floats, own: Floats, weight: float) -> Floats:
        """Blend each level with its own forecast and scale the series to it, from the finest level to the total."""
        below = self.below(mean)
        target = blend(below, own, weight)
        out = mean.copy()
        for level in range(len(self.codes) - 1, -1, -1):
            part = slice(self.offsets[level], self.offsets[level + 1])
            total = np.zeros((part.stop - part.start, mean.shape[1]))
            np.add.at(total, self.codes[level], out)
            factor = (target[part] / np.maximum(total, 1e-12)) ** _DAMPING
            factor = np.where(total > 0, np.clip(factor, 0.25, 4.0), 1.0)
            out *= factor[self.codes[level]]
        return out

    def choose_weight(
        self, below: list[Floats], own: list[Floats], origins: tuple[int, ...]
    ) -> tuple[float, float]:
        """Choose the weight of an upper model by its scaled error on held-out origins, over all levels alike.

        Returns
        -------
        tuple of float
            The weight, and its error; a weight of 0 and the error of the sums from below where nothing is gained.
        """
        errors = np.zeros(len(_WEIGHTS))
        for summed, forecast, origin in zip(below, own, origins, strict=True):
            came = self.sums[:, origin + 1 : origin + 1 + summed.shape[1]]
            scale = _row_mean(np.diff(self.sums[:, : origin + 1], axis=1) ** 2)
            for k, weight in enumerate(_WEIGHTS):
                wrong = _row_mean((blend(summed, forecast, weight) - came) ** 2)
                ratio = np.sqrt(wrong / np.where(scale > 0, scale, np.nan))
                errors[k] += sum(
                    float(np.nan_to_num(_row_mean(ratio[None, low:high])[0]))
                    for low, high in zip(self.offsets, self.offsets[1:], strict=False)
                )
        best = int(np.argmin(errors))
        chosen = best if errors[best] < _GAIN * errors[0] else 0
        return _WEIGHTS[chosen], float(errors[chosen])


def choose_upper(
    hierarchy: Hierarchy,
    panel: Panel,
    demand: npt.NDArray[np.float32],
    seen: OutOfSample,
    cut: int,
    random_state: int,
) -> tuple[Hierarchy, OutOfSample]:
    """Choose the upper model and its weight on the held-out origins, and scale the forecasts from there by it.

    Parameters
    ----------
    hierarchy : Hierarchy
        The levels.
    panel : Panel
        The series.
    demand : ndarray of float32, shape (n_series, n_dates)
        Units, sold-out days put right.
    seen : OutOfSample
        The items' forecasts from the held-out origins; its means are scaled in place.
    cut : int
        First column that trees for the choice may not see.
    random_state : int
        Seed of the trees.
    """
    if not hierarchy.levels or not seen.origins:
        return hierarchy, seen
    upper = UpperLevels(hierarchy, panel, demand)
    horizon = seen.means[0].shape[1]
    below = [upper.below(np.nan_to_num(mean)) for mean in seen.means]
    own = [upper.structural(origin + 1, horizon) for origin in seen.origins]
    share, (weight, error) = 0.0, upper.choose_weight(below, own, seen.origins)
    trial = BoostedSums.fit(upper.as_panel, horizon, cut, random_state)
    if trial is not None:
        inputs = trial.inputs(upper.as_panel)
        both = [
            mixed(one, trial.forecast(inputs, origin + 1, horizon), _SHARE_OF_TREES)
            for one, origin in zip(own, seen.origins, strict=True)
        ]
        weight_of_both, error_of_both = upper.choose_weight(below, both, seen.origins)
        if error_of_both < error:
            share, weight, own = _SHARE_OF_TREES, weight_of_both, both
    if weight == 0.0:
        return hierarchy, seen
    boosted = BoostedSums.fit(upper.as_panel, horizon, panel.n_dates, random_state) if share else None
    for k, mean in enumerate(seen.means):  # one after the other, in place: of many series each takes its room
        scaled = upper.scaled(np.nan_to_num(mean), own[k], weight)
        seen.means[k] = np.where(np.isnan(mean), np.nan, scaled)
    return replace(hierarchy, weight=weight, share=share, boosted=boosted), seen


def mixed(structural: Floats, trees: Floats, share: float) -> Floats:
    """Mix the two upper models in logs; a sum without a structural forecast has none."""
    logs = (1 - share) * np.log(np.maximum(structural, 1e-12)) + share * np.log(np.maximum(trees, 1e-12))
    return np.asarray(np.exp(logs))


def blend(below: Floats, upper: Floats, weight: float) -> Floats:
    """Mix the sums from below with the upper forecasts in logs; where there is none, the sum stands."""
    own = np.where(np.isnan(upper), below, upper)
    blended = np.exp(
        (1 - weight) * np.log(np.maximum(below, 1e-12)) + weight * np.log(np.maximum(own, 1e-12))
    )
    return np.where(below > 0, blended, 0.0)


def _row_mean(values: npt.NDArray[np.floating]) -> Floats:
    """Average the known values of each row; NaN where there is none."""
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1, dtype=np.float64)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def codes_of(panel: Panel, columns: tuple[str, ...]) -> tuple[npt.NDArray[np.int32], int]:
    """Number the sums of a level."""
    label = np.full(panel.n_series, "", dtype=object)
    for name in columns:
        label = label + "\x1f" + panel.series[name].astype("str").fillna("").to_numpy(dtype=object)
    values, codes = np.unique(label.astype(str), return_inverse=True)
    return codes.ravel().astype(np.int32), len(values)


def _side(panel: Panel, name: str) -> str | None:
    """Return whether an attribute belongs to the shop or to the item."""
    if name == "shop_id":
        return "shop"
    series = panel.series
    if int(series.groupby("shop_id", observed=True)[name].nunique(dropna=False).max()) <= 1:
        return "shop"
    if int(series.groupby("item_id", observed=True)[name].nunique(dropna=False).max()) <= 1:
        return "item"
    return None
