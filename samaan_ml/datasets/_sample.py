"""The sample shops: four simulated kiranas over two years, committed, and made again from their seed."""

from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from samaan_ml.datasets._parameters import ShopSimulation
from samaan_ml.datasets._simulate import SimulatedWorld, Truth, simulate
from samaan_ml.exceptions import DataError
from samaan_ml.tables import ShopData

__all__ = [
    "SAMPLE",
    "SAMPLE_SEED",
    "TRUTH_FOLDER",
    "load_sample",
    "load_sample_truth",
    "sample_folder",
    "write_sample",
]

SAMPLE = ShopSimulation()
"""Parameters of the committed sample."""

SAMPLE_SEED = 2024
"""Its seed."""

TRUTH_FOLDER = "truth"
"""Where the truth lies, inside a sample's folder: apart from the tables, so that loading never meets it."""


def sample_folder() -> Path | None:
    """Return the committed sample's folder; None in an installation without the project's `data/`."""
    folder = Path(__file__).resolve().parents[2] / "data" / "sample"
    return folder if (folder / "sales.parquet").is_file() else None


def load_sample() -> ShopData:
    """Return the tables of the sample shops.

    They are read from `data/sample` where the project is checked out, else simulated, which takes some
    seconds and gives the same tables. The data are simulated: no real shop stands behind them.

    Returns
    -------
    ShopData
        sales, prices, stock, calendar, items, shops, ledger, promises. Never the truth.

    Examples
    --------
    >>> data = load_sample()
    >>> data.shops["region"].tolist()
    ['MH', 'UP', 'TN', 'WB']
    """
    folder = sample_folder()
    return ShopData.load(folder) if folder is not None else _simulated().data


def load_sample_truth() -> Truth:
    """Return the truth behind the sample, to score models with; never an input of one."""
    folder = sample_folder()
    return Truth.load(folder / TRUTH_FOLDER) if folder is not None else _simulated().truth


def write_sample(
    folder: Path | str,
    simulation: ShopSimulation | None = None,
    seed: int = SAMPLE_SEED,
    *,
    truth: bool = True,
) -> SimulatedWorld:
    """Simulate a sample and write it to a folder, whole or not at all.

    Parameters
    ----------
    folder : path
        A folder that does not exist yet or is empty.
    simulation : ShopSimulation or None, default=None
        Parameters; None takes those of the committed sample.
    seed : int, default=2024
        The seed.
    truth : bool, default=True
        Write the truth too, into the folder `truth` inside.

    Raises
    ------
    DataError
        When the folder holds something already.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"'{folder}' is not an empty folder; name another or empty it first")
    world = simulate(simulation or SAMPLE, seed)
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        world.data.save(part)
        if truth:
            world.truth.save(part / TRUTH_FOLDER)
        part.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return world


@lru_cache(maxsize=1)
def _simulated() -> SimulatedWorld:
    """Simulate the sample once a process."""
    return simulate(SAMPLE, SAMPLE_SEED)
