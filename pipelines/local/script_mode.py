"""Script mode: the training toolkit's contract, by which hyperparameters name a script and where its code is.

The toolkit of the service's framework images unpacks `sagemaker_submit_directory` into `/opt/ml/code`, runs
`sagemaker_program` with the other hyperparameters as options, and describes the job in `SM_*` variables.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.local.errors import StepError
from pipelines.local.kinds import Workspace
from pipelines.local.relocation import CONTAINER_BASE
from samaan_ml.exceptions import ArtifactError, DataError
from training.archives import unpack

__all__ = ["is_script_mode", "lay_code", "script_command", "script_environment", "unquoted"]

_PROGRAM, _DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"


def is_script_mode(hyperparameters: Mapping[str, Any]) -> bool:
    """Return whether hyperparameters name a script."""
    return bool(hyperparameters.get(_PROGRAM))


def unquoted(value: Any) -> Any:
    """Read a hyperparameter, which the SDK writes as JSON inside text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def lay_code(place: object, base: Path, room: Workspace, target: str = "code") -> None:
    """Bring a script's code into its folder.

    Raises
    ------
    StepError
        When there is none, or it cannot be unpacked.
    """
    folder, said = base / target, str(place)
    try:
        if said.startswith("s3://"):
            source = room.storage.path(said)
            if not source.exists():
                raise DataError(f"nothing is stored at '{said}'")
        else:
            source = base / PurePosixPath(said).relative_to(CONTAINER_BASE)
        if source.is_dir() and source.resolve() != folder.resolve():
            shutil.copytree(source, folder, dirs_exist_ok=True)
        elif source.is_file():
            unpack(source, folder)
    except (ArtifactError, DataError, ValueError, OSError) as error:
        raise StepError(room.step.name, f"{_DIRECTORY}: {error}", kind="Step.CLIENT") from error
    room.launcher.relocate(folder, base)


def script_command(hyperparameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the command that runs the script, its options sorted as the toolkit sorts them."""
    program = str(unquoted(hyperparameters[_PROGRAM]))
    shell = program.endswith(".sh")
    return ("/bin/bash" if shell else "python3", program, *_options(hyperparameters))


def script_environment(
    arguments: Mapping[str, Any], host: str, hosts: Sequence[str], job: str
) -> dict[str, str]:
    """Describe the job in the toolkit's variables."""
    given, root = arguments.get("HyperParameters", {}), PurePosixPath(CONTAINER_BASE)
    own = {name: unquoted(value) for name, value in given.items() if not name.startswith("sagemaker_")}
    channels = [each["ChannelName"] for each in arguments.get("InputDataConfig", [])]
    found: dict[str, Any] = {
        "SM_MODEL_DIR": root / "model",
        "SM_OUTPUT_DIR": root / "output",
        "SM_OUTPUT_DATA_DIR": root / "output" / "data",
        "SM_OUTPUT_INTERMEDIATE_DIR": root / "output" / "intermediate",
        "SM_INPUT_DIR": root / "input",
        "SM_INPUT_CONFIG_DIR": root / "input" / "config",
        "SM_MODULE_DIR": unquoted(given.get(_DIRECTORY, "")),
        "SM_MODULE_NAME": PurePosixPath(str(unquoted(given[_PROGRAM]))).stem,
        "SM_USER_ENTRY_POINT": unquoted(given[_PROGRAM]),
        "SM_CHANNELS": json.dumps(channels),
        "SM_HPS": json.dumps(own, sort_keys=True),
        "SM_USER_ARGS": json.dumps(list(_options(given))),
        "SM_HOSTS": json.dumps(list(hosts)),
        "SM_CURRENT_HOST": host,
        "SM_NUM_CPUS": os.cpu_count() or 1,
        "SM_NUM_GPUS": 0,
        "SM_NUM_NEURONS": 0,
        "SM_LOG_LEVEL": given.get("sagemaker_container_log_level", "20"),
        "SM_NETWORK_INTERFACE_NAME": "lo",
        "SM_TRAINING_ENV": json.dumps({"job_name": job, "current_host": host, "hyperparameters": own}),
        **{f"SM_CHANNEL_{name.upper()}": root / "input" / "data" / name for name in channels},
        **{f"SM_HP_{name.upper()}": value for name, value in own.items()},
    }
    return {name: str(value) for name, value in found.items()}


def _options(hyperparameters: Mapping[str, Any]) -> Iterator[str]:
    """Write the script's own hyperparameters as options."""
    for name, value in sorted(hyperparameters.items()):
        if not name.startswith("sagemaker_"):
            said = unquoted(value)
            yield f"-{name}" if len(name) == 1 else f"--{name}"
            yield json.dumps(said) if isinstance(said, dict | list) else str(said)
