"""Answers of /v1/changes."""

from typing import Any

from pydantic import Field

from serving.http.fields import Answer
from serving.ports.changes import ChangeKind


class ChangeRow(Answer):
    """A thing that changed, as it is now."""

    seq: int = Field(description="Its place in the shop's sequence, which only grows.")
    kind: ChangeKind
    id: str
    deleted: bool
    row: dict[str, Any] | None = Field(
        description="The thing as its own list gives it; a bill of an import has no lines. Null where it is deleted."
    )


class ChangePage(Answer):
    """The changes after a place; each thing stands once, at its newest change."""

    rows: list[ChangeRow]
    next: int = Field(description="Send it as `after` the next time.")
    more: bool = Field(description="Whether there are further ones already.")
