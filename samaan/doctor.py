"""`samaan doctor`: what this installation lacks, each finding with its fix."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from samaan_ml.artifacts import load_state
from samaan_ml.exceptions import ArtifactError

State = Literal["ok", "note", "fault"]

_PARTS = {
    "serving": ("fastapi", "sqlalchemy", "jwt", "argon2", "uvicorn"),
    "training": ("mlflow", "sqlalchemy"),
    "pipelines": ("sagemaker", "boto3"),
    "aws": ("boto3", "mangum"),
}
_LEAST_FREE_BYTES = 500 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Parameters
    ----------
    code : str
        Stable name of the check.
    state : {"ok", "note", "fault"}
        A note does not hinder; a fault makes the command exit with 1.
    found : str
        What was seen.
    fix : str, default=""
        What to do about it.
    """

    code: str
    state: State
    found: str
    fix: str = ""


def check_python() -> Iterator[Finding]:
    """Look at the interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding(
        "python", "ok" if good else "fault", f"Python {version}", "" if good else "use Python 3.11 or newer"
    )


def check_parts() -> Iterator[Finding]:
    """Look for the packages of each optional part."""
    for extra, packages in _PARTS.items():
        missing = [name for name in packages if importlib.util.find_spec(name) is None]
        if missing:
            lacks = f"part '{extra}' lacks {', '.join(missing)}"
            yield Finding(f"extra-{extra}", "note", lacks, f"pip install 'samaan-sathi[{extra}]'")
        else:
            yield Finding(f"extra-{extra}", "ok", f"part '{extra}' is installed")


def check_home() -> Iterator[Finding]:
    """Look whether the home folder can be written and has room."""
    home = home_folder()
    parent = next(p for p in (home, *home.parents) if p.exists())
    if not os.access(parent, os.W_OK):
        yield Finding("home", "fault", f"'{home}' cannot be written", "name another folder with SAMAAN_HOME")
        return
    free = shutil.disk_usage(parent).free
    if free < _LEAST_FREE_BYTES:
        yield Finding(
            "home", "fault", f"'{home}' has {free >> 20} MB left", "free some space, or set SAMAAN_HOME"
        )
    else:
        yield Finding("home", "ok", f"'{home}' can be written, {free >> 30} GB free")


def check_models() -> Iterator[Finding]:
    """Verify the checksums of the champions."""
    for kind in ("demand", "price", "udhaar"):
        folder = home_folder() / "models" / kind / "champion"
        fix = f"samaan pipeline run {kind} --data data/sample"
        if not folder.exists():
            yield Finding(f"model-{kind}", "note", f"no champion for '{kind}' yet", fix)
            continue
        try:
            manifest, _ = load_state(folder)
        except ArtifactError as error:
            yield Finding(f"model-{kind}", "fault", str(error), fix)
        else:
            yield Finding(f"model-{kind}", "ok", f"champion '{kind}' is version {manifest.model_version}")


def check_clock() -> Iterator[Finding]:
    """Look whether the clock and the shop's zone are usable."""
    try:
        now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Kolkata"))
    except ZoneInfoNotFoundError:
        yield Finding("zone", "fault", "the zone 'Asia/Kolkata' is unknown here", "pip install tzdata")
        return
    good = now.year >= 2025
    yield Finding(
        "clock",
        "ok" if good else "fault",
        f"the shop's time is {now:%Y-%m-%d %H:%M}",
        "" if good else "set the clock",
    )


def check_settings() -> Iterator[Finding]:
    """Name settings that no part reads, as a misspelt one is silent otherwise."""
    known = {"SAMAAN_HOME", "SAMAAN_DEBUG", "SAMAAN_MLFLOW_URI", "SAMAAN_BENCHMARK_DATA"}
    if importlib.util.find_spec("pydantic_settings") is not None:
        known |= _serving_settings()
    for name in sorted(set(filter(lambda n: n.startswith("SAMAAN_"), os.environ)) - known):
        yield Finding("setting", "note", f"'{name}' is read by no part", "see docs/reference/settings.md")


def _serving_settings() -> set[str]:
    """Ask the API's settings for their names, where the API is installed beside the library."""
    try:
        from serving.settings import Settings
    except ModuleNotFoundError:
        return set()
    return {f"SAMAAN_{name.upper()}" for name in Settings.model_fields}


def home_folder() -> Path:
    """Where everything that is written lies: SAMAAN_HOME, else `.samaan` in the working folder."""
    return Path(os.environ.get("SAMAAN_HOME") or ".samaan").absolute()


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python,
    check_parts,
    check_home,
    check_models,
    check_clock,
    check_settings,
)


@click.command()
def doctor() -> None:
    """Check Python, parts, home folder, models, clock and settings, and say how to fix each fault."""
    marks: dict[State, str] = {"ok": "ok   ", "note": "note ", "fault": "FAULT"}
    findings = [finding for check in CHECKS for finding in check()]
    for finding in findings:
        click.echo(f"{marks[finding.state]} {finding.code:16} {finding.found}")
        if finding.fix:
            click.echo(f"      {'':16} -> {finding.fix}")
    faults = sum(finding.state == "fault" for finding in findings)
    if faults:
        raise click.ClickException(f"{faults} fault{'s' if faults > 1 else ''} found")
