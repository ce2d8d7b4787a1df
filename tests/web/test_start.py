"""The app opens in a real browser, against a real server."""

from tests.web import seed
from tests.web.conftest import OpenPage, sign_in


def test_a_shopkeeper_signs_in_and_sees_today(phone: OpenPage, own_shop: seed.Seeded) -> None:
    page = sign_in(phone(), own_shop)
    assert page.get_by_role("heading", level=1).inner_text() == "Asha Stores"
    assert page.get_by_role("navigation", name="Menu").get_by_role("link").count() == 5
