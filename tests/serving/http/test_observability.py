"""Logs, figures and traces: what they name, and what they never hold."""

import json
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving.http import tracing
from serving.http.observability import EmbeddedMetrics, JsonFormatter, Metrics, without_personal_data

PLANTED = {
    "phone": "+919812345678",
    "spoken phone": "98123 45678",
    "aadhaar": "2345 6789 0123",
    "plain aadhaar": "234567890123",
    "pan": "ABCDE1234F",
    "mail": "meena.devi@example.in",
    "upi": "meena@okaxis",
    "account": "50100123456789",
}


class Lines(logging.Handler):
    """Keeps what would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Lines]:
    """The service's log, all of it."""
    logger, lines = logging.getLogger("serving"), Lines()
    level = logger.level
    logger.addHandler(lines)
    logger.setLevel("DEBUG")
    yield lines
    logger.removeHandler(lines)
    logger.setLevel(level)


class Broken:
    """A store whose fault quotes what it was given."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*args: object, **kwargs: object) -> None:
            raise RuntimeError(f"INSERT failed: {args} {kwargs} {PLANTED}")

        return fail


def test_no_personal_data_reaches_the_log_by_any_way(new_api: Callable[..., Any], log: Lines) -> None:
    api = new_api()
    shop = api.sign_up()
    for number, planted in enumerate(PLANTED.values()):
        body = {"customer_id": f"c{number}", "name": planted, "note": planted, "phone": planted}
        shop.call("POST", "/udhaar/customers", body)
        shop.call("GET", f"/udhaar/customers/{planted}")
        shop.call("GET", f"/inventory/items?category={planted}", **{"X-Request-Id": planted.replace(" ", "")})
    api.wiring.parts["udhaar"] = Broken()
    body = {"customer_id": "ramesh", "name": "Ramesh", "phone": PLANTED["phone"]}
    assert shop.call("POST", "/udhaar/customers", body).status_code == 500
    assert len(log.lines) > 20
    text = "\n".join(line for line in log.lines)
    assert "INSERT failed" in text
    for name, planted in PLANTED.items():
        assert planted not in text, name
    assert shop.token not in text
    assert "secret" not in text


@given(st.integers(2, 9), st.text("0123456789", min_size=11, max_size=11), st.sampled_from(["", " ", "-"]))
def test_an_aadhaar_number_is_hidden_however_it_is_written(first: int, rest: str, gap: str) -> None:
    digits = f"{first}{rest}"
    written = gap.join((digits[:4], digits[4:8], digits[8:]))
    assert digits[4:8] + gap + digits[8:] not in without_personal_data(f"number {written}, then")


def test_ids_dates_and_money_stay_readable() -> None:
    text = "item sugar-1kg at 2026-03-10T05:00:00 for 45000 paise, id 0195890f3c2a7d3e8f1a2b3c4d5e6f70"
    assert without_personal_data(text) == text


def test_a_log_line_names_request_trace_and_route(client: TestClient, log: Lines) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01", "X-Request-Id": "request-0001"}
    answer = client.get("/health", headers=headers)
    line = json.loads(log.lines[-1])
    assert {
        "request_id": "request-0001",
        "trace_id": trace,
        "route": "/health",
        "status": 200,
    }.items() <= line.items()
    assert answer.headers["traceparent"] == f"00-{trace}-{line['span_id']}-01"


def test_both_kinds_of_figures_have_the_same_names() -> None:
    written: list[str] = []
    prometheus, embedded = Metrics(), EmbeddedMetrics(write=written.append)
    for figures in (prometheus, embedded):
        figures.observe("GET", "/v1/sales", 200, 0.012)
    line = json.loads(written[0])
    directive = line["_aws"]["CloudWatchMetrics"][0]
    names = {each["Name"] for each in directive["Metrics"]}
    text = prometheus.render()
    declared = {row.split()[2] for row in text.splitlines() if row.startswith("# TYPE")}
    assert names == declared == {"samaan_requests_total", "samaan_request_seconds"}
    assert all(isinstance(line[name], int | float) for name in names)
    for dimensions in directive["Dimensions"]:
        assert all(isinstance(line[name], str) for name in dimensions)
    assert directive["Namespace"]
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert len(written[0]) < 1_000


def test_on_lambda_the_figures_go_to_the_log(
    new_api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "samaan-inventory")
    client = new_api().client
    assert client.get("/health").status_code == 200
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert lines[-1]["route"] == "/health"
    assert "embedded metric format" in client.get("/metrics").text


@pytest.mark.parametrize(
    ("w3c", "xray", "trace", "parent", "sampled"),
    [
        ("", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
         "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8", True),
        ("", "Self=x;Root=1-5759e988-bd862e3fe1be46a994272793", "5759e988bd862e3fe1be46a994272793", None, False),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "",
         "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", False),
        ("00-" + "0" * 32 + "-b7ad6b7169203331-01", "", None, None, False),
        ("nonsense", "Root=nonsense;;=;Parent=x", None, None, False),
    ],
)  # fmt: skip
def test_a_request_joins_the_trace_it_names(
    w3c: str, xray: str, trace: str | None, parent: str | None, sampled: bool
) -> None:
    span = tracing.begin(w3c, xray)
    assert trace in (None, span.trace_id)
    assert (span.parent_id, span.sampled) == (parent, sampled)
    assert len(span.trace_id) == 32
    int(span.trace_id, 16)


def test_a_sampled_request_sends_one_segment_to_the_daemon(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(5)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{daemon.getsockname()[1]}")
        header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        client.get("/v1/inventory/items/secret-id", headers={"X-Amzn-Trace-Id": header})
        head, _, body = daemon.recv(65_536).partition(b"\n")
    assert json.loads(head) == {"format": "json", "version": 1}
    segment = json.loads(body)
    assert segment["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert segment["parent_id"] == "53995c3f42cd8ad8"
    assert segment["http"]["request"]["url"] == "/v1/inventory/items/{item_id}"
    assert segment["error"]
    assert segment["end_time"] >= segment["start_time"]
    assert b"secret-id" not in body
