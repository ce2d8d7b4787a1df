"""The whole night: retrain what passes the gate, score every shop, hand over what follows, and watch what came of it.

A night is made of parts: `train:`, `score:` and `watch:` of each area, then `orders`, `price-decisions` and `alerts`.
`night.json` says of each how it ended, how long it took and of what it was made; a later run of the same night leaves
alone what ended well and was made of the same, so that a night that was killed is taken up where it stopped. A part
that fails never stops the others, and a shop that fails never stops its part.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pipelines.local import ExecutionStatus
from pipelines.local.locks import only_one
from pipelines.night_parts import Night, Outcome
from samaan_ml.exceptions import SamaanError
from training.hand_over import KINDS
from training.json_files import read_json, write_json

__all__ = ["NightReport", "PartReport", "run_night"]

State = Literal["done", "incomplete", "failed"]
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class PartReport:
    """How one part of a night ended.

    Parameters
    ----------
    name : str
        Such as "train:demand" or "orders".
    state : {"done", "incomplete", "failed"}
        Incomplete is a part that did all but some shops.
    seconds : float
        How long it took, also where that was in an earlier run.
    key : str
        Digest of what it was made of.
    told : str
        One line on what came of it.
    details : mapping, default={}
        Its figures.
    kept : bool, default=False
        Whether an earlier run of this night had done it already.
    """

    name: str
    state: State
    seconds: float
    key: str
    told: str
    details: Mapping[str, Any] = field(default_factory=dict)
    kept: bool = False


@dataclass(frozen=True, slots=True)
class NightReport:
    """What came of a night.

    Parameters
    ----------
    parts : tuple of PartReport
        In the order in which they ran.
    seconds : float
        Of this run.
    """

    parts: tuple[PartReport, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Return whether all was done; a candidate that was refused is no fault, the champion serves on."""
        return all(part.state == "done" for part in self.parts)

    @property
    def alarms(self) -> tuple[str, ...]:
        """Return what the monitors ask to look at."""
        return tuple(line for part in self.parts for line in part.details.get("alarms", ()))


@dataclass(frozen=True, slots=True)
class _Part:
    """One part: what it is made of, what must be there for it to be kept, and its work."""

    name: str
    key: Callable[[], str]
    leaves: Path | None
    work: Callable[[], Outcome]


def run_night(
    areas: Sequence[str],
    data: Path,
    out: Path,
    home: Path,
    run_pipeline: Callable[[str], ExecutionStatus],
    show: Callable[[PartReport], None] = lambda _: None,
) -> NightReport:
    """Run every part of a night that is not done yet.

    Parameters
    ----------
    areas : sequence of str
        Which areas; what is handed over is made of their answers.
    data, out, home : Path
        Folders of the tables, of all that the night leaves and of all else that is written.
    run_pipeline : callable
        Runs an area's pipeline.
    show : callable, default=nothing
        Called with each part as it ends.

    Returns
    -------
    NightReport
        Also in `night.json` of `out`, which is rewritten after every part.

    Raises
    ------
    ExecutionError
        When a night is running in `out` already.
    KeyboardInterrupt
        When a pipeline was asked to stop; the next run goes on from there.
    """
    out.mkdir(parents=True, exist_ok=True)
    with only_one(out / ".lock", f"a night is running already in '{out}'"):
        begun, path = time.monotonic(), out / "night.json"
        before = _earlier(path)
        ended: list[PartReport] = []
        for part in _parts(Night(data, out, home, tuple(areas)), run_pipeline):
            report = _kept(part, before) or _run(part)
            ended.append(report)
            done = NightReport(tuple(ended), round(time.monotonic() - begun, 3))
            write_json(path, _written(done, before))
            show(report)
        write_json(path, _written(done, {}))
        return done


def _parts(night: Night, run_pipeline: Callable[[str], ExecutionStatus]) -> Iterator[_Part]:
    """Return the parts in their order; a key is asked for when it is the part's turn, for it rests on earlier ones."""
    for area in night.areas:
        yield _Part(
            f"train:{area}", partial(night.train_key, area), None, partial(_train, run_pipeline, area)
        )
    for area in night.areas:
        leaves = night.answers(area) / "manifest.json"
        yield _Part(f"score:{area}", partial(night.score_key, area), leaves, partial(night.score, area))
    for kind, made_of in KINDS.items():
        if set(made_of) & set(night.areas):
            leaves = night.out / kind / "manifest.json"
            yield _Part(kind, partial(night.hand_over_key, kind), leaves, partial(night.hand_over, kind))
    for area in night.areas:
        yield _Part(f"watch:{area}", partial(night.watch_key, area), None, partial(night.watch, area))


def _train(run_pipeline: Callable[[str], ExecutionStatus], area: str) -> Outcome:
    """Run a pipeline; one whose gate refused its model has done its work."""
    status = run_pipeline(area)
    if status.state == "Stopped":
        raise KeyboardInterrupt
    refused = "the gate refuses" in (status.reason or "")
    told = status.state if status.reason is None else f"{status.state}: {status.reason}"
    state: State = "done" if status.state == "Succeeded" or refused else "failed"
    return Outcome(state, told, {"execution": status.execution_id, "refused": refused})


def _run(part: _Part) -> PartReport:
    """Do one part's work; a fault is reported and stays in the part."""
    begun, key = time.monotonic(), ""
    try:
        key = part.key()
        outcome = part.work()
    except SamaanError as error:
        outcome = Outcome("failed", str(error).splitlines()[0])
    except Exception as error:  # noqa: BLE001 - the other parts are to run whatever this one did
        traceback.print_exc()
        outcome = Outcome("failed", f"{type(error).__name__}: {error}")
    seconds = round(time.monotonic() - begun, 3)
    return PartReport(part.name, outcome.state, seconds, key, outcome.told, outcome.details)


def _kept(part: _Part, before: Mapping[str, Mapping[str, Any]]) -> PartReport | None:
    """Return the record of an earlier run about a part, where it was done, of the same, and is still there."""
    said = before.get(part.name)
    if said is None or said["state"] != "done" or (part.leaves is not None and not part.leaves.is_file()):
        return None
    try:
        if part.key() != said["key"]:
            return None
    except SamaanError:
        return None
    return PartReport(**{**said, "name": part.name, "kept": True})


def _earlier(path: Path) -> dict[str, dict[str, Any]]:
    """Read the record of an earlier run about each part."""
    try:
        said = read_json(path)
    except SamaanError:
        return {}
    return dict(said["parts"]) if said.get("schema_version") == SCHEMA_VERSION else {}


def _written(report: NightReport, before: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Write a night down; of parts whose turn has not come, what an earlier run recorded is kept."""
    now = {part.name: {k: v for k, v in asdict(part).items() if k != "name"} for part in report.parts}
    return {
        "schema_version": SCHEMA_VERSION,
        "complete": report.complete,
        "seconds": report.seconds,
        "parts": {**before, **now},
    }
