"""What a client's writer needs to know of each operation of an OpenAPI document."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WRITES = ("post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the path, the query or a header."""

    name: str
    place: str
    schema: dict[str, Any]
    required: bool
    description: str

    @property
    def word(self) -> str:
        """The name as an identifier."""
        return re.sub(r"\W", "_", self.name).lower()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation."""

    name: str
    tag: str
    method: str
    path: str
    description: str
    parameters: tuple[Parameter, ...]
    body: dict[str, Any] | None
    file_field: str | None
    answer: dict[str, Any] | None
    statuses: dict[str, str]
    example: Any
    needs_token: bool

    def of(self, place: str) -> tuple[Parameter, ...]:
        """The parameters of one place, the Idempotency-Key left out."""
        return tuple(p for p in self.parameters if p.place == place and p.word != "idempotency_key")

    @property
    def has_key(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        return any(p.word == "idempotency_key" for p in self.parameters)


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield the operations in the document's order."""
    for path, verbs in document["paths"].items():
        for method, found in verbs.items():
            body, file_field, example = _body(found, document)
            answers = {status: each for status, each in found["responses"].items() if status[0] == "2"}
            content = next(iter(answers.values())).get("content", {}) if answers else {}
            yield Operation(
                name=found["operationId"],
                tag=found.get("tags", ["api"])[0],
                method=method,
                path=path,
                description=found.get("description", found.get("summary", "")).strip(),
                parameters=tuple(
                    Parameter(
                        each["name"],
                        each["in"],
                        each["schema"],
                        each.get("required", False),
                        each.get("description", ""),
                    )
                    for each in found.get("parameters", [])
                ),
                body=body,
                file_field=file_field,
                answer=content.get("application/json", {}).get("schema"),
                statuses={status: _said(each, document) for status, each in found["responses"].items()},
                example=example,
                needs_token=bool(found.get("security")),
            )


def _body(found: dict[str, Any], document: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None, Any]:
    """Return the schema of a JSON body, or the name of the file that is sent, and the example."""
    content = found.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        schema = resolved(content["multipart/form-data"]["schema"], document)
        return None, next(iter(schema["properties"])), None
    media = content.get("application/json", {})
    return media.get("schema"), None, media.get("example")


def _said(answer: dict[str, Any], document: dict[str, Any]) -> str:
    """Return what an answer means; those of errors are described once for all."""
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return str(answer["description"])


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def class_name(name: str) -> str:
    """Write the name of a schema as one of a class."""
    words = re.split(r"\W+|_", name)
    return "".join(word[:1].upper() + word[1:] for word in words if word)
