"""From what a shop enters to what models learn from: `samaan export-tables`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from samaan.cli import menu
from samaan_ml.domain.promises import Promise
from samaan_ml.tables import ShopData
from samaan_ml.udhaar import LedgerFeatures
from serving.errors import Conflict, InvalidInput, NotFound
from serving.tasks.exports import export_tables
from training.areas import area_named
from training.prepare import load_prepared, prepare

NOW = datetime(2026, 3, 12, 6, 30, tzinfo=UTC)


@pytest.fixture
def at_noon(clock: Any) -> Iterator[Any]:
    """The shared clock at noon in India, put back afterwards."""
    before, clock.instant = clock.instant, NOW
    yield clock
    clock.instant = before


@pytest.fixture
def khatas(api: Any, at_noon: Any) -> Any:
    """A shop of three customers, a week later: one broke a promise, one kept it, one took it back."""
    shop = api.sign_up()
    for number, customer_id in enumerate(("breaks", "keeps", "misheard")):
        shop.add_customer(customer_id, name="Ramesh Kumar", phone=f"981234567{8 - number}")
        khata = f"/udhaar/customers/{customer_id}"
        shop.post(f"{khata}/credits", {"amount_paise": 50_000, "at": "2026-01-01T06:00:00Z"})
        said = shop.post(f"{khata}/promises", {"amount_paise": 30_000, "pay_by": "2026-03-14"})
    shop.post(f"/udhaar/events/{said['promise_id']}/closing", {"outcome": "misheard"})
    at_noon.instant = NOW + timedelta(days=1)
    shop = api.sign_in_again(shop)
    shop.post("/udhaar/customers/keeps/payments", {"amount_paise": 30_000})
    wrong = shop.post("/udhaar/customers/breaks/payments", {"amount_paise": 30_000})
    shop.post(f"/udhaar/entries/{wrong['entry']['entry_id']}/reversal", {"reason": "of another customer"})
    at_noon.instant = NOW + timedelta(days=7)
    return api.sign_in_again(shop)


def test_promises_of_the_api_reach_the_features_that_training_learns_from(
    api: Any, khatas: Any, predictor: Any, tmp_path: Path
) -> None:
    predictor.up = True
    rows = export_tables(api.wiring, tmp_path / "tables", [khatas.shop_id])
    assert (rows["ledger"], rows["promises"]) == (6, 2)
    prepare(area_named("udhaar"), tmp_path / "tables", tmp_path / "prepared")
    data = load_prepared(tmp_path / "prepared").data
    as_of = NOW + timedelta(days=7)
    learnt = LedgerFeatures(as_of).transform(data.ledger, data.promises).droplevel("shop_id")
    told = ["broken_promises", "kept_promise_share"]
    assert learnt.loc["breaks", told].tolist() == [1.0, 0.0]
    assert learnt.loc["keeps", told].tolist() == [0.0, 1.0]
    assert learnt.loc["misheard", "broken_promises"] == 0.0
    assert pd.isna(learnt.loc["misheard", "kept_promise_share"])
    assert LedgerFeatures(as_of).transform(data.ledger)[told].isna().all(axis=None)
    before = LedgerFeatures("2026-03-14").transform(data.ledger, data.promises).droplevel("shop_id")
    assert before.loc["breaks", "broken_promises"] == 0.0, "its last day is not over"

    khatas.get("/udhaar/customers/breaks/risk")
    asked = predictor.asked[-1]
    promises = [
        Promise(
            promise_id=str(place), shop_id=khatas.shop_id, customer_id=each.customer_id,
            amount_paise=each.amount_paise, made_at=each.made_at, pay_by=each.pay_by,
        )
        for place, each in enumerate(asked.promises)
    ]  # fmt: skip
    served = LedgerFeatures(as_of).transform_entries(asked.entries, promises, khatas.shop_id)
    of_customer = dict(zip([customer for _, customer in served[0]], served[1], strict=True))
    assert of_customer["breaks"].tolist() == pytest.approx(learnt.loc["breaks"].tolist(), nan_ok=True)


def test_no_name_or_number_of_a_customer_is_written(api: Any, khatas: Any, tmp_path: Path) -> None:
    export_tables(api.wiring, tmp_path / "tables", [khatas.shop_id])
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "tables").iterdir())
    assert "keeps" in text
    assert "Ramesh" not in text
    assert "9812345678" not in text
    assert "another customer" not in text


def a_week_of_milk(api: Any, clock: Any) -> Any:
    """A shop that sold milk on some days of a week, ran out, and changed its price; it is the eighth day."""
    shop = api.sign_up(region="MH")
    shop.add_item("milk", stock=6_000, mrp_paise=6_000, price_paise=5_000, category="dairy")
    shop.add_item("curd", stock=0, price_paise=3_000, category="dairy")
    for day, quantity, price in ((0, 2_000, 5_000), (1, 1_000, 5_000), (4, 3_000, 5_500), (7, 1_000, 5_500)):
        clock.instant = NOW + timedelta(days=day)
        shop = api.sign_in_again(shop)
        if day == 4:
            shop.call("PATCH", "/inventory/items/milk", {"price_paise": price})
        if day == 7:
            ahead = {"price_paise": 5_800, "from_on": "2026-03-25", "reason": "festival price"}
            shop.post("/pricing/items/milk/planned-prices", ahead)
            move = {"item_id": "milk", "kind": "purchase", "quantity_milli": 9_000, "unit_cost_paise": 4_000}
            shop.post("/inventory/movements", {"movements": [move]})
        shop.sell("milk", quantity)
    return shop


def test_sales_prices_and_stock_are_what_a_forecast_is_asked_with(
    api: Any, at_noon: Any, predictor: Any, tmp_path: Path
) -> None:
    predictor.up = True
    shop = a_week_of_milk(api, at_noon)
    export_tables(api.wiring, tmp_path / "tables", [shop.shop_id])
    data = ShopData.load(tmp_path / "tables", today="2026-03-19")
    sales = data.sales.set_index("date")["units"]
    assert {f"{day:%m-%d}": units for day, units in sales.items()} == {
        "03-12": 2.0, "03-13": 1.0, "03-16": 3.0,
    }  # fmt: skip
    milk = data.prices[data.prices["item_id"] == "milk"].fillna({"unit_cost": -1})
    assert milk["date"].dt.strftime("%m-%d").tolist() == ["03-12", "03-16", "03-19", "03-25"]
    assert milk["unit_price"].tolist() == [50.0, 55.0, 55.0, 58.0]
    assert milk["unit_cost"].tolist() == [-1.0, -1.0, 40.0, 40.0]
    assert set(milk["mrp"]) == {60.0}
    assert data.items.set_index("item_id")["category"].to_dict() == {"milk": "dairy", "curd": "dairy"}
    assert data.shops["region"].tolist() == ["MH"]
    assert "akshaya_tritiya" in set(data.calendar["event"])

    shop.post("/forecast", {"item_ids": ["milk"], "horizon_days": 7}, 200)
    (asked,) = predictor.asked[-1].items
    days = [asked.start + timedelta(days=n) for n in range(len(asked.units_milli))]
    shares = data.stock[data.stock["item_id"] == "milk"].set_index("date")["in_stock_share"]
    for day, units, share in zip(days, asked.units_milli, asked.in_stock_share, strict=True):
        assert units is None or sales.get(pd.Timestamp(day), 0.0) == units / 1000
        assert shares[pd.Timestamp(day)] == pytest.approx(share)
    assert 0 <= shares.min() < 1


def test_stock_is_told_from_the_day_on_which_it_was_first_entered(
    api: Any, at_noon: Any, tmp_path: Path
) -> None:
    shop = api.sign_up()
    shop.add_item("milk", stock=0)
    shop.add_item("curd", stock=0)
    for item_id in ("milk", "curd"):
        shop.sell(item_id, sold_at="2026-03-05T06:00:00Z")
    shop.post("/inventory/items/milk/counts", {"counted_milli": 4_000})
    at_noon.instant = NOW + timedelta(days=2)
    export_tables(api.wiring, tmp_path / "tables", [shop.shop_id])
    stock = ShopData.load(tmp_path / "tables").stock
    assert stock["date"].dt.strftime("%m-%d").tolist() == ["03-12", "03-13"]
    assert set(stock["item_id"]) == {"milk"}


def test_every_area_takes_the_tables_and_the_check_finds_them_sound(
    api: Any, at_noon: Any, tmp_path: Path
) -> None:
    shop = a_week_of_milk(api, at_noon)
    folder = tmp_path / "tables"
    export_tables(api.wiring, folder, [shop.shop_id])
    assert prepare(area_named("demand"), folder, tmp_path / "demand")["rows"]["sales"] == 3
    assert "prices" in prepare(area_named("price"), folder, tmp_path / "price")["rows"]
    done = CliRunner().invoke(menu, ["data", "check", str(folder), "--today", "2026-03-19"])
    assert done.exit_code == 0, done.output


def test_a_folder_is_written_whole_or_not_at_all(
    api: Any, khatas: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tables"
    export_tables(api.wiring, folder, [khatas.shop_id])
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Conflict, match="is there already; give another folder, or --replace"):
        export_tables(api.wiring, folder, [khatas.shop_id])
    with pytest.raises(NotFound):
        export_tables(api.wiring, folder, ["nowhere"], replace=True)

    def broken(*_: Any) -> Any:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(api.wiring.udhaar, "events", broken)
        with pytest.raises(OSError, match="the disk is full"):
            export_tables(api.wiring, folder, [khatas.shop_id], replace=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
    export_tables(api.wiring, folder, [khatas.shop_id], replace=True)
    assert json.loads((folder / "export.json").read_text())["rows"]["promises"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_a_folder_of_something_else_is_never_replaced(api: Any, khatas: Any, tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    with pytest.raises(Conflict, match="it is no earlier export"):
        export_tables(api.wiring, tmp_path / "photographs", [khatas.shop_id], replace=True)


def test_shops_without_anything_to_learn_from_leave_nothing(api: Any, tmp_path: Path) -> None:
    shop = api.sign_up(region=None)
    with pytest.raises(InvalidInput, match="no shop has anything"):
        export_tables(api.wiring, tmp_path / "tables", [shop.shop_id])
    assert not list(tmp_path.iterdir())
