"""What an evaluation says, and the gate that decides by it.

Every area evaluates itself into one `Evaluation`: its own metrics beside those of an honest baseline on the
same held-out days. The gate holds it against the area's limits and against the champion, and writes down
each verdict with its numbers; a model passes only if every verdict does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from samaan_ml.artifacts import read_manifest
from training.archives import unpack
from training.job import JobError

__all__ = [
    "Evaluation",
    "GateRules",
    "GroupRule",
    "Limit",
    "Verdict",
    "decide",
    "read_checks",
    "read_evaluation",
]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model's evaluation found.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    data : mapping
        Digest, rows and dates of what it was evaluated on.
    primary : str
        The metric by which models are compared; smaller is better.
    model : mapping of str to float
        Metrics of the model.
    baseline_name : str
        What the baseline is.
    baseline : mapping of str to float
        Metrics of the baseline on the same held-out days.
    windows : sequence of mapping
        The same for every held-out window.
    slices : mapping of str to mapping, default={}
        Metrics by shop or another part; `rows` says how many they rest on.
    """

    area: str
    data: Mapping[str, Any]
    primary: str
    model: Mapping[str, float]
    baseline_name: str
    baseline: Mapping[str, float]
    windows: Sequence[Mapping[str, Any]]
    slices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def skill(self) -> dict[str, float]:
        """How much smaller each of the model's errors is than the baseline's, as a share of the latter."""
        return {
            name: 1 - self.model[name] / value
            for name, value in self.baseline.items()
            if name in self.model and value > 0
        }

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        text = json.dumps({**asdict(self), "skill": self.skill}, indent=1, sort_keys=True, allow_nan=False)
        path.write_text(text + "\n", "utf-8")


def read_evaluation(folder: Path) -> Evaluation:
    """Read `evaluation.json` of a folder.

    Raises
    ------
    JobError
        When it does not exist or lacks a field.
    """
    path = folder / "evaluation.json"
    try:
        raw = json.loads(path.read_text("utf-8"))
        raw.pop("skill", None)
        return Evaluation(**raw)
    except (OSError, ValueError, TypeError) as error:
        raise JobError(f"'{path.name}' cannot be read: {error}") from None


def read_checks(folder: Path) -> dict[str, Any]:
    """Read `checks.json` of a folder.

    Raises
    ------
    JobError
        When it does not exist or is no object.
    """
    path = folder / "checks.json"
    try:
        raw = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise JobError(f"'{path.name}' cannot be read: {error}") from None
    if not isinstance(raw, dict):
        raise JobError(f"'{path.name}' must hold an object, got {type(raw).__name__}")
    return raw


@dataclass(frozen=True, slots=True)
class Limit:
    """The closed range a metric must lie in, and why."""

    metric: str
    minimum: float
    maximum: float
    why: str


@dataclass(frozen=True, slots=True)
class GroupRule:
    """How the groups that an evaluation distinguishes are compared.

    Parameters
    ----------
    error, baseline : str
        Names of the model's error and of the baseline's in a slice.
    fewest_rows : float, default=30.0
        A smaller group says nothing by itself.
    worst_ratio : float, default=1.25
        The most that a group's error may be of the baseline's in the same group.
    """

    error: str
    baseline: str
    fewest_rows: float = 30.0
    worst_ratio: float = 1.25


@dataclass(frozen=True, slots=True)
class GateRules:
    """What an area's gate asks.

    Parameters
    ----------
    skills : tuple of str
        Metrics in which the model must beat the baseline.
    limits : tuple of Limit
        Ranges for calibration and bias.
    groups : GroupRule or None, default=None
        How shops are compared; None where the area's evaluation has no groups.
    most_mib : float, default=200.0
        The largest model folder that serves well.
    most_latency_ms : float, default=100.0
        The 95th percentile of a question's CPU time may be so long.
    """

    skills: tuple[str, ...]
    limits: tuple[Limit, ...]
    groups: GroupRule | None = None
    most_mib: float = 200.0
    most_latency_ms: float = 100.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One question of the gate and its answer."""

    name: str
    passed: bool
    reason: str


def decide(
    rules: GateRules,
    evaluation: Evaluation,
    model: Path,
    champion: Path | None,
    checks: Mapping[str, Any] | None = None,
    minimum_skill: float = 0.0,
    champion_tolerance: float = 0.02,
) -> dict[str, Any]:
    """Put a candidate before the gate.

    Parameters
    ----------
    rules : GateRules
        What the area asks.
    evaluation : Evaluation
        What the candidate's evaluation found.
    model, champion : Path
        Folders of the candidate and of the champion; None where nothing serves yet.
    checks : mapping or None, default=None
        What the check job found; a candidate that was not checked is refused.
    minimum_skill : float, default=0.0
        Share by which the baseline must be beaten.
    champion_tolerance : float, default=0.02
        Share by which the champion may be missed, for noise.

    Returns
    -------
    dict
        `passed`, `reasons` as one text, `refusals`, and every verdict.
    """
    verdicts = [
        *_beats_baseline(rules, evaluation, minimum_skill),
        *_within_limits(rules, evaluation),
        _small_enough(rules, model),
        _fast_enough(rules, checks or {}),
        _serves_every_group(rules, checks or {}),
        _not_worse_than_champion(evaluation, model, champion, champion_tolerance),
    ]
    refusals = [verdict for verdict in verdicts if not verdict.passed]
    return {
        "area": evaluation.area,
        "model_version": read_manifest(model).model_version,
        "passed": not refusals,
        "refusals": len(refusals),
        "reasons": "; ".join(verdict.reason for verdict in refusals) or "none",
        "verdicts": [asdict(verdict) for verdict in verdicts],
    }


def _beats_baseline(rules: GateRules, evaluation: Evaluation, minimum: float) -> Iterator[Verdict]:
    """Ask for skill over the baseline."""
    for metric in rules.skills:
        skill = evaluation.skill.get(metric)
        if skill is None:
            yield Verdict(f"skill {metric}", False, f"{metric} was not measured against the baseline")
            continue
        numbers = (
            f"{metric} {evaluation.model[metric]:.4g} against {evaluation.baseline[metric]:.4g} "
            f"of {evaluation.baseline_name}"
        )
        passed = skill > minimum
        told = f"{numbers}: skill {skill:.1%}"
        yield Verdict(
            f"skill {metric}", passed, told if passed else f"{told}, more than {minimum:.1%} is asked"
        )


def _within_limits(rules: GateRules, evaluation: Evaluation) -> Iterator[Verdict]:
    """Ask for calibration and little bias."""
    for limit in rules.limits:
        value = evaluation.model.get(limit.metric)
        passed = value is not None and limit.minimum <= value <= limit.maximum
        got = "was not measured" if value is None else f"is {value:.3g}"
        asked = f"{limit.minimum:g} to {limit.maximum:g} is asked ({limit.why})"
        yield Verdict(limit.metric, passed, f"{limit.metric} {got}, {asked}")


def _small_enough(rules: GateRules, model: Path) -> Verdict:
    """Ask for a model that loads quickly."""
    mib = sum(path.stat().st_size for path in model.rglob("*") if path.is_file()) / 2**20
    return Verdict(
        "size", mib <= rules.most_mib, f"the model folder is {mib:.1f} MiB, at most {rules.most_mib:g}"
    )


def _fast_enough(rules: GateRules, checks: Mapping[str, Any]) -> Verdict:
    """Ask for a model that answers quickly."""
    # CPU time: a candidate is not to be refused for what else the job's machine does.
    p95 = checks.get("latency", {}).get("p95_cpu_ms")
    if p95 is None:
        return Verdict("latency", False, "the latency was not measured")
    told = f"a question takes {p95:.1f} ms of CPU at the 95th percentile, at most {rules.most_latency_ms:g}"
    return Verdict("latency", p95 <= rules.most_latency_ms, told)


def _serves_every_group(rules: GateRules, checks: Mapping[str, Any]) -> Verdict:
    """Ask that no shop is served much worse than its own baseline would."""
    if rules.groups is None:
        return Verdict("fairness", True, "this area has no groups")
    found = checks.get("fairness")
    if found is None:
        return Verdict("fairness", False, "the groups were not compared")
    if found["worst_ratio"] is None:
        return Verdict("fairness", True, "no group is large enough to be compared")
    told = (
        f"shop '{found['worst_group']}' has {found['worst_ratio']:.2f} times the baseline's {found['metric']}, "
        f"the most of {found['compared']}; at most {rules.groups.worst_ratio:g} is allowed"
    )
    return Verdict("fairness", found["worst_ratio"] <= rules.groups.worst_ratio, told)


def _not_worse_than_champion(
    evaluation: Evaluation, model: Path, champion: Path | None, tolerance: float
) -> Verdict:
    """Ask that what serves is not replaced by something worse."""
    if champion is None:
        return Verdict("champion", True, "nothing serves yet")
    if read_manifest(model).model_version == read_manifest(champion).model_version:
        return Verdict("champion", True, "the candidate is the champion itself")
    try:
        served = read_evaluation(champion)
    except JobError:
        return Verdict("champion", True, "the champion has no evaluation to compare with")
    return _compared(evaluation, served, tolerance)


def _compared(evaluation: Evaluation, served: Evaluation, tolerance: float) -> Verdict:
    """Compare errors on the same data, or skills where the data have moved on since the champion."""
    metric = evaluation.primary
    mine, its = evaluation.model.get(metric), served.model.get(metric)
    if evaluation.data.get("digest") == served.data.get("digest") and mine is not None and its is not None:
        passed = mine <= its * (1 + tolerance)
        told = f"{metric} {mine:.4g} against the champion's {its:.4g} on the same data"
        return Verdict("champion", passed, told)
    my_skill, its_skill = evaluation.skill.get(metric), served.skill.get(metric)
    if my_skill is None or its_skill is None:
        return Verdict("champion", True, f"the champion has no {metric} to compare with")
    # Errors on other days are not comparable; errors relative to the same baseline on their own days are.
    passed = 1 - my_skill <= (1 - its_skill) * (1 + tolerance)
    told = f"skill in {metric} {my_skill:.1%} against the champion's {its_skill:.1%}, each on its own days"
    return Verdict("champion", passed, told)


def model_folder(folder: Path) -> Path:
    """Find the model in a job's input, which is a `model.tar.gz` or the unpacked folder.

    Raises
    ------
    ArtifactError
        When there is none, or the archive is unsafe.
    """
    archive = folder / "model.tar.gz"
    if not archive.is_file():
        return folder
    target = folder / "unpacked"
    unpack(archive, target)
    return target
