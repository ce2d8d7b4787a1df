"""Which command a training job runs: its own entry point, a mapped image, a script, or the built-in XGBoost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.local.images import HOW_TO_MAP, Images, is_xgboost, without_xgboost
from pipelines.local.script_mode import is_script_mode, script_command

__all__ = ["command_problems", "runs_script", "training_command"]

_XGBOOST = ("python3", "-m", "pipelines.local.xgboost_image", "train")


def training_command(arguments: Mapping[str, Any], images: Images) -> tuple[str, ...]:
    """Return the command of a training job; empty where there is none."""
    specification, image = _image_of(arguments)
    entry = specification.get("ContainerEntrypoint") or images.command(image, "train")
    if entry:
        return (*entry, *specification.get("ContainerArguments", []))
    hyperparameters = arguments.get("HyperParameters", {})
    if is_script_mode(hyperparameters):
        return script_command(hyperparameters)
    return _XGBOOST if is_xgboost(image) else ()


def runs_script(arguments: Mapping[str, Any], images: Images) -> bool:
    """Return whether a job runs the script that its hyperparameters name."""
    specification, image = _image_of(arguments)
    if specification.get("ContainerEntrypoint") or images.command(image, "train"):
        return False
    return is_script_mode(arguments.get("HyperParameters", {}))


def command_problems(arguments: Mapping[str, Any], images: Images) -> Iterator[str]:
    """Return why a training job cannot be run here."""
    specification, image = _image_of(arguments)
    if specification.get("AlgorithmName"):
        yield f"AlgorithmSpecification.AlgorithmName: '{specification['AlgorithmName']}' is a product of the service"
    elif runs_script(arguments, images):
        if not arguments["HyperParameters"].get("sagemaker_submit_directory"):
            yield "HyperParameters.sagemaker_submit_directory: missing; the script's code is nowhere"
    elif not training_command(arguments, images):
        yield (
            f"AlgorithmSpecification.ContainerEntrypoint: missing, and image '{image}' is not run here; {HOW_TO_MAP}"
        )
    elif training_command(arguments, images) == _XGBOOST and (lacking := without_xgboost()):
        yield f"AlgorithmSpecification.TrainingImage: {lacking}"


def _image_of(arguments: Mapping[str, Any]) -> tuple[Mapping[str, Any], Any]:
    """Return a job's specification and image."""
    specification = arguments.get("AlgorithmSpecification", {})
    return specification, specification.get("TrainingImage")
