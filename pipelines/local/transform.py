"""Transform steps: the model's own server is started, fed file by file, and stopped."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pipelines.local.containers import Container, relocate
from pipelines.local.errors import StepError
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.sources import source_of, source_problems
from pipelines.local.steps import Step
from pipelines.local.storage import Source, files_below
from training.archives import unpack

__all__ = ["TransformKind"]

_START_SECONDS = 60.0
_UNKNOWN_IMAGE = "image '{image}' is not run here and no command that serves it was given"


@dataclass
class TransformKind(StepKind):
    """Runs a batch transform job.

    Parameters
    ----------
    servers : mapping of str to sequence of str
        Commands that serve an image, by a part of the image's name; `{port}` is replaced.
    """

    fields: ClassVar[Mapping[str, Any]] = {
        "ModelName": str,
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3Uri": str}},
            "ContentType?": str,
            "SplitType?": str,
            "CompressionType?": str,
        },
        "TransformOutput": {"S3OutputPath": str, "Accept?": str, "AssembleWith?": str},
        "MaxPayloadInMB?": float,
        "BatchStrategy?": str,
        "DataProcessing?": dict,
    }
    servers: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {
            "samaan-sathi": ("samaan", "train", "serve", "--host", "127.0.0.1", "--port", "{port}")
        }
    )

    def problems(self, step: Step) -> Iterator[str]:
        """Find what cannot be run here."""
        for name in ("InputFilter", "OutputFilter", "JoinSource"):
            value = step.arguments.get("DataProcessing", {}).get(name)
            if value not in (None, "$", "None"):
                yield f"DataProcessing.{name}: '{value}' is not available here"
        source = step.arguments.get("TransformInput", {}).get("DataSource", {}).get("S3DataSource", {})
        yield from source_problems("TransformInput.DataSource.S3DataSource", source)
        compression = step.arguments.get("TransformInput", {}).get("CompressionType", "None")
        if compression != "None":
            yield f"TransformInput.CompressionType: '{compression}' is not available here"

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:
        """Give what is read; the model's own is known by its name only."""
        yield source_of(arguments["TransformInput"]["DataSource"]["S3DataSource"])

    def outputs(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        """Give the address written."""
        yield arguments["TransformOutput"]["S3OutputPath"]

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Run the job."""
        base, model = room.folder / "algo-1", room.models.get(arguments["ModelName"])
        if model is None:
            reason = f"ModelName: no step of this execution made a model '{arguments['ModelName']}'"
            raise StepError(room.step.name, reason, kind="Step.CLIENT")
        self._lay_out(model, base, room)
        port = _free_port()
        container = Container(
            room.step.name,
            base,
            self._command(model, port, room),
            dict(model.get("Environment", {})),
            room.log,
        )
        with room.launcher.serving(container) as check_alive:
            _wait_for(port, room, check_alive)
            self._feed(arguments, port, base, room)
        room.store(base / "transformed", arguments["TransformOutput"]["S3OutputPath"])
        return {
            **arguments,
            "TransformJobName": room.job_name,
            "TransformJobArn": f"arn:aws:sagemaker:local:000000000000:transform-job/{room.job_name}",
            "TransformJobStatus": "Completed",
        }

    def _lay_out(self, model: Mapping[str, Any], base: Path, room: Workspace) -> None:
        """Put the model where its server looks for it."""
        source = room.storage.path(str(model["ModelDataUrl"]))
        unpack(source, base / "model")
        relocate(base / "model" / "code", base)

    def _command(self, model: Mapping[str, Any], port: int, room: Workspace) -> tuple[str, ...]:
        """Find the command that serves a model's image."""
        image = str(model.get("Image", ""))
        command = next((each for part, each in self.servers.items() if part in image), None)
        if command is None:
            raise StepError(room.step.name, _UNKNOWN_IMAGE.format(image=image), kind="Step.CLIENT")
        return tuple(word.format(port=port) for word in command)

    def _feed(self, arguments: Mapping[str, Any], port: int, base: Path, room: Workspace) -> None:
        """Send every input file and keep its answer as `<file>.out`."""
        source, target = arguments["TransformInput"], arguments["TransformOutput"]
        headers = {"Content-Type": source.get("ContentType", "application/json")}
        headers |= {"Accept": target["Accept"]} if "Accept" in target else {}
        room.storage.fetch(source_of(source["DataSource"]["S3DataSource"]), base / "input" / "data")
        limit = int(arguments.get("MaxPayloadInMB", 6)) * 2**20
        single = arguments.get("BatchStrategy", "MultiRecord") == "SingleRecord"
        for name, path in list(files_below(base / "input" / "data")):
            content = path.read_bytes()
            lines = source.get("SplitType", "None") == "Line"
            bodies = _in_parts(content, limit, single=single) if lines else [content]
            answers = [_ask(port, body, headers, f"{name}, part {i}", room) for i, body in enumerate(bodies)]
            joint = b"\n" if target.get("AssembleWith") == "Line" else b""
            output = base / "transformed" / f"{name}.out"
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_bytes(joint.join(answer.rstrip(b"\n") if joint else answer for answer in answers))


def _in_parts(content: bytes, limit: int, *, single: bool) -> Iterator[bytes]:
    """Split lines into bodies: one a line, or as many as the limit lets."""
    part: list[bytes] = []
    size = 0
    for line in content.splitlines(keepends=True):
        if part and (single or size + len(line) > limit):
            yield b"".join(part)
            part, size = [], 0
        part.append(line)
        size += len(line)
    if part:
        yield b"".join(part)


def _ask(port: int, body: bytes, headers: Mapping[str, str], what: str, room: Workspace) -> bytes:
    """Send one body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request("POST", "/invocations", body=body, headers=dict(headers))
        answer = connection.getresponse()
        content = answer.read()
    except OSError as error:
        raise StepError(
            room.step.name, f"input '{what}': the model's server broke off: {error}", room.log
        ) from error
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        told = content.decode("utf-8", "replace")[:300]
        raise StepError(
            room.step.name, f"input '{what}': the model answered {answer.status}: {told}", room.log
        )
    return content


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
    raise StepError(
        room.step.name, f"the model's server did not answer within {_START_SECONDS:g} seconds", room.log
    )


def _free_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
