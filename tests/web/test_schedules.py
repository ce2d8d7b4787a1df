"""Random courses of a day through the real browser: outages, crashes, lost answers, a second phone. Sums must agree."""

import contextlib
import random

import pytest
from playwright.sync_api import Error, Page, Route

from tests.web import seed
from tests.web.conftest import OpenPage, sign_in
from tests.web.steps import offline, open_app, sales, stock, wait_sent

pytestmark = pytest.mark.slow
SCHEDULES = 50
STEPS = 8


def bill(page: Page) -> None:
    """One bill of one milk, wherever the page is."""
    page.locator("a.tab.bill:visible, a[href='/app/bill']:visible").first.click()
    page.locator(".tile", has_text="Amul Taaza").first.click()
    page.locator(".pays button").first.click()
    page.wait_for_selector("text=/Saved/")


def lose_next(page: Page) -> None:
    """Let the next bill reach the server and its answer be lost; the tab may be gone before that."""

    def lose(route: Route) -> None:
        with contextlib.suppress(Error):
            route.fetch()
            route.abort()

    page.route("**/v1/sales", lose, times=1)


def crash(page: Page, shop: seed.Seeded) -> Page:
    """Kill the tab without a farewell and open another one."""
    fresh = page.context.new_page()
    page.close(run_before_unload=False)
    open_app(fresh, shop)
    fresh.wait_for_selector(".tabs")
    return fresh


@pytest.mark.parametrize("number", range(SCHEDULES))
def test_no_schedule_loses_or_doubles_a_bill(phone: OpenPage, server: str, number: int) -> None:
    chance = random.Random(number)
    shop = seed.fill(seed.new_shop(server, "Schedule"), days=0, goods=8, khata=False)
    pages = [sign_in(phone(), shop) for _ in range(1 + number % 2)]
    for page in pages:
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    made = 0
    for _ in range(STEPS):
        place = chance.randrange(len(pages))
        page = pages[place]
        match chance.choice(["bill", "bill", "bill", "away", "back", "lose", "crash"]):
            case "bill":
                bill(page)
                made += 1
            case "away":
                offline(page.context)
            case "back":
                offline(page.context, away=False)
            case "lose":
                lose_next(page)
            case "crash":
                offline(page.context, away=False)
                pages[place] = crash(page, shop)
    for page in pages:
        page.unroute("**/v1/sales")
        offline(page.context, away=False)
        wait_sent(page, 60)
    assert len(sales(shop)) == made
    assert stock(shop, "milk-500") == 14_000 - made * 1_000
