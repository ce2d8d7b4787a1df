"""A small simulated world and one small model of each area."""

from __future__ import annotations

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


@pytest.fixture(scope="session")
def models(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model folder of each area."""
    home = tmp_path_factory.mktemp("models")
    for name in ("demand", "price", "udhaar"):
        save_model(area_named(name).fit(prepared, Hyperparameters({})), home / name)
    return {name: home / name for name in ("demand", "price", "udhaar")}
