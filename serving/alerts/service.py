"""When an alert is raised, keeps quiet, and goes away."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from samaan_ml.explain import ExplanationRequest
from serving.alerts.drafts import draft_of
from serving.alerts.schemas import AlertDraft, AlertList, AlertRefresh, AlertRow, RefreshDone
from serving.errors import Conflict, InvalidInput
from serving.ports.accounts import AccountStore, Shop
from serving.ports.alerts import Alert, AlertKind, AlertStore
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.explainer import Explainer
from serving.ports.inventory import InventoryStore
from serving.ports.outbox import Channel, Outbox, OutgoingMessage
from serving.ports.sales import SalesStore
from serving.ports.udhaar import UdhaarStore
from serving.signals import Signal, read_signals

_MAX_MESSAGES_A_DAY = 7
_QUIET_FROM, _QUIET_UNTIL = time(21), time(9)
_SMS_FROM = time(10)
"""Operators take no promotional SMS from 21:00 to 10:00, and an alert may be taken for one."""
_AGAIN_AFTER = timedelta(hours=12)
"""A settled alert for the same thing does not come again for this long: stock at 4, 5, 4 alerts once."""


class AlertService:
    """Raises alerts from the shop's signals."""

    def __init__(
        self,
        alerts: AlertStore,
        outbox: Outbox,
        inventory: InventoryStore,
        sales: SalesStore,
        udhaar: UdhaarStore,
        accounts: AccountStore,
        explainer: Explainer,
        clock: Clock,
        sms_template_id: str | None,
    ) -> None:
        self._sms_template_id = sms_template_id
        self._alerts = alerts
        self._outbox = outbox
        self._inventory = inventory
        self._sales = sales
        self._udhaar = udhaar
        self._accounts = accounts
        self._explainer = explainer
        self._clock = clock

    def active(self, shop_id: str) -> AlertList:
        """Return what is open; a snooze that is over counts as open again."""
        now = self._clock.now()
        rows = [_awake(alert, now) for alert in self._alerts.active(shop_id)]
        return AlertList(
            rows=[AlertRow.model_validate(alert) for alert in rows],
            unsent_messages=self._outbox.waiting(shop_id),
        )

    def word(self, shop_id: str, body: AlertRefresh) -> dict[str, tuple[Signal, str]]:
        """Read and word the signals; slow where a model words them, hence outside the unit of work."""
        if body.channel == "sms" and self._sms_template_id is None:
            raise InvalidInput(
                "no text of alerts is registered with the operators, who drop an SMS without one",
                field="channel",
                hint="set SAMAAN_SMS_ALERT_TEMPLATE_ID, or use another channel",
            )
        shop = self._accounts.shop(shop_id)
        today = local_day(self._clock.now(), shop.zone)
        active = {f"{alert.kind}:{alert.subject_id}": alert.text for alert in self._alerts.active(shop_id)}
        worded: dict[str, tuple[Signal, str]] = {}
        for signal in read_signals(self._inventory, self._sales, self._udhaar, shop, today):
            if signal.kind not in get_args(AlertKind):
                continue
            text = active.get(signal.key)
            if text is None:
                asked = ExplanationRequest(signal.explanation.topic, signal.explanation.facts, body.language)
                text = self._explainer.explain(asked).text
            worded[signal.key] = (signal, text)
        return worded

    def refresh(self, shop_id: str, body: AlertRefresh, worded: dict[str, tuple[Signal, str]]) -> RefreshDone:
        """Raise what is new and resolve what is over."""
        now = self._clock.now()
        known = {f"{alert.kind}:{alert.subject_id}": alert for alert in self._alerts.active(shop_id)}
        lately = {f"{a.kind}:{a.subject_id}" for a in self._alerts.settled_since(shop_id, now - _AGAIN_AFTER)}
        over = [alert for key, alert in known.items() if key not in worded]
        for alert in over:
            self._alerts.change(shop_id, replace(alert, status="resolved", changed_at=now))
        raised: list[Alert] = []
        for key, (signal, text) in worded.items():
            if key in known or key in lately:
                continue
            alert = _alert(signal, text, now)
            if self._alerts.raise_new(shop_id, alert):
                raised.append(alert)
        queued = self._queue(shop_id, body.channel, raised, now) if body.channel else 0
        return RefreshDone(raised=len(raised), resolved=len(over), queued=queued)

    def _queue(self, shop_id: str, channel: Channel, raised: list[Alert], now: datetime) -> int:
        """Queue the most pressing ones, so many a day, none in the night."""
        shop = self._accounts.shop(shop_id)
        day = local_day(now, shop.zone)
        queued = 0
        slots = iter(range(_MAX_MESSAGES_A_DAY))
        for alert in sorted(raised, key=lambda alert: -alert.priority):
            for slot in slots:
                message = OutgoingMessage(
                    message_id=new_id(now),
                    shop_id=shop_id,
                    key=f"alerts/{day}/{channel}/{slot}",
                    channel=channel,
                    text=alert.text,
                    created_at=now,
                    not_before=_daytime(now, shop, _SMS_FROM if channel == "sms" else _QUIET_UNTIL),
                )
                if self._outbox.put(message):
                    queued += 1
                    break
        return queued

    def draft(self, shop_id: str, alert_id: str) -> AlertDraft:
        """Fill in what to do about an alert, from the shop as it is now."""
        alert = self._active(shop_id, alert_id)
        shop = self._accounts.shop(shop_id)
        today = local_day(self._clock.now(), shop.zone)
        for signal in read_signals(self._inventory, self._sales, self._udhaar, shop, today):
            if (signal.kind, signal.subject_id) == (alert.kind, alert.subject_id):
                return draft_of(signal, self._inventory, shop_id)
        raise Conflict(f"the cause of alert '{alert_id}' is gone", field="alert_id")

    def snooze(self, shop_id: str, alert_id: str, hours: int) -> AlertRow:
        """Keep an alert quiet for a while."""
        now = self._clock.now()
        alert = self._active(shop_id, alert_id)
        quiet = replace(alert, status="snoozed", changed_at=now, snoozed_until=now + timedelta(hours=hours))
        self._alerts.change(shop_id, quiet)
        return AlertRow.model_validate(quiet)

    def dismiss(self, shop_id: str, alert_id: str) -> AlertRow:
        """Put an alert away."""
        gone = replace(self._active(shop_id, alert_id), status="dismissed", changed_at=self._clock.now())
        self._alerts.change(shop_id, gone)
        return AlertRow.model_validate(gone)

    def _active(self, shop_id: str, alert_id: str) -> Alert:
        """Return an alert that is not settled."""
        alert = self._alerts.get(shop_id, alert_id)
        if alert.status not in ("open", "snoozed"):
            raise Conflict(f"alert '{alert_id}' is {alert.status}", field="alert_id")
        return alert


def _alert(signal: Signal, text: str, now: datetime) -> Alert:
    """Make an alert of a signal."""
    return Alert(
        alert_id=new_id(now),
        kind=signal.kind,
        subject_id=signal.subject_id,
        subject_name=signal.subject_name,
        stake_paise=signal.stake_paise,
        priority=priority(signal.stake_paise, signal.urgent_in_days),
        text=text,
        status="open",
        raised_at=now,
        changed_at=now,
    )


def priority(stake_paise: int, urgent_in_days: int) -> int:
    """Rank by rupees and urgency on a scale of 1 to 100: ten times the rupees is 15 more, a day sooner 3.

    Examples
    --------
    >>> priority(100_000, 0), priority(1_000_000, 0), priority(100_000, 1)
    (75, 90, 72)
    """
    digits = len(str(max(stake_paise, 0)))
    return max(1, min(100, 15 * (digits - 1) - 3 * urgent_in_days))


def _awake(alert: Alert, now: datetime) -> Alert:
    """Show a snooze that is over as open."""
    over = alert.status == "snoozed" and alert.snoozed_until is not None and alert.snoozed_until <= now
    return replace(alert, status="open", snoozed_until=None) if over else alert


def _daytime(now: datetime, shop: Shop, morning_at: time) -> datetime:
    """Return now, or the morning where it is night in the shop's zone."""
    here = now.astimezone(ZoneInfo(shop.zone))
    if morning_at <= here.time() < _QUIET_FROM:
        return now
    morning = here.replace(hour=morning_at.hour, minute=0, second=0, microsecond=0)
    return morning if here.time() < morning_at else morning + timedelta(days=1)
