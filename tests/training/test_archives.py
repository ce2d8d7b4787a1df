"""Archives with bytes turned anywhere: never unpacked to something else, never an error of another kind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.exceptions import ArtifactError
from training.archives import pack, unpack


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive of text that deflate has work with."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "in").mkdir()
    letters = random.Random(0).choices("abcdefgh 0123", k=4000)
    (folder / "in" / "state.json").write_text("".join(letters))
    pack(folder / "in", folder / "model.tar.gz")
    return (folder / "model.tar.gz").read_bytes()


@given(place=st.integers(0), turned=st.integers(1, 255))
def test_a_byte_turned_anywhere_is_found(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, place: int, turned: int
) -> None:
    at = 10 + place % (len(whole) - 10)  # the head's time and system are not part of what is unpacked
    folder = tmp_path_factory.mktemp("turned")
    (folder / "model.tar.gz").write_bytes(whole[:at] + bytes([whole[at] ^ turned]) + whole[at + 1 :])
    with pytest.raises(ArtifactError, match=r"'model.tar.gz' cannot be unpacked"):
        unpack(folder / "model.tar.gz", folder / "out")


def test_a_whole_one_is_unpacked(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(whole)
    unpack(tmp_path / "model.tar.gz", tmp_path / "out")
    assert len((tmp_path / "out" / "state.json").read_text()) == 4000
