"""The model container: the in-process answers, in every form, within its limits."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from samaan_ml.domain.customer_messages import RiskRequest
from samaan_ml.domain.message_json import Message
from samaan_ml.domain.messages import ForecastRequest, ItemHistory, encode
from samaan_ml.domain.price_messages import PriceItem, PriceRequest
from samaan_ml.inference import Predictor
from samaan_ml.tables import ShopData
from training.container import ContainerSettings, create_app
from training.payloads import requests_for

JSON, LINES, CSV, PARQUET = "application/json", "application/jsonlines", "text/csv", "application/x-parquet"


def client_for(folder: Path, **settings: int) -> TestClient:
    """A client of a container over a model folder."""
    return TestClient(create_app(ContainerSettings(folder, **settings)), raise_server_exceptions=False)


def a_forecast_request(days: int = 60) -> ForecastRequest:
    """Ask about one item."""
    history = ItemHistory(
        "tea", "beverages", date(2026, 1, 1), tuple([2000, 3000, None, 4000, 1000] * (days // 5))
    )
    return ForecastRequest("shop-01", None, 7, (history,))


@pytest.fixture
def demand(models: dict[str, Path]) -> Iterator[TestClient]:
    """A container that serves demand."""
    with client_for(models["demand"]) as client:
        yield client


def requests() -> dict[str, Message]:
    """One request of each kind."""
    item = PriceItem("tea", "beverages", price_paise=5000, cost_paise=4000, mrp_paise=5500, daily_milli=3500)
    as_of = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "demand": a_forecast_request(),
        "price": PriceRequest("shop-01", date(2026, 1, 1), (item,)),
        "udhaar": RiskRequest("shop-01", as_of, ("nobody",), ()),
    }


@pytest.mark.parametrize("area", ["demand", "price", pytest.param("udhaar", marks=pytest.mark.slow)])
def test_a_message_is_answered_byte_for_byte_as_in_process(area: str, models: dict[str, Path]) -> None:
    request = requests()[area]
    expected = encode(Predictor.load(models[area]).answer(request))  # type: ignore[arg-type]
    answer = client_for(models[area]).post(
        "/invocations", content=encode(request), headers={"content-type": JSON}
    )  # type: ignore[arg-type]
    assert (answer.status_code, answer.content) == (200, expected)


def test_lines_are_answered_in_their_places_and_a_bad_one_says_so(demand: TestClient) -> None:
    line = encode(a_forecast_request())
    answer = demand.post("/invocations", content=line + b"\n{}\n\n" + line, headers={"content-type": LINES})
    said = [json.loads(each) for each in answer.content.splitlines()]
    assert [each["kind"] for each in said] == ["forecast", "error", "forecast"]
    assert said[0] == said[2]
    assert said[1]["field"] == "kind"


@pytest.mark.parametrize("kind", [CSV, PARQUET])
@pytest.mark.parametrize("accept", [CSV, PARQUET])
def test_a_table_is_answered_as_the_messages_it_stands_for(
    kind: str, accept: str, demand: TestClient, models: dict[str, Path], world: ShopData
) -> None:
    import pyarrow as pa

    assert world.sales is not None
    sales = world.sales.astype({"shop_id": "str", "item_id": "str"})
    body = io.BytesIO()
    if kind == CSV:
        sales.to_csv(body, index=False)
    else:
        sales.to_parquet(body, index=False)
    answer = demand.post(
        "/invocations",
        content=body.getvalue(),
        headers={
            "content-type": kind,
            "accept": accept,
            "X-Amzn-SageMaker-Custom-Attributes": "horizon_days=5",
        },
    )
    assert answer.headers["content-type"].startswith(accept)
    read = pd.read_csv if accept == CSV else pd.read_parquet
    answered = read(io.BytesIO(answer.content))
    predictor, expected = Predictor.load(models["demand"]), []
    for shop, part in sales.groupby("shop_id"):
        table = pa.Table.from_pandas(part, preserve_index=False)
        for request in requests_for("demand", {"sales": table}, str(shop), 5):
            told = predictor.answer(request)
            expected += [day.mean_milli / 1000 for item in told.items for day in item.days]  # type: ignore[union-attr]
    assert answered["mean"].tolist() == expected


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", {"content-type": JSON}, 400, "RuleError"),
        (b'{"kind": "price"}', {"content-type": JSON}, 400, "RuleError"),
        (b"x", {"content-type": "text/plain"}, 415, "content_type"),
        (b"{}", {"content-type": JSON, "accept": CSV}, 406, "accept"),
        (b"a,b\n1,2\n", {"content-type": CSV}, 400, "column"),
        (b"shop_id,item_id,date,units\n,i,2026-01-01,1\n", {"content-type": CSV}, 400, "column"),
        (
            b"shop_id,item_id,date,units\n,i,2026-01-01,1\ns,i,2026-01-01,1\n",
            {"content-type": CSV},
            400,
            "column",
        ),
        (b"shop_id,item_id,date,units\ns,i,2026-01-01,many\n", {"content-type": CSV}, 400, "DataError"),
        (b"shop_id,item_id,date,units\ns,i,someday,1\n", {"content-type": CSV}, 400, "DataError"),
        (b"PAR1", {"content-type": PARQUET}, 400, "parquet"),
        (b"[" * 100_000, {"content-type": JSON}, 400, "RuleError"),
        (b'{"kind": []}', {"content-type": JSON}, 400, "RuleError"),
        (b"shop_id,item_id,date,units\ns,i,2026-01-01,1e308\n", {"content-type": CSV}, 400, "DataError"),
        (b"x" * 2_000_000, {"content-type": JSON}, 413, "too_large"),
        (b"{}", {"content-type": JSON, "X-Amzn-SageMaker-Target-Model": "other"}, 404, "not_found"),
    ],
)
def test_what_cannot_be_answered_is_told_why(
    models: dict[str, Path], content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client_for(models["demand"], max_payload_bytes=1_000_000).post(
        "/invocations", content=content, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_a_body_without_a_declared_length_is_cut_off_at_the_limit(models: dict[str, Path]) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    answer = client_for(models["demand"], max_payload_bytes=10_000).post(
        "/invocations", content=parts(), headers={"content-type": JSON}
    )
    assert answer.status_code == 413


def test_ping_tells_whether_the_model_can_answer(models: dict[str, Path], tmp_path: Path) -> None:
    assert client_for(models["demand"]).get("/ping").status_code == 200
    assert client_for(tmp_path).get("/ping").status_code == 503


def test_an_altered_model_is_not_served(models: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for path in models["price"].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    state = folder / "state.json"
    state.write_text(state.read_text() + " ")
    answer = client_for(folder).get("/ping")
    assert answer.status_code == 503
    assert "was altered" in answer.json()["detail"]


def test_several_models_are_served_by_name_and_held_within_the_limit(
    models: dict[str, Path], tmp_path: Path
) -> None:
    asked = {name: request for name, request in requests().items() if name != "udhaar"}
    for name in asked:
        (tmp_path / name).symlink_to(models[name])
    client = client_for(tmp_path, max_models=1)
    assert [each["modelName"] for each in client.get("/models").json()["models"]] == ["demand", "price"]
    for name, request in asked.items():
        body = encode(request)  # type: ignore[arg-type]
        by_header = client.post(
            "/invocations", content=body, headers={"X-Amzn-SageMaker-Target-Model": f"{name}.tar.gz"}
        )
        by_path = client.post(f"/models/{name}/invoke", content=body)
        assert by_header.status_code == 200
        assert by_header.content == by_path.content
    assert client.post("/invocations", content=b"{}").json()["code"] == "model"


def test_a_model_can_be_loaded_and_unloaded(models: dict[str, Path], tmp_path: Path) -> None:
    client = client_for(tmp_path)
    told = {"model_name": "mine", "url": str(models["demand"])}
    assert client.post("/models", json=told).status_code == 200
    assert client.post("/models", json=told).status_code == 409
    assert client.post("/models/mine/invoke", content=encode(a_forecast_request())).status_code == 200
    assert client.delete("/models/mine").status_code == 200
    assert client.delete("/models/mine").status_code == 404
    assert client.post("/models", json={"model_name": "x"}).status_code == 400


def test_batch_transform_is_told_how_to_feed_it(demand: TestClient) -> None:
    assert demand.get("/execution-parameters").json()["MaxPayloadInMB"] == 6


def test_a_request_being_answered_is_answered_before_the_end(
    models: dict[str, Path], tmp_path: Path, project_root: Path
) -> None:
    (tmp_path / "model").symlink_to(models["demand"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(tmp_path), "PYTHONPATH": str(project_root)}
    command = [sys.executable, "-m", "training", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, env=environment) as server:
        _wait_for(f"http://127.0.0.1:{port}/ping")
        body = encode(a_forecast_request(300))
        with socket.create_connection(("127.0.0.1", port)) as connection:
            head = f"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body[:10])
            time.sleep(0.2)
            server.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            connection.sendall(body[10:])
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        assert server.wait(timeout=30) == 0


def _wait_for(url: str) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < end, "the server never answered"
            time.sleep(0.05)
