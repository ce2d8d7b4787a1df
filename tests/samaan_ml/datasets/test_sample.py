"""The committed sample: what it holds, that it follows from its seed, and that no model reads its truth."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from samaan_ml.datasets import SAMPLE, SAMPLE_SEED, Truth, load_sample, load_sample_truth, write_sample
from samaan_ml.datasets._sample import TRUTH_FOLDER
from samaan_ml.exceptions import DataError
from samaan_ml.tables import ShopData

READERS_OF_TRUTH = ("samaan_ml/datasets",)
"""Only the package that makes the truth may name it; tests, benchmarks and notebooks score with it."""

FORBIDDEN_NAMES = {"Truth", "load_sample_truth", "TRUTH_FOLDER", "SimulatedWorld"}


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder by its path inside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def a_checkout(folder: Path, sample: Path | None) -> Path:
    """Copy the package, and the sample if given, to another place; return where the sample lies."""
    package = Path(sys.modules["samaan_ml"].__file__ or "").parent
    shutil.copytree(package, folder / "samaan_ml", ignore=shutil.ignore_patterns("__pycache__"))
    if sample is not None:
        shutil.copytree(sample, folder / "data" / "sample")
    return folder / "data" / "sample"


def run_apart(folder: Path, code: str) -> str:
    """Run code in a process that imports the copied package, and return what it prints."""
    code = f"import samaan_ml; assert samaan_ml.__file__.startswith({str(folder)!r}); {code}"
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=folder,
        env=environment,
    )
    return done.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample made anew."""
    folder = tmp_path_factory.mktemp("sample") / "made"
    write_sample(folder)
    return folder


def test_the_committed_tables_follow_from_the_seed(sample_dir: Path, written: Path) -> None:
    committed, made = ShopData.load(sample_dir), ShopData.load(written)
    for (name, left), (_, right) in zip(committed, made, strict=True):
        assert left.equals(right), name
    for name in ("demand", "series", "offers", "days", "customers"):
        left, right = (getattr(Truth.load(folder / TRUTH_FOLDER), name) for folder in (sample_dir, written))
        assert left.equals(right), name


def test_the_committed_bytes_follow_from_the_seed(sample_dir: Path, written: Path) -> None:
    writers = {
        pq.ParquetFile(folder / "sales.parquet").metadata.created_by for folder in (sample_dir, written)
    }
    if len(writers) > 1:
        pytest.skip(f"the sample was written by another version of Arrow: {writers}")
    made = bytes_of(written)
    committed = {name: content for name, content in bytes_of(sample_dir).items() if name != "README.md"}
    assert made == committed


def test_two_samples_of_one_seed_are_the_same_bytes(tmp_path: Path) -> None:
    small = SAMPLE.replace(n_shops=1, n_items=20, days=60, customers_per_shop=5)
    for name in ("one", "two"):
        write_sample(tmp_path / name, small, seed=5)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    write_sample(tmp_path / "three", small, seed=6)
    assert bytes_of(tmp_path / "one") != bytes_of(tmp_path / "three")


def test_the_sample_holds_what_it_promises(sample_dir: Path) -> None:
    data = load_sample()
    assert data.sales is not None
    assert data.stock is not None
    assert data.ledger is not None
    assert data.prices is not None
    assert data.calendar is not None
    assert len(data.shops) >= 3
    assert len(data.items) >= 150
    assert data.sales["date"].max() - data.sales["date"].min() >= pd.Timedelta(days=725)
    assert data.ledger.groupby(["shop_id", "customer_id"]).ngroups >= 200
    assert (data.stock["in_stock_share"] < 1).sum() > 1000
    assert {"diwali", "dhanteras", "ramzan", "navratri", "pay_day"} <= set(data.calendar["event"])
    assert data.calendar["date"].max() > data.sales["date"].max() + pd.Timedelta(days=60)
    assert sum(len(content) for content in bytes_of(sample_dir).values()) <= 5_000_000


def test_the_data_sheet_says_that_it_is_simulated(sample_dir: Path) -> None:
    text = (sample_dir / "README.md").read_text(encoding="utf-8")
    assert "These data are simulated" in text
    assert str(SAMPLE_SEED) in text


def test_no_hidden_column_is_in_the_tables() -> None:
    hidden = {"rate", "demand", "elasticity", "willingness", "base_rate", "dispersion", "left_on", "income"}
    for name, table in load_sample():
        assert not hidden & set(table.columns), name


def test_loading_the_sample_never_opens_the_truth(sample_dir: Path, tmp_path: Path) -> None:
    """Named pipes stand in for the truth: whoever opened one would wait for ever, until the time limit."""
    copy = a_checkout(tmp_path, sample_dir)
    for file in (copy / TRUTH_FOLDER).iterdir():
        file.unlink()
        os.mkfifo(file)
    rows = run_apart(tmp_path, "from samaan_ml.datasets import load_sample; print(len(load_sample().sales))")
    assert int(rows) > 200_000


def names_in(path: Path) -> set[str]:
    """Return every name, attribute, import and word of a string in a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found |= {alias.name.rsplit(".", 1)[-1] for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
            found |= set(node.value.replace("\\", "/").split("/"))
    return found


def test_no_model_job_pipeline_or_service_names_the_truth(project_root: Path) -> None:
    offenders = []
    for part in ("samaan_ml", "training", "pipelines", "serving"):
        for path in (project_root / part).rglob("*.py"):
            if any(str(path.relative_to(project_root)).startswith(allowed) for allowed in READERS_OF_TRUTH):
                continue
            if named := names_in(path) & (FORBIDDEN_NAMES | {"truth"}):
                offenders.append(f"{path.relative_to(project_root)}: {', '.join(sorted(named))}")
    assert not offenders


def test_the_scan_sees_a_reader_of_the_truth(tmp_path: Path) -> None:
    cheat = tmp_path / "cheat.py"
    cheat.write_text("import pandas as pd\nframe = pd.read_parquet('data/sample/truth/demand.parquet')\n")
    assert "truth" in names_in(cheat)


def test_without_the_checkout_the_sample_is_simulated(tmp_path: Path) -> None:
    """The package alone, without `data/` beside it, as a wheel installs it."""
    a_checkout(tmp_path, None)
    code = (
        "from samaan_ml.datasets import load_sample, sample_folder\n"
        "assert sample_folder() is None; print(len(load_sample().sales))"
    )
    assert int(run_apart(tmp_path, code)) == len(load_sample().sales)


def test_the_truth_fits_the_tables() -> None:
    data, truth = load_sample(), load_sample_truth()
    sold = data.sales.merge(truth.demand, on=["shop_id", "item_id", "date"])
    assert len(sold) == len(data.sales)
    assert (sold["units"] <= sold["demand"]).all()


def test_a_sample_is_not_written_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match="not an empty folder"):
        write_sample(tmp_path, SAMPLE.replace(n_shops=1, n_items=3, days=7, customers_per_shop=0))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_truth_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"demand\.parquet"):
        Truth.load(tmp_path)


def test_the_sample_can_be_written_without_its_truth(tmp_path: Path) -> None:
    write_sample(
        tmp_path / "s", SAMPLE.replace(n_shops=1, n_items=5, days=14, customers_per_shop=1), truth=False
    )
    assert not (tmp_path / "s" / TRUTH_FOLDER).exists()
