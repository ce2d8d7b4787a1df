"""The whole night: retrain what passes the gate, then score every shop with what serves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.local import ExecutionStatus
from pipelines.local.cache import write_atomically
from samaan_ml.exceptions import SamaanError
from training.batch import BatchJob, champion_folder

__all__ = ["Night", "run_night"]


@dataclass(frozen=True, slots=True)
class Night:
    """What came of one area's night.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    trained : str
        How its pipeline ended, with the reason where it did not succeed.
    scored : mapping
        The reconciliation of its scoring; empty where nothing could be scored.
    reason : str or None, default=None
        Why nothing could be scored.
    """

    area: str
    trained: str
    scored: Mapping[str, object]
    reason: str | None = None

    @property
    def complete(self) -> bool:
        """Tell whether every shop was scored; a refused candidate is no fault, the champion serves on."""
        return bool(self.scored.get("complete"))


def run_night(
    areas: Sequence[str],
    data: Path,
    out: Path,
    home: Path,
    run_pipeline: Callable[[str], ExecutionStatus],
) -> list[Night]:
    """Run each area's pipeline, then score all shops; one area's failure never stops the others.

    Parameters
    ----------
    areas : sequence of str
        Which areas.
    data, out, home : Path
        Folders of the tables, of the answers (a folder an area) and of all that is written.
    run_pipeline : callable
        Runs an area's pipeline.

    Returns
    -------
    list of Night
        Also written to `night.json` of `out`.
    """
    nights = []
    for area in areas:
        try:
            status = run_pipeline(area)
            trained = status.state if status.reason is None else f"{status.state}: {status.reason}"
        except SamaanError as error:
            trained = f"Failed: {error}"
        nights.append(_scored(area, trained, data, out / area, home))
    told = {
        each.area: {"trained": each.trained, "scored": each.scored, "reason": each.reason} for each in nights
    }
    write_atomically(out / "night.json", told)
    return nights


def _scored(area: str, trained: str, data: Path, out: Path, home: Path) -> Night:
    """Score with what serves now."""
    try:
        BatchJob(area, data, out, champion_folder(area, home)).run()
    except SamaanError as error:
        return Night(area, trained, {}, str(error))
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    return Night(area, trained, manifest["reconciliation"])
