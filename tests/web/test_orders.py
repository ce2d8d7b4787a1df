"""Orders from draft to shelf and goods that come back, with and without the network."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web import seed
from tests.web.conftest import OpenPage, sign_in
from tests.web.steps import balance, cash_bill, offline, open_app, sales, stock, unsent, wait_sent


def order_of(shop: seed.Seeded, item: str, milli: int, cost: int, place: bool = True) -> str:
    """An order of one item, made through the API."""
    line = {"item_id": item, "quantity_milli": milli, "unit_cost_paise": cost}
    made = shop.call("POST", "/v1/orders", {"supplier_id": "gupta", "lines": [line]})
    if place:
        shop.call("POST", f"/v1/orders/{made['order_id']}/place", {})
    return str(made["order_id"])


def open_more(page: Page, title: str) -> None:
    """Go to a screen by its link, which works without the network."""
    page.locator(".tab", has_text="More").click()
    page.get_by_role("link", name=title, exact=True).click()


def test_goods_of_an_order_are_taken_in_without_a_network(phone: OpenPage, own_shop: seed.Seeded) -> None:
    order = order_of(own_shop, "oil-1l", 24_000, 13_100)
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, f"/orders/{order}")
    expect(page.get_by_text("Placed")).to_be_visible()
    offline(page.context)
    page.get_by_role("button", name="Goods came").click()
    page.get_by_label("Quantity (pc)").fill("20")
    page.get_by_text("Cost and expiry").click()
    page.get_by_label("Cost (₹)").fill("129.50")
    page.get_by_role("button", name="Take into stock").click()
    expect(page.get_by_text("Partly received")).to_be_visible()
    expect(page.get_by_text("4 pc to come")).to_be_visible()
    page.locator(".tab", has_text="Goods").click()
    expect(page.locator(".row", has_text="Fortune Soya Oil")).to_contain_text("31 pc")
    offline(page.context, away=False)
    wait_sent(page)
    card = own_shop.call("GET", f"/v1/orders/{order}")
    assert (card["state"], card["lines"][0]["open_milli"]) == ("part_received", 4_000)
    assert stock(own_shop, "oil-1l") == 31_000


@pytest.mark.slow
def test_what_will_not_come_closes_the_order(phone: OpenPage, own_shop: seed.Seeded) -> None:
    order = order_of(own_shop, "oil-1l", 24_000, 13_100)
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, f"/orders/{order}")
    page.get_by_role("button", name="Goods came").click()
    page.get_by_label("Quantity (pc)").fill("20")
    page.get_by_label("The rest will not come").check()
    page.get_by_role("button", name="Take into stock").click()
    expect(page.get_by_text("came short")).to_be_visible()
    wait_sent(page)
    assert own_shop.call("GET", f"/v1/orders/{order}")["state"] == "received"


@pytest.mark.slow
def test_a_draft_is_changed_and_placed_and_cancelled(phone: OpenPage, own_shop: seed.Seeded) -> None:
    order = order_of(own_shop, "oil-1l", 24_000, 13_100, place=False)
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, f"/orders/{order}")
    page.get_by_role("button", name="More of it").click()
    page.get_by_role("button", name="Place order").click()
    expect(page.locator(".chip", has_text="Placed")).to_be_visible()
    wait_sent(page)
    card = own_shop.call("GET", f"/v1/orders/{order}")
    assert (card["state"], card["lines"][0]["quantity_milli"]) == ("placed", 36_000)
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_label("Reason").fill("no longer needed")
    page.locator("dialog").get_by_role("button", name="Cancel the order").click()
    wait_sent(page)
    assert own_shop.call("GET", f"/v1/orders/{order}")["state"] == "cancelled"


@pytest.mark.slow
def test_an_order_from_the_advice_is_placed_and_can_be_shared(
    phone: OpenPage, meenas_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), meenas_shop)
    open_app(page, meenas_shop, "/order")
    page.get_by_role("button", name="Place order").first.click(timeout=40_000)
    page.wait_for_url(re.compile("/orders/"))
    wait_sent(page)
    order = page.url.rsplit("/", 1)[1]
    card = meenas_shop.call("GET", f"/v1/orders/{order}")
    assert card["state"] == "placed"
    assert card["supplier_id"] == "gupta"
    page.evaluate("() => { navigator.share = async (what) => { window.shared = what.text; }; }")
    page.get_by_role("button", name="Share").click()
    text = page.evaluate("window.shared")
    assert "Gupta Traders" in text
    assert len(text.splitlines()) == len(card["lines"]) + 2


def test_goods_come_back_and_the_money_is_given_back(phone: OpenPage, own_shop: seed.Seeded) -> None:
    lines = [{"item_id": "oil-1l", "quantity_milli": 3_000}, {"item_id": "sugar", "quantity_milli": 1_000}]
    own_shop.call(
        "POST", "/v1/sales", {"sale_id": f"b-{own_shop.shop_id[-8:]}", "payment": "cash", "lines": lines}
    )
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/bills")
    page.locator("main .row", has_text="Fortune Soya Oil").click()
    page.get_by_role("button", name="Take goods back").click()
    page.get_by_label("Quantity (pc)").fill("4")
    expect(page.get_by_text("At most 3 pc")).to_be_visible()
    page.get_by_label("Quantity (pc)").fill("2")
    page.get_by_label("Reason").fill("leaking")
    expect(page.locator("output.sum")).to_have_text("₹284")
    page.get_by_role("button", name="Take goods back").click()
    expect(page.get_by_text("₹284 given back")).to_be_visible()
    wait_sent(page)
    assert sum(bill["total_paise"] for bill in sales(own_shop)) == 3 * 14_200 + 4_600 - 2 * 14_200
    assert stock(own_shop, "oil-1l") == 10_000
    page.locator(".tab", has_text="Today").click()
    expect(page.locator(".sum").first).to_have_text("₹188")


@pytest.mark.slow
def test_goods_of_an_unsent_udhaar_bill_come_back_off_the_khata(
    phone: OpenPage, own_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), own_shop)
    before = balance(own_shop, "c0")
    offline(page.context)
    page.locator("a.tab.bill").click()
    page.locator(".tile", has_text="Amul Taaza").click(click_count=2)
    page.locator(".pays button", has_text="Udhaar").click()
    page.locator("dialog .row", has_text="Sunita Devi").click()
    page.get_by_role("link", name="Open this bill").click()
    page.get_by_role("button", name="Take goods back").click()
    page.get_by_label("Quantity (pc)").fill("1")
    page.get_by_label("Reason").fill("sour milk")
    page.get_by_role("button", name="Take goods back").click()
    expect(page.get_by_text("₹27 given back")).to_be_visible()
    assert len(unsent(page)) == 2
    offline(page.context, away=False)
    wait_sent(page)
    assert balance(own_shop, "c0") == before + 2_700


def change_cost(page: Page, shop: seed.Seeded, cost: str) -> None:
    """Change what a good costs, on its card."""
    page.locator(".tab", has_text="Goods").click()
    page.locator(".row", has_text="Sugar").first.click()
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Cost (₹)").fill(cost)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()


@pytest.mark.slow
def test_a_goods_card_is_changed_offline_and_meets_other_changes_by_field(
    phone: OpenPage, own_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), own_shop)
    offline(page.context)
    change_cost(page, own_shop, "43")
    change_cost(page, own_shop, "44")
    own_shop.call("PATCH", "/v1/inventory/items/sugar", {"barcode": "8901030865114"})
    offline(page.context, away=False)
    wait_sent(page)
    item = own_shop.call("GET", "/v1/inventory/items/sugar")
    assert (item["cost_paise"], item["barcode"]) == (4_400, "8901030865114")


@pytest.mark.parametrize(("choice", "left"), [("Keep mine", 4_400), ("Keep theirs", 4_250)])
@pytest.mark.slow
def test_two_changes_of_one_field_are_shown_side_by_side_and_a_person_picks(
    phone: OpenPage, own_shop: seed.Seeded, choice: str, left: int
) -> None:
    page = sign_in(phone(), own_shop)
    offline(page.context)
    change_cost(page, own_shop, "44")
    own_shop.call("PATCH", "/v1/inventory/items/sugar", {"cost_paise": 4_250})
    offline(page.context, away=False)
    page.locator(".strip.parked").click(timeout=30_000)
    row = page.locator("table tbody tr")
    expect(row).to_have_text(re.compile("Cost.*₹44.*₹42.50"))
    page.get_by_role("button", name=choice).click()
    wait_sent(page)
    assert own_shop.call("GET", "/v1/inventory/items/sugar")["cost_paise"] == left


@pytest.mark.slow
def test_the_bills_of_a_day_count_what_waits_on_the_phone(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    cash_bill(page, "Amul Taaza")
    wait_sent(page)
    offline(page.context)
    cash_bill(page, "Fortune Soya Oil")
    page.get_by_role("link", name="Open this bill").click()
    page.locator(".tab", has_text="Today").click()
    page.locator("a", has_text="2 bills").click()
    expect(page.locator("main .row")).to_have_count(2)
    expect(page.locator(".chip", has_text="unsent")).to_have_count(1)


@pytest.mark.slow
def test_a_line_that_the_server_refused_is_parked_and_sent_as_put_right(
    phone: OpenPage, own_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/count?item=oil-1l")
    page.route(
        "**/v1/inventory/adjustments",
        lambda route: route.continue_(post_data=(route.request.post_data or "").replace("9000", "9500")),
    )
    page.locator(".countbox").fill("9")
    page.locator(".countbox").press("Enter")
    page.locator(".strip.parked").click()
    page.unroute("**/v1/inventory/adjustments")
    page.get_by_role("button", name="Put right").click()
    page.get_by_label("Quantity (pc)").fill("10")
    page.get_by_role("button", name="Send as put right").click()
    wait_sent(page)
    assert stock(own_shop, "oil-1l") == 10_000
