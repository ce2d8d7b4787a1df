"""A model folder answers domain messages: the same numbers as the library, and errors that name the field."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from samaan_ml import DemandForecaster, ElasticityModel
from samaan_ml.artifacts import load_model, save_model
from samaan_ml.datasets import ShopSimulation, simulate
from samaan_ml.domain.credit_limit import recompute
from samaan_ml.domain.customer_messages import LedgerRow, PromiseRow, RiskRequest
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import (
    ForecastAnswer,
    ForecastRequest,
    ItemHistory,
    decode_answer,
    decode_request,
    encode,
)
from samaan_ml.domain.price_messages import PriceItem, PriceRequest
from samaan_ml.exceptions import ArtifactError
from samaan_ml.inference import Predictor
from samaan_ml.tables import ShopData
from samaan_ml.udhaar import LedgerRiskModel

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> ShopData:
    return simulate(ShopSimulation(n_shops=2, n_items=12, days=420, customers_per_shop=60), seed=5).data


@pytest.fixture(scope="module")
def folders(world: ShopData, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three small champions."""
    assert world.sales is not None
    assert world.prices is not None
    assert world.ledger is not None
    home = tmp_path_factory.mktemp("models")
    demand = DemandForecaster(horizon=7).fit(
        world.sales, world.prices, calendar=world.calendar, items=world.items
    )
    price = ElasticityModel().fit(world.sales, world.prices, items=world.items)
    risk = LedgerRiskModel().fit(world.ledger)
    for kind, model in {"demand": demand, "price": price, "udhaar": risk}.items():
        save_model(model, home / kind)
    return {kind: home / kind for kind in ("demand", "price", "udhaar")}


def a_forecast_request(**changes: object) -> ForecastRequest:
    history = ItemHistory(
        "tea", "beverages", date(2026, 4, 1), tuple([2000, 3000, 4000, None, 3000, 5000, 6000] * 12)
    )
    return replace(ForecastRequest("shop-01", "MH", 7, (history,)), **changes)  # type: ignore[arg-type]


def a_price_item(**changes: object) -> PriceItem:
    item = PriceItem("tea", "beverages", price_paise=5000, cost_paise=4000, mrp_paise=5500, daily_milli=3500)
    return replace(item, **changes)  # type: ignore[arg-type]


def ask(predictor: Predictor, request: ForecastRequest) -> ForecastAnswer:
    answer = predictor.answer(request)
    assert isinstance(answer, ForecastAnswer)
    return answer


def test_a_forecast_has_a_day_for_each_day_ahead_and_quantiles_that_rise(folders: dict[str, Path]) -> None:
    answer = ask(
        Predictor.load(folders["demand"]), a_forecast_request(levels=(0.05, 0.5, 0.95), explain=True)
    )
    (item,) = answer.items
    last = date(2026, 4, 1) + timedelta(days=83)
    assert [day.on for day in item.days] == [last + timedelta(days=d) for d in range(1, 8)]
    for day in item.days:
        values = [q.milli for q in day.quantiles]
        assert [q.level for q in day.quantiles] == [0.05, 0.5, 0.95]
        assert values == sorted(values)
        assert values[0] >= 0
    assert item.total_quantiles[1].milli > 0
    mean_a_day = sum(day.mean_milli for day in item.days) / 7
    assert sum(driver.milli for driver in item.drivers) == pytest.approx(mean_a_day, abs=20)


def test_an_answer_survives_its_json_and_is_the_same_after_the_request_crossed_a_wire(
    folders: dict[str, Path],
) -> None:
    predictor = Predictor.load(folders["demand"])
    request = a_forecast_request()
    answer = predictor.answer(decode_request(encode(request)))
    assert answer == predictor.answer(request)
    assert decode_answer(encode(answer)) == answer


def test_the_folder_answers_as_the_library_does(world: ShopData, folders: dict[str, Path]) -> None:
    """One shop's sales asked about as a table and as a message give the same means, to a milli-unit."""
    assert world.sales is not None
    shop = "shop-01"
    sales = world.sales[world.sales["shop_id"] == shop]
    model = load_model(folders["demand"], kind="demand")
    table = model.predict(sales=sales, items=world.items, shops=world.shops)
    days = np.arange(sales["date"].min(), sales["date"].max() + np.timedelta64(1, "D"), dtype="datetime64[D]")
    wide = sales.assign(item_id=sales["item_id"].astype("str")).pivot_table(
        index="item_id", columns="date", values="units", observed=True
    )
    open_days = np.isin(days, wide.columns.to_numpy().astype("datetime64[D]"))
    wide = wide.reindex(columns=days.astype("datetime64[ns]"))
    category = dict(
        zip(world.items["item_id"].astype("str"), world.items["category"].astype("str"), strict=True)
    )  # type: ignore[index]
    histories = []
    for item_id, row in wide.iterrows():
        first = int(np.flatnonzero(row.notna())[0])
        units = [
            (0 if np.isnan(v) else round(v * 1000)) if is_open else None
            for v, is_open in zip(row.to_numpy()[first:], open_days[first:], strict=True)
        ]
        histories.append(ItemHistory(str(item_id), category[str(item_id)], days[first].item(), tuple(units)))
    region = str(world.shops.set_index("shop_id").loc[shop, "region"])  # type: ignore[union-attr]
    answer = ask(Predictor.load(folders["demand"]), ForecastRequest(shop, region, 7, tuple(histories)))
    said = {(i.item_id, d.on): d.mean_milli for i in answer.items for d in i.days}
    learned = {(str(r.item_id), r.date.date()): r.mean * 1000 for r in table.itertuples()}
    assert said.keys() == learned.keys()
    assert max(abs(said[key] - learned[key]) for key in said) <= 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"horizon_days": 0}, "horizon_days"),
        ({"horizon_days": 1000}, "horizon_days"),
        ({"levels": (0.9, 0.1)}, "levels"),
        ({"levels": (0.0,)}, "levels"),
        ({"items": (ItemHistory("a", None, date(2026, 1, 1), ()),)}, "items.0.units_milli"),
        ({"items": (ItemHistory("a", None, date(2026, 1, 1), (-1,)),)}, "items.0.units_milli"),
        ({"items": (ItemHistory("a", None, date(2026, 1, 1), (1,), (0.5, 0.5)),)}, "items.0.in_stock_share"),
        ({"items": (ItemHistory("a", None, date(2026, 1, 1), (1,), (1.5,)),)}, "items.0.in_stock_share"),
        ({"items": (ItemHistory("a", None, date(2026, 1, 1), (1, 2), None, (100,)),)}, "items.0.price_paise"),
        ({"items": (ItemHistory("a", None, date(2020, 1, 1), (1,) * 3000),)}, "items.0.units_milli"),
        (
            {
                "items": (
                    ItemHistory("a", None, date(2026, 1, 1), (1,)),
                    ItemHistory("b", None, date(2026, 1, 2), (1,)),
                )
            },
            "items",
        ),
    ],
)
def test_a_forecast_request_that_cannot_be_names_the_field(
    changes: dict[str, object], field: str, folders: dict[str, Path]
) -> None:
    with pytest.raises(RuleError) as caught:
        Predictor.load(folders["demand"]).answer(a_forecast_request(**changes))
    assert caught.value.field == field


def test_no_items_get_no_answers(folders: dict[str, Path]) -> None:
    assert ask(Predictor.load(folders["demand"]), a_forecast_request(items=())).items == ()


def test_price_advice_never_passes_the_printed_price(folders: dict[str, Path]) -> None:
    predictor = Predictor.load(folders["price"])
    request = PriceRequest(
        "shop-01", date(2026, 7, 1), (a_price_item(), a_price_item(item_id="x", cost_paise=None))
    )
    answer = predictor.answer(request)
    assert decode_answer(encode(answer)) == answer
    known, unknown = answer.items
    assert known.price_paise <= 5500  # type: ignore[union-attr]
    assert unknown.action == "hold"  # type: ignore[union-attr]


def test_a_negative_expectation_is_refused_by_field(folders: dict[str, Path]) -> None:
    request = PriceRequest("shop-01", date(2026, 7, 1), (a_price_item(daily_milli=-1),))
    with pytest.raises(RuleError) as caught:
        Predictor.load(folders["price"]).answer(request)
    assert caught.value.field == "items.0.daily_milli"


def test_risk_knows_a_stranger_from_one_who_is_late(folders: dict[str, Path]) -> None:
    entries = tuple(LedgerRow("late", AS_OF - timedelta(days=d), "credit", 50_000) for d in (30, 55, 90, 120))
    answer = Predictor.load(folders["udhaar"]).answer(
        RiskRequest("shop-01", AS_OF, ("late", "stranger"), entries)
    )
    assert decode_answer(encode(answer)) == answer
    late, stranger = answer.customers  # type: ignore[union-attr]
    assert late.probability_30 > stranger.probability_30
    assert stranger.thin_file
    assert stranger.lower <= stranger.probability_30 <= stranger.upper


def test_risk_tells_what_would_raise_a_limit_and_hears_of_promises(folders: dict[str, Path]) -> None:
    given = tuple(LedgerRow("asha", AS_OF - timedelta(days=d), "credit", 60_000) for d in (3, 35, 65, 95))
    payments = tuple(LedgerRow("asha", AS_OF - timedelta(days=d), "payment", 55_000) for d in (20, 50, 80))
    promise = PromiseRow("asha", 10_000, AS_OF - timedelta(days=9), (AS_OF - timedelta(days=5)).date())
    predictor = Predictor.load(folders["udhaar"])
    request = RiskRequest("shop-01", AS_OF, ("asha",), given + payments, (promise,), what_if=True)
    answer = predictor.answer(request)
    assert decode_answer(encode(answer)) == answer
    [asha] = answer.customers  # type: ignore[union-attr]
    assert asha.due_paise == 75_000
    assert 0 <= asha.paid_soon_paise <= asha.due_paise
    advice = asha.limit_raise
    assert advice is not None
    # The proof: with the payment on the khata the same question gets the higher limit.
    paid = LedgerRow("asha", AS_OF - timedelta(microseconds=1), "payment", advice.pay_paise)
    [after] = predictor.answer(  # type: ignore[union-attr]
        RiskRequest("shop-01", AS_OF, ("asha",), (*request.entries, paid), (promise,))
    ).customers
    assert after.limit_paise == advice.limit_paise > asha.limit_paise
    assert recompute(advice.limit_arithmetic) == advice.limit_paise
    assert after.limit_raise is None


def test_an_entry_of_nothing_is_refused_by_its_place(folders: dict[str, Path]) -> None:
    entries = (LedgerRow("asha", AS_OF, "credit", 100), LedgerRow("asha", AS_OF, "payment", 0))
    with pytest.raises(RuleError, match="amounts are positive") as caught:
        Predictor.load(folders["udhaar"]).answer(RiskRequest("shop-01", AS_OF, ("asha",), entries))
    assert caught.value.field == "entries.1.amount_paise"


def test_a_request_of_another_kind_is_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(RuleError, match="'price' answers PriceRequest, got ForecastRequest"):
        Predictor.load(folders["price"]).answer(a_forecast_request())


def test_an_absent_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="holds no model"):
        Predictor.load(tmp_path)


@pytest.mark.parametrize("kind", ["demand", "price", "udhaar"])
def test_answering_loads_no_training_library(kind: str, folders: dict[str, Path]) -> None:
    code = (
        "import sys, json; from samaan_ml.inference import Predictor\n"
        f"Predictor.load({str(folders[kind])!r})\n"
        "print(json.dumps([m for m in ('pandas', 'lightgbm', 'sklearn', 'statsmodels') if m in sys.modules]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == []
