"""A champion that is missing or damaged: each answer names the reason, /ready says it, the log tells the cause once."""

import json
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samaan_ml.artifacts import save_model
from samaan_ml.domain.messages import ForecastRequest, ItemHistory
from serving.adapters.inprocess_predictor import InProcessPredictor
from serving.errors import PredictorUnavailable

QUESTION = ForecastRequest("s", None, 7, (ItemHistory("salt", None, date(2026, 1, 1), (1000,) * 30),), ())


class DemandForecaster:
    """Has the name of a kind, whole files, and a state from which no model can be made."""

    __module__ = "samaan_ml.forecasting"

    def get_state(self) -> dict[str, Any]:
        return {"level": np.arange(6.0)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "DemandForecaster":
        assert "level" in state
        return cls()


class Lines(logging.Handler):
    """Keeps what was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@pytest.fixture
def log() -> Iterator[Lines]:
    """The predictor's log."""
    logger, lines = logging.getLogger("serving.predictor"), Lines()
    logger.addHandler(lines)
    yield lines
    logger.removeHandler(lines)


@pytest.fixture
def champion(tmp_path: Path) -> Path:
    """A folder with whole files of a model, none of the kinds that answer."""
    folder = tmp_path / "demand" / "champion"
    save_model(DemandForecaster(), folder)
    return folder


def reason_of(predictor: InProcessPredictor) -> str:
    with pytest.raises(PredictorUnavailable) as caught:
        predictor.forecast(QUESTION)
    return caught.value.reason


def test_a_missing_champion_is_named_and_no_warning(tmp_path: Path, log: Lines) -> None:
    predictor = InProcessPredictor(tmp_path)
    assert reason_of(predictor) == "model_missing"
    assert predictor.state() == dict.fromkeys(("demand", "price", "udhaar"), "missing")
    assert log.texts == []


def damage_one_byte(folder: Path) -> None:
    file = max(
        (each for each in folder.iterdir() if each.name != "manifest.json"), key=lambda f: f.stat().st_size
    )
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(bytes(data))


def cut_in_half(folder: Path) -> None:
    file = next(each for each in folder.iterdir() if each.name != "manifest.json")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def remove_a_file(folder: Path) -> None:
    next(each for each in folder.iterdir() if each.name != "manifest.json").unlink()


def garble_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff{")


def name_another_format(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": "of tomorrow"}))


@pytest.mark.parametrize(
    "damage", [damage_one_byte, cut_in_half, remove_a_file, garble_the_manifest, name_another_format]
)
def test_a_damaged_champion_is_named_in_answer_state_and_log_once(
    champion: Path, log: Lines, damage: "object"
) -> None:
    assert callable(damage)
    damage(champion)
    predictor = InProcessPredictor(champion.parents[1])
    assert [reason_of(predictor) for _ in range(3)] == ["model_broken"] * 3
    assert predictor.state()["demand"] == "broken"
    assert len(log.texts) == 1
    assert log.texts[0].startswith("the demand model is damaged: ")


def test_readiness_sees_the_damage_before_anybody_asks(champion: Path, log: Lines) -> None:
    predictor = InProcessPredictor(champion.parents[1])
    assert predictor.state()["demand"] == "ready"
    damage_one_byte(champion)
    assert [predictor.state()["demand"] for _ in range(2)] == ["broken"] * 2
    assert len(log.texts) == 1


def test_a_repaired_champion_is_ready_again(champion: Path) -> None:
    whole = {each.name: each.read_bytes() for each in champion.iterdir()}
    damage_one_byte(champion)
    predictor = InProcessPredictor(champion.parents[1])
    assert predictor.state()["demand"] == "broken"
    for name, content in whole.items():
        (champion / name).write_bytes(content)
    assert predictor.state()["demand"] == "ready"


def test_whole_files_of_a_model_that_answers_no_request_are_broken(champion: Path, log: Lines) -> None:
    predictor = InProcessPredictor(champion.parents[1])
    assert reason_of(predictor) == "model_broken"
    assert predictor.state()["demand"] == "broken"
    assert len(log.texts) == 1
