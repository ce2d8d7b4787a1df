"""Without a network: what is kept, what is sent, what is refused; nothing lost, nothing doubled."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, Route, expect

from tests.web import seed
from tests.web.conftest import ARGUMENTS, OpenPage, sign_in
from tests.web.steps import (
    cash_bill,
    entries,
    kill_tabs,
    offline,
    open_app,
    outbox,
    sales,
    stock,
    type_amount,
    unsent,
    wait_for,
    wait_sent,
)


def test_a_bill_without_a_network_is_saved_counted_and_sent_later(
    phone: OpenPage, own_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), own_shop)
    offline(page.context)
    cash_bill(page, "Amul Taaza")
    expect(page.get_by_text("Saved on this phone")).to_be_visible()
    expect(page.locator(".strip")).to_contain_text("1 not sent yet")
    open_app_link(page, "Goods")
    expect(page.locator(".strip")).to_contain_text("1 not sent yet")
    assert sales(own_shop) == []
    offline(page.context, away=False)
    wait_sent(page)
    [bill] = sales(own_shop)
    assert bill["sale_id"] == outbox(page)[0]["id"]


def open_app_link(page: object, name: str) -> None:
    page.locator(".tab", has_text=name).click()  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_app_opens_again_without_a_network(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_selector(".tabs")
    offline(page.context)
    page.reload()
    page.wait_for_selector(".tabs")
    open_app_link(page, "Goods")
    expect(page.locator(".row", has_text="Sugar")).to_be_visible()


@pytest.mark.slow
def test_a_day_with_an_outage_ends_with_equal_sums(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_selector(".tabs")
    for place in range(8):
        if place == 3:
            offline(page.context)
        cash_bill(page, "Amul Taaza")
    open_app_link(page, "Khata")
    for name, amount in (("Ramesh", "50"), ("Sunita", "35")):
        page.locator(".row", has_text=name).click()
        type_amount(page, amount)
        page.get_by_role("button", name="Gave").click()
        page.wait_for_timeout(300)
        page.locator(".head .iconbutton").first.click()
    page.reload()
    page.wait_for_selector(".tabs")
    assert len(unsent(page)) == 7
    offline(page.context, away=False)
    wait_sent(page, 60)
    open_app(page, own_shop, "/")
    assert sum(bill["total_paise"] for bill in sales(own_shop)) == 8 * 2_700
    assert stock(own_shop, "milk-500") == 14_000 - 8_000
    expect(page.locator(".sum").first).to_have_text("₹216")


@pytest.mark.slow
def test_an_answer_that_is_lost_makes_no_second_bill(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    lost = []

    def lose(route: Route) -> None:
        if len(lost) < 2 and route.request.method == "POST":
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/sales", lose)
    cash_bill(page, "Amul Taaza")
    wait_sent(page, 60)
    assert lost == [201, 201]
    assert len(sales(own_shop)) == 1


def test_a_tab_that_crashes_loses_no_bill(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    page.route("**/v1/**", lambda route: route.abort())
    for _ in range(4):
        cash_bill(page, "Amul Taaza")
    kill_tabs(page)
    page.close()
    again = page.context.new_page()
    open_app(again, own_shop)
    again.wait_for_selector(".tabs")
    wait_sent(again, 60)
    assert len(sales(own_shop)) == 4


@pytest.mark.slow
def test_a_browser_that_is_killed_loses_no_bill(
    playwright: Playwright, chromium_path: str, own_shop: seed.Seeded, tmp_path: Path
) -> None:
    def start() -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium_path, args=ARGUMENTS, locale="en-IN"
        )

    context = start()
    page = sign_in(context.new_page(), own_shop)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    offline(context)
    for _ in range(4):
        cash_bill(page, "Amul Taaza")
    kill_browser(tmp_path / "profile")
    context = start()
    # The browser may have lost the session's newest cookie with its power: the person signs in again.
    again = sign_in(context.new_page(), own_shop)
    wait_sent(again, 60)
    assert len(sales(own_shop)) == 4
    context.close()


def kill_browser(profile: Path) -> None:
    """Kill the processes of the browser of a profile without a farewell, as a phone that loses its power."""
    for folder in Path("/proc").iterdir():
        try:
            command = (
                (folder / "cmdline").read_bytes().decode(errors="replace") if folder.name.isdigit() else ""
            )
        except OSError:
            continue
        if f"--user-data-dir={profile}" in command:
            os.kill(int(folder.name), signal.SIGKILL)
    time.sleep(1)


@pytest.mark.slow
def test_two_tabs_send_each_bill_once(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    other = page.context.new_page()
    open_app(other, own_shop)
    other.wait_for_selector(".tabs")
    for _ in range(3):
        cash_bill(page, "Amul Taaza")
        cash_bill(other, "Fortune Soya Oil")
    wait_sent(page)
    assert len(sales(own_shop)) == 6


@pytest.mark.slow
def test_what_the_server_refuses_is_parked_with_its_words_and_can_be_put_right(
    phone: OpenPage, own_shop: seed.Seeded
) -> None:
    own_shop.call("PATCH", "/v1/auth/shop", {"negative_stock": "block"})
    page = sign_in(phone(), own_shop)
    page.locator("a.tab.bill").click()
    page.locator(".tile", has_text="Aashirvaad Atta").click(click_count=3)
    page.locator(".pays button").first.click()
    expect(page.locator(".strip.parked")).to_be_visible()
    open_app(page, own_shop, "/unsent")
    assert unsent(page)[0]["code"] == "out_of_stock"
    page.get_by_role("button", name="Put right").click()
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Send as put right").click()
    wait_sent(page)
    assert stock(own_shop, "atta-10kg") == 0


@pytest.mark.slow
def test_a_person_cancels_with_a_reason_and_the_row_stays(phone: OpenPage, own_shop: seed.Seeded) -> None:
    own_shop.call("PATCH", "/v1/auth/shop", {"negative_stock": "block"})
    page = sign_in(phone(), own_shop)
    page.locator("a.tab.bill").click()
    page.locator(".tile", has_text="Aashirvaad Atta").click(click_count=3)
    page.locator(".pays button").first.click()
    expect(page.locator(".strip.parked")).to_be_visible()
    open_app(page, own_shop, "/unsent")
    page.get_by_role("button", name="Put right").click()
    page.get_by_label("Reason").fill("typed twice")
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_text("cancelled: typed twice")).to_be_visible()
    assert [row["state"] for row in outbox(page)] == ["cancelled"]
    assert sales(own_shop) == []


def test_signing_out_is_refused_while_something_is_unsent(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    offline(page.context)
    cash_bill(page, "Amul Taaza")
    open_app_link(page, "More") if page.locator(".tab", has_text="More").is_visible() else page.go_back()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/unsent"))
    assert len(unsent(page)) == 1


@pytest.mark.slow
def test_signing_out_takes_the_shop_off_the_phone(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/more")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    names = page.evaluate("async () => (await indexedDB.databases()).map((each) => each.name)")
    assert [name for name in names if name.startswith("samaan-")] == []


@pytest.mark.slow
def test_a_second_phone_sees_the_bill_of_the_first(phone: OpenPage, own_shop: seed.Seeded) -> None:
    first, second = sign_in(phone(), own_shop), sign_in(phone(), own_shop)
    cash_bill(first, "Amul Taaza")
    wait_sent(first)
    second.get_by_role("button", name="Refresh").click()
    expect(second.locator(".sum").first).to_have_text("₹27")


@pytest.mark.slow
def test_two_phones_sell_the_last_piece_and_both_bills_stand(phone: OpenPage, own_shop: seed.Seeded) -> None:
    first, second = sign_in(phone(), own_shop), sign_in(phone(), own_shop)
    for page in (first, second):
        offline(page.context)
        page.locator("a.tab.bill").click()
        page.locator(".tile", has_text="Aashirvaad Atta").click(click_count=2)
        page.locator(".pays button").first.click()
        page.wait_for_selector("text=/Saved/")
    for page in (first, second):
        offline(page.context, away=False)
        wait_sent(page)
    assert len(sales(own_shop)) == 2
    assert stock(own_shop, "atta-10kg") == -2_000


@pytest.mark.slow
def test_a_customer_made_offline_reaches_the_server_before_the_credit(
    phone: OpenPage, own_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), own_shop)
    offline(page.context)
    page.locator("a.tab.bill").click()
    page.locator(".tile", has_text="Amul Taaza").click()
    page.locator(".pays button", has_text="Udhaar").click()
    page.locator("dialog").get_by_role("searchbox").fill("Naya Grahak")
    page.locator("dialog").get_by_role("button", name="New: Naya Grahak").click()
    page.wait_for_selector("text=/Saved/")
    offline(page.context, away=False)
    wait_sent(page)
    [bill] = sales(own_shop)
    assert len(entries(own_shop, bill["customer_id"])) == 1


@pytest.mark.slow
def test_a_bill_in_the_making_survives_a_reload(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    page.locator("a.tab.bill").click()
    page.locator(".tile", has_text="Amul Taaza").click(click_count=3)
    page.reload()
    expect(page.locator(".cart .sum")).to_have_text("₹81")


@pytest.mark.slow
def test_a_phone_whose_clock_is_wrong_sends_its_error(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = phone()
    page.clock.install()
    page.clock.set_system_time(page.evaluate("Date.now()") + 20 * 60_000)
    sign_in(page, own_shop)
    cash_bill(page, "Amul Taaza")
    wait_sent(page)
    [bill] = sales(own_shop)
    assert "clock_corrected" in bill["flags"]


@pytest.mark.slow
def test_a_device_that_was_signed_out_is_wiped_but_for_the_unsent(
    phone: OpenPage, own_shop: seed.Seeded
) -> None:
    page = sign_in(phone(), own_shop)
    offline(page.context)
    cash_bill(page, "Amul Taaza")
    mine = own_shop.call("GET", "/v1/auth/devices")["rows"]
    for device in mine:
        if not device["this_one"]:
            own_shop.call("DELETE", f"/v1/auth/devices/{device['session_id']}")
    offline(page.context, away=False)
    wait_for(
        lambda: (
            "signed out" in page.locator("body").inner_text()
            or page.get_by_role("link", name="Sign in").count()
        ),
        what="the end of the session",
    )
    assert len(unsent(page)) == 1
    left = page.evaluate("""async () => {
      const who = JSON.parse(localStorage.getItem("samaan-who"));
      const open = indexedDB.open(`samaan-${who.shop_id}-${who.user_id}`);
      const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
      const count = (store) => new Promise((done) => { const asked = db.transaction(store).objectStore(store).count(); asked.onsuccess = () => done(asked.result); });
      return [await count("customers"), await count("items"), await count("entries")];
    }""")
    assert left == [0, 0, 0]


@pytest.mark.slow
def test_a_pin_seals_names_and_khata_and_what_is_unsent(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    open_app(page, own_shop, "/settings")
    page.get_by_label("New PIN").fill("2468")
    page.locator("section", has_text="App lock").get_by_role("button", name="Set").click()
    expect(page.get_by_text("PIN set")).to_be_visible()
    offline(page.context)
    open_app_link(page, "Today")
    cash_bill(page, "Amul Taaza")
    assert [row["sealed"] for row in outbox(page)] == [True]
    seen = page.evaluate("""async () => {
      const who = JSON.parse(localStorage.getItem("samaan-who"));
      const open = indexedDB.open(`samaan-${who.shop_id}-${who.user_id}`);
      const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
      const all = db.transaction("customers").objectStore("customers").getAll();
      const rows = await new Promise((done) => { all.onsuccess = () => done(all.result); });
      return JSON.stringify(rows);
    }""")
    assert "Sunita" not in seen
    offline(page.context, away=False)
    page.reload()
    expect(page.get_by_role("heading", name="Enter your PIN")).to_be_visible()
    assert "Sunita" not in page.locator("body").inner_text()
    for wrong in ("1111", "2468"):
        for digit in wrong:
            page.locator(".pad button", has_text=digit).first.click()
        page.get_by_role("button", name="Unlock").click()
        page.wait_for_timeout(1200)
    page.wait_for_selector(".tabs")
    wait_for(lambda: len(sales(own_shop)) == 1, what="the sealed bill on the server")
