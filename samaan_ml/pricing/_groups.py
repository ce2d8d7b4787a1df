"""Series that share their period effects, laid out with their controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import NotFittedError
from samaan_ml.pricing._controls import control_function, temporary_reductions
from samaan_ml.pricing._count_model import Design, Fit, drift_basis
from samaan_ml.pricing._panel import Panel

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.intp]
Objects: TypeAlias = npt.NDArray[np.object_]

_SMALLEST_GROUP = 6
"""Fewer series cannot carry free period effects and still tell a price from a good week."""
_LARGEST_GROUP = 2000
_PERIOD_SD_OF_SMALL_GROUPS = 0.3
_DRIFT_MEMORY_DAYS = 70.0
_FREE = 1e-4
CONTROL = "price beyond cost"


@dataclass(slots=True)
class Group:
    """Series that share their period effects, and what is known about them so far."""

    rows: Ints
    design: Design
    names: tuple[str, ...]
    own_names: tuple[str, ...]
    period_precision: float
    shared_mean: Floats
    shared_variance: Floats
    dispersion: Floats
    last_fit: Fit | None = None

    @property
    def fit(self) -> Fit:
        """The last fit.

        Raises
        ------
        NotFittedError
            Before the first.
        """
        if self.last_fit is None:
            raise NotFittedError(f"the group of {len(self.rows)} series was not fitted yet")
        return self.last_fit


def groups_of(panel: Panel, usable: npt.NDArray[np.bool_]) -> list[Group]:
    """Series of one shop and category; what is too small is joined with its like."""
    names = _group_names(panel, usable)
    basis = drift_basis(len(panel.starts), max(_DRIFT_MEMORY_DAYS / panel.period_days, 4.0))
    out = []
    for name in np.unique(names[usable]):
        rows = np.flatnonzero(usable & (names == name))
        parts = np.array_split(rows, int(np.ceil(len(rows) / _LARGEST_GROUP)))
        out += [_group(panel, part, basis) for part in parts]
    return out


def _group_names(panel: Panel, usable: npt.NDArray[np.bool_]) -> Objects:
    """Join groups that are too small: by shop first, then by category over shops, then all that is left."""
    shop, category = panel.shop_ids.astype(str), panel.categories.astype(str)
    names = np.full(len(shop), "rest", dtype=object)
    open_rows = usable.copy()
    for label in (np.char.add(np.char.add(shop, "\x1f"), category), shop, category):
        found, codes, counts = np.unique(label[open_rows], return_inverse=True, return_counts=True)
        large = counts[codes] >= _SMALLEST_GROUP
        rows = np.flatnonzero(open_rows)[large]
        prefix = f"{label.dtype.itemsize}:{len(found)}:"
        names[rows] = np.char.add(prefix, label[rows])
        open_rows[rows] = False
    return names


def _group(panel: Panel, rows: Ints, basis: Floats) -> Group:
    """Lay out one group's design with its controls."""
    weight = panel.observed[rows].astype(float)
    count = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    log_price = panel.log_price[rows]
    centred = (log_price - (log_price * weight).sum(axis=1, keepdims=True) / count) * weight
    shared = [panel.promotions[k][rows] for k in range(len(panel.promotion_names))]
    names = list(panel.promotion_names)
    if not shared:
        shared.append(temporary_reductions(centred, weight, panel.period_days))
        names.append("temporary reduction")
    if panel.log_cost is not None:
        control = control_function(
            centred, panel.log_cost[rows], weight * panel.cost_known[rows, None], shared
        )
        if control is not None:
            shared.append(control)
            names.append(CONTROL)
    kept = [k for k, covariate in enumerate(shared) if np.ptp(covariate) > 0.0]
    stacked = np.stack([shared[k] for k in kept]) if kept else np.zeros((0, *weight.shape))
    deviating = [names[k] for k in kept if names[k] != CONTROL]
    small = len(rows) < _SMALLEST_GROUP
    return Group(
        rows=rows,
        design=Design(
            panel.units[rows], centred, panel.log_exposure[rows], weight, stacked, basis, len(deviating)
        ),
        names=tuple(names[k] for k in kept),
        own_names=("drift", *deviating),
        period_precision=_PERIOD_SD_OF_SMALL_GROUPS**-2 if small else _FREE,
        shared_mean=np.zeros(len(kept)),
        shared_variance=np.ones(len(kept)),
        dispersion=np.full(len(rows), 0.2),
    )
