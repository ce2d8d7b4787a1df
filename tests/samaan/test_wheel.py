"""The wheel brings one importable name, and its command finds the rest inside of it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")


@pytest.mark.slow
def test_the_wheel_holds_one_importable_name_and_its_command_runs(project_root: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=project_root, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
        archive.extractall(tmp_path / "site")
    assert {name for name in top if not name.endswith(".dist-info")} == {"samaan_ml"}
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); from samaan_ml.launch import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "Usage" in run.stdout
