"""What a scoring run will take; an estimate: a few shops are scored for nothing, the rest is arithmetic."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from samaan_ml.exceptions import DataError
from samaan_ml.inference import Predictor
from training.batch import BatchJob, load_predictor
from training.shop_rows import MAIN_TABLE, USED_TABLES
from training.shop_tables import ShopTables

__all__ = ["Estimate", "estimate"]

_PROBED_SHOPS = 6
_PROBED_SHARE = 0.2
"""Of few shops no more than this share is scored for the estimate, but two at least."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take where no shop is done already.

    Parameters
    ----------
    shops, rows : int
        How many, and rows of the main table.
    probed : int
        Shops that were scored to tell.
    start_seconds, start_cpu_seconds : float
        To load the model and list the shops, once a process.
    shop_seconds, shop_cpu_seconds : float
        Of all shops together, by one process.
    peak_mib : float
        Most memory so far, of this process.
    workers : int, default=1
        Processes side by side.
    cores : int, default=1
        Processors they share.
    """

    shops: int
    rows: int
    probed: int
    start_seconds: float
    start_cpu_seconds: float
    shop_seconds: float
    shop_cpu_seconds: float
    peak_mib: float
    workers: int = 1
    cores: int = 1

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all processes."""
        return self.start_cpu_seconds * self.workers + self.shop_cpu_seconds

    @property
    def seconds(self) -> float:
        """Time by the clock: each worker starts for itself, and no more run at once than there are processors."""
        beside = min(self.workers, self.cores)
        return self.start_seconds * self.workers / beside + self.shop_seconds / beside

    def cost_paise(self, hourly_paise: int, minimum_seconds: float = 0.0) -> int:
        """Cost on a machine paid by the second, rounded up."""
        return -int(-max(self.seconds, minimum_seconds) * hourly_paise // 3600)


def estimate(job: BatchJob, workers: int = 1, cores: int = 1) -> Estimate:
    """Score a few shops of every size into a folder that is thrown away, and extrapolate by rows.

    Parameters
    ----------
    job : BatchJob
        The run; its target is not touched.
    workers, cores : int, default=1
        Processes side by side, and processors they have.

    Raises
    ------
    DataError
        When the tables cannot be read, or hold no shop.
    ArtifactError
        When the model folder is absent, altered or of another kind.
    """
    with tempfile.TemporaryDirectory(prefix="samaan-estimate-") as scratch:
        begun, cpu = time.perf_counter(), time.process_time()
        predictor = load_predictor(job.area, job.model)
        tables = ShopTables.open(job.source, USED_TABLES[job.area], Path(scratch) / "tables")
        main = MAIN_TABLE[job.area]
        rows = tables.rows(main)
        mine = {shop: count for shop, count in rows.items() if job.shard.holds(shop)}
        if not mine:
            raise DataError(f"table '{main}' holds no shop to be scored")
        chosen = _spread(mine)
        probe = _Probe(job, tables, predictor, Path(scratch))
        probe.timed(chosen[:1])  # loads what is loaded once
        start, start_cpu = time.perf_counter() - begun, time.process_time() - cpu
        alone = np.array([probe.timed([shop]) for shop in chosen])
        # Shops that are read together, as the run reads them, take less than each alone.
        clock, work = (alone * probe.timed(chosen) / alone.sum(axis=0)).T
    sizes = np.array([mine[shop] for shop in chosen], dtype=float)
    every = np.array(list(mine.values()), dtype=float)
    first_clock, first_work = _predicted(sizes, clock, sizes[:1]), _predicted(sizes, work, sizes[:1])
    return Estimate(
        shops=len(mine),
        rows=int(every.sum()),
        probed=len(chosen),
        start_seconds=max(start - first_clock, 0.0),
        start_cpu_seconds=max(start_cpu - first_work, 0.0),
        shop_seconds=_predicted(sizes, clock, every),
        shop_cpu_seconds=_predicted(sizes, work, every),
        peak_mib=_peak_mib(),
        workers=workers,
        cores=cores,
    )


@dataclass(frozen=True, slots=True)
class _Probe:
    """Scores shops for nothing."""

    job: BatchJob
    tables: ShopTables
    predictor: Predictor
    scratch: Path

    def timed(self, shops: list[str]) -> tuple[float, float]:
        """Time some shops by the clock and in CPU seconds."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as target:
            job = replace(self.job, target=Path(target))
            begun, cpu = time.perf_counter(), time.process_time()
            list(job.score_shops(self.tables, shops, self.predictor))
            return time.perf_counter() - begun, time.process_time() - cpu


def _spread(rows: dict[str, int]) -> list[str]:
    """Choose shops of every size: the middle of equal parts of the shops in order of their rows."""
    ordered = sorted(rows, key=lambda shop: (rows[shop], shop))
    count = min(len(ordered), _PROBED_SHOPS, max(2, int(len(ordered) * _PROBED_SHARE)))
    return [ordered[int((2 * k + 1) * len(ordered) / (2 * count))] for k in range(count)]


def _predicted(
    sizes: npt.NDArray[np.float64],
    seconds: npt.NDArray[np.float64],
    every: npt.NDArray[np.float64] | Sequence[float],
) -> float:
    """Add up what shops of given sizes take, by a line through those that were timed; never falling with size."""
    wanted = np.asarray(every, dtype=float)
    spread = sizes - sizes.mean()
    square = float(spread @ spread)
    slope = max(float(spread @ seconds) / square, 0.0) if square > 0 else 0.0
    level = float(seconds.mean()) - slope * float(sizes.mean())
    if level < 0:  # then time is in proportion to rows
        slope, level = float(seconds.sum() / sizes.sum()), 0.0
    return float((level + slope * wanted).sum())


def _peak_mib() -> float:
    """Return the most memory that this process had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
