"""A small server of `/ping` and `/invocations` on this machine, for models that bring functions and no server."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

__all__ = ["Answer", "base_folder", "serve"]

_LONGEST_BODY = 100 * 2**20
Answer = Callable[[bytes, str, str], tuple[bytes, str]]
"""Answers a body of a content type in an accepted type: `(body, content_type, accept) -> (body, content_type)`."""


def base_folder() -> Path:
    """Return the folder that is `/opt/ml`."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def serve(answer: Answer, port: int) -> None:
    """Serve on the loopback address until the process ends."""

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer /ping."""
            known = self.path == "/ping"
            self._send(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND, b"", "text/plain")

        def do_POST(self) -> None:
            """Answer /invocations."""
            length = self.headers.get("Content-Length", "0")
            if self.path != "/invocations" or not length.isdigit() or int(length) > _LONGEST_BODY:
                self.close_connection = True
                self._send(HTTPStatus.BAD_REQUEST, b'{"error": "no such request"}', "application/json")
                return
            body = self.rfile.read(int(length))
            kind, accept = self.headers.get("Content-Type", "text/csv"), self.headers.get("Accept", "*/*")
            try:
                content, told = answer(body, kind.split(";")[0].strip().lower(), accept)
            except Exception as error:  # noqa: BLE001 - the model's own functions: reported to the caller, as the service does
                traceback.print_exc()
                said = json.dumps({"error": f"{type(error).__name__}: {error}"})
                self._send(HTTPStatus.INTERNAL_SERVER_ERROR, said.encode(), "application/json")
                return
            self._send(HTTPStatus.OK, content, told)

        def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
            """Send an answer."""
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep the log for what goes wrong."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
