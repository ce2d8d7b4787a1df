"""The pictures of the guide are made by this test: SAMAAN_WRITE_PICTURES=1 writes them into docs/guides/app."""

import os
from pathlib import Path

import pytest

from tests.web import seed
from tests.web.conftest import ROOT, OpenPage, sign_in
from tests.web.steps import open_app, tap_goods

pytestmark = pytest.mark.slow
FOLDER = ROOT / "docs" / "guides" / "app"
PICTURES = {
    "today-en": ("en", 360, 740, "/"),
    "bill-hi": ("hi", 360, 740, "/bill"),
    "item-en": ("en", 360, 740, "/goods/sugar"),
    "khata-hi": ("hi", 360, 740, "/khata/c0"),
    "bill-wide-en": ("en", 1280, 800, "/bill"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_the_guide_is_made_of_the_app(
    phone: OpenPage, meenas_shop: seed.Seeded, tmp_path: Path, name: str
) -> None:
    language, width, height, screen = PICTURES[name]
    page = sign_in(phone(width, height, language), meenas_shop)
    open_app(page, meenas_shop, screen)
    if screen == "/bill":
        hindi = {"Parle": "पारले", "Amul Taaza": "अमूल ताज़ा", "Maggi": "मैगी"}
        tap_goods(page, *(hindi.values() if language == "hi" else hindi))
    if screen.startswith("/goods"):
        page.wait_for_selector("canvas", timeout=60_000)
        page.get_by_text("will be sold").wait_for(timeout=60_000)
    page.wait_for_timeout(800)
    folder = FOLDER if os.environ.get("SAMAAN_WRITE_PICTURES") else tmp_path
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")
    assert (folder / f"{name}.png").stat().st_size > 10_000
    assert (FOLDER / f"{name}.png").is_file(), "run with SAMAAN_WRITE_PICTURES=1 once"
