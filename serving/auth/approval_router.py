"""Routes of /v1/auth/approvals."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from serving.auth.approval_schemas import ApprovalCard, ApprovalDecision
from serving.auth.approval_service import ApprovalService
from serving.http.depends import Owner, TheCaller, ThePage, ThePorts, TheWrite
from serving.http.fields import Id, PageOf
from serving.http.known_callers import KnownCallerRoute
from serving.ports.approvals import ApprovalStatus

router = APIRouter(prefix="/approvals", route_class=KnownCallerRoute)


async def the_service(ports: ThePorts) -> ApprovalService:
    """Build the service over the ports."""
    return ApprovalService(
        approvals=ports.approvals,
        accounts=ports.accounts,
        clock=ports.clock,
        minutes=ports.settings.approval_minutes,
    )


Service = Annotated[ApprovalService, Depends(the_service)]


@router.get("")
def list_approvals(
    caller: TheCaller,
    service: Service,
    page: ThePage,
    status: Annotated[
        ApprovalStatus | None, Query(description="As it was left; of `pending` some may have expired.")
    ] = None,
) -> PageOf[ApprovalCard]:
    """List what needs or got an owner's approval, newest first; people who are not owners see their own."""
    found = service.page(caller, status, page.limit, page.after)
    return page.answer(found, found.rows)


@router.get("/{approval_id}")
def read_approval(approval_id: Id, caller: TheCaller, service: Service) -> ApprovalCard:
    """Return one with the request it is for."""
    return service.read(caller, approval_id)


@router.post("/{approval_id}/approve", status_code=201)
def approve(
    approval_id: Id, body: ApprovalDecision, caller: Owner, write: TheWrite, service: Service
) -> ApprovalCard:
    """Let the request pass once; the asker repeats it with the header Approval-Id."""
    return write.once(ApprovalCard, body, lambda: service.decide(caller, approval_id, "approved", body))


@router.post("/{approval_id}/reject", status_code=201)
def reject(
    approval_id: Id, body: ApprovalDecision, caller: Owner, write: TheWrite, service: Service
) -> ApprovalCard:
    """Refuse the request."""
    return write.once(ApprovalCard, body, lambda: service.decide(caller, approval_id, "rejected", body))
