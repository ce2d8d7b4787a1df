"""A model archive that was damaged on its way: the gate's job says so, and the run names the step."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.local import LocalRunner
from tests.pipelines.builders import a_definition, a_processing_step, output_of, writing

EVALUATION = {
    "area": "price",
    "data": {},
    "primary": "deviance",
    "model": {"deviance": 1.0},
    "baseline_name": "none",
    "baseline": {"deviance": 1.0},
    "windows": [],
}
BROKEN = {
    "no archive at all": "b'PK and no more'",
    "cut off": "archive()[:-40]",
    "bytes turned in the middle": "(lambda a: a[:9000] + bytes(40) + a[9040:])(archive())",
    "its checksum turned": "(lambda a: a[:-8] + bytes(4) + a[-4:])(archive())",
    "leads out of its folder": "archive('../../../elsewhere')",
}


def leaving(content: str) -> str:
    """Code that leaves an archive as model.tar.gz."""
    return (
        "import io, os, tarfile\n"
        "def archive(name='manifest.json'):\n"
        "    sink = io.BytesIO()\n"
        "    with tarfile.open(fileobj=sink, mode='w:gz') as tar:\n"
        "        entry = tarfile.TarInfo(name); entry.size = 40000\n"
        "        tar.addfile(entry, io.BytesIO(os.urandom(20000).hex().encode()))\n"
        "    return sink.getvalue()\n"
        f"open('/opt/ml/processing/output/out/model.tar.gz', 'wb').write({content})"
    )


def the_gate(model: Any) -> dict[str, Any]:
    """The gate's own job, as the pipelines run it."""
    inputs = {"model": model, "evaluation": output_of("Evaluate"), "checks": output_of("Check")}
    step = a_processing_step("Gate", "", inputs | {"champion": output_of("Check")})
    step["Arguments"]["AppSpecification"]["ContainerEntrypoint"] = ["samaan", "train", "gate", "price"]
    return step


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_damaged_archive_ends_the_run_naming_the_step_and_the_file(
    make_runner: Callable[..., LocalRunner], content: str
) -> None:
    status = make_runner().run(
        a_definition(
            a_processing_step("Train", leaving(content)),
            a_processing_step("Evaluate", writing(json.dumps(EVALUATION), "evaluation.json")),
            a_processing_step("Check", writing("{}", "checks.json")),
            the_gate(output_of("Train")),
        )
    )
    assert status.state == "Failed"
    assert str(status.reason).startswith("step 'Gate': 'model.tar.gz' cannot be unpacked: ")
    assert status.steps["Gate"].state == "Failed"
    assert status.steps["Train"].state == "Succeeded"
