"""The image: what the Dockerfile copies and installs is enough to run its jobs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from pipelines.areas import AREAS, golden_text
from pipelines.local import Definition

COPIED = re.compile(r"^COPY (?!--from)(.+) \S+$", re.MULTILINE)
MADE_OF = (
    "alembic",
    "boto3",
    "httptools",
    "lightgbm",
    "mlflow-skinny",
    "numba",
    "pyarrow",
    "starlette",
    "uvicorn",
    "uvloop",
)


def dockerfile(project_root: Path) -> str:
    """Read the Dockerfile."""
    return (project_root / "Dockerfile").read_text("utf-8")


def test_all_that_is_copied_is_there_and_is_sent_to_the_builder(project_root: Path) -> None:
    sent = (project_root / ".dockerignore").read_text("utf-8").splitlines()
    places = [place for line in COPIED.findall(dockerfile(project_root)) for place in line.split()]
    assert {"pyproject.toml", "samaan", "samaan_ml", "training", "requirements/training.txt"} <= set(places)
    for place in places:
        assert (project_root / place).exists(), place
        assert f"!{place}" in sent


def test_every_package_of_the_wheel_is_copied(project_root: Path) -> None:
    import tomllib

    project = tomllib.loads((project_root / "pyproject.toml").read_text("utf-8"))
    wanted = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
    copied = {place for line in COPIED.findall(dockerfile(project_root)) for place in line.split()}
    assert wanted <= copied


def test_the_locked_requirements_hold_what_the_jobs_need_each_with_a_hash(project_root: Path) -> None:
    text = (project_root / "requirements" / "training.txt").read_text("utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==[^\\]+\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert set(MADE_OF) <= set(pins)
    assert len(pins) == len(re.findall(r"^\S+==", text, re.MULTILINE))
    assert "://" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for it")
def test_servers_parse_and_wait_in_compiled_code() -> None:
    import uvicorn

    config = uvicorn.Config("training.container:create_app", factory=True)
    config.load()
    loops = config.get_loop_factory()
    assert config.http_protocol_class.__name__ == "HttpToolsProtocol"  # type: ignore[union-attr]
    assert loops is not None
    assert loops.__module__ == "uvloop"


def test_the_definitions_commands_are_those_of_the_image(project_root: Path) -> None:
    from training.cli import train

    entry = json.loads(re.search(r"^ENTRYPOINT (.+)$", dockerfile(project_root), re.MULTILINE)[1])  # type: ignore[index]
    assert entry == ["samaan", "train"]
    for area in AREAS:
        for step in Definition.read(json.loads(golden_text(area)), area).steps:
            given = step.arguments.get("AppSpecification") or step.arguments.get("AlgorithmSpecification")
            if given is not None:
                command = given["ContainerEntrypoint"]
                assert command[:2] == entry
                assert command[2] in train.commands
                assert command[3] == area


@pytest.mark.slow
def test_a_job_runs_from_the_wheel_in_an_empty_environment(project_root: Path, tmp_path: Path) -> None:
    wheel = a_wheel(project_root, tmp_path)
    home = tmp_path / "image"
    venv.EnvBuilder(with_pip=True, clear=True).create(home)
    pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    locked = str(project_root / "requirements" / "training.txt")
    installed = subprocess.run(
        [*pip, "--require-hashes", "--no-deps", "-r", locked], capture_output=True, text=True, check=False
    )
    if "NewConnectionError" in installed.stderr or "No matching distribution" in installed.stderr:
        pytest.skip(f"the package registry cannot be reached: {installed.stderr.strip().splitlines()[-1]}")
    assert installed.returncode == 0, installed.stderr
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    base = tmp_path / "ml"
    (base / "processing" / "input").mkdir(parents=True)
    (base / "processing" / "input" / "data").symlink_to(project_root / "data" / "sample")
    run_in_image(home, base, "prepare", "price")
    (base / "input" / "data").mkdir(parents=True)
    (base / "input" / "data" / "prepared").symlink_to(base / "processing" / "output" / "prepared")
    told = run_in_image(home, base, "fit", "price")
    assert told.startswith("model ")
    manifest = json.loads((base / "model" / "manifest.json").read_text("utf-8"))
    assert manifest["metadata"]["code"] == "a-commit"
    refused = run_in_image(home, base, "gate", "price", code=1)
    assert refused == ""
    assert "is missing or empty" in (base / "output" / "failure").read_text("utf-8")
    assert "usage" in run_in_image(home, base, "serve", "--help").lower()


def a_wheel(project_root: Path, target: Path) -> Path:
    """Build the wheel with what is installed, without a network."""
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(project_root)], check=True)
    [wheel] = target.glob("*.whl")
    return wheel


def run_in_image(home: Path, base: Path, *words: str, code: int = 0) -> str:
    """Run a job by the image's own command, with nothing of this process's environment."""
    environment = {
        "PATH": f"{home / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "SAGEMAKER_BASE_DIR": str(base),
        "SAMAAN_COMMIT": "a-commit",
        "OMP_NUM_THREADS": "1",
        "HOME": str(base),
    }
    ended = subprocess.run(
        [str(home / "bin" / "samaan"), "train", *words],
        cwd=base,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    return ended.stdout
