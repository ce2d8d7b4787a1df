"""A small simulated world and one small model of each area."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from samaan_ml.artifacts import save_model
from samaan_ml.datasets import ShopSimulation, simulate
from samaan_ml.tables import ShopData
from training.areas import Prepared, area_named
from training.job import Hyperparameters


@pytest.fixture(scope="session")
def world() -> ShopData:
    """Three shops and a year."""
    return simulate(ShopSimulation(n_shops=3, n_items=10, days=400, customers_per_shop=50), seed=11).data


@pytest.fixture(scope="session")
def tables(world: ShopData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world as files."""
    folder = tmp_path_factory.mktemp("tables")
    world.save(folder)
    return folder


@pytest.fixture(scope="session")
def prepared(world: ShopData) -> Prepared:
    """The world as a prepare job passes it on."""
    return Prepared(world, {"digest": "d", "first": "2025-01-01", "last": "2026-01-01"})


class Models(dict[str, Path]):
    """Model folders by area, each fitted when first asked for, once for all test processes."""

    def __init__(self, home: Path, prepared: Prepared) -> None:
        super().__init__()
        self._home, self._prepared = home, prepared

    def __missing__(self, area: str) -> Path:
        folder = self._home / area
        self._home.mkdir(exist_ok=True)
        with (self._home / f"{area}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                save_model(area_named(area).fit(self._prepared, Hyperparameters({})), folder)
        self[area] = folder
        return folder


@pytest.fixture(scope="session")
def models(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Models:
    """A model folder of each area."""
    base = tmp_path_factory.getbasetemp()
    return Models((base if worker_id == "master" else base.parent) / "small-models", prepared)
