"""What MLflow shows of a version: the gate's sentences and the model card as text, the backtest as a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

__all__ = ["backtest_of", "calibration_of", "description_of", "gate_sentences", "write_pictures"]

_WIDTH, _HEIGHT, _MARGIN = 640, 320, 48
_BLUE, _GREY = "#2b6cb0", "#a0aec0"
_LONGEST = 20_000


def gate_sentences(folder: Path) -> list[dict[str, Any]]:
    """Read the gate's verdicts, each with its name, whether it passed, and its sentence."""
    said = _read(folder / "gate.json").get("verdicts")
    return [
        {"name": str(each.get("name")), "passed": bool(each.get("passed")), "text": str(each.get("reason"))}
        for each in (said if isinstance(said, list) else [])
        if isinstance(each, Mapping)
    ]


def backtest_of(folder: Path) -> dict[str, Any] | None:
    """Read the primary metric of each held-out window, of the model and of its baseline; None where there is none."""
    said = _read(folder / "evaluation.json")
    metric, windows = said.get("primary"), []
    for each in said.get("windows") or ():
        model, baseline = each.get("model", {}).get(metric), each.get("baseline", {}).get(metric)
        if model is not None:
            name = (
                f"{each['first']} to {each['last']}" if "last" in each else str(each.get("first", "held out"))
            )
            windows.append({"name": name, "model": model, "baseline": baseline})
    if not windows:
        return None
    return {"metric": str(metric), "baseline_name": str(said.get("baseline_name")), "windows": windows}


def calibration_of(folder: Path) -> dict[str, Any] | None:
    """Read what share of the truth lay inside the intervals, and what share should; None where it is not measured."""
    said = _read(folder / "evaluation.json")
    model, nominal = said.get("model") or {}, {"demand": 0.9, "price": 0.95}.get(str(said.get("area")))
    if nominal is None or "coverage" not in model:
        return None
    return {"points": [{"nominal": nominal, "observed": model["coverage"]}]}


def description_of(folder: Path) -> str:
    """Write a version's text in Markdown: the gate's sentences, then the model card."""
    lines = ["### What the gate says", ""]
    lines += [
        f"- {'passed' if each['passed'] else '**refused**'} {each['name']}: {each['text']}"
        for each in gate_sentences(folder)
    ]
    if len(lines) == 2:
        lines.append("- the model came without a gate's decision")
    card = _read(folder / "model_card.json")
    for part, title in (
        ("model_overview", "Model"),
        ("intended_uses", "Intended uses"),
        ("training_details", "Training"),
    ):
        inner = card.get(part)
        if isinstance(inner, Mapping):
            lines += ["", f"### {title}", ""]
            lines += [f"- {name.replace('_', ' ')}: {_plain(value)}" for name, value in inner.items()]
    return "\n".join(lines)[:_LONGEST]


def write_pictures(folder: Path, target: Path) -> list[Path]:
    """Draw the backtest and the calibration as SVG; give the files."""
    target.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    backtest, calibration = backtest_of(folder), calibration_of(folder)
    if backtest is not None:
        bars = [(each["name"], each["model"], each["baseline"]) for each in backtest["windows"]]
        title = (
            f"{backtest['metric']} of held-out windows, model (blue) and {backtest['baseline_name']} (grey)"
        )
        made.append(_write(target / "backtest.svg", _bars(title, bars)))
    if calibration is not None:
        bars = [
            (f"{each['nominal']:.0%}", each["observed"], each["nominal"]) for each in calibration["points"]
        ]
        title = "share of the truth inside the intervals, observed (blue) and asked for (grey)"
        made.append(_write(target / "calibration.svg", _bars(title, bars)))
    return made


def _bars(title: str, bars: Sequence[tuple[str, float, float | None]]) -> str:
    """Draw pairs of bars."""
    highest = max([value for _, *pair in bars for value in pair if value is not None] + [1e-12])
    step, ground = (_WIDTH - 2 * _MARGIN) / len(bars), _HEIGHT - _MARGIN
    parts = [f'<text x="{_MARGIN}" y="24" font-size="13">{escape(title)}</text>']
    for place, (name, *pair) in enumerate(bars):
        left = _MARGIN + place * step
        for side, (value, colour) in enumerate(zip(pair, (_BLUE, _GREY), strict=True)):
            if value is not None:
                height = max(value, 0.0) / highest * (ground - _MARGIN)
                x, y, width = left + side * step * 0.4, ground - height, step * 0.36
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
                )
                parts.append(f'<text x="{x:.1f}" y="{y - 4:.1f}" font-size="11">{value:.3g}</text>')
        parts.append(f'<text x="{left:.1f}" y="{ground + 18}" font-size="10">{escape(name)}</text>')
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">{"".join(parts)}</svg>\n'


def _write(path: Path, text: str) -> Path:
    """Write a picture."""
    path.write_text(text, "utf-8")
    return path


def _read(path: Path) -> dict[str, Any]:
    """Read a report; empty where it is absent or none."""
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _plain(value: Any) -> str:
    """Write a value on one line."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return text.replace("\n", " ")[:500]
