"""A real server, a real Chromium, the built app; without a Chromium the browser tests skip and say so."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.web import seed

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "serving" / "http" / "app" / "index.html"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
]  # fmt: skip


def find_chromium() -> str | None:
    """Return a Chromium: the one that is named, one of the path, or that of the app's development packages."""
    named = os.environ.get("SAMAAN_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return None


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the browser lies; a test that asks for it skips where there is none."""
    found = find_chromium()
    missing = "no Chromium: put one on the path or name it with SAMAAN_CHROMIUM" if found is None else None
    if missing is None and not BUILT.is_file():
        missing = "the app is not built: run `make web`"
    if missing:
        if os.environ.get("SAMAAN_BROWSER_TESTS") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Start the driver for one file. Its event loop runs in this thread and would break other tests' loops."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """Start one browser for a file; every test opens a profile of its own in it."""
    started = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
    yield started
    started.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `samaan serve` on a home of its own."""
    port = _free_port()
    folder = tmp_path_factory.mktemp("home")
    env = {**os.environ, "SAMAAN_HOME": str(folder), "SAMAAN_LOG_LEVEL": "WARNING"}
    env |= {"SAMAAN_RATE_PER_SECOND": "2000", "SAMAAN_RATE_BURST": "4000"}
    log = (folder / "server.log").open("w")
    command = [sys.executable, "-m", "serving", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise AssertionError((folder / "server.log").read_text())
            try:
                httpx.get(address + "/health", timeout=2)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        else:
            raise AssertionError("the server did not start within a minute")
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def meenas_shop(server: str) -> seed.Seeded:
    """A full shop that tests read; who writes makes a shop of its own."""
    return seed.fill(seed.new_shop(server))


@pytest.fixture
def own_shop(server: str) -> seed.Seeded:
    """A small shop for one test: eight goods, the customers, no past sales."""
    return seed.fill(seed.new_shop(server, "Asha Stores"), days=0, goods=8)


OpenPage = Callable[..., Page]


@pytest.fixture
def phone(browser: Browser) -> Iterator[OpenPage]:
    """Open the app on a new phone; what the page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_phone(width: int = 360, height: int = 740, language: str = "en", **more: object) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-IN",
            timezone_id="Asia/Kolkata",
            **more,  # type: ignore[arg-type]
        )
        context.add_init_script(
            f"localStorage.getItem('samaan-language') || localStorage.setItem('samaan-language', '{language}')"
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None,
        )
        return page

    yield open_phone
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, shop: seed.Seeded) -> Page:
    """Sign in by password and wait for the shop's data."""
    page.goto(shop.base_url + "/app/")
    page.locator("input[type=email]").fill(shop.email)
    page.locator("input[type=password]").fill(shop.password)
    page.locator("form button.main").click()
    page.wait_for_selector(".tabs")
    return page
