"""Whether a model serves every shop: the error of each group beside the baseline's in the same group.

A model good on the whole and bad for one shop takes from that shop to give to the others. Groups are those an
area's evaluation distinguishes (its `slices`); shops are all that the tables know of a customer's or an item's
circumstances, so other attributes are not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.evaluate import Evaluation, GroupRule

__all__ = ["compare_groups"]


def compare_groups(evaluation: Evaluation, rule: GroupRule) -> dict[str, Any]:
    """Set each group's error beside the baseline's.

    Parameters
    ----------
    evaluation : Evaluation
        With `slices` by group.
    rule : GroupRule
        Which metric, and how many rows make a group large enough to tell.

    Returns
    -------
    dict
        `metric`, `compared` and `too_small` groups, `worst_group` with its `worst_ratio` of the model's error
        to the baseline's (None where nothing could be compared), `share_worse` and the `groups`.
    """
    groups: dict[str, dict[str, float]] = {}
    too_small = 0
    for name, found in sorted(evaluation.slices.items()):
        if not {rule.error, rule.baseline, "rows"} <= set(found):
            continue
        if found["rows"] < rule.fewest_rows or found[rule.baseline] <= 0:
            too_small += 1
            continue
        ratio = found[rule.error] / found[rule.baseline]
        groups[name] = {**_plain(found), "ratio": ratio}
    worst = max(groups, key=lambda name: groups[name]["ratio"], default=None)
    worse = sum(group["ratio"] > 1 for group in groups.values())
    return {
        "metric": rule.error,
        "compared": len(groups),
        "too_small": too_small,
        "worst_group": worst,
        "worst_ratio": None if worst is None else groups[worst]["ratio"],
        "share_worse": worse / len(groups) if groups else 0.0,
        "groups": groups,
    }


def _plain(found: Mapping[str, float]) -> dict[str, float]:
    """Copy a group's numbers."""
    return {name: float(value) for name, value in found.items()}
