"""The model container: `/ping` and `/invocations` as SageMaker asks them, over `samaan_ml.inference`.

A body is one message (JSON), a message a line (JSON lines), or a table (CSV, Parquet) of the messages'
rows; the answer comes in the same form unless `Accept` says another. The answers are those of the in-process
predictor, byte for byte. Several models are served where the model folder holds several.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from samaan_ml.exceptions import ArtifactError, SamaanError
from samaan_ml.inference import Predictor
from training.bodies import ANSWERERS, JSON, LINES, BodyError, described, read_options
from training.media_types import chosen, media_type
from training.warm_up import warm_up

__all__ = ["ContainerSettings", "ModelStore", "create_app", "serve"]

_LOG = logging.getLogger("samaan.container")
_INLINE_BYTES = 8_192
"""A question so short is answered where it is read: a change of threads would take longer than the answer."""


@dataclass(frozen=True, slots=True)
class ContainerSettings:
    """Settings of the container from its environment.

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
    _last_fault: str = ""

    def names(self) -> list[str]:
        """Name the models that can be asked; the only one is named ''."""
        root = self.settings.model_dir
        if (root / "manifest.json").is_file():
            return [""]
        found = {path.parent.name for path in root.glob("*/manifest.json")}
        return sorted(found | set(self._places))

    def get(self, name: str = "") -> Predictor:
        """Return a model, loading it on first use.

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
            warm_up(predictor)
            self._loaded[name] = predictor
            while len(self._loaded) > self.settings.max_models:
                self._loaded.popitem(last=False)
            return predictor

    def log_fault(self, fault: str) -> None:
        """Log why no model can answer, once and not at every ping."""
        if fault != self._last_fault:
            self._last_fault = fault
            _LOG.error("not ready: %s", fault)

    def holds(self, name: str) -> bool:
        """Return whether a model is in memory."""
        return name in self._loaded

    def load(self, name: str, folder: Path) -> None:
        """Load a model from a folder named by the caller, as multi-model endpoints do."""
        if name in self._places:
            raise BodyError(409, "loaded", f"model '{name}' is loaded already", "model_name")
        if not folder.is_dir():
            raise BodyError(404, "not_found", f"'{folder}' is not a folder", "url")
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
                raise BodyError(404, "not_found", f"model '{name}' is not loaded", "model_name")
            self._places.pop(name, None)
            self._loaded.pop(name, None)

    def _folder(self, name: str) -> Path:
        """Return where a model is."""
        root = self.settings.model_dir
        if name in self._places:
            return self._places[name]
        if name not in self.names():
            known = ", ".join(self.names()) or "none"
            raise BodyError(
                404, "not_found", f"model '{name}' is not here; there are: {known}", "target_model"
            )
        return root / name if name else root


def create_app(settings: ContainerSettings | None = None) -> Starlette:
    """Make the container's application; no model is loaded before it is asked for."""
    settings = settings or ContainerSettings.from_environment()
    container = _Container(ModelStore(settings))
    return Starlette(
        routes=[
            Route("/ping", container.ping),
            Route("/execution-parameters", container.execution_parameters),
            Route("/invocations", container.invocations, methods=["POST"]),
            Route("/models", container.models),
            Route("/models", container.load, methods=["POST"]),
            Route("/models/{name}", container.model),
            Route("/models/{name}", container.unload, methods=["DELETE"]),
            Route("/models/{name}/invoke", container.invoke, methods=["POST"]),
        ],
        exception_handlers={SamaanError: _refuse, Exception: _own_fault},
    )


@dataclass(frozen=True)
class _Container:
    """The routes over the models."""

    store: ModelStore

    async def ping(self, request: Request) -> Response:  # noqa: ARG002
        """Return whether the models can answer."""
        try:
            if names := self.store.names():
                await run_in_threadpool(self.store.get, names[0])
        except SamaanError as error:
            self.store.log_fault(str(error))
            return _problem(error, status=503)
        return Response(status_code=200 if names else 503)

    async def execution_parameters(self, request: Request) -> Response:  # noqa: ARG002
        """Tell batch transform how to feed this container."""
        return JSONResponse(
            {
                "MaxConcurrentTransforms": os.cpu_count() or 1,
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": self.store.settings.max_payload_bytes // 2**20,
            }
        )

    async def invocations(self, request: Request) -> Response:
        """Answer a body."""
        target = request.headers.get("x-amzn-sagemaker-target-model", "").removesuffix(".tar.gz")
        return await _invoke(self.store, target or _only(self.store), request)

    async def models(self, request: Request) -> Response:  # noqa: ARG002
        """List the models."""
        return JSONResponse({"models": [{"modelName": name} for name in self.store.names() if name]})

    async def model(self, request: Request) -> Response:
        """Describe one model, as multi-model endpoints ask."""
        name = request.path_params["name"]
        if not name or name not in self.store.names():
            known = ", ".join(self.store.names()) or "none"
            raise BodyError(404, "not_found", f"model '{name}' is not here; there are: {known}", "model_name")
        return JSONResponse({"modelName": name, "loaded": self.store.holds(name)})

    async def load(self, request: Request) -> Response:
        """Load a model."""
        try:
            told = json.loads(await _body(request, self.store.settings.max_payload_bytes))
        except ValueError as error:
            raise BodyError(400, "body", f"the body is not JSON: {error}") from None
        if not isinstance(told, dict) or not {"model_name", "url"} <= set(told):
            raise BodyError(400, "body", "'model_name' and 'url' must be given", "model_name")
        await run_in_threadpool(self.store.load, str(told["model_name"]), Path(str(told["url"])))
        return Response(status_code=200)

    async def unload(self, request: Request) -> Response:
        """Unload a model."""
        self.store.unload(request.path_params["name"])
        return Response(status_code=200)

    async def invoke(self, request: Request) -> Response:
        """Answer a body by one of several models."""
        return await _invoke(self.store, request.path_params["name"], request)


async def _refuse(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the signature of a handler
    """Return what is wrong with a request, or with the model."""
    assert isinstance(error, SamaanError)
    return _problem(error)


async def _own_fault(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """Report an unexpected error as a fault of this side; the log has it."""
    told = {"code": "internal_error", "field": None, "detail": f"{type(error).__name__}; the log says more"}
    return Response(json.dumps(told), status_code=500, media_type="application/problem+json")


def _only(store: ModelStore) -> str:
    """Name the model that is meant when none is named."""
    names = store.names()
    if len(names) != 1:
        known = ", ".join(names) or "none"
        raise BodyError(
            400, "model", f"name a model in X-Amzn-SageMaker-Target-Model; there are: {known}", "target_model"
        )
    return names[0]


async def _invoke(store: ModelStore, name: str, request: Request) -> Response:
    """Read a body within its limit and answer it."""
    body = await _body(request, store.settings.max_payload_bytes)
    kind, accept = media_type(request.headers.get("content-type") or JSON), request.headers.get("accept", "")
    if kind not in ANSWERERS:
        raise BodyError(
            415, "content_type", f"a body of type '{kind}' is not read; send {', '.join(ANSWERERS)}"
        )
    wanted = chosen(
        accept, kind, [each for each in ANSWERERS if (each in (JSON, LINES)) == (kind in (JSON, LINES))]
    )
    if wanted is None:
        raise BodyError(406, "accept", f"a body of type '{kind}' cannot be answered as '{accept[:200]}'")
    options = read_options(request.headers.get("x-amzn-sagemaker-custom-attributes", ""))
    answerer = ANSWERERS[kind]
    if len(body) <= _INLINE_BYTES and store.holds(name):
        content = answerer(store.get(name), body, options, wanted)
    else:
        content = await run_in_threadpool(lambda: answerer(store.get(name), body, options, wanted))
    return Response(content, media_type=wanted)


async def _body(request: Request, limit: int) -> bytes:
    """Read a body, and stop reading once it is too large."""
    declared = request.headers.get("content-length", "")
    size, parts = 0, []
    too_large = BodyError(413, "too_large", f"a body holds at most {limit} bytes")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    return b"".join(parts)


def _problem(error: SamaanError, status: int | None = None) -> Response:
    """Write an error as a response; what is the model folder's fault is the server's fault."""
    if status is None:
        technical = 500 if isinstance(error, ArtifactError) else 400
        status = error.status if isinstance(error, BodyError) else technical
    return Response(json.dumps(described(error)), status_code=status, media_type="application/problem+json")


def serve(host: str, port: int) -> None:
    """Serve until asked to stop; requests being answered are answered first."""
    import uvicorn

    uvicorn.run(
        create_app(),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=25,
        access_log=False,
    )
