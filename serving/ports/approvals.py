"""What a member of staff may do only with an owner's word: asked for, decided on, used once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from serving.ports.page import Page

ApprovalAction = Literal[
    "price_below_floor", "limit_override", "reversal", "refund", "backdated_entry", "count_loss"
]
ApprovalStatus = Literal["pending", "approved", "rejected", "used"]


@dataclass(frozen=True, slots=True)
class Approval:
    """One request that waits for, or got, an owner's word; never deleted, so that it is its own audit.

    Parameters
    ----------
    approval_id : str
        Sorts by time.
    actions : tuple of str
        What the request does that staff may not do alone.
    why : str
        The same in words, with the figures.
    request : str
        The request as it was sent: JSON with method, path and body.
    payload_sha256 : str
        Hash of that text; the approval opens this request and no other.
    asked_by : str
        Who may use it.
    asked_at : datetime
        When.
    expires_at : datetime
        From when on it can be neither decided on nor used.
    status : {"pending", "approved", "rejected", "used"}
        How far it is.
    decided_by : str or None, default=None
        The owner.
    decided_at, used_at : datetime or None, default=None
        When.
    note : str, default=""
        What the owner says to it.
    """

    approval_id: str
    actions: tuple[ApprovalAction, ...]
    why: str
    request: str
    payload_sha256: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    status: ApprovalStatus = "pending"
    decided_by: str | None = None
    decided_at: datetime | None = None
    used_at: datetime | None = None
    note: str = ""


class ApprovalStore(Protocol):
    """Keeps approvals of a shop."""

    def add(self, shop_id: str, approval: Approval) -> None:
        """Keep a new request."""
        ...

    def get(self, shop_id: str, approval_id: str) -> Approval:
        """Return one, or raise NotFound."""
        ...

    def waiting(self, shop_id: str, asked_by: str, payload_sha256: str, now: datetime) -> Approval | None:
        """Return the newest pending one of a person for a request that has not expired."""
        ...

    def list(
        self,
        shop_id: str,
        limit: int,
        after: str | None,
        *,
        status: ApprovalStatus | None = None,
        asked_by: str | None = None,
    ) -> Page[Approval]:
        """Return those in a status, or of a person, the newest first."""
        ...

    def change(self, shop_id: str, approval: Approval, before: ApprovalStatus) -> None:
        """Replace one that is still in the status expected.

        Raises
        ------
        Conflict
            When somebody else decided on it or used it meanwhile.
        """
        ...
