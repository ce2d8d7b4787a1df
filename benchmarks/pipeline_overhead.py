"""The local runner's own time: wall clock of an execution less that of its steps, cold and cached.

    python benchmarks/pipeline_overhead.py [--steps 20] [--json FILE]

Every step is a child process that writes one small file, so nearly all that is measured is the runner's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from pipelines.local import Definition, LocalRunner, ModelPackage, Registered  # noqa: E402

CODE = "open('/opt/ml/processing/output/out/x', 'w').write('x')"


class NoRegistry:
    """A registry for pipelines that register nothing."""

    def register(self, package: ModelPackage) -> Registered:
        """Refuse."""
        raise NotImplementedError(package.group)

    def knows(self, group: str, version: str) -> bool:  # noqa: ARG002
        """Know nothing."""
        return False


def a_chain(steps: int) -> dict[str, Any]:
    """Steps that each read what the one before wrote."""
    chain = []
    for number in range(steps):
        before = {"Get": f"Steps.S{number - 1}.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}
        source = {"S3Uri": before, "LocalPath": "/opt/ml/processing/input/a"}
        target = {
            "Std:Join": {
                "On": "/",
                "Values": ["s3://b", {"Get": "Execution.PipelineExecutionId"}, f"S{number}"],
            }
        }
        output = {"S3Uri": target, "LocalPath": "/opt/ml/processing/output/out"}
        arguments: dict[str, Any] = {
            "AppSpecification": {"ImageUri": "i", "ContainerEntrypoint": ["python3", "-I", "-S", "-c", CODE]},
            "ProcessingInputs": [{"InputName": "a", "S3Input": source}] if number else [],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
        }
        chain.append(
            {
                "Name": f"S{number}",
                "Type": "Processing",
                "Arguments": arguments,
                "CacheConfig": {"Enabled": True},
            }
        )
    return {"Version": "2020-12-01", "Steps": chain}


def measure(steps: int) -> dict[str, float]:
    """Run cold and cached."""
    definition = Definition.read(a_chain(steps), "chain")
    result = {"steps": float(steps)}
    with tempfile.TemporaryDirectory() as home:
        for name in ("cold", "cached"):
            wall, cpu = time.perf_counter(), time.process_time()
            status = LocalRunner(Path(home), NoRegistry()).run(definition)
            assert status.state == "Succeeded", status.reason
            children = sum(step.cpu_seconds for step in status.steps.values())
            result[f"{name}_wall_s"] = time.perf_counter() - wall
            result[f"{name}_own_cpu_s_a_step"] = (time.process_time() - cpu) / steps
            result[f"{name}_wall_s_a_step"] = (time.perf_counter() - wall) / steps
            result[f"{name}_children_cpu_s"] = children if name == "cold" else 0.0
    return result


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    result = measure(arguments.steps)
    for name, value in result.items():
        print(f"{name:28} {value:10.4f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
