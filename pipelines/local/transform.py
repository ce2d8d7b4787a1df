"""Transform steps: the model's own server is started, fed file by file, and stopped."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pipelines.local.errors import StepError
from pipelines.local.images import Images
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.model_servers import Served, serving, serving_problems
from pipelines.local.models import containers_of
from pipelines.local.sources import source_of, source_problems
from pipelines.local.steps import Step
from pipelines.local.storage import Source, files_below

__all__ = ["TransformKind"]

_UNZIPPED_BYTES = 2**32


@dataclass
class TransformKind(StepKind):
    """Runs a batch transform job.

    Parameters
    ----------
    images : Images, default=Images()
        Commands that serve images.
    """

    images: Images = field(default_factory=Images)
    attributes: ClassVar[frozenset[str]] = frozenset(
        ("TransformJobName", "TransformJobArn", "TransformJobStatus")
    )

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

    def problems(self, step: Step) -> Iterator[str]:
        """Find what cannot be run here."""
        for name in ("InputFilter", "OutputFilter", "JoinSource"):
            value = step.arguments.get("DataProcessing", {}).get(name)
            if value not in (None, "$", "None"):
                yield f"DataProcessing.{name}: '{value}' is not available here"
        source = step.arguments.get("TransformInput", {}).get("DataSource", {}).get("S3DataSource", {})
        yield from source_problems("TransformInput.DataSource.S3DataSource", source)
        compression = step.arguments.get("TransformInput", {}).get("CompressionType", "None")
        if compression not in ("None", "Gzip"):
            yield f"TransformInput.CompressionType: '{compression}' is not known; None and Gzip are"

    def problems_among(self, step: Step, others: Mapping[str, Step]) -> Iterator[str]:
        """Find that the model which an earlier step makes cannot be served here."""
        name = step.arguments.get("ModelName")
        named = str(name.get("Get", "")) if isinstance(name, Mapping) else ""
        maker = others.get(named.split(".")[1]) if named.startswith("Steps.") else None
        if maker is not None and maker.type == "Model":
            found = serving_problems(containers_of(maker.arguments), self.images)
            yield from (f"ModelName, of step '{maker.name}': {problem}" for problem in found)

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:
        """Return what is read; the model's own is known by its name only."""
        yield source_of(arguments["TransformInput"]["DataSource"]["S3DataSource"])

    def outputs(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        """Return the address written."""
        yield arguments["TransformOutput"]["S3OutputPath"]

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Run the job."""
        base, model = room.folder, room.models.get(arguments["ModelName"])
        if model is None:
            reason = f"ModelName: no step of this execution made a model '{arguments['ModelName']}'"
            raise StepError(room.step.name, reason, kind="Step.CLIENT")
        with serving(model, self.images, room) as served:
            self._feed(arguments, served, base, room)
        room.store(base / "transformed", arguments["TransformOutput"]["S3OutputPath"])
        return {
            **arguments,
            "TransformJobName": room.job_name,
            "TransformJobArn": f"arn:aws:sagemaker:local:000000000000:transform-job/{room.job_name}",
            "TransformJobStatus": "Completed",
        }

    def _feed(self, arguments: Mapping[str, Any], served: Served, base: Path, room: Workspace) -> None:
        """Send every input file and keep its answer as `<file>.out`."""
        source, target = arguments["TransformInput"], arguments["TransformOutput"]
        headers = {"Content-Type": source.get("ContentType", "application/json")}
        headers |= {"Accept": target["Accept"]} if "Accept" in target else {}
        room.storage.fetch(source_of(source["DataSource"]["S3DataSource"]), base / "input" / "data")
        limit = int(arguments.get("MaxPayloadInMB", 6)) * 2**20
        single = arguments.get("BatchStrategy", "MultiRecord") == "SingleRecord"
        for name, path in list(files_below(base / "input" / "data")):
            content = _content(path, source.get("CompressionType", "None"), room)
            lines = source.get("SplitType", "None") == "Line"
            bodies = _in_parts(content, limit, single=single) if lines else [content]
            answers = [served.ask(body, headers, f"{name}, part {i}") for i, body in enumerate(bodies)]
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


def _content(path: Path, compression: str, room: Workspace) -> bytes:
    """Read an input file, decompressed where the step says that it is."""
    if compression != "Gzip":
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            content = file.read(_UNZIPPED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise StepError(room.step.name, f"input '{path.name}' is no gzip file: {error}", room.log) from error
    if len(content) > _UNZIPPED_BYTES:
        raise StepError(room.step.name, f"input '{path.name}' is larger than 4 GiB", room.log)
    return content
