"""What the operator sees of models: registry, gate, backtest, calibration, drift, watch and runs in one JSON file.

`models/operator.json` of the home is written whole or not at all after every run, night and change of a champion. It
names shops where the watch does, and no customer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.areas import AREAS
from pipelines.local.cache import write_atomically
from pipelines.registry_pages import backtest_of, calibration_of, gate_sentences

__all__ = ["FILE", "LIMIT_DAYS", "age_sentence", "operator_view", "write_operator_view"]

FILE = "operator.json"
SCHEMA_VERSION = 1
LIMIT_DAYS = {"demand": 14, "price": 60, "udhaar": 60}
"""Days of data after which a champion is too old: twice its pipeline's rhythm, a week at least."""
_MOST = 20


def write_operator_view(home: Path, night: Path | None = None, today: date | None = None) -> Path:
    """Write the file; give its path.

    Parameters
    ----------
    home : Path
        The home of registry and runs.
    night : Path or None, default=None
        Folder of the last night; None keeps the watch section of the file.
    today : date or None, default=None
        The day to count a champion's age from; None is today.
    """
    path = home / "models" / FILE
    before = _read(path).get("areas", {})
    view = operator_view(home, night, today or datetime.now(UTC).date())
    if night is None:
        for area, said in view["areas"].items():
            for part in ("watch", "drift"):
                said[part] = before.get(area, {}).get(part)
    write_atomically(path, view)
    return path


def operator_view(home: Path, night: Path | None, today: date) -> dict[str, Any]:
    """Gather what the file says."""
    areas = {name: _area(name, home, night, today) for name in AREAS}
    return {
        "schema_version": SCHEMA_VERSION,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "areas": areas,
    }


def age_sentence(area: str, trained_until: str, today: date) -> tuple[int, bool, str]:
    """Return how old a champion's data are, and whether that is too old.

    Examples
    --------
    >>> age_sentence("demand", "2026-06-01", date(2026, 6, 20))[2]
    'data until 2026-06-01, 19 days old: older than its limit of 14 days'
    """
    days, limit = (today - date.fromisoformat(trained_until[:10])).days, LIMIT_DAYS[area]
    told = f"data until {trained_until[:10]}, {days} days old"
    return days, days > limit, f"{told}: older than its limit of {limit} days" if days > limit else told


def _area(name: str, home: Path, night: Path | None, today: date) -> dict[str, Any]:
    """Describe one area."""
    folder = home / "models" / name
    champion = (folder / "champion").resolve()
    serves = (champion / "manifest.json").is_file()
    runs = [_run(path) for path in sorted((home / "runs" / name).glob("*/status.json"), reverse=True)[:_MOST]]
    return {
        "summary": AREAS[name].summary,
        "champion": _champion(name, champion, today) if serves else None,
        "versions": list(_versions(folder, champion))[:_MOST],
        "gate": _last_gate(home, name),
        "backtest": backtest_of(champion) if serves else None,
        "calibration": calibration_of(champion) if serves else None,
        "drift": None if night is None else _drift(night / "monitoring" / name),
        "watch": None if night is None else _watch(night / "monitoring" / name),
        "value": _read(champion / "checks.json").get("value") if serves else None,
        "runs": runs,
    }


def _champion(area: str, folder: Path, today: date) -> dict[str, Any]:
    """Describe what serves."""
    record = _read(folder / "registry.json")
    tags = record.get("tags", {})
    said: dict[str, Any] = {
        "version": record.get("version"),
        "model": tags.get("samaan.model_version"),
        "trained_until": tags.get("samaan.trained_until"),
        "age_days": None,
        "limit_days": LIMIT_DAYS[area],
        "too_old": False,
        "sentence": f"version {record.get('version')}",
    }
    if said["trained_until"]:
        said["age_days"], said["too_old"], told = age_sentence(area, str(said["trained_until"]), today)
        said["sentence"] += f", {told}"
    return said


def _versions(folder: Path, champion: Path) -> Iterable[dict[str, Any]]:
    """Describe the exported versions, newest first."""
    found = [
        path
        for path in folder.glob("versions/*")
        if path.name.isdigit() and (path / "registry.json").is_file()
    ]
    for path in sorted(found, key=lambda each: int(each.name), reverse=True):
        tags, sentences = _read(path / "registry.json").get("tags", {}), gate_sentences(path)
        metrics = _read(path / "evaluation.json").get("model") or {}
        yield {
            "version": path.name,
            "aliases": ["champion"] if path == champion else [],
            "state": "champion" if path == champion else "registered",
            "model": tags.get("samaan.model_version"),
            "trained_until": tags.get("samaan.trained_until"),
            "metrics": {name: value for name, value in metrics.items() if isinstance(value, int | float)},
            "gate": {"passed": all(each["passed"] for each in sentences), "sentences": sentences},
        }


def _last_gate(home: Path, area: str) -> dict[str, Any] | None:
    """Read the last result of the gate, of a candidate that was refused too."""
    found = sorted((home / "runs" / area).glob("*/Gate/algo-1/processing/output/gate/gate.json"))
    if not found:
        return None
    sentences = gate_sentences(found[-1].parent)
    return {
        "execution": found[-1].relative_to(home / "runs" / area).parts[0],
        "passed": all(each["passed"] for each in sentences),
        "sentences": sentences,
    }


def _drift(folder: Path) -> dict[str, Any] | None:
    """Read what the watch compared with the rows of training."""
    found = _read(folder / "watch.json").get("findings")
    if not isinstance(found, list):
        return None
    wanted = ("name", "monitor", "statistic", "value", "limit", "alarm", "told")
    return {"rows": [{key: each[key] for key in wanted if key in each} for each in found]}


def _watch(folder: Path) -> dict[str, Any] | None:
    """Read what the nights remember."""
    said = _read(folder / "memory.json").get("report")
    return said if isinstance(said, dict) else None


def _run(path: Path) -> dict[str, Any]:
    """Describe one execution."""
    said = _read(path)
    steps = said.get("steps", {})
    return {
        "execution": said.get("execution_id"),
        "state": said.get("state"),
        "started": said.get("started"),
        "seconds": said.get("seconds"),
        "reason": said.get("reason"),
        "steps": [{key: each.get(key) for key in ("name", "state", "seconds")} for each in steps.values()],
    }


def _read(path: Path) -> Mapping[str, Any] | dict[str, Any]:
    """Read a JSON object; empty where it is absent or none."""
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
