"""A definition held against the service's own API model, as botocore carries it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

from pipelines.local import Definition
from pipelines.local.expressions import path_parts
from pipelines.local.steps import Step, references

CREATE = {
    "Processing": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "Transform": "CreateTransformJob",
    "Model": "CreateModel",
    "RegisterModel": "CreateModelPackage",
}
DESCRIBE = {
    "Processing": "DescribeProcessingJob",
    "Training": "DescribeTrainingJob",
    "Transform": "DescribeTransformJob",
    "Model": "DescribeModel",
    "RegisterModel": "DescribeModelPackage",
}
SOME_TEXT = "s3://bucket/of/some/length"
# The service names jobs itself.
NAMES = {
    "ProcessingJobName": "job",
    "TrainingJobName": "job",
    "TransformJobName": "job",
    "ModelName": "model",
}


@cache
def service() -> Any:
    """The API model of SageMaker."""
    return botocore.session.Session().get_service_model("sagemaker")


def faults(definition: Definition) -> Iterator[str]:
    """Name each step whose request or references the API would not take."""
    values = {parameter.name: parameter.default for parameter in definition.parameters}
    kinds = {step.name: step.type for step in definition.steps}
    for step in definition.steps:
        if step.type in CREATE:
            yield from request_faults(step, values)
        for reference in references(step.arguments):
            if ".PropertyFiles." in reference:
                yield from property_file_faults(step.name, reference, definition)
            elif reference.startswith("Steps."):
                yield from reference_faults(step.name, reference, kinds)


def request_faults(step: Step, values: Mapping[str, Any]) -> Iterator[str]:
    """Validate a step's arguments as the request they become, each parameter standing for its default."""
    shape = service().operation_model(CREATE[step.type]).input_shape
    names = {key: value for key, value in NAMES.items() if key in shape.members}
    request = {**names, **filled(step.arguments, values)}
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        yield f"{step.name}: {report.generate_report()}"


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """Put values in the place of expressions."""
    if isinstance(value, Mapping):
        if set(value) == {"Get"}:
            return values.get(value["Get"].removeprefix("Parameters."), SOME_TEXT)
        if set(value) in ({"Std:Join"}, {"Std:JsonGet"}):
            return SOME_TEXT
        return {key: filled(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, values) for each in value]
    return value


def reference_faults(step: str, reference: str, kinds: Mapping[str, str]) -> Iterator[str]:
    """Follow a reference through what the service describes of the step."""
    _, owner, path = reference.split(".", 2)
    shape: Shape | None = service().operation_model(DESCRIBE[kinds[owner]]).output_shape
    for part in path_parts(path):
        shape = member(shape, part)
        if shape is None:
            yield f"{step}: '{reference}' has no '{part}' in {DESCRIBE[kinds[owner]]}"
            return


def property_file_faults(step: str, reference: str, definition: Definition) -> Iterator[str]:
    """Tell when a property file is not declared by its step, or not in one of its outputs."""
    _, owner, _, name = reference.split(".", 3)
    found = next((each for each in definition.step(owner).property_files if each.name == name), None)
    outputs = definition.step(owner).arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])
    if found is None:
        yield f"{step}: '{reference}': step '{owner}' declares no such file"
    elif found.output_name not in [each["OutputName"] for each in outputs]:
        yield f"{step}: '{reference}': step '{owner}' has no output '{found.output_name}'"


def member(shape: Shape | None, part: str) -> Shape | None:
    """Give the shape of a member."""
    if isinstance(shape, StructureShape):
        found: Shape | None = shape.members.get(part)
        return found
    if isinstance(shape, ListShape):
        return shape.member
    return shape.value if isinstance(shape, MapShape) else None
