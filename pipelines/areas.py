"""The three pipelines: their parameters, their schedules, and where their committed definitions are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from samaan_ml.exceptions import ParameterError

__all__ = ["AREAS", "Area", "golden_path", "golden_text"]

_GOLDEN = Path(__file__).parent / "definitions"


@dataclass(frozen=True, slots=True)
class Area:
    """What differs between the pipelines.

    Parameters
    ----------
    name : str
        Its name, and that of the commands' argument.
    settings : mapping of str to int
        Parameters of the pipeline that reach the jobs as hyperparameters and options, with defaults.
    summary : str
        One line for the list.
    schedule : str
        When it is to run, as EventBridge Scheduler writes it, in the shops' own time zone.
    maximum_latency_ms : float, default=100.0
        Longest CPU time of a question that the gate allows.
    """

    name: str
    settings: Mapping[str, int]
    summary: str
    schedule: str
    maximum_latency_ms: float = 100.0


AREAS: dict[str, Area] = {
    area.name: area
    for area in (
        Area(
            "demand",
            {"HorizonDays": 14, "Windows": 3, "RandomState": 0},
            "quantile forecasts of every item's daily demand",
            "cron(30 1 * * ? *)",
        ),
        Area(
            "price",
            {"HeldOutDays": 91, "RandomState": 0},
            "price elasticities with their evidence, for the price advice",
            "cron(30 2 ? * MON *)",
        ),
        Area(
            "udhaar",
            {"HeldOutDays": 120, "RandomState": 0},
            "calibrated risk that a customer's credit is paid late",
            "cron(30 3 1 * ? *)",
            maximum_latency_ms=1000.0,  # a question carries the shop's whole ledger
        ),
    )
}


def golden_path(area: str) -> Path:
    """Return where the committed definition of an area is.

    Raises
    ------
    ParameterError
        When there is no such area.
    """
    if area not in AREAS:
        raise ParameterError(f"'{area}' is not a pipeline; these are: {', '.join(AREAS)}")
    return _GOLDEN / f"{area}.json"


def golden_text(area: str) -> str:
    """Read the committed definition of an area."""
    return golden_path(area).read_text("utf-8")
