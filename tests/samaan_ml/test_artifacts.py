"""Model folders: what is saved comes back bit for bit, and an altered folder is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from samaan_ml import artifacts
from samaan_ml.artifacts import load_model, load_state, read_manifest, save_model
from samaan_ml.exceptions import ArtifactError


class DemandForecaster:
    """A stand-in of a known kind that keeps whatever state it is given."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    def get_state(self) -> dict[str, Any]:
        return self.state

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "DemandForecaster":
        return cls(state)


def a_state() -> dict[str, Any]:
    return {
        "horizon": 14,
        "levels": [0.1, 0.5, 0.9],
        "name": None,
        "forest": {"values": np.arange(6, dtype="float32").reshape(2, 3), "scalar": np.float64(2.5)},
        "table": pd.DataFrame({"item_id": ["a", "b"], "x": [1.5, np.nan]}),
        "text": "tree\n" * 1000,
    }


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    save_model(DemandForecaster(a_state()), tmp_path / "m", {"wape": 0.4})
    manifest, state = load_state(tmp_path / "m")
    assert manifest.metadata == {"wape": 0.4}
    assert (state["horizon"], state["levels"], state["name"]) == (14, [0.1, 0.5, 0.9], None)
    np.testing.assert_array_equal(state["forest"]["values"], a_state()["forest"]["values"])
    assert state["forest"]["values"].dtype == np.float32
    assert state["forest"]["scalar"] == 2.5
    pd.testing.assert_frame_equal(state["table"], a_state()["table"])
    assert state["text"] == a_state()["text"]


@given(hnp.arrays(st.sampled_from(["f4", "f8", "i4", "u1", "?"]), hnp.array_shapes(min_dims=0, max_dims=3)))
def test_any_array_comes_back_bit_for_bit(array: np.ndarray) -> None:
    content = artifacts._write_arrays({"x": array})
    restored = artifacts._read_arrays(content)["x"]
    assert (restored.dtype, restored.shape, restored.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_the_same_state_has_the_same_version_and_another_state_another(tmp_path: Path) -> None:
    first = save_model(DemandForecaster(a_state()), tmp_path / "1", {"run": 1})
    again = save_model(DemandForecaster(a_state()), tmp_path / "2", {"run": 2})
    other = save_model(DemandForecaster({**a_state(), "horizon": 7}), tmp_path / "3")
    assert first.model_version == again.model_version != other.model_version


@pytest.mark.parametrize("name", ["state.json", "arrays.npz", "table.parquet", "text.txt"])
def test_an_altered_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    save_model(DemandForecaster(a_state()), tmp_path / "m")
    path = tmp_path / "m" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=rf"{name}' was altered"):
        load_state(tmp_path / "m")


def test_a_missing_file_or_folder_is_refused_by_name(tmp_path: Path) -> None:
    save_model(DemandForecaster(a_state()), tmp_path / "m")
    (tmp_path / "m" / "arrays.npz").unlink()
    with pytest.raises(ArtifactError, match=r"lacks 'arrays.npz'"):
        load_state(tmp_path / "m")
    with pytest.raises(ArtifactError, match="holds no model"):
        read_manifest(tmp_path / "absent")


def test_a_manifest_that_names_a_file_outside_is_refused(tmp_path: Path) -> None:
    save_model(DemandForecaster(a_state()), tmp_path / "m")
    path = tmp_path / "m" / "manifest.json"
    raw = json.loads(path.read_text())
    raw["files"]["../secret"] = "0" * 64
    path.write_text(json.dumps(raw))
    with pytest.raises(ArtifactError, match="names a file outside itself"):
        load_state(tmp_path / "m")


def test_a_folder_of_another_kind_or_format_is_refused(tmp_path: Path) -> None:
    save_model(DemandForecaster(a_state()), tmp_path / "m")
    with pytest.raises(ArtifactError, match="of kind 'demand', expected 'price'"):
        load_model(tmp_path / "m", kind="price")
    path = tmp_path / "m" / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(ArtifactError, match="format '99', this version reads 1"):
        read_manifest(tmp_path / "m")


def test_what_cannot_be_saved_without_pickle_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    for state in ({"x": np.array([object()])}, {"x": object()}, {"x": float("nan")}):
        with pytest.raises(ArtifactError):
            save_model(DemandForecaster(state), tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_saving_again_replaces_the_whole_folder(tmp_path: Path) -> None:
    save_model(DemandForecaster(a_state()), tmp_path / "m")
    save_model(DemandForecaster({"horizon": 7}), tmp_path / "m")
    assert sorted(p.name for p in (tmp_path / "m").iterdir()) == ["manifest.json", "state.json"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m"]
