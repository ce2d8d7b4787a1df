"""The khata: credits, payments, reversals, statements, limits."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.wiring import Wiring

KHATA = "/udhaar/customers/ramesh"


def test_a_credit_raises_and_a_payment_lowers_the_balance(shop: Any) -> None:
    shop.add_customer()
    assert shop.post(f"{KHATA}/credits", {"amount_paise": 50_000})["balance_paise"] == 50_000
    assert shop.post(f"{KHATA}/payments", {"amount_paise": 20_000})["balance_paise"] == 30_000
    card = shop.get(KHATA)
    assert (card["due_paise"], card["status"], card["oldest_due_on"]) == (30_000, "pending", "2026-04-09")
    assert card["ageing"]["days_0_30_paise"] == 30_000


def test_paying_more_than_is_owed_leaves_an_advance(shop: Any) -> None:
    shop.add_customer()
    shop.post(f"{KHATA}/credits", {"amount_paise": 10_000})
    done = shop.post(f"{KHATA}/payments", {"amount_paise": 25_000})
    assert done["balance_paise"] == -15_000
    card = shop.get(KHATA)
    assert (card["status"], card["advance_paise"], card["oldest_due_on"]) == ("advance", 15_000, None)


def test_a_reversal_restores_the_balance_and_both_entries_stay(shop: Any) -> None:
    shop.add_customer()
    shop.post(f"{KHATA}/credits", {"amount_paise": 10_000})
    wrong = shop.post(f"{KHATA}/credits", {"amount_paise": 99_900})["entry"]["entry_id"]
    done = shop.post(f"/udhaar/entries/{wrong}/reversal", {"reason": "entered twice"})
    assert done["balance_paise"] == 10_000
    rows = shop.get(f"{KHATA}/entries")["rows"]
    assert [row["kind"] for row in rows] == ["reversal", "credit", "credit"]
    assert rows[0]["reverses"] == wrong
    again = shop.post(f"/udhaar/entries/{wrong}/reversal", {"reason": "entered twice"}, 409)
    assert again["code"] == "conflict"
    assert shop.post(f"/udhaar/entries/{done['entry']['entry_id']}/reversal", {"reason": "undo"}, 422)


def test_a_reversal_needs_a_reason_and_an_owner(shop: Any, sign_up: Callable[..., Any]) -> None:
    shop.add_customer()
    entry = shop.post(f"{KHATA}/credits", {"amount_paise": 10_000})["entry"]["entry_id"]
    assert shop.post(f"/udhaar/entries/{entry}/reversal", {}, 422)["field"] == "reason"
    staff = sign_up("staff", of=shop)
    assert (
        staff.post(f"/udhaar/entries/{entry}/reversal", {"reason": "wrong"}, 403)["code"]
        == "approval_required"
    )


def test_a_write_off_gives_up_a_due_and_no_more(shop: Any) -> None:
    shop.add_customer()
    shop.post(f"{KHATA}/credits", {"amount_paise": 10_000})
    body = {"amount_paise": 10_001, "reason": "moved away"}
    assert shop.post(f"{KHATA}/write-offs", body, 422)["field"] == "amount_paise"
    assert shop.post(f"{KHATA}/write-offs", body | {"amount_paise": 10_000})["balance_paise"] == 0


def test_a_statement_adds_up_for_any_span(shop: Any) -> None:
    shop.add_customer()
    for day, amount in (("01", 10_000), ("03", 5_000), ("05", 2_500)):
        shop.post(f"{KHATA}/credits", {"amount_paise": amount, "at": f"2026-03-{day}T06:00:00Z"})
    shop.post(f"{KHATA}/payments", {"amount_paise": 4_000, "at": "2026-03-04T06:00:00Z"})
    card = shop.get(f"{KHATA}/statement?start=2026-03-03&end=2026-03-04")
    assert (card["opening_paise"], card["closing_paise"]) == (10_000, 11_000)
    assert (
        card["opening_paise"] + sum(line["effect_paise"] for line in card["lines"]) == card["closing_paise"]
    )
    assert shop.get(f"{KHATA}/statement")["closing_paise"] == 13_500
    wrong = shop.get(f"{KHATA}/statement?start=2026-03-04&end=2026-03-03", 422)
    assert wrong["field"] == "start"


def test_the_overdue_are_listed_by_their_oldest_due_day_page_by_page(shop: Any, clock: Any) -> None:
    day = clock.instant
    for number in range(5):
        shop.add_customer(f"c{number}", credit_days=5)
        at = (day - timedelta(days=30 - number)).isoformat()
        shop.post(f"/udhaar/customers/c{number}/credits", {"amount_paise": 1_000, "at": at})
    shop.add_customer("later")
    shop.post("/udhaar/customers/later/credits", {"amount_paise": 1_000})
    seen, cursor = [], ""
    while cursor is not None:
        page = shop.get(f"/udhaar/customers?status=overdue&limit=2{cursor and '&cursor=' + cursor}")
        seen += [(row["customer_id"], row["status"]) for row in page["rows"]]
        cursor = page["next_cursor"]
    assert seen == [(f"c{number}", "overdue") for number in range(5)]


def test_the_limit_warns_or_blocks_at_the_counter_as_the_shop_chose(
    shop: Any, sign_up: Callable[..., Any]
) -> None:
    shop.add_customer(limit_paise=10_000)
    check = shop.post(f"{KHATA}/limit-check", {"amount_paise": 12_000}, 200)
    assert (check["allowed"], check["room_paise"], check["policy"]) == (False, 10_000, "warn")
    assert shop.post(f"{KHATA}/credits", {"amount_paise": 12_000})["over_limit"]
    shop.call("PATCH", "/auth/shop", {"over_limit": "block"})
    assert shop.post(f"{KHATA}/credits", {"amount_paise": 1}, 409)["code"] == "credit_limit_exceeded"
    staff = sign_up("staff", of=shop)
    body = {"amount_paise": 1, "over_limit": True}
    assert staff.post(f"{KHATA}/credits", body, 403)["field"] == "over_limit"
    assert shop.post(f"{KHATA}/credits", body)["balance_paise"] == 12_001


def test_exposure_sums_the_shop_up(shop: Any) -> None:
    for name, amount, at in (("a", 30_000, "2026-01-01T06:00:00Z"), ("b", 10_000, None)):
        shop.add_customer(name)
        shop.post(f"/udhaar/customers/{name}/credits", {"amount_paise": amount} | ({"at": at} if at else {}))
    shop.add_customer("c")
    shop.post("/udhaar/customers/c/payments", {"amount_paise": 5_000})
    exposure = shop.get("/udhaar/exposure")
    assert (exposure["due_paise"], exposure["advance_paise"], exposure["overdue_paise"]) == (
        40_000,
        5_000,
        30_000,
    )
    assert (exposure["customers_owing"], exposure["customers_overdue"]) == (2, 1)
    assert exposure["largest_share"] == 0.75


def test_a_customer_is_changed_by_the_owner_field_by_field(shop: Any) -> None:
    shop.add_customer(phone="+919812345678")
    changed = shop.call("PATCH", KHATA, {"limit_paise": 70_000}).json()
    assert (changed["limit_paise"], changed["phone"]) == (70_000, "+919812345678")
    assert shop.call("PATCH", KHATA, {"limit_paise": None}).json()["limit_paise"] is None
    assert shop.call("PATCH", KHATA, {"name": None}).json()["field"] == "name"
    assert shop.call("PATCH", KHATA, {}).status_code == 422


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["credit", "payment", "reverse"]), st.integers(1, 10**6), st.integers(0, 40)
        ),
        max_size=12,
    )
)
def test_the_projections_equal_the_ledger_after_any_steps(
    sign_up: Any, wiring: Wiring, clock: Any, steps: list[tuple[str, int, int]]
) -> None:
    shop = sign_up()
    shop.add_customer()
    entered: list[str] = []
    for kind, amount, back in steps:
        at = (clock.instant - timedelta(days=back)).isoformat()
        if kind == "reverse":
            if entered:
                shop.post(f"/udhaar/entries/{entered.pop()}/reversal", {"reason": "a test"})
        else:
            done = shop.post(f"{KHATA}/{kind}s", {"amount_paise": amount, "at": at})
            entered.append(done["entry"]["entry_id"])
    card = shop.get(KHATA)
    row = shop.get("/udhaar/customers")["rows"][0]
    assert card["due_paise"] - card["advance_paise"] == row["balance_paise"]
    assert sum(card["ageing"].values()) == card["due_paise"]
    assert (card["status"], card["oldest_due_on"]) == (row["status"], row["oldest_due_on"])
    assert wiring.udhaar.rebuild(shop.shop_id) == 0
    oldest = wiring.udhaar.customer(shop.shop_id, "ramesh").oldest_due_on
    assert card["days_past_due"] == (max((clock.instant.date() - oldest).days, 0) if oldest else 0)


def test_entries_are_listed_by_the_shops_days(shop: Any) -> None:
    shop.add_customer()
    at = {
        "one": "2026-03-08T23:59:59+05:30",
        "two": "2026-03-09T00:00:00+05:30",
        "three": "2026-03-10T09:00:00+05:30",
    }
    for name, instant in at.items():
        shop.post("/udhaar/customers/ramesh/credits", {"entry_id": name, "amount_paise": 100, "at": instant})

    def listed(query: str) -> list[str]:
        return [row["entry_id"] for row in shop.get(f"/udhaar/customers/ramesh/entries?{query}")["rows"]]

    assert listed("on=2026-03-09") == ["two"]
    assert listed("start=2026-03-09") == ["three", "two"]
    assert listed("end=2026-03-08") == ["one"]
    assert listed("start=2026-03-08&end=2026-03-09") == ["two", "one"]
    refused = shop.get("/udhaar/customers/ramesh/entries?start=2026-03-09&end=2026-03-08", 422)
    assert refused["field"] == "start"
