"""Bodies and answers of /v1/auth/approvals."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from serving.http.fields import Answer, Body, Id, Note
from serving.ports.approvals import ApprovalAction

ShownStatus = Literal["pending", "approved", "rejected", "used", "expired"]


class AskedRequest(Answer):
    """The request as it was sent; the approval opens this one and no other."""

    method: str
    path: str
    body: dict[str, Any]


class ApprovalCard(Answer):
    """What somebody of the shop wants to do, and the answer of an owner."""

    approval_id: Id
    actions: list[ApprovalAction]
    why: str
    request: AskedRequest
    payload_sha256: str = Field(description="SHA-256 of the request's JSON, by which it is known again.")
    asked_by: str
    asked_by_name: str | None = None
    asked_at: datetime
    expires_at: datetime
    status: ShownStatus
    decided_by: str | None
    decided_by_name: str | None = None
    decided_at: datetime | None
    used_at: datetime | None
    note: str


class ApprovalDecision(Body):
    """What an owner says to it."""

    note: Note = ""
