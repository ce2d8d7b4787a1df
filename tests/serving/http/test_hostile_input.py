"""Input made to be more than data: it is stored as text, answered as nothing, or refused; never run."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HOSTILE = [
    "'; DROP TABLE items; --",
    "' OR '1'='1",
    '" UNION SELECT password_hash FROM accounts --',
    '{"$gt": ""}',
    "#m#sugar#1",
    "${jndi:ldap://x/a}",
    "{{7*7}}",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "%00",
    "\u202etxt.exe",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_names_is_only_text(shop: Any, text: str) -> None:
    shop.add_item("sugar")
    body = {"name": text, "price_paise": 1, "category": text}
    answer = shop.call("POST", "/inventory/items", body)
    assert answer.status_code in (201, 422)
    rows = shop.get("/inventory/items")["rows"]
    assert {row["name"] for row in rows} == {"Sugar"} | ({text} if answer.status_code == 201 else set())
    found = shop.call("GET", f"/inventory/items?category={quote(text, safe='')}").json()
    assert {row["name"] for row in found["rows"]} <= {text}
    assert shop.on_hand("sugar") == 100_000


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "path", ["/inventory/items/{}", "/udhaar/customers/{}", "/sales/{}", "/ocr/bills/{}"]
)
def test_hostile_ids_find_nothing(shop: Any, other: Any, path: str, text: str) -> None:
    for written in (quote(text, safe=""), quote(text, safe="/%")):
        answer = shop.call("GET", path.format(written))
        assert answer.status_code in (404, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "passwd" not in answer.headers.get("location", "")


@pytest.mark.parametrize("cursor", ["JyBPUiAnMSc9JzE", "ey", "....", "IycjbSMn", "A" * 300, "_" * 40])
def test_a_cursor_that_was_not_ours_leads_nowhere_else(shop: Any, other: Any, cursor: str) -> None:
    other.add_item("theirs")
    shop.add_item("sugar")
    answer = shop.call("GET", f"/inventory/items?cursor={cursor}")
    assert answer.status_code in (200, 422)
    assert "theirs" not in answer.text


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(max_codepoint=255), max_size=80))
def test_no_header_of_a_caller_splits_an_answers(client: Any, value: str) -> None:
    sent = {"X-Request-Id": value.encode("latin-1"), "traceparent": value.encode("latin-1")}
    answer = client.get("/health", headers=sent)
    for name, text in answer.headers.items():
        assert "\r" not in text, name
        assert "\n" not in text, name
    assert set(answer.headers) <= {
        "content-type", "content-length", "x-request-id", "traceparent", "cache-control",
        "x-content-type-options", "x-frame-options", "referrer-policy", "strict-transport-security", "vary",
    }  # fmt: skip


@pytest.mark.slow
def test_twenty_thousand_and_one_rows_come_once_each_while_others_are_added(api: Any, shop: Any) -> None:
    from dataclasses import replace

    shop.add_item("i00000")
    first = api.wiring.items.item(shop.shop_id, "i00000")
    wanted = [f"i{number:05d}" for number in range(20_001)]
    with api.wiring.transactions.begin():
        for item_id in wanted[1:]:
            api.wiring.items.add_item(shop.shop_id, replace(first, item_id=item_id))
    seen: list[str] = []
    cursor, pages = "", 0
    while cursor is not None:
        page = shop.get(f"/inventory/items?limit=200{f'&cursor={cursor}' if cursor else ''}")
        seen += [row["item_id"] for row in page["rows"]]
        cursor, pages = page["next_cursor"], pages + 1
        if pages % 20 == 0:  # one before the cursor, one behind it
            shop.add_item(f"a-new-{pages}")
            shop.add_item(f"z-new-{pages}")
    assert [item_id for item_id in seen if item_id.startswith("i")] == wanted
    assert len(seen) == len(set(seen))
