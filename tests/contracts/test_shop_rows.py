"""A shop leaves one store in an archive and stands in another with the same state, whichever the two are."""

import json
import secrets
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from serving.adapters.sql import migrate
from serving.adapters.sql.database import Database
from serving.app import create_app
from serving.errors import Conflict, InvalidInput
from serving.settings import Settings
from serving.tasks.archive import export_shop, import_shop
from serving.wiring import Wiring

Place = Callable[[str], Wiring]


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Place:
    """Make ports over each store; SQLite's and DynamoDB's are empty, PostgreSQL is shared."""

    def make(kind: str) -> Wiring:
        home = tmp_path / secrets.token_hex(4)
        usual: dict[str, Any] = {"home": home, "rate_per_second": 1e6, "rate_burst": 10**6}
        if kind == "postgresql":
            return Wiring(Settings(**usual), database=open_database(kind))
        if kind == "dynamodb":
            request.getfixturevalue("dynamodb")
            usual |= {"inventory_store": "dynamodb", "udhaar_store": "dynamodb"}
            usual |= {"inventory_table": "inventory", "udhaar_table": "udhaar"}
            wiring = Wiring(Settings(**usual), dynamodb=request.getfixturevalue("dynamodb_client"))
        else:
            wiring = Wiring(Settings(**usual))
        home.mkdir()
        migrate.upgrade(wiring.database)
        return wiring

    return make


def a_busy_shop(ports: Wiring) -> str:
    """Work a day with a little of everything and return the shop's id."""
    client = TestClient(create_app(wiring=ports))
    person = {"email": f"{secrets.token_hex(6)}@example.in", "password": "correct horse"}
    shop_id: str = client.post("/v1/auth/register", json=person | {"shop_name": "Shri दुकान"}).json()[
        "shop_id"
    ]
    token = client.post("/v1/auth/login", json=person).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"

    def do(path: str, body: Any, method: str = "POST") -> Any:
        answer = client.request(method, f"/v1{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    for item_id in ("sugar", "Sugar-2", "milk"):
        item = {"item_id": item_id, "name": item_id, "price_paise": 4_500, "cost_paise": 4_000, "unit": "kg"}
        names = {"aliases": ["चीनी"], "names": {"hi": "चीनी"}}
        do("/inventory/items", item | names | {"opening_stock_milli": 9_000})
    do("/inventory/items/Sugar-2", {"archived": True}, "PATCH")
    lot = {"quantity_milli": 2_000, "expires_on": "2030-01-01", "batch_id": "b1"}
    do("/inventory/items/milk/batches", lot)
    do("/inventory/items/milk/batches", lot | {"batch_id": "B2", "expires_on": "2029-01-01"})
    hours = {"order_by": "11:30:00", "order_days_before": 2, "closed_on": ["2030-01-01"]}
    do("/inventory/suppliers/s1", {"name": "Gupta", "visit_weekdays": [1, 4], **hours}, "PUT")
    do("/sales", {"lines": [{"item_id": "milk", "quantity_milli": 2_000}]})  # empties the lot B2
    for customer_id in ("ramesh", "Anita"):
        do("/udhaar/customers", {"customer_id": customer_id, "name": customer_id, "limit_paise": 90_000})
        khata = f"/udhaar/customers/{customer_id}"
        first = do(f"{khata}/credits", {"amount_paise": 30_000})["entry"]["entry_id"]
        do(f"{khata}/credits", {"amount_paise": 20_000, "at": "2026-01-05T06:00:00Z"})
        do(f"/udhaar/entries/{first}/reversal", {"reason": "entered twice"})
        do(f"{khata}/payments", {"amount_paise": 4_000})
        do(f"{khata}/write-offs", {"amount_paise": 1_000, "reason": "rounding"})
    promise = {"amount_paise": 5_000, "pay_by": (ports.clock.now().date() + timedelta(days=1)).isoformat()}
    event = do("/udhaar/customers/ramesh/promises", promise)["promise_id"]
    do(f"/udhaar/events/{event}/closing", {"outcome": "paid in cash"})
    sale = do(
        "/sales",
        {
            "lines": [{"item_id": "sugar", "quantity_milli": 1_500}],
            "payment": "udhaar",
            "customer_id": "ramesh",
        },
    )["sale_id"]
    do(f"/sales/{sale}/returns", {"lines": [{"item_id": "sugar", "quantity_milli": 500}], "reason": "wet"})
    do("/pricing/items/sugar/price", {"price_paise": 4_400, "reason": "delivery"})
    do("/forecast/jobs", {})
    do("/alerts/refresh", {})
    sheet = {"file": ("s.csv", b"date,item_id,quantity,price\n2026-01-02,sugar,1,45\n")}
    seen = client.post("/v1/sales/imports", files=sheet)
    assert seen.is_success, seen.text
    do("/auth/api-keys", {"name": "till", "scopes": ["sales:read"]})
    return shop_id


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("sqlite", "sqlite"),
        ("sqlite", "postgresql"),
        ("postgresql", "sqlite"),
        ("sqlite", "dynamodb"),
        ("dynamodb", "postgresql"),
    ],
)
def test_a_shop_moves_with_its_whole_state(place: Place, tmp_path: Path, source: str, target: str) -> None:
    here, there = place(source), place(target)
    shop_id = a_busy_shop(here)
    a_busy_shop(here)  # of which nothing may come along
    sent = export_shop(here, shop_id, tmp_path / "shop.zip")
    assert import_shop(there, tmp_path / "shop.zip", state_sha256=sent.state_sha256) == sent
    back = export_shop(there, shop_id, tmp_path / "back.zip")
    assert back.state_sha256 == sent.state_sha256
    assert back.files == sent.files
    assert there.accounts.shop_ids().count(shop_id) == 1
    for store in ("stock", "udhaar"):
        assert getattr(there, store).rebuild(shop_id) == 0
    assert there.items.list_items(shop_id, 9, None) == here.items.list_items(shop_id, 9, None)
    assert there.udhaar.customers(shop_id, 9, None) == here.udhaar.customers(shop_id, 9, None)
    for key in sent.blobs.values():
        assert there.blobs.get(key) == here.blobs.get(key)
    with pytest.raises(Conflict, match="is here already"):
        import_shop(there, tmp_path / "shop.zip")


def test_an_archive_holds_every_table_of_the_shop_and_no_secret(place: Place, tmp_path: Path) -> None:
    here = place("sqlite")
    shop_id = a_busy_shop(here)
    sent = export_shop(here, shop_id, tmp_path / "shop.zip")
    with here.database.reading() as db:
        hashes = db.execute(sa.text("SELECT password_hash FROM accounts")).scalars().all()
        refresh = db.execute(sa.text("SELECT refresh_hash FROM sessions")).scalars().all()
    with zipfile.ZipFile(tmp_path / "shop.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
        tally = archive.read("tally/sales.xml").decode()
    assert not any(secret in everything for secret in (*hashes, *refresh))
    wanted = {"accounts", "shops", "memberships", "items", "batches", "stock_movements", "suppliers"}
    wanted |= {"customers", "udhaar_entries", "customer_events", "sales_transactions", "sales_items"}
    wanted |= {"price_changes", "jobs", "imports", "api_keys"}
    assert wanted <= {name.removeprefix("tables/").removesuffix(".jsonl") for name in sent.files}
    assert "<LEDGERNAME>ramesh</LEDGERNAME>" in tally
    assert tally.count("<VOUCHER ") == 3


def test_people_who_are_here_already_keep_their_account(place: Place, tmp_path: Path) -> None:
    here, there = place("sqlite"), place("sqlite")
    shop_id = a_busy_shop(here)
    export_shop(here, shop_id, tmp_path / "shop.zip")
    (member,) = here.accounts.members(shop_id)
    known = here.accounts.account(member.user_id)
    there.accounts.add_account(known)
    import_shop(there, tmp_path / "shop.zip")
    assert there.accounts.account(member.user_id) == known


def test_a_forged_row_that_opens_anothers_account_is_refused(place: Place, tmp_path: Path) -> None:
    here, there = place("sqlite"), place("sqlite")
    shop_id = a_busy_shop(here)
    (member,) = here.accounts.members(shop_id)
    there.accounts.add_account(here.accounts.account(member.user_id))
    here.accounts.user_of_phone("+919800000001", "nobody", here.clock.now())
    with here.database.writing() as db:
        db.execute(sa.text("UPDATE phones SET user_id = :user"), {"user": member.user_id})
    export_shop(here, shop_id, tmp_path / "shop.zip")
    with pytest.raises(InvalidInput, match=r"differs from the archive in: tables/phones\.jsonl"):
        import_shop(there, tmp_path / "shop.zip")
    assert there.accounts.shop_ids() == ()


def test_a_forged_balance_is_refused_and_nothing_is_left(place: Place, tmp_path: Path) -> None:
    here, there = place("sqlite"), place("sqlite")
    shop_id = a_busy_shop(here)
    with here.database.writing() as db:
        db.execute(sa.text("UPDATE udhaar_entries SET amount_paise = 1 WHERE kind = 'payment'"))
    export_shop(here, shop_id, tmp_path / "shop.zip")
    with pytest.raises(Exception, match="entry"):
        import_shop(there, tmp_path / "shop.zip")
    assert there.accounts.shop_ids() == ()


def test_an_import_into_dynamodb_that_was_cut_off_is_finished_by_the_next(
    place: Place, tmp_path: Path
) -> None:
    here, there = place("sqlite"), place("dynamodb")
    shop_id = a_busy_shop(here)
    sent = export_shop(here, shop_id, tmp_path / "shop.zip")
    with zipfile.ZipFile(tmp_path / "shop.zip") as archive:
        rows = [json.loads(line) for line in archive.read("tables/items.jsonl").splitlines()]
        moves = [json.loads(line) for line in archive.read("tables/stock_movements.jsonl").splitlines()]
    _, inventory, _ = there.shop_rows
    inventory.fill(shop_id, "items", rows[:2])
    inventory.fill(shop_id, "stock_movements", [m for m in moves if m["item_id"] == rows[0]["item_id"]][:1])
    assert import_shop(there, tmp_path / "shop.zip") == sent
    assert there.stock.rebuild(shop_id) == 0
