"""Reasons behind a score: which column, which way, how much, and proof that it is so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from samaan_ml.udhaar._catalogue import TEXTS
from samaan_ml.udhaar._encoding import Array, Codes, ColumnCode

_NEGLIGIBLE = 1e-3


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """One reason behind a score.

    Parameters
    ----------
    feature : str
        The column.
    direction : {"raises", "lowers"}
        What it does to the risk, compared with the typical value.
    contribution : float
        Its share of the log-odds; positive raises the risk.
    value, typical : str
        The range the row's value lies in, and the typical one.
    text : str
        The feature in plain words; the column's name where it has none.
    """

    feature: str
    direction: str
    contribution: float
    value: str
    typical: str
    text: str

    @property
    def text_key(self) -> str:
        """Return the key under which translations of the reason are kept."""
        return f"udhaar.reason.{self.feature}.{self.direction}"


def pick_reasons(
    codes: Codes,
    contributions: Array,
    reference: Codes,
    columns: Sequence[ColumnCode],
    score: Callable[[Codes], Array],
    n: int,
) -> list[list[ReasonCode]]:
    """Return each row's strongest reasons that pass the trial.

    The trial of a reason: put the typical value in the place of the row's own; the score must move against
    the reason. It fails only where columns act together in a way that one number cannot tell.
    """
    order = np.argsort(-np.abs(contributions), axis=1)[:, : n + 3]
    rows = np.repeat(np.arange(len(codes)), order.shape[1])
    tried = codes[rows]
    column = order.ravel()
    tried[np.arange(len(rows)), column] = reference[column]
    change = (score(codes)[rows] - score(tried)).reshape(order.shape)
    reasons: list[list[ReasonCode]] = []
    for i, candidates in enumerate(order):
        proved = [
            j
            for j, moved in zip(candidates, change[i], strict=True)
            if abs(contributions[i, j]) > _NEGLIGIBLE and contributions[i, j] * moved > 0
        ]
        reasons.append(
            [_reason(columns[j], codes[i, j], reference[j], contributions[i, j]) for j in proved[:n]]
        )
    return reasons


def _reason(column: ColumnCode, code: int, typical: int, contribution: float) -> ReasonCode:
    """Write one reason."""
    return ReasonCode(
        feature=column.name,
        direction="raises" if contribution > 0 else "lowers",
        contribution=float(contribution),
        value=column.label(int(code)),
        typical=column.label(int(typical)),
        text=TEXTS.get(column.name, column.name),
    )
