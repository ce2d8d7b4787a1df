"""Owners decide on what staff may not do alone."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from serving.auth.approval_schemas import ApprovalCard, ApprovalDecision, AskedRequest, ShownStatus
from serving.errors import Conflict, NotFound
from serving.http.callers import Caller
from serving.ports.accounts import AccountStore
from serving.ports.approvals import Approval, ApprovalStatus, ApprovalStore
from serving.ports.clock import Clock
from serving.ports.page import Page


class ApprovalService:
    """Shows and decides on requests that wait for an owner.

    Parameters
    ----------
    approvals : ApprovalStore
        Where they wait.
    clock : Clock
        The time.
    minutes : int
        How long an approval may be used.
    """

    def __init__(self, approvals: ApprovalStore, accounts: AccountStore, clock: Clock, minutes: int) -> None:
        self._approvals = approvals
        self._accounts = accounts
        self._clock = clock
        self._minutes = minutes

    def page(
        self, caller: Caller, status: ApprovalStatus | None, limit: int, after: str | None
    ) -> Page[ApprovalCard]:
        """Return a page, the newest first: all of the shop's for an owner, for others their own."""
        asked_by = None if caller.role == "owner" else caller.user_id
        found = self._approvals.list(caller.shop_id, limit, after, status=status, asked_by=asked_by)
        return Page(tuple(self._card(caller.shop_id, each) for each in found.rows), found.after)

    def read(self, caller: Caller, approval_id: str) -> ApprovalCard:
        """Return an approval. Only an owner sees another person's; others get NotFound."""
        approval = self._approvals.get(caller.shop_id, approval_id)
        if caller.role != "owner" and approval.asked_by != caller.user_id:
            raise NotFound(f"no approval '{approval_id}'", field="approval_id")
        return self._card(caller.shop_id, approval)

    def decide(
        self,
        caller: Caller,
        approval_id: str,
        decision: Literal["approved", "rejected"],
        body: ApprovalDecision,
    ) -> ApprovalCard:
        """Approve or reject what is pending; a request that has expired must be requested again."""
        approval = self._approvals.get(caller.shop_id, approval_id)
        shown = self._shown(approval)
        if shown != "pending":
            raise Conflict(f"approval '{approval_id}' is {shown}, not pending", field="approval_id")
        now = self._clock.now()
        decided = replace(
            approval,
            status=decision,
            decided_by=caller.user_id,
            decided_at=now,
            note=body.note,
            expires_at=now + timedelta(minutes=self._minutes),
        )
        self._approvals.change(caller.shop_id, decided, "pending")
        return self._card(caller.shop_id, decided)

    def _shown(self, approval: Approval) -> ShownStatus:
        """Tell the status as of now."""
        open_still = approval.status in ("pending", "approved")
        return "expired" if open_still and approval.expires_at <= self._clock.now() else approval.status

    def _card(self, shop_id: str, approval: Approval) -> ApprovalCard:
        """Translate an approval, with the names of who asked and who decided."""
        people = (approval.asked_by, approval.decided_by or "")
        names = self._accounts.names(shop_id, people)
        values = {
            name: getattr(approval, name) for name in ApprovalCard.model_fields if hasattr(approval, name)
        }
        return ApprovalCard(
            **values
            | {
                "asked_by_name": names.get(approval.asked_by),
                "decided_by_name": names.get(approval.decided_by or ""),
                "actions": list(approval.actions),
                "status": self._shown(approval),
                "request": AskedRequest(**json.loads(approval.request)),
            }
        )
