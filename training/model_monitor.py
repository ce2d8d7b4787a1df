"""Statistics, constraints and violations of tables, in the files that SageMaker Model Monitor writes and reads.

`statistics.json` describes every column of a table, `constraints.json` says what later tables must keep to, and
`constraint_violations.json` what they did not. The service's own analyzer runs in an image of its own; this is the
same arithmetic on one machine, so that a baseline made here is read there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["statistics_of", "suggested_constraints", "violations"]

Kind = Literal["Integral", "Fractional", "String", "Unknown"]

_BUCKETS = 10
_MOST_WORDS = 100
"""Columns of words with more values than this have no list of allowed ones."""
_DRIFT_THRESHOLD = 0.1
_DATATYPE_THRESHOLD = 1.0
_DOMAIN_THRESHOLD = 1.0
_NOISE_LEVEL = 1.63
"""A distance within 1.63 standard errors of the Kolmogorov-Smirnov statistic is chance once in a hundred times."""


def statistics_of(frame: pd.DataFrame) -> dict[str, Any]:
    """Describe every column of a table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows; numbers, words or instants (which count as words).

    Returns
    -------
    dict
        Content of `statistics.json`, schema version 0.

    Raises
    ------
    DataError
        When there are no rows.

    References
    ----------
    Amazon SageMaker AI Developer Guide, Schema for statistics (statistics.json file).
    """
    if frame.empty:
        raise DataError("a table without rows has no statistics")
    return {
        "version": 0.0,
        "dataset": {"item_count": len(frame)},
        "features": [_feature(str(name), frame[name]) for name in frame.columns],
    }


def suggested_constraints(statistics: Mapping[str, Any]) -> dict[str, Any]:
    """Return what later tables must keep to: types, completeness, signs, known words, and no drift.

    Parameters
    ----------
    statistics : mapping
        What `statistics_of` gave.

    Returns
    -------
    dict
        Content of `constraints.json`, schema version 0.
    """
    return {
        "version": 0.0,
        "features": [_constraint(feature) for feature in statistics["features"]],
        "monitoring_config": {
            "evaluate_constraints": "Enabled",
            "emit_metrics": "Enabled",
            "datatype_check_threshold": _DATATYPE_THRESHOLD,
            "domain_content_threshold": _DOMAIN_THRESHOLD,
            "distribution_constraints": {
                "perform_comparison": "Enabled",
                "comparison_threshold": _DRIFT_THRESHOLD,
                "comparison_method": "Robust",
            },
        },
    }


def violations(
    frame: pd.DataFrame, constraints: Mapping[str, Any], baseline: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Hold a table against constraints and, for drift, against the statistics of a baseline.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of late.
    constraints : mapping
        Content of `constraints.json`.
    baseline : mapping or None, default=None
        Content of `statistics.json` of the baseline; None compares no distributions.

    Returns
    -------
    dict
        Content of `constraint_violations.json`: a feature, a check and a description each.

    Notes
    -----
    The distance of two distributions is the largest difference of their cumulative shares at the baseline's bucket
    edges; "Robust" takes off what chance makes of so few rows, as the service's method does.

    References
    ----------
    Amazon SageMaker AI Developer Guide, Schema for constraints (constraints.json file) and Schema for violations
    (constraint_violations.json file).
    """
    config = constraints.get("monitoring_config", {})
    known = {str(feature["name"]): feature for feature in constraints["features"]}
    before = {str(each["name"]): each for each in (baseline or {}).get("features", ())}
    found = list(_columns(frame, known))
    for name, constraint in known.items():
        if name in frame:
            found += _kept(frame[name], constraint, config)
            if name in before:
                found += _drift(frame[name], before[name], config)
    return {
        "violations": [
            {"feature_name": name, "constraint_check_type": check, "description": told}
            for name, check, told in found
        ]
    }


# --- statistics


def _kind(values: pd.Series) -> Kind:
    """Return what a column holds."""
    import pandas as pd

    present = values.dropna()
    if present.empty:
        return "Unknown"
    if pd.api.types.is_bool_dtype(present.dtype) or not pd.api.types.is_numeric_dtype(present.dtype):
        return "String"
    numbers = present.to_numpy(dtype=float)
    return "Integral" if bool(np.all(numbers == np.round(numbers))) else "Fractional"


def _feature(name: str, values: pd.Series) -> dict[str, Any]:
    """Describe one column."""
    kind = _kind(values)
    common = {"num_present": int(values.notna().sum()), "num_missing": int(values.isna().sum())}
    described: dict[str, Any] = {"name": name, "inferred_type": kind}
    if kind in ("Integral", "Fractional"):
        described["numerical_statistics"] = {"common": common, **_numerical(_numbers(values))}
    else:
        described["string_statistics"] = {"common": common, **_worded(values)}
    return described


def _numbers(values: pd.Series) -> npt.NDArray[np.float64]:
    """Return the numbers that are there."""
    return np.asarray(values.dropna().to_numpy(dtype=float))


def _numerical(numbers: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Describe numbers; buckets hold a tenth of the rows each where values do not repeat."""
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _BUCKETS + 1)))
    if len(edges) == 1:
        edges = np.array([edges[0], edges[0]])
    counts, _ = np.histogram(numbers, edges) if edges[0] < edges[-1] else (np.array([len(numbers)]), edges)
    buckets = [
        {"lower_bound": float(low), "upper_bound": float(high), "count": float(count)}
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    return {
        "mean": float(numbers.mean()),
        "sum": float(numbers.sum()),
        "std_dev": float(numbers.std()),
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "distribution": {"kll": {"buckets": buckets}},
    }


def _words(values: pd.Series) -> pd.Series:
    """Return the words that are there."""
    return values.dropna().astype("str")


def _worded(values: pd.Series) -> dict[str, Any]:
    """Describe words: how many there are, and where they are few, which and how often."""
    counts = _words(values).value_counts()
    described: dict[str, Any] = {"distinct_count": float(len(counts))}
    if 0 < len(counts) <= _MOST_WORDS:
        buckets = [{"value": str(word), "count": int(n)} for word, n in sorted(counts.items())]
        described["distribution"] = {"categorical": {"buckets": buckets}}
    return described


def _constraint(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Suggest the constraint of one column."""
    numbers, words = feature.get("numerical_statistics"), feature.get("string_statistics")
    common = (numbers or words)["common"]  # type: ignore[index]
    rows = max(common["num_present"] + common["num_missing"], 1)
    constraint: dict[str, Any] = {
        "name": feature["name"],
        "inferred_type": feature["inferred_type"],
        "completeness": common["num_present"] / rows,
    }
    if numbers:
        constraint["num_constraints"] = {"is_non_negative": numbers["min"] >= 0}
    elif words and "distribution" in words:
        domains = [bucket["value"] for bucket in words["distribution"]["categorical"]["buckets"]]
        constraint["string_constraints"] = {"domains": domains}
    return constraint


# --- violations

Violation = tuple[str, str, str]


def _columns(frame: pd.DataFrame, known: Mapping[str, Any]) -> Iterator[Violation]:
    """Find columns that are missing or new."""
    for name in known:
        if name not in frame:
            yield name, "missing_column_check", f"column '{name}' of the baseline is not in the table"
    for name in map(str, frame.columns):
        if name not in known:
            yield name, "extra_column_check", f"column '{name}' is not in the baseline"


def _kept(values: pd.Series, constraint: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Violation]:
    """Hold a column against its own constraint."""
    name, expected, kind = str(constraint["name"]), constraint["inferred_type"], _kind(values)
    present = float(values.notna().mean()) if len(values) else 0.0
    if present + 1e-9 < constraint.get("completeness", 0.0):
        told = f"{present:.2%} of the rows have a value, {constraint['completeness']:.2%} is asked"
        yield name, "completeness_check", told
    if kind == "Unknown" or expected == "Unknown":
        return
    if not _fits(kind, expected):
        least = config.get("datatype_check_threshold", _DATATYPE_THRESHOLD)
        yield name, "data_type_check", f"values are {kind}, {least:.0%} {expected} is asked"
        return
    if constraint.get("num_constraints", {}).get("is_non_negative") and kind != "String":
        below = int((_numbers(values) < 0).sum())
        if below:
            yield name, "data_type_check", f"{below} values are negative, none was in the baseline"
    domains = constraint.get("string_constraints", {}).get("domains")
    if domains:
        words = _words(values)
        share = float(words.isin(domains).mean())
        least = config.get("domain_content_threshold", _DOMAIN_THRESHOLD)
        if share < least:
            new = sorted(set(words.unique()) - set(domains))[:3]
            told = f"{share:.2%} of the values are known ones, {least:.0%} is asked; new: {', '.join(new)}"
            yield name, "categorical_values_check", told


def _fits(kind: Kind, expected: str) -> bool:
    """Return whether a column may pass for the expected type; whole numbers are fractions too."""
    return kind == expected or (kind == "Integral" and expected == "Fractional")


def _drift(values: pd.Series, before: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Violation]:
    """Compare the distribution of a column with the baseline's."""
    rule = config.get("distribution_constraints", {})
    if rule.get("perform_comparison", "Enabled") != "Enabled" or values.dropna().empty:
        return
    found = _distance(values, before)
    if found is None:
        return
    distance, chance = found
    if rule.get("comparison_method", "Robust") == "Robust":
        distance = max(distance - chance, 0.0)
    threshold = rule.get("comparison_threshold", _DRIFT_THRESHOLD)
    if distance > threshold:
        told = (
            f"the distribution's distance from the baseline is {distance:.3f}, at most {threshold:g} is asked"
        )
        yield str(before["name"]), "baseline_drift_check", told


def _distance(values: pd.Series, before: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the largest difference of shares, and how much of it chance makes; None where there is none to give."""
    numbers, words = before.get("numerical_statistics"), before.get("string_statistics")
    if numbers and _kind(values) != "String":
        buckets = numbers["distribution"]["kll"]["buckets"]
        share = np.cumsum([bucket["count"] for bucket in buckets]) / sum(b["count"] for b in buckets)
        uppers = np.array([bucket["upper_bound"] for bucket in buckets])
        now = np.sort(_numbers(values))
        # The last bucket is closed, the others hold what lies below their upper edge.
        below = np.searchsorted(now, uppers, side="left") / len(now)
        below[-1] = np.searchsorted(now, uppers[-1], side="right") / len(now)
        lowest = np.searchsorted(now, buckets[0]["lower_bound"], side="left") / len(now)
        distance = float(max(np.abs(below - share).max(), lowest))
        rows = numbers["common"]["num_present"]
    elif words and "distribution" in words:
        counts = {b["value"]: b["count"] for b in words["distribution"]["categorical"]["buckets"]}
        rows = sum(counts.values())
        current = _words(values).value_counts(normalize=True)
        names = set(counts) | set(current.index)
        distance = max(abs(counts.get(n, 0) / rows - float(current.get(n, 0.0))) for n in names)
    else:
        return None
    n = int(values.notna().sum())
    return distance, _NOISE_LEVEL * float(np.sqrt(1 / max(rows, 1) + 1 / n))
