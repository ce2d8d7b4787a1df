"""Names of an item by language: kept, found by search, and used by every answer in words of that language."""

from typing import Any

import pytest

NAMES = {"hi": "चीनी", "ta": "சர்க்கரை"}


@pytest.fixture
def low(shop: Any) -> Any:
    """A shop whose sugar, known by two further names, is short of its reorder point by a part of a kilogram."""
    shop.add_item("sugar", stock=2_375, unit="kg", names=NAMES, reorder_point_milli=5_000)
    return shop


def test_names_are_kept_changed_and_read_by_the_feed_and_the_snapshot(low: Any) -> None:
    assert low.get("/inventory/items/sugar")["names"] == NAMES
    [row] = [row for row in low.get("/changes")["rows"] if row["kind"] == "item"]
    assert row["row"]["names"] == NAMES
    columns = low.get("/home?full=1")["snapshot"]["items"]
    assert dict(zip(columns["fields"], columns["rows"][0], strict=True))["names"] == NAMES
    changed = low.call("PATCH", "/inventory/items/sugar", {"names": {"mr": "साखर"}}).json()
    assert changed["names"] == {"mr": "साखर"}
    assert low.call("PATCH", "/inventory/items/sugar", {"names": None}).json()["names"] == {}


@pytest.mark.parametrize("names", [{"xx": "Sugar"}, {"hi": ""}, {"hi": "ची\u202eनी"}, {"hi": 3}])
def test_a_name_in_an_unknown_language_or_without_letters_is_refused(shop: Any, names: Any) -> None:
    body = {"item_id": "sugar", "name": "Sugar", "price_paise": 4_500, "names": names}
    assert shop.post("/inventory/items", body, 422)["field"].startswith("names")


@pytest.mark.parametrize("text", ["चीनी", "சர்க்கரை", "sugar"])
def test_search_finds_an_item_by_its_name_in_any_language(low: Any, text: str) -> None:
    assert [row["item_id"] for row in low.get(f"/inventory/search?q={text}")["rows"]] == ["sugar"]


def test_a_sheet_in_another_language_finds_the_item(low: Any, wiring: Any) -> None:
    from serving.sales.catalogue import Catalogue

    found = Catalogue.of_shop(wiring.items, low.shop_id).find("", "चीनी")
    assert found is not None
    assert found.item_id == "sugar"


@pytest.mark.parametrize(
    ("language", "name"), [("hi", "चीनी"), ("ta", "சர்க்கரை"), ("en", "Sugar"), ("bn", "Sugar")]
)
def test_answers_in_words_use_the_name_of_their_language_and_quantities_that_people_say(
    low: Any, language: str, name: str
) -> None:
    [told] = low.get(f"/recommendations?language={language}")["rows"]
    [thing] = low.get(f"/home?language={language}")["list"]
    low.post("/alerts/refresh", {"language": language})
    [alert] = low.get("/alerts")["rows"]
    for row in (told, thing, alert):
        assert row["subject_name"].lower() == name.lower()
        assert name.lower() in row["text"].lower()
        assert "2.4" in row["text"]
        assert "2.375" not in row["text"]
