"""The night as one processing job: every shop scored with the champions, then orders, price decisions and alerts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.batch import BatchJob
from training.champion import read_champion
from training.hand_over import KINDS, HandOver
from training.json_files import read_json, write_json

__all__ = ["score_and_hand_over"]


def score_and_hand_over(
    data: Path, champions: Mapping[str, Path], target: Path, horizon_days: int, scratch: Path
) -> list[str]:
    """Score and hand over; give what could not be done.

    Parameters
    ----------
    data : Path
        Tables of all shops.
    champions : mapping of str to Path
        A champion's folder by area.
    target : Path
        Answers by area, hand-overs by kind, and `night.json`.
    horizon_days : int
        Days ahead, for demand.
    scratch : Path
        For what is unpacked.
    """
    answers: dict[str, Path] = {}
    failed: list[str] = []
    for area, folder in champions.items():
        model = read_champion(folder, scratch / f"champion-{area}")
        if model is None:
            continue
        BatchJob(area, data, target / area, model, horizon_days).run()
        answers[area] = target / area
        said = read_json(target / area / "manifest.json")
        failed += [f"{area}: {shop}" for shop in (*said["failed"], *said["unreadable"])]
    for kind, made_of in KINDS.items():
        known = {area: answers[area] for area in made_of if area in answers}
        if known:
            told = HandOver(kind, data, known, target / kind, scratch / f"scratch-{kind}").run()
            failed += [f"{kind}: {shop}" for shop in told["failed"]]
    write_json(target / "night.json", {"areas": sorted(answers), "failed": failed, "complete": not failed})
    return failed
