"""What the registry says of a model in words: purpose, method, limits, and the figures of its own evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CARDS", "ModelCardText", "card_parts"]

_MARK = "\x1f"


@dataclass(frozen=True, slots=True)
class ModelCardText:
    """The words of an area's model card.

    Parameters
    ----------
    problem, algorithm : str
        What is predicted, and how.
    purpose, efficiency : str
        What it is for, and what its quality depends on.
    risk, risk_reason : str
        Low, Medium or High, and why.
    caveats : str
        What it must not be used for.
    metrics : tuple of str
        Figures of `evaluation.json` that the card shows, as paths such as "model.wape".
    """

    problem: str
    algorithm: str
    purpose: str
    efficiency: str
    risk: str
    risk_reason: str
    caveats: str
    metrics: tuple[str, ...]


CARDS: Mapping[str, ModelCardText] = {
    "demand": ModelCardText(
        problem="Daily units of every item of every shop, as a mean and quantiles",
        algorithm="Averaged gradient-boosted trees with a level offset; empirical quantiles of rolling origins",
        purpose="Orders and alerts of a small shop",
        efficiency="Length of the history, stock records, prices and festivals known ahead",
        risk="Low",
        risk_reason="An order is a proposal with its arithmetic, confirmed by the shopkeeper",
        caveats="Sales of sold-out days are not demand; without stock records forecasts lie low where shelves empty",
        metrics=("model.wape", "model.wql", "model.bias", "model.coverage", "baseline.wape", "baseline.wql"),
    ),
    "price": ModelCardText(
        problem="Price elasticity of every item with an interval and a grade of the evidence",
        algorithm="Negative-binomial count model with category-by-week effects and empirical-Bayes shrinkage",
        purpose="Price proposals that keep MRP, tax and the shop's own rules",
        efficiency="How often prices moved for reasons other than demand",
        risk="Medium",
        risk_reason="A wrong price costs margin; grade D items are held and every change is confirmed",
        caveats="Never used to set a price by who the customer is",
        metrics=("model.deviance", "model.gain_over_no_response", "model.coverage", "baseline.deviance"),
    ),
    "udhaar": ModelCardText(
        problem="Probability that something due within 30 days is paid more than 30 days late",
        algorithm="Scorecard, additive curves and monotone trees, blended and calibrated out of fold",
        purpose="A limit and a reminder plan for one shop's own customers",
        efficiency="Entries of a customer; a thin file gets the shop's average and a wide interval",
        risk="High",
        risk_reason="It bears on who is given credit; the shopkeeper decides and sees the reasons",
        caveats="Not a credit score, never shared between shops; no name, religion, caste, gender or locality is used",
        metrics=("model.auc", "model.brier", "model.ece", "model.name_swap_change", "baseline.brier"),
    ),
}


def card_parts(area: str) -> list[str]:
    """Write an area's card as pieces of JSON text: text and figures in turn, beginning and ending with text.

    Returns
    -------
    list of str
        Pieces at odd places are paths into `evaluation.json`, whose values belong there.

    Examples
    --------
    >>> card_parts("demand")[1]
    'model.wape'
    """
    words = CARDS[area]
    figures = [{"name": path, "type": "number", "value": f"{_MARK}{path}{_MARK}"} for path in words.metrics]
    card = {
        "model_overview": {"model_creator": "Samaan Sathi"},
        "intended_uses": {
            "purpose_of_model": words.purpose,
            "intended_uses": words.problem,
            "factors_affecting_model_efficiency": words.efficiency,
            "risk_rating": words.risk,
            "explanations_for_risk_rating": words.risk_reason,
        },
        "training_details": {"training_observations": words.algorithm},
        "evaluation_details": [
            {
                "name": "held-out days",
                "evaluation_observation": "Measured by the pipeline on days the model had not seen",
                "metric_groups": [{"name": "evaluation.json", "metric_data": figures}],
            }
        ],
        "additional_information": {"caveats_and_recommendations": words.caveats},
    }
    text = json.dumps(card, ensure_ascii=False, sort_keys=True)
    # A figure is a number, so the quotes around its mark go with the mark.
    return text.replace('"\\u001f', _MARK).replace('\\u001f"', _MARK).split(_MARK)
