"""Thirteen defects seen in comparable code, each shown to be absent here.

D1 and D10 to D13 have fuller tests beside them: test_auth, test_tenancy, test_problems; the coverage of the
intervals (D13) is the library's and is tested there.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import serving.adapters.bedrock_explainer
import serving.settings
from samaan_ml.domain.ledger import LedgerEntry
from serving.settings import Settings

KHATA = "/udhaar/customers/ramesh"


def test_d1_a_token_without_a_shop_opens_no_default_one(api: Any, shop: Any) -> None:
    import jwt

    kid, key = api.wiring.identity._signing_key()
    claims = jwt.decode(shop.token, options={"verify_signature": False})
    del claims["custom:shopId"]
    shop.token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})
    assert shop.get("/udhaar/customers", 403)["code"] == "shop_claim_missing"


def test_d2_fifty_entries_at_once_are_fifty_entries(shop: Any) -> None:
    shop.add_customer()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: shop.post(f"{KHATA}/credits", {"amount_paise": 100}), range(50)))
    assert shop.get(KHATA)["balance_paise"] == 5_000


def test_d3_a_retry_at_once_or_later_gives_one_entry(shop: Any) -> None:
    shop.add_customer()
    body = {"amount_paise": 100}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: shop.post(f"{KHATA}/credits", body, key="tap"), range(12)))
    assert len({answer["entry"]["entry_id"] for answer in answers}) == 1
    assert shop.get(KHATA)["balance_paise"] == 100
    assert shop.post(f"{KHATA}/credits", {"amount_paise": 101}, 409, key="tap")


@pytest.mark.parametrize("amount", [100.0, 100.5, "100", True, None, -1, 0, 10**12])
def test_d4_money_is_whole_paise_or_nothing(shop: Any, amount: Any) -> None:
    shop.add_customer()
    assert shop.post(f"{KHATA}/credits", {"amount_paise": amount}, 422)["field"] == "amount_paise"


def test_d4_no_schema_calls_money_a_float(client: Any) -> None:
    def money(node: Any, name: str = "") -> Iterator[tuple[str, Any]]:
        if isinstance(node, dict):
            if name.endswith(("_paise", "_milli")):
                yield name, node
            for key, value in node.items():
                yield from money(value, key)
        elif isinstance(node, list):
            for value in node:
                yield from money(value)

    found = list(money(client.get("/openapi.json").json()["components"]["schemas"]))
    assert len(found) > 50
    for name, node in found:
        kinds = {node.get("type"), *(option.get("type") for option in node.get("anyOf", []))}
        assert kinds <= {"integer", "null", None}, name
        assert "integer" in kinds, name


@pytest.mark.slow
def test_d5_twenty_thousand_entries_of_one_customer_still_work(shop: Any, wiring: Any, clock: Any) -> None:
    import dataclasses

    from samaan_ml.domain.khata import chain
    from serving.adapters.sql.schema import udhaar_entries

    shop.add_customer()
    at = clock.instant - timedelta(days=10)
    entries = [
        LedgerEntry(
            entry_id=f"e{n:05d}",
            shop_id=shop.shop_id,
            customer_id="ramesh",
            kind="credit",
            amount_paise=100,
            at=at,
            due_on=at.date(),
        )
        for n in range(20_000)
    ]
    rows = [
        dataclasses.asdict(entry) | {"sequence": link.sequence, "entry_hash": link.entry_hash}
        for entry, link in zip(entries, chain(entries), strict=True)
    ]
    with wiring.database.writing() as db:
        db.execute(udhaar_entries.insert(), rows)
    assert wiring.udhaar.rebuild(shop.shop_id) == 1
    assert shop.post(f"{KHATA}/credits", {"amount_paise": 7})["balance_paise"] == 2_000_007
    assert shop.get(KHATA)["due_paise"] == 2_000_007
    page = shop.get(f"{KHATA}/entries?limit=200")
    assert len(page["rows"]) == 200
    assert page["next_cursor"]


def test_d6_buying_today_forgives_no_old_due(shop: Any) -> None:
    shop.add_customer()
    shop.post(f"{KHATA}/credits", {"amount_paise": 100, "at": "2026-01-01T06:00:00Z"})
    before = shop.get(KHATA)["days_past_due"]
    shop.post(f"{KHATA}/credits", {"amount_paise": 100})
    assert shop.get(KHATA)["days_past_due"] == before > 0


def test_d7_overdue_follows_the_clock_and_is_listed(api: Any, shop: Any) -> None:
    shop.add_customer(credit_days=5)
    shop.post(f"{KHATA}/credits", {"amount_paise": 100})
    assert shop.get(KHATA)["status"] == "pending"
    was = api.clock.instant
    try:
        api.clock.instant += timedelta(days=6)
        later = api.sign_in_again(shop)
        assert later.get(KHATA)["status"] == "overdue"
        assert [row["customer_id"] for row in later.get("/udhaar/customers?status=overdue")["rows"]] == [
            "ramesh"
        ]
    finally:
        api.clock.instant = was


def test_d8_paying_in_advance_is_normal(shop: Any) -> None:
    shop.add_customer()
    assert shop.post(f"{KHATA}/payments", {"amount_paise": 500})["balance_paise"] == -500
    assert shop.get(KHATA)["status"] == "advance"


def test_d9_ten_past_midnight_in_india_is_the_new_day(shop: Any) -> None:
    shop.add_item()
    assert shop.sell(sold_at="2026-03-08T00:10:00+05:30")["sold_on"] == "2026-03-08"
    shop.add_customer(credit_days=0)
    entry = shop.post(f"{KHATA}/credits", {"amount_paise": 1, "at": "2026-03-08T00:10:00+05:30"})["entry"]
    assert entry["due_on"] == "2026-03-08"


def test_d10_an_unexpected_fault_shows_nothing_of_the_inside(new_api: Callable[..., Any]) -> None:
    class Broken:
        """Fails with something private."""

        def list_items(self, *_: object) -> None:
            raise RuntimeError("secret at /srv/app line 7")

    answer = new_api({"items": Broken()}).sign_up().call("GET", "/inventory/items")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["request_id"]


def test_d11_no_cut_off_in_rupees_scores_a_customer(project_root: Path) -> None:
    source = (project_root / "serving" / "udhaar" / "service.py").read_text()
    numbers = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    assert not numbers & {5_000, 10_000, 500_000, 1_000_000}


def test_d12_no_model_id_is_written_into_the_code() -> None:
    assert Settings.model_fields["bedrock_fast_models"].default == ()
    for module in (serving.settings, serving.adapters.bedrock_explainer):
        assert "anthropic.claude" not in inspect.getsource(module)


def test_d13_a_confidence_is_a_word_with_a_meaning_and_figures_are_quantiles(client: Any) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    confidence = schemas["ItemForecastCard"]["properties"]["confidence"]
    assert {"high", "medium", "low"} == set(confidence["anyOf"][0]["enum"])
    assert "quantiles" in schemas["DayRow"]["properties"]
