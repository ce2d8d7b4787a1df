"""Every screen: axe finds nothing, large text fits a small phone, the keyboard reaches all, Hindi has no English words."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web import seed
from tests.web.conftest import ROOT, OpenPage, sign_in
from tests.web.steps import open_app

SCREENS = [
    "/", "/bill", "/khata", "/khata/c0", "/goods", "/goods/sugar", "/goods/sugar/edit", "/goods/new", "/count", "/order", "/orders/o-placed", "/orders/o-draft",
    "/bills", "/bills/b-oil", "/photo",
    "/prices", "/close", "/customers", "/customers/c0", "/staff", "/devices", "/unsent", "/more", "/settings", "/start", "/owner", "/models",
]  # fmt: skip
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
ENGLISH_ON_PURPOSE = {
    "UPI",
    "MRP",
    "PIN",
    "CSV",
    "Excel",
    "https",
    "localhost",
    "Enter",
    "WhatsApp",
    "MB",
    "mm",
    "English",  # languages stand in the list by their own names
    "Hinglish",
    "naam",  # the example of a UPI id
    "bank",
}


def violations(page: Page) -> list[str]:
    """Run axe-core, which is read from the development packages and never shipped."""
    page.evaluate(AXE.read_text("utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("async (tags) => (await axe.run(document, { runOnly: tags })).violations", rules)
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.slow
def test_axe_finds_nothing_on_any_screen(phone: OpenPage, meenas_shop: seed.Seeded, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not among the app's development packages: run `make web`")
    page = phone(color_scheme=scheme, bypass_csp=True)
    page.goto(meenas_shop.base_url + "/app/")
    page.wait_for_selector("input[type=email]")
    wrong = {"sign-in": violations(page)}
    sign_in(page, meenas_shop)
    for screen in SCREENS:
        open_app(page, meenas_shop, screen)
        page.wait_for_timeout(250)
        wrong[screen] = violations(page)
    assert {screen: found for screen, found in wrong.items() if found} == {}


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.slow
def test_text_of_twice_the_size_fits_a_phone_of_320_pixels(
    phone: OpenPage, meenas_shop: seed.Seeded, language: str
) -> None:
    page = sign_in(phone(320, 640, language), meenas_shop)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '212.5%'; })"
    )
    too_wide = {}
    for screen in SCREENS:
        open_app(page, meenas_shop, screen)
        page.wait_for_timeout(200)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            too_wide[screen] = over
    assert too_wide == {}


@pytest.mark.slow
def test_a_bill_is_made_by_keyboard_alone(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(1280, 800), own_shop)
    open_app(page, own_shop, "/bill")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("oil")
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Cash":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Saved"))).to_be_visible()


@pytest.mark.slow
def test_the_pad_takes_a_keyboard_and_says_what_it_shows(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(1280, 800), own_shop)
    open_app(page, own_shop, "/khata/c1")
    page.locator("h1").click()
    page.keyboard.type("12.5")
    expect(page.locator(".padvalue")).to_have_text("₹12.5")


@pytest.mark.slow
def test_every_button_is_large_enough_for_a_thumb(phone: OpenPage, meenas_shop: seed.Seeded) -> None:
    page = sign_in(phone(), meenas_shop)
    small = {}
    for screen in ("/", "/bill", "/khata/c0", "/goods", "/count", "/more", "/order"):
        open_app(page, meenas_shop, screen)
        page.wait_for_timeout(200)
        found = page.evaluate("""() => [...document.querySelectorAll("button, a.row, a.button, a.tab, input:not([type=file]):not([type=checkbox])")]
          .filter((each) => each.checkVisibility()).map((each) => [each.textContent.slice(0, 30), each.getBoundingClientRect()])
          .filter(([, box]) => box.height < 44 || box.width < 44).map(([text, box]) => `${text} ${box.width}x${box.height}`)""")
        if found:
            small[screen] = found
    assert small == {}


@pytest.mark.slow
def test_a_hindi_screen_has_no_english_word_but_names(phone: OpenPage, meenas_shop: seed.Seeded) -> None:
    page = sign_in(phone(language="hi"), meenas_shop)
    names = " ".join([good[1] for good in seed.GOODS] + [row[0] for row in seed.CUSTOMERS])
    known = (
        set(
            re.findall(
                r"[A-Za-z]+",
                names + " Meena Kirana Store Gupta Traders Samaan Sathi Chrome Linux HeadlessChrome",
            )
        )
        | ENGLISH_ON_PURPOSE
    )
    found = {}
    for screen in [each for each in SCREENS if each not in ("/models", "/unsent")]:
        open_app(page, meenas_shop, screen)
        page.wait_for_timeout(300)
        text = page.evaluate("document.body.innerText")
        left = {word for word in re.findall(r"[A-Za-z]{3,}", text) if word not in known}
        if left:
            found[screen] = sorted(left)
    assert found == {}
