"""One scoring run, wherever its tables, answers and model lie: here or on S3, whole or a part of the shops."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from samaan_ml.artifacts import Manifest, read_manifest
from samaan_ml.exceptions import ParameterError
from training.batch import BatchJob, Shard
from training.s3_folders import S3Folder
from training.workers import run_shards

__all__ = ["Scoring", "trained_until"]

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Scoring:
    """What is scored, with what, from where to where.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    data, out, model : Path or str
        Tables, answers and model folder; text is an address on S3, `s3://bucket/prefix`.
    staging : Path
        Folder below which folders on S3 are staged here.
    horizon_days : int, default=14
        Days ahead, for demand.
    shard : Shard, default=Shard()
        Which part of the shops.
    as_of : date or None, default=None
        Score as on the evening of this day; None knows all rows.
    hindsight : bool, default=False
        Whether a model that has learned from later days may score them.
    """

    area: str
    data: Path | str
    out: Path | str
    model: Path | str
    staging: Path
    horizon_days: int = 14
    shard: Shard = field(default_factory=Shard)
    as_of: date | None = None
    hindsight: bool = False

    def run(self, workers: int = 1) -> dict[str, Any] | None:
        """Score, and send the answers where they belong.

        Parameters
        ----------
        workers : int, default=1
            Processes side by side here.

        Returns
        -------
        dict or None
            The manifest; None while other parts are not scored yet.
        """
        sink = self._sink()
        job = self.job(sink.fetch() if sink else Path(self.out))
        self._refuse_hindsight(job.model)
        if sink:
            sink.remove(_MANIFEST)  # what it says of an earlier run is not true any more
        if workers > 1:
            run_shards(job, workers)
        else:
            job.run()
        if sink:
            sink.send(last=_MANIFEST)
            self._finish(job, sink)
        return _manifest(job.target)

    def job(self, target: Path) -> BatchJob:
        """Return the work on folders here."""
        data, model = self._here(self.data), self._here(self.model)
        return BatchJob(self.area, data, target, model, self.horizon_days, self.shard, self.as_of)

    def _refuse_hindsight(self, model: Path) -> None:
        """Refuse a model that has learned from what came after the day that is scored.

        Raises
        ------
        ParameterError
            Naming both days.
        """
        until = None if self.as_of is None or self.hindsight else trained_until(read_manifest(model))
        if until is not None and self.as_of is not None and until > self.as_of:
            raise ParameterError(
                f"the model in '{model}' has learned from data until {until}, after {self.as_of}; give one of that "
                "time, or say --hindsight"
            )

    def report_path(self) -> Path:
        """Return where this part's report lies here."""
        sink = self._sink()
        folder = sink.folder if sink else Path(self.out)
        return folder / "shards" / f"{self.shard.index}-of-{self.shard.count}.json"

    def _here(self, place: Path | str) -> Path:
        """Return the folder here that stands for a place."""
        return S3Folder(place, self.staging).fetch() if isinstance(place, str) else place

    def _sink(self) -> S3Folder | None:
        """Return the folder on S3 that the answers go to."""
        return S3Folder(self.out, self.staging) if isinstance(self.out, str) else None

    def _finish(self, job: BatchJob, sink: S3Folder) -> None:
        """Look once more whether another host was the last one but for us: two may end at once."""
        if job.shard.count > 1 and _manifest(job.target) is None:
            sink.fetch("shards/")
            job.finish()
            if _manifest(job.target) is not None:
                sink.send(last=_MANIFEST)


def trained_until(manifest: Manifest) -> date | None:
    """Return the last day that a model learned from; None where it does not say."""
    try:
        return date.fromisoformat(str(manifest.metadata.get("trained_until")))
    except ValueError:
        return None


def _manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest; None where it is not written yet."""
    path = folder / _MANIFEST
    if not path.is_file():
        return None
    said: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return said
