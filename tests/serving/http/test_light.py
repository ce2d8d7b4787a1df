"""Answers are tagged, compressed, and left out where the caller holds them; what is secret is neither."""

from typing import Any

import pytest


def test_who_holds_an_answer_gets_no_second_one(shop: Any) -> None:
    shop.add_item()
    for path in ("/inventory/items/sugar", "/inventory/items", "/sales", "/auth/shop"):
        first = shop.call("GET", path)
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = shop.call("GET", path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        weak = shop.call("GET", path, **{"If-None-Match": f'"x", W/{first.headers["ETag"]}'})
        assert weak.status_code == 304
        assert shop.call("GET", path, **{"If-None-Match": '"x"'}).status_code == 200


def test_an_items_tag_follows_its_stock_and_still_guards_its_change(shop: Any) -> None:
    shop.add_item()
    path = "/inventory/items/sugar"
    tag = shop.call("GET", path).headers["ETag"]
    shop.sell()
    assert shop.call("GET", path, **{"If-None-Match": tag}).status_code == 200
    assert shop.call("PATCH", path, {"name": "Sugar 1"}, **{"If-Match": tag}).status_code == 200
    assert shop.call("PATCH", path, {"name": "Sugar 2"}, **{"If-Match": tag}).status_code == 412


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("gzip;q=0", None), ("identity", None)])
def test_lists_are_compressed_for_who_takes_it(shop: Any, accepted: str, encoding: str | None) -> None:
    for n in range(3):
        shop.add_item(f"i-{n}")
    answer = shop.call("GET", "/inventory/items", **{"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.json()["rows"]) == 3


def test_secrets_are_kept_by_nobody(shop: Any) -> None:
    for path in ("/auth/api-keys", "/auth/devices", "/auth/approvals"):
        answer = shop.call("GET", path, **{"Accept-Encoding": "gzip"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
        assert "Content-Encoding" not in answer.headers
