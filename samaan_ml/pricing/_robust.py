"""Entries that no price and season explains, and how much of an estimate hangs on one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from samaan_ml.pricing._groups import Group
from samaan_ml.pricing._panel import Panel

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

_TIMES = 6.0
_DEVIATIONS = 6.0
"""A period this many times above what is expected, and this many standard deviations, is a typing error."""
_LARGEST_MOVE = 1.0
"""Without any one period or price, a sturdy slope moves by no more than one standard error."""
_LARGEST_SPELL = 0.75
_SAME_PRICE = 0.003


def leave_out_absurd(group: Group) -> list[tuple[int, int]]:
    """Give periods with absurdly large sales no weight; returns (row of the panel, period) of each.

    The dispersion is the group's median: that of the series itself is already swollen by the entry.
    """
    fit, design = group.fit, group.design
    dispersion = float(np.median(group.dispersion))
    deviation = np.sqrt(fit.mean + dispersion * fit.mean**2)
    absurd = (
        (design.units > _TIMES * fit.mean)
        & (design.units - fit.mean > _DEVIATIONS * deviation)
        & (design.weight > 0.0)
    )
    if not absurd.any():
        return []
    group.design = replace(design, weight=np.where(absurd, 0.0, design.weight))
    rows, periods = np.nonzero(absurd)
    return [(int(group.rows[row]), int(period)) for row, period in zip(rows, periods, strict=True)]


def absurd_notes(panel: Panel, absurd: list[tuple[int, int]]) -> tuple[str, ...]:
    """Name the entries that were left out."""
    if not absurd:
        return ()
    row, period = absurd[0]
    name = f"{panel.shop_ids[row]}/{panel.item_ids[row]}"
    day = np.datetime_as_string(panel.starts[period], "D")
    note = (
        f"{len(absurd)} periods hold more than six times the sales that price and season explain and were left out, "
        f"such as '{name}' from {day} on with {panel.units[row, period]:g} units; check them"
    )
    return (note,)


def sturdy(group: Group, half_width: Floats, widest: float) -> Bools:
    """Return which slopes would stay where they are without any one period or any one price.

    Parameters
    ----------
    group : Group
        A fitted group.
    half_width : numpy.ndarray, shape (n_series of the group,)
        Half of each 95 % interval.
    widest : float
        Half width that must be kept without the most telling period.

    Returns
    -------
    numpy.ndarray of bool, shape (n_series of the group,)
    """
    fit = group.fit
    error = half_width / 1.96
    share = np.minimum(fit.share, 0.95)
    move = np.abs(fit.influence / (1.0 - share)).max(axis=1, initial=0.0)
    wider = half_width / np.sqrt(1.0 - share.max(axis=1, initial=0.0))
    weight = np.array([_largest_spell(group, row) for row in range(len(error))])
    return np.asarray(
        (move <= _LARGEST_MOVE * error) & (wider <= widest) & (weight <= _LARGEST_SPELL), dtype=bool
    )


def _largest_spell(group: Group, row: int) -> float:
    """Return the largest share of a slope's information that lies in one run of one price."""
    used = np.flatnonzero(group.design.weight[row] > 0.0)
    if not len(used):
        return 1.0
    price = group.design.log_price[row, used]
    spell = np.concatenate([[0], np.cumsum(np.abs(np.diff(price)) > _SAME_PRICE)])
    return float(
        np.bincount(spell, group.fit.share[row, used]).max() / max(group.fit.share[row].sum(), 1e-12)
    )
