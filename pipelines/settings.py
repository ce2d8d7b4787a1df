"""Where the pipelines keep things: `SAMAAN_HOME` and `SAMAAN_MLFLOW_URI`, read when asked."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["home_folder", "tracking_uri"]


def home_folder(given: Path | None = None) -> Path:
    """Return the folder for all that is written."""
    return (given or Path(os.environ.get("SAMAAN_HOME") or ".samaan")).resolve()


def tracking_uri(home: Path) -> str:
    """Give MLflow's address: the setting, else SQLite under the home."""
    return os.environ.get("SAMAAN_MLFLOW_URI") or f"sqlite:///{home / 'mlflow' / 'mlflow.db'}"
