"""The gate: what it lets through, what it refuses, and the reasons it gives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training.evaluate import Evaluation, GateRules, GroupRule, Limit, decide, read_checks, read_evaluation
from training.job import JobError

RULES = GateRules(
    skills=("wape",),
    limits=(Limit("bias", -0.2, 0.2, "shelves"),),
    groups=GroupRule("wape", "baseline_wape"),
    most_mib=0.01,
    most_latency_ms=10.0,
)
CHECKS: dict[str, Any] = {
    "latency": {"p95_cpu_ms": 5.0},
    "fairness": {"compared": 3, "metric": "wape", "worst_group": "shop-2", "worst_ratio": 1.1},
}
GOOD = Evaluation(
    area="demand",
    data={"digest": "d1"},
    primary="wape",
    model={"wape": 0.5, "bias": 0.05},
    baseline_name="seasonal naive",
    baseline={"wape": 0.8},
    windows=[],
)


def a_model(folder: Path, version: str, evaluation: Evaluation | None = None, size: int = 10) -> Path:
    """A model folder with a manifest and, as a champion has, its evaluation."""
    folder.mkdir()
    manifest = {
        "format": 1,
        "kind": "demand",
        "model_version": version,
        "files": {},
        "versions": {},
        "metadata": {},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "state.json").write_text("x" * size)
    if evaluation is not None:
        evaluation.write(folder / "evaluation.json")
    return folder


def verdict_on(
    tmp_path: Path, evaluation: Evaluation, champion: Evaluation | None = None, **more: Any
) -> dict[str, Any]:
    """Put a candidate before the gate."""
    served = None if champion is None else a_model(tmp_path / "champion", "old", champion)
    more.setdefault("checks", CHECKS)
    return decide(RULES, evaluation, a_model(tmp_path / "model", "new"), served, **more)


def test_a_model_that_beats_the_baseline_passes_with_its_numbers(tmp_path: Path) -> None:
    decision = verdict_on(tmp_path, GOOD)
    assert (decision["passed"], decision["refusals"], decision["reasons"]) == (True, 0, "none")
    assert decision["verdicts"][0]["reason"] == "wape 0.5 against 0.8 of seasonal naive: skill 37.5%"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model": {"wape": 0.9, "bias": 0.0}}, "wape 0.9 against 0.8 of seasonal naive: skill -12.5%"),
        ({"model": {"wape": 0.8, "bias": 0.0}}, "more than 0.0% is asked"),
        ({"model": {"wape": 0.5, "bias": 0.3}}, "bias is 0.3, -0.2 to 0.2 is asked (shelves)"),
        ({"model": {"wape": 0.5}}, "bias was not measured"),
        ({"model": {"bias": 0.0}}, "wape was not measured against the baseline"),
        ({"model": {"wape": 0.5, "bias": float("nan")}}, "bias is nan"),
    ],
)
def test_a_model_is_refused_with_the_reason(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    decision = verdict_on(tmp_path, replace(GOOD, **change))
    assert not decision["passed"]
    assert reason in decision["reasons"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"latency": {"p95_cpu_ms": 10.5}},
            "a question takes 10.5 ms of CPU at the 95th percentile, at most 10",
        ),
        ({"latency": {}}, "the latency was not measured"),
        ({"fairness": None}, "the groups were not compared"),
        (
            {"fairness": {**CHECKS["fairness"], "worst_ratio": 1.3}},
            "shop 'shop-2' has 1.30 times the baseline's wape, the most of 3; at most 1.25 is allowed",
        ),
    ],
)
def test_a_slow_or_unfair_model_is_refused_with_the_reason(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    decision = verdict_on(tmp_path, GOOD, checks={**CHECKS, **change})
    assert decision["reasons"] == reason


def test_a_candidate_that_was_not_checked_is_refused(tmp_path: Path) -> None:
    decision = verdict_on(tmp_path, GOOD, checks=None)
    assert decision["refusals"] == 2


def test_broken_checks_are_told_by_their_file(tmp_path: Path) -> None:
    (tmp_path / "checks.json").write_text("[]")
    with pytest.raises(JobError, match=r"'checks.json' must hold an object, got list"):
        read_checks(tmp_path)
    (tmp_path / "checks.json").unlink()
    with pytest.raises(JobError, match=r"'checks.json' cannot be read"):
        read_checks(tmp_path)


def test_all_reasons_are_given_at_once(tmp_path: Path) -> None:
    decision = verdict_on(tmp_path, replace(GOOD, model={"wape": 0.9, "bias": 0.9}))
    assert decision["refusals"] == 2


def test_a_model_too_large_to_serve_is_refused(tmp_path: Path) -> None:
    decision = decide(RULES, GOOD, a_model(tmp_path / "model", "new", size=20_000), None, CHECKS)
    assert decision["reasons"] == "the model folder is 0.0 MiB, at most 0.01"


@pytest.mark.parametrize(("wape", "passed"), [(0.5, True), (0.509, True), (0.52, False)])
def test_on_the_same_data_errors_are_compared_with_the_champion(
    tmp_path: Path, wape: float, passed: bool
) -> None:
    decision = verdict_on(tmp_path, replace(GOOD, model={"wape": wape, "bias": 0.0}), champion=GOOD)
    assert decision["passed"] is passed
    assert passed or decision["reasons"] == "wape 0.52 against the champion's 0.5 on the same data"


@pytest.mark.parametrize(("wape", "passed"), [(0.62, True), (0.7, False)])
def test_on_other_data_skills_are_compared_with_the_champion(
    tmp_path: Path, wape: float, passed: bool
) -> None:
    # harder days: the baseline itself is at 1.0
    later = replace(GOOD, data={"digest": "d2"}, model={"wape": wape, "bias": 0.0}, baseline={"wape": 1.0})
    decision = verdict_on(tmp_path, later, champion=GOOD)
    assert decision["passed"] is passed
    assert passed or "skill in wape 30.0% against the champion's 37.5%" in decision["reasons"]


def test_a_minimum_skill_can_be_asked(tmp_path: Path) -> None:
    decision = verdict_on(tmp_path, GOOD, minimum_skill=0.4)
    assert decision["reasons"].endswith("skill 37.5%, more than 40.0% is asked")


def test_the_champion_itself_passes_again(tmp_path: Path) -> None:
    worse = replace(GOOD, model={"wape": 0.79, "bias": 0.0})
    champion = a_model(tmp_path / "champion", "same", GOOD)
    decision = decide(RULES, worse, a_model(tmp_path / "model", "same"), champion, CHECKS)
    assert decision["passed"]


def test_an_evaluation_survives_its_file(tmp_path: Path) -> None:
    GOOD.write(tmp_path / "evaluation.json")
    assert read_evaluation(tmp_path) == GOOD


@pytest.mark.parametrize("text", ["{", "{}", '{"area": "demand", "more": 1}'])
def test_a_broken_evaluation_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "evaluation.json").write_text(text)
    with pytest.raises(JobError, match=r"'evaluation.json' cannot be read"):
        read_evaluation(tmp_path)
