"""Each import contract sees the import that it forbids, planted in a copy of the project."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

PLANTS = {
    "command-line": ("serving/__main__.py", "import samaan"),
    "sheets": ("samaan_ml/sheets/__init__.py", "import openpyxl"),
    "forecasting-layers": (
        "samaan_ml/forecasting/availability/__init__.py",
        "import samaan_ml.forecasting.demand._forecaster",
    ),
    "arrow": ("samaan_ml/metrics/__init__.py", "import boto3"),
    "domain": ("samaan_ml/domain/money.py", "import numpy"),
    "library-layers": ("samaan_ml/domain/units.py", "import samaan_ml.inventory"),
    "training-arrow": ("training/orders.py", "import serving.errors"),
    "pipelines-arrow": ("pipelines/deploy.py", "import serving.errors"),
    "infra-arrow": ("samaan_ml/inference/__init__.py", "import infra.package"),
    "infra-light": ("infra/package.py", "import serving.errors"),
    "serving-light": ("serving/sales/service.py", "import pandas"),
    "serving-layers": ("serving/http/openapi_examples.py", "import serving.adapters.sql.database"),
    "tasks-know-ports": ("serving/tasks/outbox.py", "import serving.adapters.sql.outbox"),
    "slices": ("serving/alerts/service.py", "import serving.sales.service"),
    "adapters": ("serving/adapters/sql/outbox.py", "import serving.adapters.dynamodb.table"),
    "clients-arrow": ("serving/app.py", "import clients.samaan_client"),
}


@pytest.fixture(scope="module")
def copy(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the packages that the contracts name."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(project_root / "pyproject.toml", folder)
    for package in tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["importlinter"][
        "root_packages"
    ]:
        shutil.copytree(
            project_root / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    yield folder
    shutil.rmtree(folder)


def broken(copy: Path) -> set[str]:
    """Run the contracts in the copy and return the names of those that are broken."""
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False
    )
    told = "".join(done.stdout.split())  # names are wrapped at the terminal's width
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    contracts = tomllib.loads((copy / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {each["id"] for each in contracts if "".join(each["name"].split()) + "BROKEN" in told}


def test_a_plant_is_written_for_each_contract(project_root: Path) -> None:
    settings = tomllib.loads((project_root / "pyproject.toml").read_text())
    named = {each["id"] for each in settings["tool"]["importlinter"]["contracts"]}
    assert named - PLANTS.keys() == set()


@pytest.mark.slow
def test_nothing_is_broken_without_a_plant(copy: Path) -> None:
    assert broken(copy) == set()


@pytest.mark.slow
@pytest.mark.parametrize("contract", PLANTS)
def test_a_forbidden_import_breaks_its_contract(copy: Path, contract: str) -> None:
    name, line = PLANTS[contract]
    file = copy / name
    whole = file.read_text()
    file.write_text(f"{whole}\n{line}\n")
    try:
        assert contract in broken(copy)
    finally:
        file.write_text(whole)
