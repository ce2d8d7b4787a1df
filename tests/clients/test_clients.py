"""The OpenAPI document's promises, and the clients and pages written from it."""

import copy
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from jsonschema import Draft202012Validator

from clients.generator.__main__ import GOLDEN, PAGES, written
from clients.generator.breaking import breaking_changes
from clients.generator.operations import Operation, operations
from clients.samaan_client import ApiProblem, Client
from serving.app import create_app
from serving.settings import Settings
from serving.wiring import Wiring

DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()


def problems_of(value: Any, schema: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def test_every_example_of_the_document_fits_its_schema() -> None:
    checked = 0
    for path, verbs in DOCUMENT["paths"].items():
        for verb, operation in verbs.items():
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media in part.get("content", {}).values():
                    if "example" in media:
                        assert problems_of(media["example"], media["schema"]) == [], (verb, path)
                        checked += 1
                    else:
                        kinds = part["content"].keys() & {"application/json"}
                        assert not kinds, f"{verb} {path} has no example"
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, part in schema.get("properties", {}).items():
            for example in part.get("examples", []):
                assert problems_of(example, part) == [], (name, field)
                checked += 1
    assert checked > 150


def test_the_document_is_valid_openapi_31() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema), name
    names = [each.name for each in operations(DOCUMENT)]
    assert len(names) == len(set(names))
    text = json.dumps(DOCUMENT)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        place: Any = DOCUMENT
        for step in reference.split("/"):
            place = place[step]


def changed(change: Any) -> list[str]:
    after = copy.deepcopy(DOCUMENT)
    change(after)
    return breaking_changes(DOCUMENT, after)


def test_no_two_bodies_or_answers_share_a_name() -> None:
    ugly = [name for name in DOCUMENT["components"]["schemas"] if "__" in name]
    assert ugly == [], "classes of one name get their module's path into the clients"


def test_nothing_changed_breaks_nothing() -> None:
    assert breaking_changes(DOCUMENT, copy.deepcopy(DOCUMENT)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["paths"]["/v1/sales"].pop("post"), "POST /v1/sales: is gone"),
        (
            lambda d: d["components"]["schemas"]["ItemCard"]["properties"].pop("name"),
            "GET /v1/inventory/items/{item_id} answer.name: is gone",
        ),
        (
            lambda d: d["components"]["schemas"]["ItemCard"]["properties"].pop("name"),
            "GET /v1/inventory/items answer.rows.name: is gone",
        ),
        (
            lambda d: d["components"]["schemas"]["NewItem"]["required"].append("cost_paise"),
            "POST /v1/inventory/items body.cost_paise: is newly required",
        ),
        (
            lambda d: d["components"]["schemas"]["NewItem"]["properties"].pop("hsn"),
            "POST /v1/inventory/items body.hsn: is no longer taken",
        ),
        (
            lambda d: d["components"]["schemas"]["NewItem"]["properties"]["unit"]["enum"].remove("kg"),
            "POST /v1/inventory/items body.unit: no longer takes 'kg'",
        ),
        (
            lambda d: d["components"]["schemas"]["NewItem"]["properties"]["price_paise"].update(
                type="string"
            ),
            "POST /v1/inventory/items body.price_paise: no longer takes integer",
        ),
        (
            lambda d: d["components"]["schemas"]["ItemCard"]["properties"]["version"].update(type="string"),
            "GET /v1/inventory/items/{item_id} answer.version: may newly be string",
        ),
        (
            lambda d: d["components"]["schemas"]["ItemCard"]["required"].remove("name"),
            "GET /v1/inventory/items/{item_id} answer.name: may newly be left out",
        ),
        (
            lambda d: d["paths"]["/v1/inventory/items"]["get"]["parameters"].pop(0),
            "GET /v1/inventory/items: the parameter 'category' is gone",
        ),
    ],
)
def test_a_change_that_breaks_clients_is_named(change: Any, said: str) -> None:
    assert said in changed(change)


def test_what_is_added_breaks_nothing() -> None:
    def grow(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        schemas["ItemCard"]["properties"]["colour"] = {"type": "string"}
        schemas["NewItem"]["properties"]["colour"] = {"type": "string"}
        schemas["NewItem"]["properties"]["unit"]["enum"].append("dozen")
        document["paths"]["/v1/new"] = copy.deepcopy(document["paths"]["/v1/sales"])

    assert changed(grow) == []


def test_no_change_breaks_the_clients_of_the_committed_document() -> None:
    found = breaking_changes(json.loads(GOLDEN.read_text("utf-8")), DOCUMENT)
    assert found == [], (
        "run `make clients` and look; `python -m clients.generator --breaking` where it is meant"
    )


def test_document_clients_and_pages_are_written_from_the_api_as_it_is() -> None:
    files = written()
    stale = [
        path.name for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    assert stale == [], "run `make clients`"
    assert set(PAGES.glob("*.md")) <= set(files)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API on a real socket."""
    rates: dict[str, Any] = {"rate_per_second": 1e6, "rate_burst": 10**6}
    app = create_app(wiring=Wiring(Settings(home=tmp_path_factory.mktemp("home"), **rates)))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


def a_client(address: str) -> Client:
    client = Client(address)
    person: Any = {"email": f"{time.monotonic_ns()}@example.in", "password": "correct horse"}
    client.auth_register(person | {"shop_name": "Meena"})
    client.token = client.auth_login(person)["access_token"]
    return client


def test_the_python_client_lives_a_shops_day(address: str) -> None:
    client = a_client(address)
    client.inventory_add_item(
        {"item_id": "sugar", "name": "Sugar", "price_paise": 4_500, "opening_stock_milli": 9_000}
    )
    bill: Any = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}
    sale = client.sales_post_sale(bill, idempotency_key="bill-1")
    assert client.sales_post_sale(bill, idempotency_key="bill-1") == sale
    assert client.inventory_read_stock("sugar")["on_hand_milli"] == 8_000
    assert [row["sale_id"] for row in client.sales_list_sales(limit=5)["rows"]] == [sale["sale_id"]]
    with pytest.raises(ApiProblem) as refused:
        client.inventory_read_item("no/such item")
    assert (refused.value.status, refused.value.code) in ((404, "not_found"), (422, "invalid_input"))
    sheet = b"date,item_id,quantity,price\n2026-01-02,sugar,1,45\n"
    preview = client.sales_send_sheet(sheet, 'odd"name\r\n.csv')
    assert client.sales_read_import(preview["import_id"])["import_id"] == preview["import_id"]
    assert "samaan_requests_total" in client.health_metrics()


def test_the_examples_pass_through_the_client_and_come_back_in_their_shape(address: str) -> None:
    """Bodies are read (never 422 for their form), good answers fit the document."""
    client = a_client(address)
    good = 0
    for operation in operations(DOCUMENT):
        if operation.tag == "auth" or operation.file_field:
            continue
        answer = call(client, operation)
        if isinstance(answer, ApiProblem):
            problem = str(answer)
            assert answer.status in (403, 404, 409, 412, 422, 503), (operation.name, problem)
            assert answer.hint != "see /docs for the fields and their bounds", (operation.name, problem)
            continue
        good += 1
        if operation.answer:
            assert problems_of(answer, operation.answer) == [], operation.name
    assert good >= 20


def call(client: Client, operation: Operation) -> Any:
    """Send the example of an operation and return the answer or the problem."""
    places = ["overdue:ramesh" if p.word == "recommendation" else "sugar-1kg" for p in operation.of("path")]
    client.attempts = 1
    given = [*places, copy.deepcopy(operation.example)] if operation.body else places
    required = {p.word: "2026-01-31" for p in operation.of("query") if p.required}
    try:
        return getattr(client, operation.name)(*given, **required)
    except ApiProblem as problem:
        return problem


def test_the_client_waits_and_repeats_with_the_same_key() -> None:
    seen: list[tuple[str, str | None]] = []
    answers = [
        (503, {"Retry-After": "0"}, b'{"code": "store_unavailable", "detail": "down"}'),
        (201, {"Content-Type": "application/json"}, b'{"sale_id": "s"}'),
    ]
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Once(BaseHTTPRequestHandler):
        """Answers as planned."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["Idempotency-Key"]))
            status, headers, body = answers[len(seen) - 1]
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Once)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        client = Client(f"http://127.0.0.1:{server.server_port}", token="t")
        assert client.sales_post_sale({"lines": []})["sale_id"] == "s"
    finally:
        server.shutdown()
        server.server_close()
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert seen[0][1]


@pytest.mark.slow
def test_the_typescript_client_passes_the_type_check_and_sells(address: str, tmp_path: Path) -> None:
    own = Path(__file__).parents[2] / "web" / "node_modules" / ".bin"
    node, tsc = shutil.which("node"), shutil.which("tsc") or shutil.which("tsc", path=str(own))
    if node is None or tsc is None:
        assert "CI" not in os.environ, "continuous integration has node, and tsc in web/node_modules"
        pytest.skip("the programs 'node' and 'tsc' are not installed")
    shutil.copy(GOLDEN.parent / "samaan-client.ts", tmp_path)
    (tmp_path / "day.ts").write_text(
        """
import { ApiProblem, Client } from "./samaan-client.js";
const client = new Client(process.argv[2]!);
const person = { email: "ts@example.in", password: "correct horse" };
await client.auth_register({ ...person, shop_name: "Meena" });
client.token = (await client.auth_login(person)).access_token;
await client.inventory_add_item({ item_id: "sugar", name: "Sugar", price_paise: 4500, opening_stock_milli: 9000 });
const bill = { lines: [{ item_id: "sugar", quantity_milli: 1000 }] };
const one = await client.sales_post_sale(bill, { idempotency_key: "bill-1" });
const two = await client.sales_post_sale(bill, { idempotency_key: "bill-1" });
if (one.sale_id !== two.sale_id) throw new Error("sold twice");
const late = { ...bill, sale_id: "b-1", offline: true, sold_at: "2020-01-01T00:00:00Z", clock_offset_seconds: 3 };
const flags: string[] | undefined = (await client.sales_post_sale(late)).flags;
if (!flags?.includes("late")) throw new Error("not flagged");
const feed = await client.changes_list_changes({ after: 0, limit: 100 });
const found = feed.rows.find((each) => each.kind === "sale" && each.id === "b-1");
if (!found || found.seq > feed.next) throw new Error("not in the feed");
const level: number = (await client.inventory_read_stock("sugar")).on_hand_milli;
let code = "";
try { await client.sales_read_sale("nothing"); } catch (e) { if (e instanceof ApiProblem) code = e.code; }
// @ts-expect-error a price is no text
const wrong: Promise<unknown> = Promise.resolve(() => client.inventory_add_item({ name: "x", price_paise: "1" }));
await wrong;
console.log(JSON.stringify({ level, code }));
declare const process: { argv: string[] };
declare const console: { log(text: string): void };
""",
        encoding="utf-8",
    )
    options = (
        "--strict --target es2022 --module nodenext --lib es2023,dom,dom.iterable --noUncheckedIndexedAccess"
    )
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    check = subprocess.run(
        [tsc, *options.split(), "--outDir", "out", "day.ts"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout
    run = subprocess.run(
        [node, "out/day.js", address], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert json.loads(run.stdout or "null") == {"level": 7_000, "code": "not_found"}, run.stderr
