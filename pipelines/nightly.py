"""The whole night: retrain what passes the gate, score every shop with what serves, and watch what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.local import ExecutionStatus
from pipelines.local.cache import write_atomically
from samaan_ml.exceptions import SamaanError
from samaan_ml.tables import ShopData
from training.batch import BatchJob, champion_folder
from training.watch import read_answers, watch

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
    alarms, unwatched : tuple of str, default=()
        What the monitors ask to look at, and what they could not watch.
    """

    area: str
    trained: str
    scored: Mapping[str, object]
    reason: str | None = None
    alarms: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()

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
    write_atomically(out / "night.json", {each.area: _told(each) for each in nights})
    return nights


def _told(night: Night) -> dict[str, object]:
    """Write down a night."""
    return {name: value for name, value in asdict(night).items() if name != "area"}


def _scored(area: str, trained: str, data: Path, out: Path, home: Path) -> Night:
    """Score with what serves now, and watch."""
    try:
        champion, before = champion_folder(area, home), read_answers(out)
        BatchJob(area, data, out, champion).run()
    except SamaanError as error:
        return Night(area, trained, {}, str(error))
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    try:
        seen = watch(area, ShopData.load(data), champion, before, out, out / "monitoring")
    except (
        SamaanError
    ) as error:  # tables that cannot be read as a whole were scored shop by shop all the same
        return Night(area, trained, manifest["reconciliation"], unwatched=(str(error).splitlines()[0],))
    return Night(area, trained, manifest["reconciliation"], None, seen.alarms, seen.unwatched)
