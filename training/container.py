"""The model container: `/ping` and `/invocations` as SageMaker asks them, over `samaan_ml.inference`.

A body is one message (JSON), a message a line (JSON lines), or a table (CSV, Parquet) of the messages'
rows; the answer comes in the same form unless `Accept` says another. The answers are those of the in-process
predictor, byte for byte. Several models are served where the model folder holds several.
"""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from samaan_ml.domain.messages import decode_request, encode
from samaan_ml.exceptions import ArtifactError, SamaanError
from samaan_ml.inference import Predictor

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ContainerSettings", "ModelStore", "create_app", "serve"]

JSON, LINES, CSV, PARQUET = "application/json", "application/jsonlines", "text/csv", "application/x-parquet"
_LOG = logging.getLogger("samaan.container")
_AREA_TABLES = {"demand": "sales", "price": "prices", "udhaar": "ledger"}


@dataclass(frozen=True, slots=True)
class ContainerSettings:
    """What the container is told by its environment.

    Parameters
    ----------
    model_dir : Path
        The model folder, or a folder of model folders.
    max_payload_bytes : int, default=6291456
        Largest body; SageMaker's own limit for real-time endpoints by default.
    max_models : int, default=8
        Models held in memory at once; the one used longest ago goes first.
    """

    model_dir: Path
    max_payload_bytes: int = 6 * 2**20
    max_models: int = 8

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ContainerSettings:
        """Read SAGEMAKER_BASE_DIR, SAMAAN_MAX_PAYLOAD_BYTES and SAMAAN_MAX_MODELS."""
        return cls(
            Path(environment.get("SAGEMAKER_BASE_DIR") or "/opt/ml") / "model",
            int(environment.get("SAMAAN_MAX_PAYLOAD_BYTES", 6 * 2**20)),
            int(environment.get("SAMAAN_MAX_MODELS", 8)),
        )


class _RequestError(SamaanError):
    """A request that cannot be answered, with the status that says why."""

    def __init__(self, status: int, code: str, detail: str, name: str | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.name = status, code, name


@dataclass
class ModelStore:
    """The models of a container, loaded once, by name where there are several.

    Parameters
    ----------
    settings : ContainerSettings
        Where they are.
    """

    settings: ContainerSettings
    _loaded: OrderedDict[str, Predictor] = field(default_factory=OrderedDict)
    _places: dict[str, Path] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def names(self) -> list[str]:
        """Name the models that can be asked; the only one is named ''."""
        root = self.settings.model_dir
        if (root / "manifest.json").is_file():
            return [""]
        found = {path.parent.name for path in root.glob("*/manifest.json")}
        return sorted(found | set(self._places))

    def get(self, name: str = "") -> Predictor:
        """Give a model, loading it on first use.

        Raises
        ------
        ArtifactError
            When it was altered.
        """
        with self._lock:
            if name in self._loaded:
                self._loaded.move_to_end(name)
                return self._loaded[name]
            predictor = Predictor.load(self._folder(name))
            self._loaded[name] = predictor
            while len(self._loaded) > self.settings.max_models:
                self._loaded.popitem(last=False)
            return predictor

    def load(self, name: str, folder: Path) -> None:
        """Load a model from a folder named by the caller, as multi-model endpoints do."""
        if name in self._places:
            raise _RequestError(409, "loaded", f"model '{name}' is loaded already", "model_name")
        if not folder.is_dir():
            raise _RequestError(404, "not_found", f"'{folder}' is not a folder", "url")
        self._places[name] = folder
        try:
            self.get(name)
        except ArtifactError:
            del self._places[name]
            raise

    def unload(self, name: str) -> None:
        """Forget a model."""
        with self._lock:
            if name not in self._places and name not in self._loaded:
                raise _RequestError(404, "not_found", f"model '{name}' is not loaded", "model_name")
            self._places.pop(name, None)
            self._loaded.pop(name, None)

    def _folder(self, name: str) -> Path:
        """Say where a model is."""
        root = self.settings.model_dir
        if name in self._places:
            return self._places[name]
        if name not in self.names():
            known = ", ".join(self.names()) or "none"
            raise _RequestError(
                404, "not_found", f"model '{name}' is not here; there are: {known}", "target_model"
            )
        return root / name if name else root


def create_app(settings: ContainerSettings | None = None) -> FastAPI:
    """Make the container's application."""
    settings = settings or ContainerSettings.from_environment()
    store = ModelStore(settings)
    app = FastAPI(title="samaan-sathi model container", openapi_url=None)

    @app.exception_handler(SamaanError)
    async def refuse(request: Request, error: SamaanError) -> Response:  # noqa: ARG001
        return _problem(error)

    @app.get("/ping")
    async def ping() -> Response:
        """Tell whether the models can answer."""
        try:
            if names := store.names():
                await run_in_threadpool(store.get, names[0])
        except SamaanError as error:
            _LOG.error("not ready: %s", error)
            return _problem(error, status=503)
        return Response(status_code=200 if names else 503)

    @app.get("/execution-parameters")
    async def execution_parameters() -> dict[str, Any]:
        """Tell batch transform how to feed this container."""
        return {
            "MaxConcurrentTransforms": os.cpu_count() or 1,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": settings.max_payload_bytes // 2**20,
        }

    @app.post("/invocations")
    async def invocations(request: Request) -> Response:
        """Answer a body."""
        target = request.headers.get("x-amzn-sagemaker-target-model", "").removesuffix(".tar.gz")
        return await _invoke(store, target or _only(store), request)

    _add_model_routes(app, store)
    return app


def _add_model_routes(app: FastAPI, store: ModelStore) -> None:
    """Add the routes of multi-model endpoints."""

    @app.get("/models")
    async def models() -> dict[str, Any]:
        """List the models."""
        return {"models": [{"modelName": name} for name in store.names() if name]}

    @app.post("/models")
    async def load(request: Request) -> Response:
        """Load a model."""
        told = await request.json()
        if not isinstance(told, dict) or not {"model_name", "url"} <= set(told):
            raise _RequestError(400, "body", "'model_name' and 'url' must be given", "model_name")
        await run_in_threadpool(store.load, str(told["model_name"]), Path(str(told["url"])))
        return Response(status_code=200)

    @app.delete("/models/{name}")
    async def unload(name: str) -> Response:
        """Unload a model."""
        store.unload(name)
        return Response(status_code=200)

    @app.post("/models/{name}/invoke")
    async def invoke(name: str, request: Request) -> Response:
        """Answer a body by one of several models."""
        return await _invoke(store, name, request)


def _only(store: ModelStore) -> str:
    """Name the model that is meant when none is named."""
    names = store.names()
    if len(names) != 1:
        known = ", ".join(names) or "none"
        raise _RequestError(
            400, "model", f"name a model in X-Amzn-SageMaker-Target-Model; there are: {known}", "target_model"
        )
    return names[0]


async def _invoke(store: ModelStore, name: str, request: Request) -> Response:
    """Read a body within its limit and answer it."""
    body = await _body(request, store.settings.max_payload_bytes)
    kind = request.headers.get("content-type", JSON).split(";")[0].strip()
    accept = request.headers.get("accept", "*/*").split(",")[0].split(";")[0].strip()
    wanted = kind if accept in ("*/*", "") else accept
    if kind not in _ANSWERERS:
        raise _RequestError(
            415, "content_type", f"a body of type '{kind}' is not read; send {', '.join(_ANSWERERS)}"
        )
    if (kind in (JSON, LINES)) != (wanted in (JSON, LINES)) or wanted not in _ANSWERERS:
        raise _RequestError(406, "accept", f"a body of type '{kind}' cannot be answered as '{wanted}'")
    options = _options(request.headers.get("x-amzn-sagemaker-custom-attributes", ""))
    content = await run_in_threadpool(lambda: _ANSWERERS[kind](store.get(name), body, options, wanted))
    return Response(content, media_type=wanted)


async def _body(request: Request, limit: int) -> bytes:
    """Read a body, and stop reading once it is too large."""
    declared = request.headers.get("content-length", "")
    size, parts = 0, []
    too_large = _RequestError(413, "too_large", f"a body holds at most {limit} bytes")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    return b"".join(parts)


def _options(text: str) -> dict[str, str]:
    """Read `horizon_days=14,...` of the custom attributes."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _answer_json(predictor: Predictor, body: bytes, options: Mapping[str, str], wanted: str) -> bytes:  # noqa: ARG001
    """Answer one message."""
    return encode(predictor.answer(decode_request(body)))


def _answer_lines(predictor: Predictor, body: bytes, options: Mapping[str, str], wanted: str) -> bytes:  # noqa: ARG001
    """Answer a message a line; a line that cannot be answered says so in its place."""
    answers = []
    for line in body.splitlines():
        if line.strip():
            try:
                answers.append(encode(predictor.answer(decode_request(line))))
            except SamaanError as error:
                answers.append(json.dumps({"kind": "error", **_said(error)}).encode())
    return b"\n".join(answers) + b"\n"


def _answer_table(
    predictor: Predictor,
    body: bytes,
    options: Mapping[str, str],
    wanted: str,
    read: Callable[[bytes], pa.Table],
) -> bytes:
    """Answer a table of one or more shops."""
    import pyarrow.compute as pc

    from training.payloads import answer_rows, requests_for

    table = read(body)
    if "shop_id" not in table.column_names:
        raise _RequestError(
            400, "column", f"column 'shop_id' is missing; got {', '.join(table.column_names)}", "shop_id"
        )
    table = table.set_column(table.column_names.index("shop_id"), "shop_id", table["shop_id"].cast("string"))
    horizon = options.get("horizon_days", "14")
    if not horizon.isdigit():
        raise _RequestError(
            400, "option", f"'horizon_days' must be a whole number, got '{horizon}'", "horizon_days"
        )
    rows: list[dict[str, Any]] = []
    for shop in sorted(set(table["shop_id"].to_pylist())):
        part = table.filter(pc.equal(table["shop_id"], shop))
        # A body is one table; for prices it carries the sales it needs as further columns.
        tables = {_AREA_TABLES[predictor.kind]: part} | ({"sales": part} if predictor.kind == "price" else {})
        for asked in requests_for(predictor.kind, tables, shop, int(horizon)):
            rows += answer_rows(asked, predictor.answer(asked))
    return _written(rows, wanted)


def _written(rows: list[dict[str, Any]], wanted: str) -> bytes:
    """Write rows as CSV or Parquet."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    sink, table = io.BytesIO(), pa.Table.from_pylist(rows)
    if wanted == CSV:
        pyarrow.csv.write_csv(table, sink)
    else:
        pyarrow.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _read_csv(body: bytes) -> pa.Table:
    """Read CSV."""
    import pyarrow as pa
    import pyarrow.csv

    text = dict.fromkeys(("shop_id", "item_id", "customer_id", "entry_id", "reverses"), pa.string())
    try:
        options = pyarrow.csv.ConvertOptions(column_types=text, strings_can_be_null=True)
        return pyarrow.csv.read_csv(io.BytesIO(body), convert_options=options)
    except pa.ArrowException as error:
        raise _RequestError(400, "csv", f"the body is not CSV: {error}") from None


def _read_parquet(body: bytes) -> pa.Table:
    """Read Parquet."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        return pyarrow.parquet.read_table(io.BytesIO(body))
    except (pa.ArrowException, OSError) as error:
        raise _RequestError(400, "parquet", f"the body is not Parquet: {error}") from None


def _answer_csv(predictor: Predictor, body: bytes, options: Mapping[str, str], wanted: str) -> bytes:
    """Answer CSV."""
    return _answer_table(predictor, body, options, wanted, _read_csv)


def _answer_parquet(predictor: Predictor, body: bytes, options: Mapping[str, str], wanted: str) -> bytes:
    """Answer Parquet."""
    return _answer_table(predictor, body, options, wanted, _read_parquet)


_ANSWERERS: dict[str, Callable[[Predictor, bytes, Mapping[str, str], str], bytes]] = {
    JSON: _answer_json,
    LINES: _answer_lines,
    CSV: _answer_csv,
    PARQUET: _answer_parquet,
}


def _said(error: SamaanError) -> dict[str, Any]:
    """Write an error as JSON values."""
    code = error.code if isinstance(error, _RequestError) else type(error).__name__
    name = error.name if isinstance(error, _RequestError) else getattr(error, "field", None)
    return {"code": code, "field": name, "detail": str(error)}


def _problem(error: SamaanError, status: int | None = None) -> Response:
    """Write an error as a response; what is the model folder's fault is the server's fault."""
    if status is None:
        technical = 500 if isinstance(error, ArtifactError) else 400
        status = error.status if isinstance(error, _RequestError) else technical
    return Response(json.dumps(_said(error)), status_code=status, media_type="application/problem+json")


def serve(host: str, port: int) -> None:
    """Serve until told to stop; requests being answered are answered first."""
    import uvicorn

    uvicorn.run(
        create_app(),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=25,
        access_log=False,
    )
