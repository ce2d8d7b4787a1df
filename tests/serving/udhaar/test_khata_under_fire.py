"""The khata under faults: ports that fail before or after their work, lost answers, a server killed in the middle."""

import contextlib
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest

from samaan_ml.domain.khata import verify_chain
from samaan_ml.domain.ledger import LedgerEntry, account, effect_paise
from serving.adapters.dynamodb.udhaar import DynamoUdhaarStore
from serving.adapters.sql.database import Database
from serving.adapters.sql.idempotency import SqlIdempotencyStore
from serving.adapters.sql.udhaar import SqlUdhaarStore
from serving.errors import StoreUnavailable
from serving.ports.idempotency import WriteKey
from serving.ports.udhaar import Customer, UdhaarStore
from tests.contracts.conftest import dynamo_table

_TRIES = 25


class Weather:
    """Decides at each place whether a fault strikes, from a seed."""

    def __init__(self) -> None:
        self.dice = random.Random(0)
        self.storm = 0.0

    def strike(self, place: str) -> None:
        """Raise a technical fault, or not."""
        if self.dice.random() < self.storm:
            raise StoreUnavailable(f"struck {place}")


class FaultyUdhaar:
    """A store that may fail before an entry is written, or after it was, when nobody hears of it."""

    def __init__(self, store: UdhaarStore, weather: Weather) -> None:
        self._store = store
        self._weather = weather

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, entry: LedgerEntry, max_balance_paise: int | None = None) -> Customer:
        self._weather.strike("before the entry")
        after = self._store.append(entry, max_balance_paise)
        self._weather.strike("after the entry")
        return after


class FaultyAnswers(SqlIdempotencyStore):
    """Answers that may not be kept."""

    def __init__(self, database: Database, weather: Weather) -> None:
        super().__init__(database)
        self._weather = weather

    def claim(self, write: WriteKey, now: datetime) -> str | None:
        self._weather.strike("before the key")
        return super().claim(write, now)

    def complete(self, write: WriteKey, answer: str) -> None:
        self._weather.strike("before the answer")
        super().complete(write, answer)
        self._weather.strike("after the answer")


class FaultyTransactions:
    """Units of work that may not be committed."""

    def __init__(self, database: Database, weather: Weather) -> None:
        self._database = database
        self._weather = weather

    @contextlib.contextmanager
    def begin(self) -> Iterator[None]:
        with self._database.begin():
            yield
            self._weather.strike("before the commit")
        self._weather.strike("after the commit")


@pytest.fixture(scope="module", params=["sql", "dynamodb"])
def stormy(request: pytest.FixtureRequest, new_api: Callable[..., Any]) -> Iterator[tuple[Any, Weather]]:
    """An application whose ports can fail, and what makes them fail."""
    with moto.mock_aws():
        weather = Weather()
        api = new_api(udhaar_store="sql" if request.param == "sql" else "dynamodb")
        database = api.wiring.database
        store: UdhaarStore = SqlUdhaarStore(database)
        if request.param == "dynamodb":
            session = boto3.Session(
                aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-south-1"
            )
            index = ("OverdueIndex", "dueDate")
            store = DynamoUdhaarStore(dynamo_table(session.client("dynamodb"), "udhaar", "customerId", index))
        api.wiring.parts.update(
            {
                "udhaar": FaultyUdhaar(store, weather),
                "idempotency": FaultyAnswers(database, weather),
                "transactions": FaultyTransactions(database, weather),
            }
        )
        yield api, weather


def _write_until_told(shop: Any, weather: Weather, path: str, body: Any, key: str) -> int | None:
    """Send a write, again after each fault, as a client does; it may give up. Return the balance told, if one was."""
    for _ in range(_TRIES):
        answer = shop.call("POST", path, body, key=key)
        if answer.status_code == 201:
            balance: int = answer.json()["balance_paise"]
            return balance
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        if weather.dice.random() < 0.1:
            return None
    return None


def _one_run(api: Any, shop: Any, weather: Weather, seed: int) -> None:
    """Send some writes through a storm and hold the khata against what was told."""
    weather.dice, weather.storm = random.Random(seed), 0.0
    name = f"c{seed}"
    shop.add_customer(name)
    path = f"/udhaar/customers/{name}"
    weather.storm = weather.dice.choice([0.05, 0.2, 0.4])
    told: dict[str, bool] = {}
    amounts: dict[str, int] = {}
    for number in range(weather.dice.randint(3, 7)):
        key = f"{seed}-{number}"
        kind = weather.dice.choice(["credit", "payment"])
        amount = weather.dice.randint(1, 10**6)
        amounts[key] = amount if kind == "credit" else -amount
        body = {"amount_paise": amount, "note": key}
        told[key] = _write_until_told(shop, weather, f"{path}/{kind}s", body, key) is not None
    weather.storm = 0.0
    store = api.wiring.udhaar
    entries = store.entries(shop.shop_id, name)
    counted = Counter(entry.note for entry in entries)
    assert max(counted.values(), default=0) <= 1, "an entry was doubled"
    assert all(counted[key] == 1 for key, was_told in told.items() if was_told), (
        "an acknowledged entry was lost"
    )
    assert all(effect_paise(entry) == amounts[entry.note] for entry in entries)
    customer = store.customer(shop.shop_id, name)
    assert customer.balance_paise == sum(map(effect_paise, entries))
    position = account(entries, api.clock.instant.date(), terms_days=customer.credit_days)
    assert (customer.balance_paise, customer.oldest_due_on) == (
        position.balance_paise,
        position.oldest_due_on,
    )
    head = verify_chain(store.khata(shop.shop_id, name))
    assert (head.sequence if head else 0) == len(entries)


@pytest.mark.parametrize("runs", [6, pytest.param(1_000, marks=pytest.mark.slow)])
def test_after_any_faults_the_khata_holds_each_acknowledged_entry_once(
    stormy: tuple[Any, Weather], runs: int
) -> None:
    api, weather = stormy
    shop = api.sign_up()
    if isinstance(api.wiring.udhaar._store, DynamoUdhaarStore):  # moto takes a hundred times as long
        runs = max(runs // 20, 3)
    for seed in range(runs):
        _one_run(api, shop, weather, seed + runs)
    assert api.wiring.udhaar.rebuild(shop.shop_id) == 0


@pytest.mark.slow
def test_fifty_writers_at_a_server_killed_in_the_middle_lose_and_double_nothing(
    start_server: Any, tmp_path: Path
) -> None:
    servers = [start_server(tmp_path)]
    person = {"email": "meena@example.in", "password": "correct horse"}
    servers[0].call("POST", "/v1/auth/register", person | {"shop_name": "Meena"})
    token = servers[0].call("POST", "/v1/auth/login", person)["access_token"]
    servers[0].call("POST", "/v1/udhaar/customers", {"customer_id": "ramesh", "name": "Ramesh"}, token)
    accepted: dict[str, int] = {}

    def write_until_accepted(number: int) -> None:
        dice = random.Random(number)
        for _ in range(8):
            kind, amount, key = (
                dice.choice(["credit", "payment"]),
                dice.randint(1, 10**6),
                secrets.token_hex(8),
            )
            times = dice.choice([1, 1, 2])  # a repeat after the answer was heard must change nothing, too
            while times:
                try:
                    path = f"/v1/udhaar/customers/ramesh/{kind}s"
                    servers[-1].call("POST", path, {"amount_paise": amount, "note": key}, token, key)
                except (OSError, ValueError):
                    time.sleep(0.02)
                    continue
                times -= 1
                accepted[key] = amount if kind == "credit" else -amount

    writers = [threading.Thread(target=write_until_accepted, args=(number,)) for number in range(50)]
    for writer in writers:
        writer.start()
    for share in (80, 170, 260):
        while len(accepted) < share:
            time.sleep(0.005)
        servers[-1].kill()
        servers.append(start_server(tmp_path))
    for writer in writers:
        writer.join(120)
    last = servers[-1]
    try:
        assert len(accepted) == 400
        card = last.call("GET", "/v1/udhaar/customers/ramesh", token=token)
        assert card["balance_paise"] == sum(accepted.values())
        assert sum(card["ageing"].values()) == card["due_paise"]
        rows, cursor = [], ""
        while cursor is not None:
            page = last.call("GET", f"/v1/udhaar/customers/ramesh/entries?limit=200{cursor}", token=token)
            rows += page["rows"]
            cursor = None if page["next_cursor"] is None else f"&cursor={page['next_cursor']}"
        assert Counter(row["note"] for row in rows) == Counter(dict.fromkeys(accepted, 1))
        assert last.call("GET", "/v1/udhaar/customers/ramesh/khata", token=token)["entries"] == 400
    finally:
        last.kill()
