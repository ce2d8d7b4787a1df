"""What a job says of itself in its log: the metrics that its definition names by regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.local.images import is_xgboost

__all__ = ["final_metrics", "metric_definitions", "metric_problems"]

_LONGEST_LINE = 4_096
_XGBOOST_METRICS = [
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "error",
    "f1",
    "logloss",
    "mae",
    "map",
    "merror",
    "mlogloss",
    "mse",
    "ndcg",
    "precision",
    "r2",
    "recall",
    "rmse",
]


def metric_definitions(specification: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a job's metrics as name and regular expression; the built-in XGBoost has its own."""
    if is_xgboost(specification.get("TrainingImage")) and not specification.get("MetricDefinitions"):
        return [
            (f"{part}:{name}", rf"{part}-{name}:([-+\w.]+)")
            for part in ("train", "validation")
            for name in _XGBOOST_METRICS
        ]
    return [(str(each["Name"]), str(each["Regex"])) for each in specification.get("MetricDefinitions") or ()]


def metric_problems(specification: Mapping[str, Any]) -> Iterator[str]:
    """Find definitions that are invalid."""
    for each in specification.get("MetricDefinitions") or ():
        if not isinstance(each, Mapping) or not {"Name", "Regex"} <= set(each):
            yield "AlgorithmSpecification.MetricDefinitions: each must have 'Name' and 'Regex'"
            continue
        try:
            re.compile(str(each["Regex"]))
        except re.error as error:
            yield f"AlgorithmSpecification.MetricDefinitions[{each['Name']}].Regex: {error}"


def final_metrics(logs: Iterable[Path], definitions: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Find the last value of each metric in the logs, read line by line.

    Returns
    -------
    list of dict
        As the service's `FinalMetricDataList`.
    """
    patterns = [(name, re.compile(regex)) for name, regex in definitions]
    found: dict[str, float] = {}
    for log in logs if patterns else ():
        if not log.is_file():
            continue
        with log.open(encoding="utf-8", errors="replace") as lines:
            while line := lines.readline(_LONGEST_LINE):
                for name, pattern in patterns:
                    value = _value(pattern.search(line))
                    if value is not None:
                        found[name] = value
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return [{"MetricName": name, "Value": value, "Timestamp": now} for name, value in found.items()]


def _value(match: re.Match[str] | None) -> float | None:
    """Read the number of a match."""
    try:
        return None if match is None else float(match.group(1))
    except (IndexError, TypeError, ValueError):
        return None
