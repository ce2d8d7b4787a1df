"""Sums of series that a series belongs to, and their histories as a model remembers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from samaan_ml.features._history import as_history

if TYPE_CHECKING:
    from samaan_ml.features._history import History
    from samaan_ml.features._inputs import KernelInputs
    from samaan_ml.features._panel import Panel
    from samaan_ml.features._recipe import FeatureRecipe

__all__ = ["GroupMemory", "complete_groups", "group_codes", "remember_groups"]

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class GroupMemory:
    """Histories of the groups, kept with the model for requests that show only a part of a shop.

    Parameters
    ----------
    names : tuple of str
        Names of the groups.
    members : ndarray of int64, shape (n_groups,)
        Series each group had in training.
    first_day : int
        First column, in days from 1970.
    units : ndarray of float32, shape (n_groups, n_kept)
        Sums, NaN where unknown.
    """

    names: tuple[str, ...]
    members: npt.NDArray[np.int64]
    first_day: int
    units: Floats

    def aligned(self, name: str, first_day: int, step: int, n_dates: int) -> tuple[int, Floats] | None:
        """Find a group's members and its history on another time axis; None for a group never seen."""
        try:
            g = self.names.index(name)
        except ValueError:
            return None
        out = np.full(n_dates, np.nan, dtype=np.float32)
        offset = (self.first_day - first_day) // step
        low, high = max(offset, 0), min(offset + self.units.shape[1], n_dates)
        if high > low:
            out[low:high] = self.units[g, low - offset : high - offset]
        return int(self.members[g]), out

    def get_state(self) -> dict[str, object]:
        """Return the memory as plain values and arrays."""
        return {
            "names": np.asarray(self.names, dtype=np.str_),
            "members": self.members,
            "first_day": self.first_day,
            "units": self.units,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> GroupMemory:
        """Rebuild the memory from `get_state`'s values."""
        names = tuple(str(name) for name in state["names"])
        return cls(names, np.asarray(state["members"]), int(state["first_day"]), np.asarray(state["units"]))


def remember_groups(recipe: FeatureRecipe, source: Panel | History, inputs: KernelInputs) -> GroupMemory:
    """Keep three years of every group's sums."""
    history = as_history(source)
    codes, names = group_codes(recipe, history)
    members = np.bincount(codes[codes >= 0].ravel(), minlength=len(names)).astype(np.int64)
    kept = min(
        inputs.group_units.shape[1], 2 * recipe.year + 14 * recipe.season // (1 if recipe.season == 7 else 26)
    )
    first = int(history.calendar.dates[history.n_dates - kept].astype("datetime64[D]").astype(np.int64))
    return GroupMemory(tuple(names), members, first, np.ascontiguousarray(inputs.group_units[:, -kept:]))


def group_codes(recipe: FeatureRecipe, history: History) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Number the groups of every series and name them, over all kinds of groups.

    A series that lacks one of a group's attributes belongs to none of that kind: its code is -1.
    """
    codes = np.full((history.n_series, len(recipe.groups)), -1, dtype=np.int32)
    names: list[str] = []
    for j, columns in enumerate(recipe.groups):
        values = [history.column(name) for name in columns]
        if any(column is None for column in values):
            continue
        parts = [column for column in values if column is not None]
        place: dict[str, int] = {}
        for s in range(history.n_series):
            row = [column[s] for column in parts]
            if all(row):
                label = str(j) + "".join("\x1f" + value for value in row)
                codes[s, j] = place.setdefault(label, len(names) + len(place))
        names += list(place)
    return codes, names


def complete_groups(
    sums: Floats,
    names: list[str],
    codes: npt.NDArray[np.int32],
    memory: GroupMemory,
    first_day: int,
    step: int,
) -> None:
    """Put the remembered history in place of a group's sum where less than nine tenths of its series are shown."""
    members = np.bincount(codes[codes >= 0].ravel(), minlength=len(names))
    for g, name in enumerate(names):
        found = memory.aligned(name, first_day, step, sums.shape[1])
        if found is not None and members[g] < 0.9 * found[0]:
            sums[g] = found[1]
