"""Phones that are offline, crash, lose answers and tokens, by clocks that are wrong: nothing is lost or doubled.

A schedule is drawn from its seed alone: the number in a failing test's name plays it again.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.app import create_app
from serving.errors import StoreUnavailable
from serving.ports.accounts import Membership, Shop
from serving.ports.clock import new_id
from serving.settings import Settings
from serving.wiring import Wiring
from tests.contracts.conftest import dynamo_table

PASSWORD = "correct horse battery"
STOCK = 20_000
CUSTOMERS = ("ramesh", "sita")


class Clock:
    """The server's clock, moved by the schedule."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the next instant."""
        self.instant += timedelta(milliseconds=1)
        return self.instant


class Crashing:
    """The store of facts of a server that now and then dies at the last step before its commit."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.crashes = 0

    def complete(self, *args: Any) -> None:
        if self.crashes:
            self.crashes -= 1
            raise StoreUnavailable("the server died")
        self._inner.complete(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@dataclass
class Server:
    """The API over one kind of stores."""

    wiring: Wiring
    client: TestClient
    clock: Clock
    facts: Crashing

    def open_shop(self) -> str:
        """Open a shop that blocks what phones do; return its owner's address."""
        now = self.clock.now()
        email = f"{new_id(now)}@example.in"
        user_id = self.wiring.identity.sign_up(new_id(now), email, "Owner", PASSWORD)
        shop = Shop(new_id(now), "A shop", "Asia/Kolkata", "MH", "block", "block", None, now)
        self.wiring.accounts.add_shop(shop, user_id)
        self.wiring.accounts.set_member(Membership(shop.shop_id, user_id, "owner"), now)
        return email


@dataclass
class Phone:
    """One phone: an outbox that outlives everything, a clock of its own, and tokens that may be lost."""

    server: Server
    name: str
    email: str
    chance: random.Random
    skew: timedelta = timedelta()
    outbox: list[dict[str, Any]] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)
    access: str = ""
    refresh: str = ""
    signed_at: datetime | None = None

    def sign_in(self) -> None:
        """Get tokens: by the refresh token where there is one, whose answer may be lost on the way."""
        if self.refresh:
            asked = {"refresh_token": self.refresh}
            answer = self.server.client.post("/v1/auth/refresh", json=asked)
            if self.chance.random() < 0.3:
                self.server.clock.instant += timedelta(seconds=20)
                again = self.server.client.post("/v1/auth/refresh", json=asked)
                assert again.json() == answer.json(), "a refresh whose answer was lost gets another pair"
            if answer.status_code == 200:
                self._keep(answer.json())
                return
        person = {"email": self.email, "password": PASSWORD}
        self._keep(self.server.client.post("/v1/auth/login", json=person).json())

    def _keep(self, pair: dict[str, Any]) -> None:
        self.access, self.refresh = pair["access_token"], pair["refresh_token"]
        self.signed_at = self.server.clock.now()

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Send one request with a token that holds."""
        now = self.server.clock.now()
        if self.signed_at is None or now - self.signed_at > timedelta(minutes=50):
            self.sign_in()
        headers = {"Authorization": f"Bearer {self.access}"} | ({"Idempotency-Key": key} if key else {})
        return self.server.client.request(method, f"/v1{path}", json=body, headers=headers)

    def enter(self) -> None:
        """Write a fact into the outbox, as a tap does."""
        number = len(self.made)
        own = f"{self.name}-{number:03d}"
        at = (self.server.clock.now() + self.skew).isoformat()
        said: dict[str, Any] = {"offline": True}
        if self.chance.random() < 0.5:
            said["clock_offset_seconds"] = -int(self.skew.total_seconds())
        customer = self.chance.choice(CUSTOMERS)
        amount = self.chance.randint(1, 50) * 100
        quantity = self.chance.randint(1, 8) * 500
        kind = self.chance.choice(("cash", "udhaar", "credit", "payment", "waste"))
        fact: dict[str, Any] = {"id": own, "kind": kind, "customer": customer}
        if kind in ("cash", "udhaar"):
            line = {"item_id": "sugar", "quantity_milli": quantity, "unit_price_paise": 4_000}
            body = {"sale_id": own, "lines": [line], "sold_at": at, "payment": kind, **said}
            body |= {"customer_id": customer} if kind == "udhaar" else {}
            fact |= {"path": "/sales", "body": body, "stock": -quantity}
            fact["owes"] = 4 * quantity if kind == "udhaar" else 0
        elif kind == "waste":
            waste = {"movement_id": own, "item_id": "sugar", "kind": "wastage", "quantity_milli": quantity}
            fact |= {"path": "/inventory/movements", "body": {"movements": [{**waste, "at": at, **said}]}}
            fact |= {"stock": -quantity, "owes": 0}
        else:
            body = {"entry_id": own, "amount_paise": amount, "at": at, **said}
            fact |= {"path": f"/udhaar/customers/{customer}/{kind}s", "body": body, "stock": 0}
            fact["owes"] = amount if kind == "credit" else -amount
        self.made.append(fact)
        self.outbox.append(fact)

    def send(self, fate: str) -> None:
        """Send the oldest fact; it leaves the outbox only when its answer was heard."""
        if not self.outbox or fate == "offline":
            return
        fact = self.outbox[0]
        self.server.facts.crashes = 1 if fate == "crash" else 0
        answer = self.ask("POST", fact["path"], fact["body"], key=fact["id"] if len(fact["id"]) % 2 else None)
        self.server.facts.crashes = 0
        assert answer.status_code in (201, 503), f"{fact} was refused: {answer.text}"
        if answer.status_code == 201 and fate != "answer lost":
            self.outbox.pop(0)

    def send_bills_together(self, *, heard: bool) -> None:
        """Send all bills that wait in one request."""
        bills = [fact for fact in self.outbox if fact["path"] == "/sales"][:100]
        if not bills:
            return
        answer = self.ask("POST", "/sales/batch", {"sales": [fact["body"] for fact in bills]})
        assert answer.status_code == 201, answer.text
        statuses = {row["status"] for row in answer.json()["results"]}
        assert statuses <= {"applied", "replayed"}, answer.text
        if heard:
            self.outbox = [fact for fact in self.outbox if fact not in bills]


def play(server: Server, seed: int) -> None:
    """Play one schedule and compare the shop with the phones' own sums."""
    chance = random.Random(seed)
    email = server.open_shop()
    phones = [Phone(server, f"p{seed}a", email, chance)]
    owner = phones[0]
    item = {
        "item_id": "sugar",
        "name": "Sugar",
        "unit": "kg",
        "price_paise": 4_500,
        "opening_stock_milli": STOCK,
    }
    assert owner.ask("POST", "/inventory/items", item).status_code == 201
    for customer in CUSTOMERS:
        limit = {"customer_id": customer, "name": customer, "limit_paise": 1_000}
        assert owner.ask("POST", "/udhaar/customers", limit).status_code == 201
    for _ in range(chance.randint(8, 16)):
        if len(phones) == 1 and chance.random() < 0.2:
            phones.append(Phone(server, f"p{seed}b", email, chance))
        step(server, chance.choice(phones), chance)
    for phone in phones:
        while phone.outbox:
            phone.send("well")
    compare(owner, [fact for phone in phones for fact in phone.made])


def step(server: Server, phone: Phone, chance: random.Random) -> None:
    """Do one thing of a schedule."""
    match chance.randrange(11):
        case 0 | 1 | 2 | 3:
            phone.enter()
        case 4 | 5:
            phone.send("well")
        case 6:
            phone.send(chance.choice(("answer lost", "crash", "offline")))
        case 7:
            phone.send_bills_together(heard=chance.random() < 0.5)
        case 8:
            server.clock.instant += timedelta(hours=49)
        case 9:
            phone.skew = timedelta(minutes=chance.choice((-20, 20)))
        case _:
            phone.signed_at, phone.refresh = None, chance.choice(("", phone.refresh))


def compare(phone: Phone, made: list[dict[str, Any]]) -> None:
    """Hold the shop against what the phones made."""
    bills, cursor = [], ""
    while True:
        page = phone.ask("GET", f"/sales?limit=200{cursor}").json()
        bills += [row["sale_id"] for row in page["rows"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(bills) == sorted(fact["id"] for fact in made if fact["path"] == "/sales")
    stock = phone.ask("GET", "/inventory/items/sugar/stock").json()["on_hand_milli"]
    assert stock == STOCK + sum(fact["stock"] for fact in made)
    owed: Counter[str] = Counter()
    for fact in made:
        owed[fact["customer"]] += fact["owes"]
    for customer in CUSTOMERS:
        card = phone.ask("GET", f"/udhaar/customers/{customer}").json()
        assert card["balance_paise"] == owed[customer]
        entries = phone.ask("GET", f"/udhaar/customers/{customer}/entries?limit=200").json()["rows"]
        wanted = [
            f for f in made if f["customer"] == customer and f["kind"] in ("udhaar", "credit", "payment")
        ]
        standing = [row for row in entries if not row["entry_id"].endswith("-r")]
        assert len(standing) - (len(entries) - len(standing)) == len(wanted)
    feed = phone.ask("GET", "/changes?limit=1000").json()["rows"]
    assert sorted(row["id"] for row in feed if row["kind"] == "sale") == sorted(bills)


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "dynamodb"])
def server(
    request: pytest.FixtureRequest,
    open_database: Callable[[str], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """The API over one kind of stores."""
    clock, parts = Clock(), {}
    chosen: dict[str, Any] = {
        "home": tmp_path_factory.mktemp("home"),
        "rate_per_second": 1e6,
        "rate_burst": 10**6,
    }
    if request.param == "dynamodb":
        client = request.getfixturevalue("dynamodb_client")
        dynamo_table(client, "schedule-items", "itemId", ("CategoryIndex", "category"))
        dynamo_table(client, "schedule-khata", "customerId", ("OverdueIndex", "dueDate"))
        parts["dynamodb"] = client
        chosen |= {"inventory_store": "dynamodb", "udhaar_store": "dynamodb"}
        chosen |= {"inventory_table": "schedule-items", "udhaar_table": "schedule-khata"}
    kind = "sqlite" if request.param == "dynamodb" else request.param
    wiring = Wiring(Settings(**chosen), clock=clock, database=open_database(kind), **parts)
    facts = Crashing(wiring.facts)
    wiring.parts["facts"] = facts
    wiring.parts["database"]._now = clock.now
    with TestClient(create_app(wiring=wiring), raise_server_exceptions=False) as client:
        yield Server(wiring, client, clock, facts)


@pytest.mark.parametrize("seed", range(4))
def test_a_schedule_loses_and_doubles_nothing(server: Server, seed: int) -> None:
    play(server, seed)


@pytest.mark.slow
def test_a_thousand_schedules_lose_and_double_nothing(server: Server) -> None:
    is_dynamo = server.wiring.settings.has_outside_stores
    for seed in range(1_000, 1_100 if is_dynamo else 2_000):
        try:
            play(server, seed)
        except AssertionError as error:
            raise AssertionError(f"schedule {seed}: {error}") from error


@pytest.mark.slow
def test_a_phone_that_was_away_for_a_week_is_level_in_under_twenty_requests(server: Server) -> None:
    email = server.open_shop()
    chance = random.Random(7)
    here, away = (Phone(server, name, email, chance) for name in ("here", "away"))
    item = {
        "item_id": "sugar",
        "name": "Sugar",
        "unit": "kg",
        "price_paise": 4_500,
        "opening_stock_milli": STOCK,
    }
    assert here.ask("POST", "/inventory/items", item).status_code == 201
    for customer in CUSTOMERS:
        here.ask("POST", "/udhaar/customers", {"customer_id": customer, "name": customer})
    after = away.ask("GET", "/changes").json()["next"]
    line = {"item_id": "sugar", "quantity_milli": 500, "unit_price_paise": 4_000}
    for phone, count in ((here, 150), (away, 300)):
        for n in range(count):
            at = server.clock.now().isoformat()
            body = {"sale_id": f"{phone.name}-{n}", "lines": [line], "sold_at": at, "offline": True}
            fact = {"id": body["sale_id"], "path": "/sales", "body": body, "stock": -500, "owes": 0}
            phone.made.append(fact | {"kind": "cash", "customer": "ramesh"})
            phone.outbox.append(phone.made[-1])
            server.clock.instant += timedelta(minutes=20)
    while here.outbox:
        here.send_bills_together(heard=True)
    server.clock.instant += timedelta(days=1)
    requests, more = 0, True
    while away.outbox:
        away.send_bills_together(heard=True)
        requests += 1
    seen: set[str] = set()
    while more:
        page = away.ask("GET", f"/changes?after={after}&limit=500").json()
        seen |= {row["id"] for row in page["rows"] if row["kind"] == "sale"}
        after, more = page["next"], page["more"]
        requests += 1
    assert seen == {fact["id"] for phone in (here, away) for fact in phone.made}
    assert requests < 20
    compare(here, here.made + away.made)
