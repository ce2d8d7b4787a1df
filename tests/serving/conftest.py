"""One application a test process, on SQLite; every test works in shops of its own."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from samaan_ml.domain.credit_limit import LimitDecision
from samaan_ml.domain.customer_messages import CustomerRisk, RiskAnswer, RiskRequest
from samaan_ml.domain.messages import (
    BudgetAnswer,
    BudgetRequest,
    DayDemand,
    ForecastAnswer,
    ForecastRequest,
    ItemForecast,
    Quantile,
)
from samaan_ml.domain.price_messages import PriceAdvice, PriceAnswer, PriceCandidate, PriceRequest
from samaan_ml.inference import answer_budget
from serving.app import create_app
from serving.errors import PredictorUnavailable
from serving.ports.accounts import Membership, Role, Shop
from serving.ports.clock import new_id
from serving.settings import Settings
from serving.wiring import Wiring

PASSWORD = "correct horse battery"
WEIGHED = ("sugar", "rice", "salt", "dal", "paneer", "tea", "secret-item")
"""Items that are sold by weight unless a test says otherwise."""


class SteppingClock:
    """A clock that a test can set; it moves on by a millisecond with each look, so that ids stay in order."""

    def __init__(self, start: datetime) -> None:
        self.instant = start

    def now(self) -> datetime:
        """Return the next instant."""
        self.instant += timedelta(milliseconds=1)
        return self.instant


@dataclass
class StandInPredictor:
    """Forecasts each item's mean, proposes a rupee more, and calls everybody half safe but those in `late`."""

    up: bool = True
    asked: list[object] = field(default_factory=list)
    late: dict[str, float] = field(default_factory=dict)
    limits: dict[str, LimitDecision] = field(default_factory=dict)

    def _note(self, request: object) -> None:
        if not self.up:
            raise PredictorUnavailable("switched off")
        self.asked.append(request)

    def forecast(self, request: ForecastRequest) -> ForecastAnswer:
        self._note(request)
        items = []
        for history in request.items:
            known = [units for units in history.units_milli if units is not None]
            mean = sum(known) // len(known)
            quantiles = (Quantile(0.1, mean // 2), Quantile(0.5, mean), Quantile(0.9, 2 * mean))
            start = history.start + timedelta(days=len(history.units_milli))
            days = tuple(
                DayDemand(start + timedelta(days=n), mean, quantiles) for n in range(request.horizon_days)
            )
            total = tuple(Quantile(q.level, q.milli * request.horizon_days) for q in quantiles)
            items.append(ItemForecast(history.item_id, days, total, "high", "mean"))
        return ForecastAnswer("stand-in-1", tuple(items))

    def budget(self, request: BudgetRequest) -> BudgetAnswer:
        self._note(request)
        return answer_budget(request)

    def price(self, request: PriceRequest) -> PriceAnswer:
        self._note(request)
        return PriceAnswer(
            "stand-in-1",
            tuple(
                PriceAdvice(
                    item_id=item.item_id,
                    action="change" if item.cost_paise else "hold",
                    state="change" if item.cost_paise else "cost_unknown",
                    price_paise=item.price_paise + 100,
                    grade="A",
                    elasticity=-1.5,
                    elasticity_lower=-2.0,
                    elasticity_upper=-1.0,
                    gain_paise_per_week=10,
                    gain_lower_paise_per_week=1,
                    gain_upper_paise_per_week=20,
                    binding_rule=None,
                    reasons=("margin",),
                    candidates=(PriceCandidate(item.price_paise + 100, item.daily_milli, 1, 1, True),),
                    proof={"mrp_paise": item.mrp_paise},
                )
                for item in request.items
            ),
        )

    def risk(self, request: RiskRequest) -> RiskAnswer:
        self._note(request)
        usual = LimitDecision(10_000, {"income_paise": 1})
        limits = [self.limits.get(each, usual) for each in request.customer_ids]
        risks = tuple(
            CustomerRisk(
                each,
                self.late.get(each, 0.5),
                0.6,
                0.4,
                0.7,
                12.0,
                False,
                (),
                limit.limit_paise,
                limit.arithmetic,
            )
            for each, limit in zip(request.customer_ids, limits, strict=True)
        )
        return RiskAnswer("stand-in-1", risks)

    def state(self) -> dict[str, str]:
        return {"demand": "loaded" if self.up else "broken"}


@dataclass
class Caller:
    """A signed-in person of one shop, calling the API."""

    client: TestClient
    shop_id: str
    user_id: str
    token: str

    def call(self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str) -> Any:
        """Send a request with the token, writes with a fresh key unless one is given."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        if method != "GET":
            sent["Idempotency-Key"] = key or secrets.token_hex(8)
        return self.client.request(method, f"/v1{path}", json=body, headers=sent)

    def get(self, path: str, status: int = 200) -> Any:
        """Read, expecting a status."""
        answer = self.call("GET", path)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 201, key: str | None = None) -> Any:
        """Write, expecting a status."""
        answer = self.call("POST", path, body, key)
        assert answer.status_code == status, answer.text
        return answer.json()

    def upload(self, path: str, files: Any, status: int = 201, key: str | None = None) -> Any:
        """Send a file, expecting a status."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or secrets.token_hex(8)}
        answer = self.client.post(f"/v1{path}", files=files, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def add_item(self, item_id: str = "sugar", stock: int = 100_000, **fields: Any) -> Any:
        """Add an item with stock."""
        body = {
            "item_id": item_id,
            "name": item_id.title(),
            "price_paise": 4_500,
            "unit": "kg" if item_id in WEIGHED else "piece",
            "opening_stock_milli": stock,
        }
        return self.post("/inventory/items", body | fields)

    def add_customer(self, customer_id: str = "ramesh", **fields: Any) -> Any:
        """Add a customer."""
        return self.post("/udhaar/customers", {"customer_id": customer_id, "name": "Ramesh"} | fields)

    def sell(self, item_id: str = "sugar", quantity: int = 1_000, **fields: Any) -> Any:
        """Sell one item."""
        line = {"item_id": item_id, "quantity_milli": quantity}
        return self.post("/sales", {"lines": [line]} | fields)

    def on_hand(self, item_id: str = "sugar") -> int:
        """Return the stock of an item."""
        level: int = self.get(f"/inventory/items/{item_id}/stock")["on_hand_milli"]
        return level


@dataclass(frozen=True)
class Api:
    """An application and the ports behind it."""

    wiring: Wiring
    client: TestClient

    @property
    def clock(self) -> SteppingClock:
        """The clock of this application."""
        clock = self.wiring.clock
        assert isinstance(clock, SteppingClock)
        return clock

    def sign_up(self, role: Role = "owner", of: Caller | None = None, **rules: Any) -> Caller:
        """Make a caller: of a new shop, or in a role of the shop of another caller."""
        now = self.wiring.clock.now()
        email = f"{secrets.token_hex(8)}@example.in"
        user_id = self.wiring.identity.sign_up(new_id(now), email, "Somebody", PASSWORD)
        shop_id = of.shop_id if of else self._open_shop(user_id, rules)
        self.wiring.accounts.set_member(Membership(shop_id, user_id, role), now)
        tokens = self.wiring.identity.sign_in(email, PASSWORD, "test")
        return Caller(self.client, shop_id, user_id, tokens.access_token)

    def _open_shop(self, user_id: str, rules: dict[str, Any]) -> str:
        """Open a shop with the usual rules, changed by those given."""
        now = self.wiring.clock.now()
        usual: dict[str, Any] = {
            "zone": "Asia/Kolkata",
            "region": "MH",
            "negative_stock": "allow",
            "over_limit": "warn",
            "upi_id": None,
        }
        shop = Shop(shop_id=new_id(now), name="A shop", created_at=now, **usual | rules)
        self.wiring.accounts.add_shop(shop, user_id)
        return shop.shop_id

    def sign_in_again(self, caller: Caller) -> Caller:
        """Give a caller a fresh token."""
        email = self.wiring.accounts.account(caller.user_id).email
        token = self.wiring.identity.sign_in(email, PASSWORD, "test").access_token
        return Caller(self.client, caller.shop_id, caller.user_id, token)


class Server:
    """A real server in a process of its own, to be killed."""

    def __init__(self, home: Path, **chosen: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "SAMAAN_HOME": str(home), "SAMAAN_LOG_LEVEL": "ERROR"}
        environment |= {"SAMAAN_RATE_PER_SECOND": "100000", "SAMAAN_RATE_BURST": "100000"}
        environment |= {f"SAMAAN_{name.upper()}": value for name, value in chosen.items()}
        command = [sys.executable, "-m", "serving", "serve", "--port", str(self.port)]
        root = Path(__file__).parent.parent.parent
        self.process = subprocess.Popen(command, env=environment, cwd=root, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError("the server ended while it started")
            with contextlib.suppress(OSError):
                self.call("GET", "/health")
                return
            time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def call(self, method: str, path: str, body: Any = None, token: str = "", key: str = "") -> Any:
        """Send one request and return its answer; the connection's faults are OSErrors."""
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        data = json.dumps(body).encode() if body is not None else None
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return json.loads(answer.read())
        except HTTPException as error:  # killed in the middle of an answer
            raise ConnectionError(str(error)) from error

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
def start_server() -> type[Server]:
    """Start real servers, each to be killed by its test."""
    return Server


@pytest.fixture(scope="session")
def new_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Api]]:
    """Make applications on folders of their own: half past ten in India on a Tuesday, the limiter wide open."""
    with ExitStack() as open_ones:

        def make(parts: dict[str, Any] | None = None, **chosen: Any) -> Api:
            usual: dict[str, Any] = {
                "home": tmp_path_factory.mktemp("home"),
                "rate_per_second": 1e6,
                "rate_burst": 10**6,
            }
            clock = SteppingClock(datetime(2026, 3, 10, 5, 0, tzinfo=UTC))
            wiring = Wiring(Settings(**usual | chosen), **{"clock": clock} | (parts or {}))
            client = open_ones.enter_context(
                TestClient(create_app(wiring=wiring), raise_server_exceptions=False)
            )
            return Api(wiring, client)

        yield make


@pytest.fixture(scope="session")
def predictor() -> StandInPredictor:
    """The models of the shared application."""
    return StandInPredictor()


@pytest.fixture(scope="session")
def api(new_api: Callable[..., Api], predictor: StandInPredictor) -> Api:
    """The application that the tests of a process share."""
    return new_api({"predictor": predictor})


@pytest.fixture
def client(api: Api) -> TestClient:
    """A client of the shared application."""
    return api.client


@pytest.fixture
def wiring(api: Api) -> Wiring:
    """The ports of the shared application."""
    return api.wiring


@pytest.fixture
def clock(api: Api) -> SteppingClock:
    """The time of the shared application."""
    return api.clock


@pytest.fixture
def settings(api: Api) -> Settings:
    """The settings of the shared application."""
    return api.wiring.settings


@pytest.fixture
def sign_up(api: Api) -> Callable[..., Caller]:
    """Make callers."""
    return api.sign_up


@pytest.fixture
def shop(api: Api) -> Caller:
    """The owner of a fresh shop."""
    return api.sign_up()


@pytest.fixture
def other(api: Api) -> Caller:
    """The owner of another shop."""
    return api.sign_up()
