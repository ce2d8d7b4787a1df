"""The model container: seconds to the first answer, latency and CPU a request, beside `mlflow models serve`.

    python benchmarks/endpoint.py --model FOLDER [--requests 300] [--items 1] [--mlflow PYTHON]

With `--mlflow` the same model is wrapped in MLflow's own scoring server and asked the same, in the same run;
PYTHON is an interpreter that has requirements-peers-endpoint.txt and this project's own dependencies. CPU is that
of the server and its children: unlike seconds by the clock it does not depend on the machine's other work.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from samaan_ml.domain.messages import ForecastRequest, ItemHistory, encode  # noqa: E402

MOST_START_SECONDS = 180
WRAPPER = """
import mlflow.pyfunc
class Wrapped(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        from samaan_ml.inference import Predictor
        self.predictor = Predictor.load(context.artifacts["model"])
    def predict(self, context, model_input, params=None):
        from samaan_ml.domain.messages import decode_request, encode
        return [encode(self.predictor.answer(decode_request(text))).decode() for text in model_input["message"]]
import sys
mlflow.pyfunc.save_model(sys.argv[2], python_model=Wrapped(), artifacts={"model": sys.argv[1]}, pip_requirements=[])
"""


def a_message(items: int) -> bytes:
    """Ask about some items with a year of history."""
    histories = tuple(
        ItemHistory(
            f"item-{i}", "staples", date(2025, 1, 1), tuple([2000, 3000, 1000, 0, 4000, 5000, 6000] * 52)
        )
        for i in range(items)
    )
    return encode(ForecastRequest("shop-1", None, 14, histories))


def free_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, body: bytes | None = None) -> int:
    """Ask once; 0 where no server listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return 0
    else:
        return answer.status
    finally:
        connection.close()


def cpu_seconds(pid: int) -> float:
    """Add up the CPU time of a process and what it started."""
    parents, spent = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("ascii", "replace").rsplit(")", 1)[1].split()
        except OSError:
            continue
        number = int(path.parent.name)
        parents[number] = int(fields[1])
        spent[number] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    own, found = {pid}, True
    while found:
        found = {child for child, parent in parents.items() if parent in own} - own
        own |= found
    return sum(spent.get(each, 0.0) for each in own)


def measure(start: Callable[[int], subprocess.Popen[bytes]], body: bytes, requests: int) -> dict[str, float]:
    """Start a server, ask it, stop it."""
    port, begun = free_port(), time.perf_counter()
    server = start(port)
    try:
        while ask(port, "/ping") != 200:
            assert server.poll() is None, "the server ended"
            assert time.perf_counter() - begun < MOST_START_SECONDS, "the server is not ready; see its log"
            time.sleep(0.02)
        ready, started = time.perf_counter() - begun, cpu_seconds(server.pid)
        at = time.perf_counter()
        assert ask(port, "/invocations", body) == 200
        first = time.perf_counter() - at
        times, spent = [], cpu_seconds(server.pid)
        for _ in range(requests):
            at = time.perf_counter()
            assert ask(port, "/invocations", body) == 200
            times.append(time.perf_counter() - at)
        spent = cpu_seconds(server.pid) - spent
    finally:
        server.terminate()
        server.wait()
    return {
        "start_s": ready,
        "start_cpu_s": started,
        "first_ms": first * 1000,
        "cpu_ms_a_request": spent / requests * 1000,
        "p50_ms": statistics.median(times) * 1000,
        "p95_ms": statistics.quantiles(times, n=20)[-1] * 1000,
        "requests_a_second": requests / sum(times),
    }


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--items", type=int, default=1)
    parser.add_argument("--mlflow", metavar="PYTHON", help="interpreter that has mlflow in full")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    body, results = a_message(given.items), {}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_DISABLE_TELEMETRY": "true"}
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "model").symlink_to(given.model.resolve())

        def own(port: int) -> subprocess.Popen[bytes]:
            words = [sys.executable, "-m", "training", "serve", "--host", "127.0.0.1", "--port", str(port)]
            return subprocess.Popen(words, env={**environment, "SAGEMAKER_BASE_DIR": scratch})

        results["container"] = measure(own, body, given.requests)
        if given.mlflow:
            wrapped = str(Path(scratch) / "wrapped")
            made = [given.mlflow, "-c", WRAPPER, str(given.model.resolve()), wrapped]
            subprocess.run(made, check=True, env=environment, capture_output=True)
            # MLflow starts uvicorn by its name.
            places = [str(Path(python).parent) for python in (given.mlflow, sys.executable)]
            environment["PATH"] = os.pathsep.join([*places, environment.get("PATH", "")])
            packed = json.dumps({"dataframe_records": [{"message": body.decode()}]}).encode()

            def theirs(port: int) -> subprocess.Popen[bytes]:
                words = [given.mlflow, "-m", "mlflow", "models", "serve", "-m", wrapped, "-h", "127.0.0.1"]
                words += ["-p", str(port), "--env-manager", "local"]
                return subprocess.Popen(
                    words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )

            results["mlflow models serve"] = measure(theirs, packed, given.requests)
    ours, theirs_ = results["container"], results.get("mlflow models serve")
    if theirs_:
        print(f"requests a second: {ours['requests_a_second'] / theirs_['requests_a_second']:.1f} times")
        print(f"CPU a request: {theirs_['cpu_ms_a_request'] / ours['cpu_ms_a_request']:.1f} times less")
    for name, result in results.items():
        print(f"{name:22} " + "  ".join(f"{key} {value:.1f}" for key, value in result.items()))
    if given.json:
        given.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
