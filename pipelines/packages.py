"""What is kept of a model to be registered: its files, its lineage and its metrics."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.local.kinds import ModelPackage
from samaan_ml.exceptions import ArtifactError
from training.archives import unpack

__all__ = ["content_of", "facts_of", "metrics_of"]

_MOST_METRICS = 200
_NO_METRICS = ("ModelDataQuality", "ModelCard")


def content_of(package: ModelPackage, scratch: Path) -> Path:
    """Unpack a model and put its reports beside it."""
    folder = scratch / "model"
    _lay(package.archive, folder)
    for place, path in enumerate(package.further, 2):
        _lay(path, folder / f"container-{place}")
    if not any(folder.iterdir()):
        raise ArtifactError(f"the model of '{package.group}' is an empty archive")
    for report, path in package.reports.items():
        target = folder / Path(report).name
        if not target.exists():
            shutil.copyfile(path, target)
    return folder


def _lay(source: Path, folder: Path) -> None:
    """Put an archive's content, or a folder's, into a folder."""
    if source.is_dir():
        shutil.copytree(source, folder)
    else:
        unpack(source, folder)


def facts_of(package: ModelPackage, content: Path) -> dict[str, str]:
    """Gather lineage: what the definition says, who made it, and what the model says of itself."""
    facts = {f"samaan.{key}": value for key, value in (*package.lineage.items(), *package.metadata.items())}
    manifest = content / "manifest.json"
    if manifest.is_file():
        said = json.loads(manifest.read_text("utf-8"))
        facts["samaan.model_version"] = str(said.get("model_version"))
        for key, value in said.get("metadata", {}).items():
            facts[f"samaan.{key}"] = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return facts


def metrics_of(reports: Mapping[str, Path]) -> dict[str, float]:
    """Read the numbers in the reports; those that describe the data are no metrics of the model."""
    found: dict[str, float] = {}
    for place, path in reports.items():
        if path.suffix == ".json" and not place.startswith(_NO_METRICS):
            found.update(_numbers(json.loads(path.read_text("utf-8")), ""))
    return dict(list(found.items())[:_MOST_METRICS])


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    """Go through the numbers in JSON by their dotted name; lists are details, not metrics."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _numbers(each, f"{name}.{key}" if name else str(key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name.replace("%", "pct"), float(value)
