"""`samaan data ...`: what it prints, what it writes, how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

BILLS = "Bill No,Item,Qty,Date,Rate\nB1,Sugar,2,05/03/24,46\nB2,Sugar,1,15/03/24,46\nB3,Sugar,x,15/03/24,46\n"


def samaan(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "samaan", "data", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=cwd, env=environment, check=False
    )


def a_folder(path: Path, sales: str) -> Path:
    """A folder with a sales table and the item it sells."""
    path.mkdir()
    (path / "sales.csv").write_text(sales)
    return path


def test_sample_writes_tables_that_check_finds_sound(tmp_path: Path) -> None:
    made = samaan(
        "sample", "--out", "s", "--shops", 1, "--items", 8, "--days", 30, "--no-truth", cwd=tmp_path
    )
    assert made.returncode == 0, made.stderr
    assert "no real shop stands behind them" in made.stdout
    assert not (tmp_path / "s" / "truth").exists()
    checked = samaan("check", "s", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "ledger.parquet" in checked.stdout


def test_check_names_every_problem_by_file_line_and_reason(tmp_path: Path) -> None:
    rows = [
        "shop_id,item_id,date,units",
        "s,a,2026-01-01,2",
        "s,a,2026-01-02,-1",
        "s,a,someday,3",
        "s,a,2099-01-01,1",
    ]
    folder = a_folder(tmp_path / "shop", "\n".join(rows))
    (folder / "prices.csv").write_text("shop_id,item_id,date\ns,a,2026-01-01\n")
    (folder / "stock.parquet").write_bytes(b"PAR1 broken")
    done = samaan("check", "shop", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "sales.csv, line 3, row 1, units" in done.stdout
    assert "sales.csv, line 4, row 2, date" in done.stdout
    assert "prices.csv, unit_price: column is missing" in done.stdout
    assert "stock.parquet" in done.stdout


def test_check_finds_future_and_doubled_rows(tmp_path: Path) -> None:
    a_folder(tmp_path / "future", "shop_id,item_id,date,units\ns,a,2099-01-01,2\n")
    a_folder(tmp_path / "double", "shop_id,item_id,date,units\ns,a,2026-01-01,2\ns,a,2026-01-01,3\n")
    for name, word in (("future", "future"), ("double", "row 1")):
        done = samaan("check", name, cwd=tmp_path)
        assert done.returncode == 1
        assert word in done.stdout
    assert samaan("check", "future", "--today", "2099-02-01", cwd=tmp_path).returncode == 0


def test_check_notes_what_does_not_fit_between_tables(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "shop", "shop_id,item_id,date,units\ns,a,2026-01-01,2\n")
    (folder / "items.csv").write_text("item_id,category\nb,staples\n")
    (folder / "prices.csv").write_text("shop_id,item_id,date,unit_price\ns,b,2026-01-01,5\n")
    done = samaan("check", "shop", cwd=tmp_path)
    assert done.returncode == 0
    assert "sales has 1 item_id that items lacks: 'a'" in done.stdout
    assert "1 series sell without a price" in done.stdout


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_check_of_no_tables_is_one_line_and_exit_1(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    done = samaan("check", name, cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_import_prints_the_reconciliation(tmp_path: Path) -> None:
    (tmp_path / "bills.csv").write_text(BILLS)
    done = samaan(
        "import", "--format", "invoices", "bills.csv", "--out", "out", "--state", "MH", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "lines in             3" in done.stdout
    assert "rejected             1" in done.stdout
    assert pd.read_parquet(tmp_path / "out" / "sales.parquet")["units"].sum() == 3
    assert samaan("check", "out", cwd=tmp_path).returncode == 0


def test_a_dry_run_shows_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bills.csv").write_text(BILLS)
    done = samaan("import", "bills.csv", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0
    assert "Nothing written" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["bills.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bills.csv", "--out", "out", "--column", "quantity=Menge"], "'Menge' is missing"),
        (["absent.csv", "--out", "out"], "does not exist"),
        (["notes.txt", "--out", "out"], "no column for"),
        (["bills.csv", "--out", "out", "--state", "XX"], "'XX' is not a state"),
    ],
)
def test_a_file_that_cannot_be_imported_is_one_clear_line(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "bills.csv").write_text(BILLS)
    (tmp_path / "notes.txt").write_text("only words\nand more of them\n")
    done = samaan("import", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_import_without_a_place_to_write_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "bills.csv").write_text(BILLS)
    assert samaan("import", "bills.csv", cwd=tmp_path).returncode == 2
