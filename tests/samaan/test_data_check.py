"""`samaan data check` names rows that must be typing errors, and sets them apart."""

from pathlib import Path

import numpy as np
import pandas as pd
from click.testing import CliRunner

from samaan.data import data
from samaan_ml.tables import ShopData


def a_folder(folder: Path) -> Path:
    """Sales and prices with one typing error of each kind."""
    dates = pd.date_range("2025-01-01", periods=90)
    units = np.random.default_rng(0).poisson(5, 90) + 1.0
    sales = pd.DataFrame({"shop_id": "s", "item_id": "tea", "date": dates, "units": units})
    sales.loc[3, "date"] = pd.Timestamp("2052-01-04")
    sales.loc[10, "units"] = 5000.0
    prices = pd.DataFrame(
        {"shop_id": "s", "item_id": "tea", "date": dates, "unit_price": 64.0, "colour": "red"}
    )
    prices.loc[20, "unit_price"] = 640.0
    folder.mkdir()
    sales.to_csv(folder / "sales.csv", index=False)
    prices.to_csv(folder / "prices.csv", index=False)
    return folder


def test_suspicious_rows_are_named_by_line(tmp_path: Path) -> None:
    shown = CliRunner().invoke(data, ["check", str(a_folder(tmp_path / "in"))], catch_exceptions=False)
    assert "suspicious: sales.csv, line 12, row 10: units 5000" in shown.output
    assert "suspicious: prices.csv, line 22, row 20: unit_price 640" in shown.output
    assert "prices.csv has columns that nothing reads: 'colour'" in shown.output
    assert "line 5, date: lies in the future" in shown.output or "line 5, row 3" in shown.output


def test_a_quarantine_holds_the_rows_and_the_rest_is_sound(tmp_path: Path) -> None:
    folder, out = a_folder(tmp_path / "in"), tmp_path / "out"
    command = ["check", str(folder), "--today", "2060-01-01", "--quarantine", str(out)]
    shown = CliRunner().invoke(data, command, catch_exceptions=False)
    assert shown.exit_code == 0, shown.output
    kept = ShopData.load(out)
    assert kept.sales is not None
    assert len(kept.sales) == 88
    assert kept.sales["date"].max() == pd.Timestamp("2025-03-31")
    apart = pd.read_csv(out / "quarantine" / "sales.csv")
    assert sorted(apart["row"]) == [3, 10]
    assert apart["reason"].str.len().min() > 10
