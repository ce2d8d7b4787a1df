"""Scoring past days as they would have been scored on their evenings: by their rows, with a model of their time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from samaan_ml.artifacts import read_manifest
from samaan_ml.exceptions import ArtifactError, ParameterError, SamaanError
from training.scoring import Scoring, trained_until

__all__ = ["backfill", "days_between", "model_as_of"]

_MOST_DAYS = 3660


def days_between(text: str) -> list[date]:
    """Read a day, or the days from one to another.

    Raises
    ------
    ParameterError
        When it is not that, or the last day is before the first.

    Examples
    --------
    >>> [str(day) for day in days_between("2026-01-30..2026-02-01")]
    ['2026-01-30', '2026-01-31', '2026-02-01']
    """
    first_text, dots, last_text = text.partition("..")
    try:
        first = date.fromisoformat(first_text)
        last = date.fromisoformat(last_text) if dots else first
    except ValueError:
        raise ParameterError(f"days are 2026-01-31 or 2026-01-01..2026-01-31, got '{text}'") from None
    count = (last - first).days + 1
    if not 1 <= count <= _MOST_DAYS:
        raise ParameterError(f"from '{first}' to '{last}' must be 1 to {_MOST_DAYS} days")
    return [first + timedelta(days=n) for n in range(count)]


def model_as_of(area: str, home: Path, day: date) -> Path:
    """Find the newest registered model that has learned from no later day.

    Raises
    ------
    ArtifactError
        When there is none.
    """
    found: list[tuple[date, int, Path]] = []
    folders = (home / "models" / area / "versions").glob("*")
    for folder in (each for each in folders if each.name.isdigit()):
        try:
            until = trained_until(read_manifest(folder))
        except SamaanError:
            continue  # a version that cannot be read answers no request
        if until is not None and until <= day:
            found.append((until, int(folder.name), folder))
    if not found:
        raise ArtifactError(
            f"no model of area '{area}' was trained on data until {day} or earlier; "
            "train one on that data, or say --hindsight to score with one that has seen later days"
        )
    return max(found)[2]


def backfill(
    scoring: Scoring, days: list[date], model_of: Callable[[date], Path | str], workers: int = 1
) -> Iterator[tuple[date, dict[str, Any]]]:
    """Score each day into `as_of=<day>` of the target; give each day's manifest as it is done.

    A day's folder is that of a run on that evening, byte for byte; a run cut off is taken up like any other.

    Parameters
    ----------
    scoring : Scoring
        The run; its target is the folder of the days' folders.
    days : list of date
        Which days.
    model_of : callable
        Gives the model of a day.
    workers : int, default=1
        Processes side by side.
    """
    for day in days:
        name = f"as_of={day}"
        out = f"{scoring.out.rstrip('/')}/{name}" if isinstance(scoring.out, str) else scoring.out / name
        manifest = replace(scoring, out=out, model=model_of(day), as_of=day).run(workers)
        assert manifest is not None, "a back-fill is not dealt to parts"
        yield day, manifest
