"""Load the API from a second process over loopback: mixed reads and writes of many shops, recounted afterwards.

    python benchmarks/api_load.py --shops 200 --seconds 60

starts `samaan serve` on a fresh folder, or loads a running one with --url. It prints p50, p95, p99, errors and
throughput of reads and writes, and the server's own CPU time a request beside the machine's load average: a busy
machine makes the first ones worse and leaves the last nearly alone. Then it recounts every stock and balance from
what was acknowledged. The pace is open: requests start on schedule whether or not earlier ones came back, so that a
slow server cannot hide.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ITEMS = 5
OPENING = 1_000_000_000
PASSWORD = "correct horse battery"  # noqa: S105 (of throw-away shops)


@dataclass
class Shop:
    """One shop, and what it was promised."""

    token: str = ""
    sold: Counter[str] = field(default_factory=Counter)
    owed: int = 0
    unsure: int = 0


@dataclass
class Figures:
    """Milliseconds by kind, and what went wrong."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)


class Connection:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._used = 0.0

    async def call(
        self, method: str, path: str, token: str = "", body: Any = None, key: str = ""
    ) -> tuple[int, Any]:
        """Send one request and read its answer."""
        # A server closes what is idle for five seconds; a request sent into that moment would be lost.
        if self._reader is None or self._writer is None or time.perf_counter() - self._used > 2.0:
            self._reader, self._writer = await asyncio.open_connection(*self._address)
        raw = b"" if body is None else json.dumps(body).encode()
        head = [f"{method} {path} HTTP/1.1", "Host: load", f"Content-Length: {len(raw)}"]
        head += [f"Authorization: Bearer {token}"] if token else []
        head += [f"Idempotency-Key: {key}"] if key else []
        head += ["Content-Type: application/json"] if raw else []
        try:
            self._writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + raw)
            answer = await self._answer(self._reader)
        except (OSError, asyncio.IncompleteReadError):
            self._reader = self._writer = None
            raise
        self._used = time.perf_counter()
        return answer

    @staticmethod
    async def _answer(reader: asyncio.StreamReader) -> tuple[int, Any]:
        """Read status, headers and body."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split(" ")[1]), json.loads(raw) if raw else None


class Load:
    """The shops and the connections that load them."""

    def __init__(self, url: str, shops: int, workers: int) -> None:
        where = urlsplit(url)
        self._pool: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(workers):
            self._pool.put_nowait(Connection(str(where.hostname), where.port or 80))
        self.shops = [Shop() for _ in range(shops)]
        self.figures = Figures()

    async def call(self, *args: Any, **kwargs: Any) -> tuple[int, Any]:
        """Send one request over a free connection."""
        connection = await self._pool.get()
        try:
            return await connection.call(*args, **kwargs)
        finally:
            self._pool.put_nowait(connection)

    async def open_shops(self) -> None:
        """Register every shop with items and a customer."""
        gate = asyncio.Semaphore(4)

        async def open_one(shop: Shop) -> None:
            async with gate:
                person = {"email": f"{secrets.token_hex(8)}@example.in", "password": PASSWORD}
                await self._must("POST", "/v1/auth/register", body=person | {"shop_name": "Load"})
                shop.token = (await self._must("POST", "/v1/auth/login", body=person))["access_token"]
                for number in range(ITEMS):
                    item = {
                        "item_id": f"i{number}",
                        "name": "Item",
                        "price_paise": 100,
                        "opening_stock_milli": OPENING,
                    }
                    await self._must("POST", "/v1/inventory/items", shop.token, item)
                await self._must(
                    "POST", "/v1/udhaar/customers", shop.token, {"customer_id": "c", "name": "C"}
                )

        await asyncio.gather(*(open_one(shop) for shop in self.shops))

    async def _must(self, method: str, path: str, token: str = "", body: Any = None) -> Any:
        """Send one request that has to succeed."""
        status, answer = await self.call(method, path, token, body)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {answer}")
        return answer

    async def one(self, due: float) -> None:
        """Do one thing a shop does, timed from when it was due."""
        shop = random.choice(self.shops)
        kind, method, path, body = _something()
        try:
            status, answer = await self.call(
                method, path, shop.token, body, secrets.token_hex(8) if body else ""
            )
        except (OSError, asyncio.IncompleteReadError) as error:
            self.figures.wrong[type(error).__name__] += 1
            shop.unsure += 1
            return
        self.figures.milliseconds[kind].append((time.perf_counter() - due) * 1000)
        if status >= 300:
            self.figures.wrong[f"{status} {answer.get('code')}"] += 1
        elif path == "/v1/sales" and body:
            shop.sold[body["lines"][0]["item_id"]] += body["lines"][0]["quantity_milli"]
            shop.owed += answer["total_paise"] if body["payment"] == "udhaar" else 0
        elif path.endswith("/payments"):
            shop.owed -= body["amount_paise"]

    async def run(self, seconds: float, per_second: float) -> float:
        """Start requests on schedule; return how long it took until the last came back."""
        started = time.perf_counter()
        tasks: set[asyncio.Task[None]] = set()
        for number in range(int(seconds * per_second)):
            due = started + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(self.one(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        return time.perf_counter() - started

    async def recount(self) -> int:
        """Compare every stock and balance with what was acknowledged; return how many differ."""
        differ = 0
        for shop in self.shops:
            for number in range(ITEMS):
                _, level = await self.call("GET", f"/v1/inventory/items/i{number}/stock", shop.token)
                differ += level["on_hand_milli"] != OPENING - shop.sold[f"i{number}"]
            _, card = await self.call("GET", "/v1/udhaar/customers/c", shop.token)
            differ += card["balance_paise"] != shop.owed
        return differ


def _something() -> tuple[str, str, str, Any]:
    """Choose what a counter does: half reads, half writes."""
    item = f"i{random.randrange(ITEMS)}"
    chance = random.random()
    if chance < 0.40:
        payment = "udhaar" if chance < 0.10 else "cash"
        body = {
            "lines": [{"item_id": item, "quantity_milli": random.randrange(1, 5) * 1000}],
            "payment": payment,
        }
        return "write", "POST", "/v1/sales", body | ({"customer_id": "c"} if payment == "udhaar" else {})
    if chance < 0.50:
        return "write", "POST", "/v1/udhaar/customers/c/payments", {"amount_paise": random.randrange(1, 500)}
    path = random.choice(
        [
            f"/v1/inventory/items/{item}/stock",
            "/v1/inventory/items",
            "/v1/udhaar/customers/c",
            "/v1/sales?limit=20",
        ]
    )
    return "read", "GET", path, None


def _quantile(values: list[float], level: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(int(level * len(values)), len(values) - 1)] if values else float("nan")


def _start_server(home: str) -> tuple[subprocess.Popen[bytes], str, float]:
    """Start the API on a free port and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "SAMAAN_HOME": home,
        "SAMAAN_LOG_LEVEL": "WARNING",
        "SAMAAN_RATE_BURST": "100000",
    }
    environment["SAMAAN_RATE_PER_SECOND"] = "10000"
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "serving", "serve", "--port", str(port)],
        env=environment,
        cwd=Path(__file__).parent.parent,
    )
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return server, f"http://127.0.0.1:{port}", time.perf_counter() - started
        except OSError:
            if server.poll() is not None:
                raise SystemExit("the server did not start") from None
            time.sleep(0.02)


def _cpu_seconds(process: int | None) -> float:
    """Return what a process has used so far; not a number where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(") ")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _measure(url: str, arguments: argparse.Namespace, process: int | None) -> dict[str, Any]:
    """Open the shops, load them, recount."""
    load = Load(url, arguments.shops, arguments.connections)
    await load.open_shops()
    before = _cpu_seconds(process)
    took = await load.run(arguments.seconds, arguments.rate)
    used = _cpu_seconds(process) - before
    result: dict[str, Any] = {
        "shops": arguments.shops,
        "seconds": round(took, 1),
        "errors": dict(load.figures.wrong),
    }
    total = sum(map(len, load.figures.milliseconds.values()))
    result["requests"] = total
    result["per_second"] = round(total / took, 1)
    result["server_cpu_ms_a_request"] = round(used / max(total, 1) * 1000, 2)
    result["load_average"] = round(os.getloadavg()[0], 1)
    for kind, values in sorted(load.figures.milliseconds.items()):
        for name, level in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
            result[f"{kind}_{name}_ms"] = round(_quantile(values, level), 1)
    result["differ_after_recount"] = await load.recount()
    return result


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", help="a running API; a fresh one is started where left out")
    parser.add_argument("--shops", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=100, help="requests a second that are started")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--data", help="not used: this benchmark makes its own shops")
    parser.add_argument("--out", type=Path, help="write the figures there as JSON")
    arguments = parser.parse_args()
    server = None
    with tempfile.TemporaryDirectory(prefix="samaan-load-") as home:
        url = arguments.url
        if url is None:
            server, url, ready = _start_server(home)
            print(f"ready after {ready:.2f} s")
        try:
            result = asyncio.run(_measure(url, arguments, server.pid if server else None))
        finally:
            if server is not None:
                server.terminate()
                server.wait(10)
    for name, value in result.items():
        print(f"{name:24} {value}")
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
