"""The work of a night's parts: scoring, handing over, watching, each over folders that the next one reads."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pipelines.areas import golden_text
from samaan_ml.artifacts import read_manifest
from samaan_ml.exceptions import DataError
from training.batch import BatchJob, champion_folder
from training.hand_over import KINDS, HandOver, Kind
from training.json_files import read_json
from training.lineage import code_digest
from training.watch import load_without, read_answers, remember, watch

__all__ = ["Night", "Outcome"]

_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part's work ended, one line on it, and its figures."""

    state: Literal["done", "incomplete", "failed"]
    told: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Night:
    """Where a night's parts read and write.

    Parameters
    ----------
    data, out, home : Path
        Folders of the tables, of what the night leaves and of the champions.
    areas : tuple of str
        Which areas.
    """

    data: Path
    out: Path
    home: Path
    areas: tuple[str, ...]

    def train_key(self, area: str) -> str:
        """Name what an area's training is made of: tables, pipeline and code."""
        return self._digest("train", area, golden_text(area), code_digest())

    def score_key(self, area: str) -> str:
        """Name what an area's answers are made of.

        Raises
        ------
        ArtifactError
            When nothing serves.
        """
        return self._digest("score", area, read_manifest(champion_folder(area, self.home)).model_version)

    def watch_key(self, area: str) -> str:
        """Name what the watch of an area is made of: what its answers are, and those of the night before."""
        return self._digest("watch", self.score_key(area))

    def hand_over_key(self, kind: Kind) -> str:
        """Name what a hand-over is made of.

        Raises
        ------
        DataError
            When none of the answers it needs is there.
        """
        paths = [path / "manifest.json" for path in self._scored(kind).values()]
        if not paths:
            raise DataError(f"'{kind}' is made of the answers of {' or '.join(KINDS[kind])}: there are none")
        return self._digest(kind, *(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths))

    def _digest(self, *more: str) -> str:
        """Name what a part is made of: tonight's tables and what else is given."""
        return hashlib.sha256("\x1f".join((self._tables_digest, *more)).encode()).hexdigest()[:32]

    @cached_property
    def _tables_digest(self) -> str:
        """The SHA-256 of all files of the tables."""
        total = hashlib.sha256()
        for path in sorted(each for each in self.data.rglob("*") if each.is_file()):
            total.update(path.relative_to(self.data).as_posix().encode())
            with path.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    total.update(block)
        return total.hexdigest()

    def answers(self, area: str) -> Path:
        """Return where an area's answers are."""
        return self.out / area

    def _scored(self, kind: Kind) -> dict[str, Path]:
        """Find the answers that a hand-over can be made of."""
        folders = {area: self.answers(area) for area in KINDS[kind] if area in self.areas}
        return {area: path for area, path in folders.items() if (path / "manifest.json").is_file()}

    def score(self, area: str) -> Outcome:
        """Score every shop with what serves; the answers of the night before are put aside for the watch."""
        champion, target = champion_folder(area, self.home), self.answers(area)
        self._put_aside(area, self.score_key(area))
        reused = BatchJob(area, self.data, target, champion).run()["reused"]
        manifest = read_json(target / "manifest.json")
        figures = manifest["reconciliation"]
        failed = [*manifest["failed"], *manifest["unreadable"]]
        told = f"{figures['shops_scored']} of {figures['shops']} shops scored, {reused} of them unchanged"
        return Outcome(
            "done" if figures["complete"] else "incomplete",
            told + (f"; not: {_some(failed)}" if failed else ""),
            {**figures, "failed": manifest["failed"], "unreadable": manifest["unreadable"]},
        )

    def _put_aside(self, area: str, key: str) -> None:
        """Keep the answers there are as those of the night before, once a night however often it is taken up."""
        before, mark = self._before(area), self._before(area) / "night.txt"
        if mark.is_file() and mark.read_text("utf-8") == key:
            return
        shutil.rmtree(before, ignore_errors=True)
        before.mkdir(parents=True)
        for path in self.answers(area).glob("shop_id=*.parquet"):
            os.link(path, before / path.name)  # answers are replaced, never written into
        mark.write_text(key, "utf-8")

    def _before(self, area: str) -> Path:
        """Return where the answers of the night before are."""
        return self.out / "monitoring" / area / "before"

    def hand_over(self, kind: Kind) -> Outcome:
        """Make one kind of hand-over for every shop."""
        target, scratch = self.out / kind, self.out / f".scratch-{kind}"
        try:
            told = HandOver(kind, self.data, self._scored(kind), target, scratch).run()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        failed = told["failed"]
        lines = f"{told['rows']} rows for {told['shops'] - len(failed)} of {told['shops']} shops"
        return Outcome(
            "done" if told["complete"] else "incomplete",
            lines + (f"; not: {_some(list(failed))}" if failed else ""),
            {"rows": told["rows"], "shops": told["shops"], "failed": failed},
        )

    def watch(self, area: str) -> Outcome:
        """Hold last night's answers against what came, and tonight's rows against those of training."""
        champion, target = champion_folder(area, self.home), self.answers(area)
        scratch = self.out / f".scratch-watch-{area}"
        failed = read_json(target / "manifest.json")["failed"]
        try:
            tables = load_without(self.data, failed, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        report = self.out / "monitoring" / area
        before = read_answers(self._before(area))
        seen = watch(area, tables, champion, before, target, report)
        alarms = list(seen.alarms)
        if area == "demand" and before is not None:
            with contextlib.suppress(DataError):  # no day has come yet: the watch says so
                version = str(before["model_version"].iloc[0])
                alarms += remember(before, tables, version, report / "memory.json")
        told = f"{len(alarms)} to look at, {len(seen.unwatched)} could not be watched"
        return Outcome("done", told, {"alarms": alarms, "unwatched": list(seen.unwatched)})


def _some(names: list[str]) -> str:
    """Name the first few."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
