"""What a person does in the app, and what lies on the phone and on the server afterwards."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.web.seed import Seeded

_READ_OUTBOX = """
async () => {
  const who = JSON.parse(localStorage.getItem("samaan-who"));
  const open = indexedDB.open(`samaan-${who.shop_id}-${who.user_id}`);
  const db = await new Promise((done, fail) => { open.onsuccess = () => done(open.result); open.onerror = () => fail(open.error); });
  const rows = await new Promise((done) => {
    const all = db.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => done(all.result);
  });
  db.close();
  return rows.map(({ id, kind, state, trouble, sealed }) => ({ id, kind, state, code: trouble && trouble.code, sealed: sealed !== undefined }));
}
"""


def open_app(page: Page, shop: Seeded, path: str = "/") -> Page:
    """Open a screen by its address."""
    page.goto(f"{shop.base_url}/app{path}")
    page.wait_for_selector("main h1, .head h1, main")
    return page


def tap_goods(page: Page, *names: str) -> None:
    """Tap tiles of the bill."""
    for name in names:
        page.locator(".tile", has_text=name).first.click()


def cash_bill(page: Page, *names: str) -> None:
    """Make a cash bill, from the screen before: the tab, the goods, the cash."""
    page.locator("a.tab.bill, a[href='/app/bill']").first.click()
    tap_goods(page, *names)
    page.locator(".pays button").first.click()
    page.wait_for_selector("text=/Saved/")


def type_amount(page: Page, amount: str) -> None:
    """Press an amount on the pad."""
    for key in amount:
        page.locator(".pad button", has_text=key).first.click() if key != "." else page.locator(
            ".pad button"
        ).nth(9).click()


def outbox(page: Page) -> list[dict[str, Any]]:
    """Read the outbox from the disk of the phone."""
    return page.evaluate(_READ_OUTBOX)  # type: ignore[no-any-return]


def unsent(page: Page) -> list[dict[str, Any]]:
    """Rows that the server does not have."""
    return [row for row in outbox(page) if row["state"] in ("wait", "parked")]


def wait_for(condition: Callable[[], Any], seconds: float = 30, what: str = "it") -> Any:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.15)
    raise AssertionError(f"{what} did not come true in {seconds} s")


def wait_sent(page: Page, seconds: float = 40) -> None:
    """Wait until nothing waits on the phone."""
    wait_for(lambda: not unsent(page), seconds, "sending")


def offline(context: BrowserContext, *, away: bool = True) -> None:
    """Take the network away, or give it back."""
    context.set_offline(away)


def sales(shop: Seeded) -> list[dict[str, Any]]:
    """All bills that the server has, with their lines."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = shop.call("GET", f"/v1/sales?lines=true&limit=100{cursor}")
        rows += page["rows"]
        if not page["next_cursor"]:
            return rows
        cursor = f"&cursor={page['next_cursor']}"


def entries(shop: Seeded, customer: str) -> list[dict[str, Any]]:
    """All khata entries of a customer."""
    return shop.call("GET", f"/v1/udhaar/customers/{customer}/entries?limit=100")["rows"]  # type: ignore[no-any-return]


def stock(shop: Seeded, item: str) -> int:
    """What the server has of an item."""
    return int(shop.call("GET", f"/v1/inventory/items/{item}/stock")["on_hand_milli"])


def balance(shop: Seeded, customer: str) -> int:
    """What a customer owes on the server."""
    return int(shop.call("GET", f"/v1/udhaar/customers/{customer}")["balance_paise"])


def kill_tabs(page: Page) -> None:
    """Kill the processes that draw the browser's pages, as Android does when memory is short.

    ``Page.crash`` of the DevTools protocol does the same and never answers.
    """
    browser = page.context.browser
    assert browser is not None
    session = browser.new_browser_cdp_session()
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            os.kill(process["id"], signal.SIGKILL)
    session.detach()
