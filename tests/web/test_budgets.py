"""How much is fetched and how long it takes on a slow phone and line."""

import gzip
import json
import re
import time

import pytest
from playwright.sync_api import CDPSession, Page

from tests.web import seed
from tests.web.conftest import BUILT, OpenPage, sign_in

SHELL_BYTES = 90 * 1024


def shell(language: str) -> dict[str, int]:
    """The files that the worker keeps, with one language, packed; the operator's and owner's pages are apart."""
    listed = re.findall(r"url:[`\"']/app/([^`\"']*)[`\"']", (BUILT.parent / "sw.js").read_text("utf-8"))
    names = [name or "index.html" for name in listed]
    words = next((BUILT.parent / "assets").glob(f"word-{language}-*.js"))
    files = [BUILT.parent / name for name in names] + [words]
    return {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in files if file.suffix != ".png"}


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_whole_shell_with_a_language_weighs_ninety_kilobytes_at_most(
    chromium_path: str, language: str
) -> None:
    sizes = shell(language)
    assert len(sizes) > 5
    assert sum(sizes.values()) <= SHELL_BYTES, sizes


def slow(page: Page) -> CDPSession:
    """A processor four times slower, 400 ms and 400 kbit/s."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    session.send("Network.enable")
    speed = 400 * 1024 / 8
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 400, "downloadThroughput": speed, "uploadThroughput": speed},
    )
    return session


def test_the_first_data_come_in_two_requests_and_forty_kilobytes(
    phone: OpenPage, meenas_shop: seed.Seeded
) -> None:
    page = phone()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    bytes_of: dict[str, float] = {}
    urls: dict[str, str] = {}
    session.on(
        "Network.requestWillBeSent",
        lambda event: urls.__setitem__(event["requestId"], event["request"]["url"]),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: bytes_of.__setitem__(event["requestId"], event["encodedDataLength"]),
    )
    sign_in(page, meenas_shop)
    page.wait_for_timeout(500)
    data = {urls[each]: size for each, size in bytes_of.items() if "/v1/home" in urls.get(each, "")}
    assert len(data) <= 2
    assert sum(data.values()) <= 40 * 1024


@pytest.mark.slow
def test_first_screen_reopening_tap_and_tasks_keep_their_times(
    phone: OpenPage, meenas_shop: seed.Seeded
) -> None:
    page = phone()
    page.add_init_script(
        """window.longest = 0; new PerformanceObserver((list) => { for (const each of list.getEntries()) window.longest = Math.max(window.longest, each.duration); }).observe({ type: "longtask", buffered: true });"""
    )
    slow(page)
    begun = time.monotonic()
    page.goto(meenas_shop.base_url + "/app/")
    page.wait_for_selector("input[type=email]")
    figures = {"first screen": time.monotonic() - begun}
    sign_in(page, meenas_shop)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_timeout(6000)
    page.reload()
    page.wait_for_selector(".tabs")
    begun = time.monotonic()
    page.reload()
    page.wait_for_selector(".tabs")
    figures["opening again"] = time.monotonic() - begun
    page.evaluate("window.longest = 0")
    page.locator("a.tab.bill").click()
    page.locator(".tile").nth(9).click()
    if page.locator("dialog").count():
        page.locator("dialog .pair button").nth(3).click()
    page.evaluate("""() => { const done = new MutationObserver(() => { if (location.pathname.includes("/bill/done")) { window.savedAt = performance.now(); done.disconnect(); } });
      done.observe(document.body, { childList: true, subtree: true }); addEventListener("click", () => { window.tappedAt = performance.now(); }, { capture: true, once: true }); }""")
    page.locator(".pays button").first.click()
    page.wait_for_function("window.savedAt")
    figures["tap to saved"] = page.evaluate("(window.savedAt - window.tappedAt) / 1000")
    figures["longest task"] = page.evaluate("window.longest / 1000")
    print(json.dumps(figures))
    assert figures["first screen"] <= 3, figures
    assert figures["opening again"] <= 1, figures
    assert figures["tap to saved"] <= 0.3, figures
    assert figures["longest task"] <= 0.1, figures
