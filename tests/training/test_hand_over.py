"""What a night hands over: orders that follow from the shelf, price changes alone, alerts with their arithmetic."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from samaan_ml.tables import ShopData
from training.hand_over import HandOver, Kind

DAYS = pd.date_range("2026-03-01", periods=30)


def a_shop(shop: str = "s", on_hand: float | None = 3.0, share: float = 1.0) -> ShopData:
    """One item at twenty rupees in cases of six, whose shelf was counted on the last day or never."""
    stock = pd.DataFrame({"shop_id": shop, "item_id": "tea", "date": DAYS, "in_stock_share": share})
    if on_hand is not None:
        stock["on_hand_units"] = [None] * (len(DAYS) - 1) + [on_hand]
    sales = pd.DataFrame({"shop_id": shop, "item_id": "tea", "date": DAYS, "units": 4.0})
    prices = sales.iloc[:1].drop(columns="units").assign(unit_price=20.0, unit_cost=15.0)
    items = pd.DataFrame({"item_id": ["tea"], "category": ["drinks"], "case_units": [6]})
    return ShopData(sales=sales, prices=prices, stock=stock, items=items)


def forecasts(folder: Path, shop: str = "s", mean: float = 4.0) -> Path:
    """A fortnight's forecasts of the item as the demand area writes them."""
    days = pd.date_range(DAYS[-1] + pd.Timedelta(days=1), periods=14).date
    rows = pd.DataFrame({"shop_id": shop, "item_id": "tea", "date": days, "mean": mean})
    rows = rows.assign(**{"q0.1": mean / 2, "q0.5": mean, "q0.9": mean * 2}, confidence="high")
    folder.mkdir(parents=True, exist_ok=True)
    rows.assign(model_version="m1").to_parquet(folder / f"shop_id={shop}.parquet")
    return folder


def told(kind: Kind, data: ShopData, tmp_path: Path, answers: dict[str, Path]) -> dict[str, Any]:
    """Hand over and read the one shop's file."""
    data.save(tmp_path / "data")
    HandOver(kind, tmp_path / "data", answers, tmp_path / "out", tmp_path / "scratch").run()
    said: dict[str, Any] = json.loads((tmp_path / "out" / "shop_id=s.json").read_text("utf-8"))
    return said


def test_an_order_follows_from_the_reorder_point_and_the_shelf(tmp_path: Path) -> None:
    said = told("orders", a_shop(), tmp_path, {"demand": forecasts(tmp_path / "demand")})
    assert (said["as_of"], said["model_versions"]) == ("2026-03-30", {"demand": "m1"})
    [row] = said["rows"]
    assert row["demand_mean_milli"] == 9 * 4000  # two days of lead time and a week
    assert row["reorder_point_milli"] > row["demand_mean_milli"]
    assert row["needed_milli"] == row["reorder_point_milli"] - 3000
    assert row["order_milli"] == -(-row["needed_milli"] // 6000) * 6000
    assert row["cost_paise"] == 1500 * row["order_milli"] // 1000


def test_a_shelf_that_nobody_counted_gets_a_reorder_point_and_no_invented_order(tmp_path: Path) -> None:
    said = told("orders", a_shop(on_hand=None), tmp_path, {"demand": forecasts(tmp_path / "demand")})
    [row] = said["rows"]
    assert row["reorder_point_milli"] > 0
    assert {row[name] for name in ("on_hand_milli", "needed_milli", "order_milli", "cost_paise")} == {None}


def test_what_runs_out_before_an_order_arrives_is_an_alert_with_its_stake(tmp_path: Path) -> None:
    said = told("alerts", a_shop(on_hand=5.0), tmp_path, {"demand": forecasts(tmp_path / "demand")})
    [row] = said["rows"]
    assert (row["kind"], row["subject_id"], row["urgent_in_days"]) == ("stock_out", "tea", 1)
    assert row["stake_paise"] == 2000 * (12_000 - 5_000) // 1000


@pytest.mark.parametrize(("share", "count"), [(0.0, 1), (1.0, 0)])
def test_of_a_shelf_that_nobody_counted_only_an_empty_one_alarms(
    share: float, count: int, tmp_path: Path
) -> None:
    shop = a_shop(on_hand=None, share=share)
    said = told("alerts", shop, tmp_path, {"demand": forecasts(tmp_path / "demand")})
    assert len(said["rows"]) == count


def test_credit_beyond_its_day_is_an_alert_even_where_nothing_was_forecast(tmp_path: Path) -> None:
    rows = [
        ("late", "2026-01-05T05:00:00Z", "credit", 50_000, "2026-02-05", "e1", None),
        ("late", "2026-02-06T05:00:00Z", "payment", 20_000, None, "e2", None),
        ("late", "2026-02-07T05:00:00Z", "payment", 20_000, None, "e3", None),
        ("late", "2026-02-08T05:00:00Z", "reversal", 20_000, None, "e4", "e3"),
        ("good", "2026-03-29T05:00:00Z", "credit", 10_000, "2026-04-05", "e5", None),
    ]
    names = ["customer_id", "at", "kind", "amount_paise", "due_on", "entry_id", "reverses"]
    ledger = pd.DataFrame(rows, columns=names).assign(shop_id="s", at=lambda t: pd.to_datetime(t["at"]))
    ledger["due_on"] = pd.to_datetime(ledger["due_on"])
    said = told("alerts", replace(a_shop(), ledger=ledger), tmp_path, {})
    [row] = said["rows"]
    assert (row["kind"], row["subject_id"], row["stake_paise"]) == ("overdue", "late", 30_000)
    assert row["inputs"]["days_past_due"] == 53


def test_price_decisions_are_the_changes_alone_the_most_rupees_first(tmp_path: Path) -> None:
    folder = tmp_path / "price"
    folder.mkdir()
    rows = [
        {
            "item_id": item,
            "action": action,
            "state": "change",
            "price_paise": 2100,
            "grade": "A",
            "binding_rule": None,
            "gain_paise_per_week": gain,
            "gain_lower_paise_per_week": 1,
            "gain_upper_paise_per_week": 9,
            "on": "2026-03-30",
            "reasons": '["r"]',
            "proof": "{}",
            "model_version": "p1",
        }
        for item, action, gain in (("a", "change", 100), ("b", "hold", 0), ("c", "change", 300))
    ]
    pd.DataFrame(rows).to_parquet(folder / "shop_id=s.parquet")
    said = told("price-decisions", a_shop(), tmp_path, {"price": folder})
    assert [row["item_id"] for row in said["rows"]] == ["c", "a"]
    assert said["rows"][0]["reasons"] == ["r"]
    assert said["rows"][0]["binding_rule"] is None


def test_a_shop_without_answers_is_named_and_the_others_are_handed_over(tmp_path: Path) -> None:
    good, bad = a_shop("s"), a_shop("t")
    assert good.sales is not None
    assert good.prices is not None
    both = ShopData(sales=pd.concat([good.sales, bad.sales]), prices=good.prices)
    both.save(tmp_path / "data")
    answers = {"demand": forecasts(tmp_path / "demand")}
    manifest = HandOver("orders", tmp_path / "data", answers, tmp_path / "out", tmp_path / "scratch").run()
    assert list(manifest["failed"]) == ["t"]
    assert (manifest["complete"], manifest["files"]) == (False, {"shop_id=s.json": 1})
    assert not (tmp_path / "out" / "shop_id=t.json").exists()
