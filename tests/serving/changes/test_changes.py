"""The feed of changes: in order, complete, each thing once, over all stores of the database."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from serving.ports.changes import Change
from serving.tasks.jobs import run_jobs


def kinds(page: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["kind"], row["id"]) for row in page["rows"]]


def test_a_second_phone_reads_what_changed_and_nothing_else(shop: Any) -> None:
    start = shop.get("/changes")
    assert kinds(start) == [("member", shop.user_id)]
    assert start["rows"][0]["row"] == {"user_id": shop.user_id, "role": "owner"}
    shop.add_item(stock=10_000)
    shop.add_customer()
    shop.post("/sales", sugar("b-1", payment="udhaar", customer_id="ramesh"))
    page = shop.get(f"/changes?after={start['next']}")
    entry = shop.get("/udhaar/customers/ramesh/entries")["rows"][0]
    assert set(kinds(page)) == {
        ("item", "sugar"),
        ("stock", "sugar"),
        ("customer", "ramesh"),
        ("balance", "ramesh"),
        ("sale", "b-1"),
        ("entry", entry["entry_id"]),
    }
    rows = {row["kind"]: row["row"] for row in page["rows"]}
    card = shop.get("/inventory/items/sugar")
    assert rows["item"].items() <= card.items()
    assert rows["stock"] == shop.get("/inventory/items/sugar/stock")
    assert rows["entry"] == {name: entry[name] for name in entry if name != "actor_name"}
    sale = shop.get("/sales/b-1")
    assert rows["sale"] == {name: sale[name] for name in rows["sale"]}
    assert rows["balance"]["balance_paise"] == 4_500
    places = [row["seq"] for row in page["rows"]]
    assert places == sorted(set(places))
    assert (page["next"], page["more"]) == (places[-1], False)
    assert shop.get(f"/changes?after={page['next']}") == {"rows": [], "next": page["next"], "more": False}


def sugar(sale_id: str, **fields: Any) -> dict[str, Any]:
    return {"sale_id": sale_id, "lines": [{"item_id": "sugar", "quantity_milli": 1_000}], **fields}


def test_pages_go_on_where_the_one_before_ended(shop: Any) -> None:
    shop.add_item()
    for n in range(5):
        shop.post("/sales", sugar(f"b-{n}"))
    seen, after, more = [], 0, True
    while more:
        page = shop.get(f"/changes?after={after}&limit=2")
        seen += kinds(page)
        after, more = page["next"], page["more"]
    assert len(seen) == len(set(seen))
    assert {name for kind, name in seen if kind == "sale"} == {f"b-{n}" for n in range(5)}


def test_a_thing_stands_once_at_its_newest_place_and_what_is_gone_is_deleted(shop: Any, sign_up: Any) -> None:
    staff = sign_up("staff", of=shop)
    shop.add_item()
    shop.sell()
    shop.sell()
    page = shop.get("/changes")
    assert kinds(page).count(("stock", "sugar")) == 1
    shop.call("DELETE", f"/auth/members/{staff.user_id}")
    last = shop.get(f"/changes?after={page['next']}")["rows"]
    assert [(row["kind"], row["deleted"], row["row"]) for row in last] == [("member", True, None)]


def test_a_refused_write_leaves_no_change(shop: Any) -> None:
    shop.add_item()
    before = shop.get("/changes")["next"]
    shop.post("/sales", sugar("b-1", payment="udhaar", customer_id="nobody"), 404)
    assert shop.get(f"/changes?after={before}")["rows"] == []


def test_what_is_older_than_ninety_days_or_beyond_the_end_is_gone(new_api: Callable[..., Any]) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item()
    place = shop.get("/changes")["rows"][0]["seq"]
    api.clock.instant += timedelta(days=91)
    shop = api.sign_in_again(shop)
    gone = shop.get(f"/changes?after={place}", 410)
    assert (gone["code"], gone["field"]) == ("feed_gone", "after")
    home = shop.get("/home?full=1")
    assert shop.get(f"/changes?after={home['seq']}")["rows"] == []
    assert shop.get(f"/changes?after={home['seq'] + 1}", 410)["code"] == "feed_gone"
    api.wiring.changes.forget(api.clock.now() - timedelta(days=90))
    assert shop.get(f"/changes?after={place}", 410)["code"] == "feed_gone"
    shop.sell()
    assert len(shop.get(f"/changes?after={home['seq']}")["rows"]) == 2


def test_another_shops_changes_are_not_there(shop: Any, other: Any) -> None:
    shop.add_item()
    assert kinds(other.get("/changes")) == [("member", other.user_id)]


def test_a_running_job_forgets_changes_of_more_than_ninety_days_ago(new_api: Callable[..., Any]) -> None:
    api = new_api()
    shop = api.sign_up()
    shop.add_item()
    old = shop.get("/changes")
    api.clock.instant += timedelta(days=60)
    shop = api.sign_in_again(shop)
    shop.sell()
    kept = shop.get(f"/changes?after={old['next']}")["rows"]
    api.clock.instant += timedelta(days=31)
    run_jobs(api.wiring)
    shop = api.sign_in_again(shop)
    assert shop.get(f"/changes?after={old['rows'][0]['seq']}", 410)["code"] == "feed_gone"
    assert shop.get(f"/changes?after={old['next']}")["rows"] == kept
    assert api.wiring.changes.forget(api.clock.now() - timedelta(days=90)) == 0


@pytest.mark.parametrize("count", [60, pytest.param(400, marks=pytest.mark.slow)])
def test_twenty_writers_miss_and_double_nothing_while_a_reader_follows(shop: Any, count: int) -> None:
    shop.add_item(stock=0)
    bills = [f"b-{n}" for n in range(count)]
    seen: list[str] = []
    after = 0

    def follow() -> None:
        nonlocal after
        page = shop.get(f"/changes?after={after}&limit=20")
        seen.extend(row["id"] for row in page["rows"] if row["kind"] == "sale")
        after = page["next"]

    with ThreadPoolExecutor(21) as pool:
        done = [pool.submit(shop.post, "/sales", sugar(name)) for name in bills]
        while not all(each.done() for each in done):
            follow()
        for each in done:
            each.result()
    while shop.get(f"/changes?after={after}")["rows"]:
        follow()
    assert sorted(seen) == sorted(bills)


@pytest.mark.slow
def test_a_page_of_a_hundred_thousand_changes_takes_no_longer(new_api: Callable[..., Any]) -> None:
    api = new_api()
    shop = api.sign_up()
    for start in range(0, 100_000, 5_000):
        noted = [Change(shop.shop_id, "sale", f"gone-{n}") for n in range(start, start + 5_000)]
        with api.wiring.transactions.begin():
            api.wiring.changes.note(noted)
    service_times = []
    for after in range(0, 100_000, 10_000):
        started = time.process_time()
        page = api.wiring.changes.after(shop.shop_id, after, 501, api.clock.now())
        service_times.append(time.process_time() - started)
        assert len(page) == 501
    assert sorted(service_times)[len(service_times) // 2] < 0.05


def test_the_feed_is_streamed_as_events(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.changes.router.LONGEST_SECONDS", 1.5)
    shop.add_item()
    headers = {"Authorization": f"Bearer {shop.token}", "Accept": "text/event-stream"}
    with shop.client.stream("GET", "/v1/changes", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    told = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert [(row["kind"], row["id"]) for row in told] == kinds(shop.get("/changes"))
    assert f"id: {told[-1]['seq']}\n" in text
