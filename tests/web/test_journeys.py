"""A shopkeeper's ways through the app: bill, khata, goods, count, order, prices, people."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web import seed
from tests.web.conftest import OpenPage, sign_in
from tests.web.steps import (
    balance,
    cash_bill,
    entries,
    open_app,
    sales,
    stock,
    tap_goods,
    type_amount,
    wait_for,
    wait_sent,
)


def taps_of(page: Page) -> list[str]:
    """Count the taps from now on."""
    page.evaluate(
        "() => { window.taps = []; addEventListener('click', (event) => window.taps.push(event.target.textContent), true); }"
    )
    return []


def test_a_cash_bill_takes_three_taps_from_home_and_is_on_the_server(
    phone: OpenPage, own_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), own_shop)
    taps_of(page)
    page.locator("a.tab.bill").click()
    page.locator(".tile", has_text="Fortune Soya Oil").click()
    page.locator(".pays button", has_text="Cash").click()
    expect(page.locator(".sum").first).to_have_text("₹142")
    assert page.evaluate("window.taps.length") == 3
    wait_sent(page)
    [bill] = sales(own_shop)
    assert (bill["total_paise"], bill["payment"]) == (14_200, "cash")
    assert stock(own_shop, "oil-1l") == 10_000


def test_udhaar_for_goods_goes_to_the_customers_book(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    before = balance(own_shop, "c0")
    page.locator("a.tab.bill").click()
    tap_goods(page, "Amul Taaza")
    page.locator(".pays button", has_text="Udhaar").click()
    page.locator("dialog .row", has_text="Sunita Devi").click()
    expect(page.get_by_text("Owes ₹2,477 now")).to_be_visible()
    wait_sent(page)
    assert balance(own_shop, "c0") == before + 2_700


@pytest.mark.parametrize(("button", "sign"), [("Gave", 1), pytest.param("Got", -1, marks=pytest.mark.slow)])
def test_credit_and_payment_take_three_taps_and_an_amount(
    phone: OpenPage, own_shop: seed.Seeded, button: str, sign: int
) -> None:
    page = sign_in(phone(), own_shop)
    before = balance(own_shop, "c1")
    page.locator(".tab", has_text="Khata").click()
    page.locator(".row", has_text="Ramesh Kumar").click()
    type_amount(page, "120")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("Saved")).to_be_visible()
    wait_sent(page)
    assert balance(own_shop, "c1") == before + sign * 12_000


def test_loose_goods_are_weighed_and_reckoned_to_the_paisa(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    page.locator("a.tab.bill").click()
    tap_goods(page, "Toor Dal")
    type_amount(page, "0.335")
    page.locator("dialog").get_by_role("button", name="Add").click()
    page.locator(".pays button").first.click()
    wait_sent(page)
    [bill] = sales(own_shop)
    assert bill["total_paise"] == (15_800 * 335 + 500) // 1000


@pytest.mark.slow
def test_goods_are_found_by_any_spelling(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    page.locator("a.tab.bill").click()
    for text in ("chini", "cheeni", "चीनी", "sugar", "SUGAR"):
        page.get_by_role("searchbox").fill(text)
        expect(page.locator(".tile").first).to_contain_text("Sugar")


@pytest.mark.slow
def test_a_barcode_scanner_bills_without_the_focus_in_a_field(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(1280, 800), own_shop)
    page.locator("a.tab.bill").click()
    code = next(good[9] for good in seed.GOODS if good[0] == "oil-1l")
    page.locator("h1").click()
    page.keyboard.type(str(code), delay=3)
    page.keyboard.press("Enter")
    expect(page.locator(".cartline")).to_contain_text("Fortune Soya Oil")


@pytest.mark.slow
def test_a_price_above_the_mrp_is_refused_before_it_is_saved(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(1280, 800), own_shop)
    page.locator("a.tab.bill").click()
    tap_goods(page, "Fortune Soya Oil")
    page.locator(".cartline .name").click()
    page.get_by_label("Price").fill("170")
    expect(page.get_by_text("More than the MRP")).to_be_visible()
    expect(page.locator("dialog").get_by_role("button", name="Done")).to_be_disabled()


def test_a_upi_bill_shows_its_code_and_the_receipt_prints(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    page.locator("a.tab.bill").click()
    tap_goods(page, "Fortune Soya Oil")
    page.locator(".pays button", has_text="UPI").click()
    expect(page.get_by_role("img", name="UPI code for ₹142")).to_be_visible()
    page.evaluate("() => { window.print = () => { window.printed = document.body.className; }; }")
    page.get_by_role("button", name="58 mm").click()
    assert page.evaluate("window.printed") == "paper-58"
    page.emulate_media(media="print")
    receipt = page.locator(".receipt")
    expect(receipt).to_be_visible()
    assert "₹142" in receipt.inner_text()
    assert receipt.bounding_box()["width"] < 190  # type: ignore[index]


@pytest.mark.slow
def test_a_cash_bill_tells_the_change(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    cash_bill(page, "Fortune Soya Oil")
    page.get_by_label("Cash given").fill("500")
    expect(page.get_by_text("₹358")).to_be_visible()


@pytest.mark.slow
def test_a_new_customer_can_take_credit_at_once(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    page.locator(".tab", has_text="Khata").click()
    page.get_by_role("button", name="New customer").click()
    page.get_by_role("textbox", name="Name").fill("Kamla Bai")
    page.locator("dialog").get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/khata/"))
    type_amount(page, "75")
    page.get_by_role("button", name="Gave").click()
    wait_sent(page)
    customer = page.url.rsplit("/", 1)[1]
    assert balance(own_shop, customer) == 7_500
    assert len(entries(own_shop, customer)) == 1


def test_a_count_takes_a_number_and_enter_for_each_good(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/count")
    first = page.locator(".countbox").first
    first.fill("7.5")
    expect(first).to_have_attribute("aria-invalid", "true")  # pieces come whole
    first.fill("7")
    first.press("Enter")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 of 8 counted today")).to_be_visible()
    wait_sent(page)
    counted = {
        own_shop.call("GET", f"/v1/inventory/items/{good[0]}/stock")["on_hand_milli"]
        for good in seed.GOODS[:8]
    }
    assert {7_000, 12_000} <= counted


@pytest.mark.slow
def test_a_count_that_agrees_with_enter_and_blur_is_kept_once(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/count?item=sugar")
    box = page.locator(".countbox")
    box.fill("30")
    box.press("Enter")
    page.locator("h1").click()
    wait_sent(page)
    moves = own_shop.call("GET", "/v1/inventory/items/sugar/movements?limit=50")["rows"]
    assert [move["kind"] for move in moves].count("count") == 2  # the opening stock and this one


@pytest.mark.slow
def test_a_new_good_is_sold_before_the_server_knows_it(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/goods/new")
    page.get_by_label("Name", exact=True).fill("Laal Balti")
    page.get_by_label("Price (₹)").fill("120")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/goods/0"))
    item = page.url.rsplit("/", 1)[1]
    cash_bill(page, "Laal Balti")
    wait_sent(page)
    assert stock(own_shop, item) == -1_000


@pytest.mark.slow
def test_the_owner_sets_a_price_and_takes_it_back(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/goods/sugar")
    page.get_by_label("Selling price").fill("48")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("Price is now ₹48")).to_be_visible()
    open_app(page, own_shop, "/prices")
    page.get_by_role("button", name="Undo").click()
    wait_for(
        lambda: own_shop.call("GET", "/v1/inventory/items/sugar")["price_paise"] == 4_600,
        what="the old price",
    )


@pytest.mark.slow
def test_a_recommendation_is_followed_in_one_tap(phone: OpenPage, meenas_shop: seed.Seeded) -> None:
    page = sign_in(phone(), meenas_shop)
    page.locator("article .button.main").first.click()
    page.wait_for_url(re.compile("/app/(order|khata|goods|count)"))
    wait_sent(page)


@pytest.mark.slow
def test_why_shows_the_arithmetic_in_words(phone: OpenPage, meenas_shop: seed.Seeded) -> None:
    page = sign_in(phone(), meenas_shop)
    why = page.locator("article details").first
    why.locator("summary").click()
    text = why.inner_text()
    assert "rupees =" in text
    assert "_milli" not in text
    assert "_paise" not in text


@pytest.mark.slow
def test_the_item_screen_draws_sales_and_forecast_with_their_table(
    phone: OpenPage, meenas_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), meenas_shop)
    open_app(page, meenas_shop, "/goods/sugar")
    chart = page.get_by_role("img", name=re.compile("Sales of .* days"))
    expect(chart).to_be_visible(timeout=40_000)
    assert chart.locator("canvas").count() == 1
    page.get_by_text("As a table").first.click()
    assert page.locator("table tbody tr").count() >= 28


@pytest.mark.slow
def test_an_order_is_grouped_by_supplier_and_keeps_to_the_cash(
    phone: OpenPage, meenas_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), meenas_shop)
    open_app(page, meenas_shop, "/order")
    expect(page.get_by_role("heading", name="Gupta Traders")).to_be_visible(timeout=40_000)
    page.get_by_label("Cash for this order").fill("1000")

    def within() -> bool:
        text = page.locator("section .split .num").first.inner_text()
        return int(re.sub(r"\D", "", text) or 0) <= 1000

    wait_for(within, what="the order within the cash")


@pytest.mark.slow
def test_the_owners_dashboard_shows_every_part(phone: OpenPage, meenas_shop: seed.Seeded) -> None:
    page = sign_in(phone(1280, 800), meenas_shop)
    open_app(page, meenas_shop, "/owner")
    for title in ("Sales of the week", "Udhaar by age", "Stock", "Forecast accuracy", "Advice followed"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


@pytest.mark.slow
def test_closing_the_day_compares_the_drawer(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    cash_bill(page, "Fortune Soya Oil")
    wait_sent(page)
    open_app(page, own_shop, "/close")
    page.get_by_label("At the start").fill("500")
    page.get_by_label("Counted now").fill("642")
    expect(page.get_by_text("It fits")).to_be_visible()


@pytest.mark.slow
def test_a_viewer_is_shown_no_way_to_write(phone: OpenPage, own_shop: seed.Seeded) -> None:
    guest = seed.new_shop(own_shop.base_url, "Other")
    own_shop.call("POST", "/v1/auth/members", {"email": guest.email, "role": "viewer"})
    page = sign_in(phone(), guest)
    open_app(page, guest, "/settings")
    page.get_by_label("Shop", exact=True).select_option(label="Asha Stores")
    page.wait_for_url(re.compile("/app/$"))
    expect(page.get_by_role("heading", name="Asha Stores")).to_be_visible()
    assert page.locator("a.tab.bill").count() == 0
    open_app(page, guest, "/bill")
    expect(page.get_by_text("Not for your role")).to_be_visible()


def test_a_new_shop_is_guided_to_its_first_bill(phone: OpenPage, server: str) -> None:
    page = phone()
    page.goto(server + "/app/")
    page.get_by_role("button", name="Open a new shop").click()
    page.get_by_label("Name of the shop").fill("Nayi Dukaan")
    page.get_by_label("E-mail").fill(seed.new_email())
    page.get_by_label("Password").fill(seed.PASSWORD)
    page.get_by_role("button", name="Open the shop").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name=re.compile("Pick from a list")).click()
    for name in ("Sugar", "Milk 500 ml", "Toor dal"):
        page.get_by_label(name, exact=True).check()
    page.get_by_role("button", name="Add 3 goods").click()
    page.get_by_label("UPI id").fill("nayi@okbank")
    page.get_by_role("button", name="Make the first bill").click()
    tap_goods(page, "Milk 500 ml")
    page.locator(".pays button").first.click()
    page.wait_for_selector("text=/Saved/")
    wait_sent(page)


@pytest.mark.slow
def test_the_language_is_chosen_once_and_stays(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/settings")
    page.get_by_label("Language").select_option("hi")
    expect(page.locator(".tab").first).to_contain_text("आज")
    page.reload()
    expect(page.locator(".tab").first).to_contain_text("आज")
    assert page.evaluate("document.documentElement.lang") == "hi"


@pytest.mark.slow
def test_staff_are_added_and_devices_listed(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    helper = seed.new_shop(own_shop.base_url, "Helper")
    open_app(page, own_shop, "/staff")
    page.get_by_role("button", name="Add a person").click()
    page.get_by_label("E-mail or phone number").fill(helper.email)
    page.locator("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Staff", exact=True)).to_be_visible()
    open_app(page, own_shop, "/devices")
    expect(page.get_by_text("this device")).to_be_visible()


@pytest.mark.slow
def test_an_operator_sees_the_models_and_others_do_not(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(1280, 800), own_shop)
    open_app(page, own_shop, "/models")
    expect(page.get_by_role("heading", name="Models")).to_be_visible()
    expect(page.locator(".notice")).to_be_visible()
