"""Models that are served during a transform job: each container laid out, started, and asked in its turn."""

from __future__ import annotations

import http.client
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.local.containers import Container
from pipelines.local.errors import StepError
from pipelines.local.images import HOW_TO_MAP, Images, is_framework, is_xgboost, without_xgboost
from pipelines.local.kinds import Workspace
from pipelines.local.script_mode import lay_code
from samaan_ml.exceptions import DataError
from training.archives import unpack

__all__ = ["Served", "model_uri", "serving", "serving_problems", "writes_pickle"]

_START_SECONDS = 60.0
_PICKLED = ("0.90", "1.0", "1.2")
_PROGRAM, _DIRECTORY = "SAGEMAKER_PROGRAM", "SAGEMAKER_SUBMIT_DIRECTORY"


@dataclass(frozen=True, slots=True)
class Served:
    """Containers that answer one after the other, the next one asked what the one before said.

    Parameters
    ----------
    ports : tuple of int
        Where they listen.
    room : Workspace
        The step's room.
    """

    ports: tuple[int, ...]
    room: Workspace

    def ask(self, body: bytes, headers: Mapping[str, str], what: str) -> bytes:
        """Send one body through all containers.

        Raises
        ------
        StepError
            When one breaks off or answers that it cannot.
        """
        kind = headers.get("Content-Type", "")
        for place, port in enumerate(self.ports):
            last = place == len(self.ports) - 1
            asked = (
                {**headers, "Content-Type": kind}
                if last
                else {"Content-Type": kind, "Accept": headers.get("Accept", "*/*")}
            )
            body, kind = _ask(port, body, asked, what, self.room)
        return body


@contextmanager
def serving(containers: Sequence[Mapping[str, Any]], images: Images, room: Workspace) -> Iterator[Served]:
    """Serve a model while the block runs.

    Raises
    ------
    StepError
        When a container has no command here, or does not start.
    """
    with ExitStack() as stack:
        ports = []
        for place, model in enumerate(containers, 1):
            base, port = room.folder / f"algo-{place}", _free_port()
            _lay_out(model, base, room)
            environment = {**_texts(model.get("Environment")), "SAGEMAKER_BIND_TO_PORT": str(port)}
            if writes_pickle(model.get("Image")):
                environment["SAMAAN_XGBOOST_PICKLE"] = "1"
            container = Container(
                room.step.name, base, _command(model, base, images, port, room), environment, room.log
            )
            _wait_for(port, room, stack.enter_context(room.launcher.serving(container)))
            ports.append(port)
        yield Served(tuple(ports), room)


def serving_problems(containers: Sequence[Mapping[str, Any]], images: Images) -> Iterator[str]:
    """Say before anything runs that an image cannot be served; a framework's model may bring its own program."""
    for model in containers:
        image = model.get("Image")
        if not isinstance(image, str) or images.command(image, "serve") is not None or _program(model):
            continue
        if is_xgboost(image):
            lacking = without_xgboost()
            yield from () if lacking is None else (lacking,)
        elif not is_framework(image):
            yield f"image '{image}' is not served here; {HOW_TO_MAP}"


def model_uri(container: Mapping[str, Any]) -> str | None:
    """Return the address of a container's model data."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = container.get("ModelDataUrl") or source.get("S3Uri")
    return None if uri is None else str(uri)


def writes_pickle(image: object) -> bool:
    """Return whether a built-in XGBoost image is one that writes its model as a pickle."""
    return is_xgboost(image) and str(image).rsplit(":", 1)[-1].startswith(_PICKLED)


def _lay_out(model: Mapping[str, Any], base: Path, room: Workspace) -> None:
    """Put the model and its program where its server looks for them."""
    target, uri = base / "model", model_uri(model)
    target.mkdir(parents=True, exist_ok=True)
    if uri is not None:
        source = room.storage.path(uri)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            unpack(source, target)
        else:
            raise StepError(room.step.name, f"ModelDataUrl: nothing is stored at '{uri}'", kind="Step.CLIENT")
    place = str(_texts(model.get("Environment")).get(_DIRECTORY, ""))
    if _program(model) and place.startswith("s3://"):
        lay_code(place, base, room, "model/code")
    room.launcher.relocate(target / "code", base)


def _command(
    model: Mapping[str, Any], base: Path, images: Images, port: int, room: Workspace
) -> tuple[str, ...]:
    """Find the command that serves a model."""
    image, program = model.get("Image"), _program(model) or "inference.py"
    command = images.command(image, "serve")
    if command is not None:
        return tuple(word.replace("{port}", str(port)) for word in command)
    if (base / "model" / "code" / program).is_file():
        return ("python3", "-m", "pipelines.local.script_server", str(port), program)
    if is_xgboost(image):
        return ("python3", "-m", "pipelines.local.xgboost_image", "serve", str(port))
    lacking = f"its model holds no 'code/{program}', and no command that serves it was given"
    reason = f"image '{image}': {lacking}; {HOW_TO_MAP}"
    raise StepError(room.step.name, reason, kind="Step.CLIENT")


def _program(model: Mapping[str, Any]) -> str:
    """Name the program that the model's environment asks for."""
    said = _texts(model.get("Environment")).get(_PROGRAM, "")
    if ".." in said.split("/") or said.startswith("/"):
        raise DataError(f"Environment.{_PROGRAM}: '{said}' leaves the model's code")
    return said


def _texts(environment: Any) -> dict[str, str]:
    """Return an environment as text."""
    return {str(name): str(value) for name, value in (environment or {}).items()}


def _ask(port: int, body: bytes, headers: Mapping[str, str], what: str, room: Workspace) -> tuple[bytes, str]:
    """Send one body to one server."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request("POST", "/invocations", body=body, headers=dict(headers))
        answer = connection.getresponse()
        content = answer.read()
    except OSError as error:
        reason = f"input '{what}': the model's server broke off: {error}"
        raise StepError(room.step.name, reason, room.log) from error
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        told = content.decode("utf-8", "replace")[:300]
        reason = f"input '{what}': the model answered {answer.status}: {told}"
        raise StepError(room.step.name, reason, room.log)
    return content, answer.headers.get("Content-Type", "application/octet-stream").split(";")[0]


def _wait_for(port: int, room: Workspace, check_alive: Callable[[], None]) -> None:
    """Wait until the server answers /ping, or ends."""
    pause = 0.02
    for _ in range(int(_START_SECONDS / pause)):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/ping")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        check_alive()
        if room.launcher.stop.wait(pause):
            raise StepError(room.step.name, "it was stopped", room.log, "Step.STOPPED")
    reason = f"the model's server did not answer within {_START_SECONDS:g} seconds"
    raise StepError(room.step.name, reason, room.log)


def _free_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
