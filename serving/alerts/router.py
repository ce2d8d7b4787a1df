"""Routes of /v1/alerts."""

from typing import Annotated

from fastapi import APIRouter, Depends

from serving.advice.readers import order_advisor
from serving.advice.signals import signal_reader
from serving.alerts.schemas import AlertDraft, AlertList, AlertRefresh, AlertRow, RefreshDone, Snooze
from serving.alerts.service import AlertService
from serving.http.depends import TheCaller, ThePorts, TheWrite, Writer
from serving.http.fields import Id
from serving.http.known_callers import KnownCallerRoute

router = APIRouter(prefix="/alerts", tags=["alerts"], route_class=KnownCallerRoute)


async def the_service(ports: ThePorts) -> AlertService:
    """Build the service over the ports."""
    return AlertService(
        alerts=ports.alerts,
        outbox=ports.outbox,
        items=ports.items,
        advisor=order_advisor(ports),
        signals=signal_reader(ports),
        accounts=ports.accounts,
        explainer=ports.explainer,
        clock=ports.clock,
        sms_template_id=ports.settings.sms_alert_template_id,
    )


Service = Annotated[AlertService, Depends(the_service)]


@router.get("")
def list_alerts(caller: TheCaller, service: Service) -> AlertList:
    """Return what is active, the highest priority first."""
    return service.active(caller.shop_id)


@router.post("/refresh", status_code=201)
def refresh(body: AlertRefresh, caller: Writer, write: TheWrite, service: Service) -> RefreshDone:
    """Look at the shop again: raise what is new, resolve what is over, queue messages if asked."""
    return write.once_prepared(
        RefreshDone,
        body,
        lambda: service.word(caller.shop_id, body),
        lambda worded: service.refresh(caller.shop_id, body, worded),
    )


@router.get("/{alert_id}/draft")
def draft(alert_id: Id, caller: TheCaller, service: Service) -> AlertDraft:
    """Fill in what to do about an alert; it is done only when it is sent to its path."""
    return service.draft(caller.shop_id, alert_id)


@router.post("/{alert_id}/snooze", status_code=201)
def snooze(alert_id: Id, body: Snooze, caller: Writer, write: TheWrite, service: Service) -> AlertRow:
    """Keep an alert quiet for some hours."""
    return write.once(AlertRow, body, lambda: service.snooze(caller.shop_id, alert_id, body.hours))


@router.post("/{alert_id}/dismiss", status_code=201)
def dismiss(alert_id: Id, caller: Writer, write: TheWrite, service: Service) -> AlertRow:
    """Put an alert away; it comes again only if its cause comes again later."""
    return write.once(AlertRow, None, lambda: service.dismiss(caller.shop_id, alert_id))
