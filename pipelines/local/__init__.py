"""Runs SageMaker pipeline definitions here: no docker, no account, no SDK.

A `Definition` is read from the JSON that SageMaker gets; a `LocalRunner` runs it, each job a child process
whose `/opt/ml` is a folder, each `s3://` address a file.
"""

from pipelines.local.containers import Launcher
from pipelines.local.document import Definition
from pipelines.local.errors import DefinitionError, ExecutionError, StepError
from pipelines.local.images import Images
from pipelines.local.kinds import ModelPackage, ModelRegistry, Registered, StepKind, Workspace
from pipelines.local.runner import LocalRunner
from pipelines.local.status import ExecutionStatus, Progress, StepStatus
from pipelines.local.steps import Parameter, Step
from pipelines.local.storage import Storage

__all__ = [
    "Definition",
    "DefinitionError",
    "ExecutionError",
    "ExecutionStatus",
    "Images",
    "Launcher",
    "LocalRunner",
    "ModelPackage",
    "ModelRegistry",
    "Parameter",
    "Progress",
    "Registered",
    "Step",
    "StepError",
    "StepKind",
    "StepStatus",
    "Storage",
    "Workspace",
]
