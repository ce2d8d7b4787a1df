"""The check job: what a candidate would be like to serve, and what later rows are to be compared with.

It asks the model the shops' own questions and times them, compares the shops with each other, describes the
rows that were learned from as Model Monitor's baseline, and writes the model's card and lineage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from samaan_ml.artifacts import Manifest, read_manifest
from training.areas import Area
from training.evaluate import Evaluation
from training.fairness import compare_groups
from training.json_files import write_json
from training.latency import measure_latency
from training.lineage import code_digest
from training.model_card import card_markdown, model_card
from training.model_monitor import statistics_of, suggested_constraints
from training.prepare import load_prepared
from training.shop_requests import requests_of
from training.watched import watched_rows

__all__ = ["check"]

_MOST_CARD = 100_000
"""Characters that a model package's card may have."""


def check(
    area: Area, model: Path, prepared: Path, evaluation: Evaluation, horizon_days: int, target: Path
) -> dict[str, Any]:
    """Check a candidate and write what was found.

    Parameters
    ----------
    area : Area
        The area.
    model, prepared : Path
        Folders of the candidate and of the tables it learned from.
    evaluation : Evaluation
        What its evaluation found.
    horizon_days : int
        Days ahead to ask for, for demand.
    target : Path
        Where `checks.json`, `statistics.json`, `constraints.json`, `fairness.json`, `model_card.json` and
        `model_card.md` go.

    Returns
    -------
    dict
        What `checks.json` holds.

    Raises
    ------
    ArtifactError
        When the model folder was altered.
    """
    manifest, data = read_manifest(model), load_prepared(prepared)
    size = sum(path.stat().st_size for path in model.rglob("*") if path.is_file()) / 2**20
    rule = area.rules.groups
    asked = (request for _, request in requests_of(area, prepared, horizon_days))
    found: dict[str, Any] = {
        "area": area.name,
        "model_version": manifest.model_version,
        "size_mib": round(size, 3),
        "latency": measure_latency(model, asked),
        "fairness": None if rule is None else compare_groups(evaluation, rule),
        "lineage": _lineage(manifest, evaluation),
    }
    card = model_card(manifest, evaluation, found, found["lineage"]["commit"])
    text = json.dumps(card, sort_keys=True)
    if len(text) > _MOST_CARD:
        text = json.dumps({**card, "evaluation_details": []}, sort_keys=True)
    found["model_card"] = text
    stated = statistics_of(watched_rows(area.name, data))
    write_json(target / "statistics.json", stated)
    write_json(target / "constraints.json", suggested_constraints(stated))
    write_json(target / "fairness.json", found["fairness"] or {"compared": 0})
    write_json(target / "model_card.json", card)
    write_json(target / "checks.json", found)
    (target / "model_card.md").write_text(card_markdown(area.name, card), "utf-8")
    return found


def _lineage(manifest: Manifest, evaluation: Evaluation) -> dict[str, str]:
    """Return what the model was made of, in words that a registry's tags may hold."""
    made: Mapping[str, Any] = manifest.metadata
    settings = made.get("hyperparameters", {})
    return {
        "commit": str(made.get("code") or code_digest()),
        "data_digest": str(made.get("data_digest") or evaluation.data.get("digest")),
        "trained_until": str(made.get("trained_until")),
        "hyperparameters": " ".join(f"{name}={value}" for name, value in sorted(settings.items())) or "none",
    }
