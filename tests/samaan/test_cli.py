"""The command line: the menu, its help, and one clear line for every error."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from samaan.cli import COMMANDS
from samaan_ml.cli import main as main_of_old
from samaan_ml.launch import main


def samaan(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-m", "samaan", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "HOME": str(cwd), **environment},
        check=False,
        timeout=120,
    )


def test_the_old_address_starts_the_same_command() -> None:
    assert main_of_old is main


def test_the_menu_lists_every_command(tmp_path: Path) -> None:
    run = samaan("--help", cwd=tmp_path)
    assert run.returncode == 0
    assert all(f"  {name} " in run.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str, tmp_path: Path) -> None:
    run = samaan(name, "--help", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "Usage:" in run.stdout
    assert len(run.stdout.splitlines()) > 5


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    run = samaan("forecats", cwd=tmp_path)
    assert run.returncode == 2
    assert "forecats" in run.stderr


def test_an_error_is_one_clear_line_without_a_traceback(tmp_path: Path) -> None:
    run = samaan("data", "check", str(tmp_path), cwd=tmp_path)
    assert run.returncode == 1
    assert "holds no table" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_doctor_names_a_setting_that_no_part_reads(tmp_path: Path) -> None:
    run = samaan("doctor", cwd=tmp_path, SAMAAN_PREDICTR="inprocess")
    assert "'SAMAAN_PREDICTR' is read by no part" in run.stdout


def test_the_doctor_fails_on_a_broken_champion(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "demand" / "champion"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{")
    run = samaan("doctor", cwd=tmp_path, SAMAAN_HOME=str(tmp_path))
    assert run.returncode == 1
    assert "FAULT model-demand" in run.stdout
