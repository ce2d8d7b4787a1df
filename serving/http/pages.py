"""The pages beside the API: the shop's app at /app, the documentation at /docs, and the front."""

import gzip
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

APP_FILES = Path(str(files("serving.http"))) / "app"
"""Where `make web` puts the built app; the wheel carries it, git does not."""

_NOT_BUILT = (
    "The app is not built: run `make web` in a checkout (it needs node 20.19 or newer, or pip to fetch one)."
)
_WITH_HASH = "assets/"
_YEAR = 365 * 24 * 3600
_LEAST_TO_PACK = 500
_PACKED_TYPES = (
    "text/",
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "image/svg+xml",
)
_RULES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types samaan",
)
_POLICY = "; ".join(_RULES)
_APP_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class _File:
    """One built file, as it is and packed."""

    content: bytes
    packed: bytes | None
    media_type: str
    etag: str


def pages_router(app_files: Path = APP_FILES) -> APIRouter:
    """Make the routes of the pages.

    Parameters
    ----------
    app_files : Path
        Folder of the built app.
    """
    pages = APIRouter(include_in_schema=False)
    read = lru_cache(maxsize=256)(_read)

    @pages.get("/docs", response_class=HTMLResponse)
    async def docs() -> str:
        """Show the operations and try them."""
        return files("serving.http").joinpath("docs.html").read_text("utf-8")

    @pages.get("/", response_model=None)
    async def front(request: Request) -> dict[str, Any] | Response:
        """Lead people to the app and programs to the documentation."""
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/app/")
        return {"service": "samaan-sathi", "app": "/app/", "docs": "/docs", "openapi": "/openapi.json"}

    @pages.get("/app")
    async def bare() -> Response:
        """Add the slash that the app's addresses start from."""
        return RedirectResponse("/app/")

    @pages.get("/app/{path:path}")
    async def app(path: str, request: Request) -> Response:
        """Serve a built file, or the page itself for an address of one of its screens."""
        if not (app_files / "index.html").is_file():
            return PlainTextResponse(_NOT_BUILT, 503)
        name = _name(app_files, path)
        if name is None:
            return PlainTextResponse("There is no such file.", 404)
        return _answer(read(app_files / name, (app_files / name).stat().st_mtime_ns), name, request)

    return pages


def _name(app_files: Path, path: str) -> str | None:
    """Return the built file that an address means; None where a named file does not exist."""
    wanted = PurePosixPath(path)
    if ".." in wanted.parts or wanted.is_absolute() or "\0" in path:
        return None
    if path and (app_files / wanted).is_file():
        return path
    return None if path.startswith(_WITH_HASH) or wanted.suffix else "index.html"


def _read(file: Path, _changed: int) -> _File:
    """Read a file once for each state of it."""
    content = file.read_bytes()
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if file.suffix == ".js":
        media_type = "text/javascript"
    if file.suffix == ".webmanifest":
        media_type = "application/manifest+json"
    worth = len(content) >= _LEAST_TO_PACK and media_type.startswith(_PACKED_TYPES)
    packed = gzip.compress(content, 9, mtime=0) if worth else None
    return _File(content, packed, media_type, f'"{sha256(content).hexdigest()[:24]}"')


def _answer(file: _File, name: str, request: Request) -> Response:
    """Answer with a file: hashed ones are kept for a year, the others are asked for again."""
    kept = f"public, max-age={_YEAR}, immutable" if name.startswith(_WITH_HASH) else "no-cache"
    headers = {"Cache-Control": kept, "ETag": file.etag, "Vary": "Accept-Encoding", **_APP_HEADERS}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type
        )
    return Response(file.content, headers=headers, media_type=file.media_type)
