"""The model card: what a model is for, what it was made with and how it did, in SageMaker's card schema.

Only fields that both the card of a model package and a card of its own have are used, so the same text goes
into `CreateModelPackage`, `CreateModelCard` and, as Markdown, beside the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from samaan_ml.artifacts import Manifest
from training.evaluate import Evaluation

__all__ = ["card_markdown", "model_card"]

_PURPOSE: dict[str, tuple[str, str, str]] = {
    "demand": (
        "Quantile forecasts of every item's daily demand, for reordering.",
        "Small shops that enter or scan their sales. An order is a suggestion the shopkeeper confirms.",
        "Days without stock, new items and festivals that the calendar does not name widen the error.",
    ),
    "price": (
        "Price elasticity of every item with its evidence, for the price advice.",
        "Advice within printed price, margin and change limits. Not for setting prices without a person.",
        "Items whose price hardly moved are reported as not identifiable, and their price is held.",
    ),
    "udhaar": (
        "Calibrated risk that a customer's credit is paid late, for limits and reminders.",
        "A shop's own view of its own customers. Not for lending decisions about anyone else, not for sharing.",
        "Customers with few entries are reported as thin files with wide intervals.",
    ),
}


def model_card(
    manifest: Manifest, evaluation: Evaluation, checks: Mapping[str, Any], commit: str
) -> dict[str, Any]:
    """Write the card of a model.

    Parameters
    ----------
    manifest : Manifest
        The model folder's own.
    evaluation : Evaluation
        What its evaluation found.
    checks : mapping
        Latency, size and groups, as the check job found them.
    commit : str
        The code it was made with.

    Returns
    -------
    dict
        The card by SageMaker's JSON schema.
    """
    purpose, uses, factors = _PURPOSE[evaluation.area]
    made_with = manifest.metadata.get("hyperparameters", {})
    return {
        "model_overview": {"model_creator": "samaan-sathi", "model_artifact": [manifest.model_version]},
        "intended_uses": {
            "purpose_of_model": purpose,
            "intended_uses": uses,
            "factors_affecting_model_efficiency": factors,
            "risk_rating": "Medium" if evaluation.area == "udhaar" else "Low",
        },
        "training_details": {
            "training_observations": f"data {evaluation.data.get('digest')}, code {commit}",
            "training_job_details": {
                "hyper_parameters": [{"name": k, "value": str(v)} for k, v in sorted(made_with.items())],
            },
        },
        "evaluation_details": [
            {
                "name": f"held-out days against {evaluation.baseline_name}",
                "evaluation_observation": f"primary metric {evaluation.primary}, smaller is better",
                "metric_groups": [
                    {"name": name, "metric_data": list(_numbers(values))}
                    for name, values in _groups(evaluation, checks).items()
                    if values
                ],
            }
        ],
        "additional_information": {
            "caveats_and_recommendations": _caveats(checks),
            "custom_details": {
                "package_versions": json.dumps(manifest.versions, sort_keys=True),
                "trained_until": str(manifest.metadata.get("trained_until")),
            },
        },
    }


def card_markdown(area: str, card: Mapping[str, Any]) -> str:
    """Write a card for reading."""
    uses, details = card["intended_uses"], card["evaluation_details"][0]
    lines = [f"# Model card: {area} {card['model_overview']['model_artifact'][0]}", ""]
    lines += [
        uses["purpose_of_model"],
        "",
        uses["intended_uses"],
        "",
        uses["factors_affecting_model_efficiency"],
    ]
    lines += [
        "",
        f"Made with {card['training_details']['training_observations']}.",
        "",
        f"## {details['name']}",
    ]
    for group in details["metric_groups"]:
        lines += ["", f"| {group['name']} | |", "|---|---|"]
        lines += [f"| {each['name']} | {each['value']:.6g} |" for each in group["metric_data"]]
    return "\n".join([*lines, "", card["additional_information"]["caveats_and_recommendations"], ""])


def _groups(evaluation: Evaluation, checks: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Gather the numbers of the card."""
    fairness = checks["fairness"] or {}
    named = {"worst_ratio": fairness.get("worst_ratio"), "share_worse": fairness.get("share_worse")}
    return {
        "model": dict(evaluation.model),
        "baseline": dict(evaluation.baseline),
        "skill": evaluation.skill,
        "groups": {name: value for name, value in named.items() if value is not None},
        "serving": {**checks["latency"], "size_mib": checks["size_mib"]},
    }


def _numbers(values: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """Write numbers as the card's metrics."""
    for name, value in sorted(values.items()):
        yield {"name": name, "type": "number", "value": float(value)}


def _caveats(checks: Mapping[str, Any]) -> str:
    """Say in words what the groups were and which of them is served worst."""
    fairness = checks["fairness"]
    if fairness is None or not fairness["compared"]:
        return "No groups were large enough to be compared with each other."
    return (
        f"{fairness['compared']} shops were compared by {fairness['metric']}; the worst, "
        f"'{fairness['worst_group']}', has {fairness['worst_ratio']:.2f} times the baseline's error."
    )
