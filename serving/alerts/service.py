"""When an alert is raised, keeps quiet, and goes away."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from samaan_ml.domain.quiet_hours import Channel, next_permitted
from samaan_ml.explain import ExplanationRequest, Fact, Language, write_template
from serving.advice.ordering import OrderAdvisor
from serving.advice.signals import SIGNAL_KINDS, Signal, SignalKind, SignalReader
from serving.alerts.drafts import ORDER_KINDS, draft_of, order_draft
from serving.alerts.schemas import AlertDraft, AlertList, AlertRefresh, AlertRow, RefreshDone
from serving.errors import Conflict, InvalidInput, PredictorUnavailable
from serving.ports.accounts import AccountStore
from serving.ports.alerts import Alert, AlertStore
from serving.ports.clock import Clock, local_day, new_id
from serving.ports.explainer import Explainer
from serving.ports.items import ItemStore
from serving.ports.outbox import Outbox, OutgoingMessage

_MAX_MESSAGES_A_DAY = 7
_AGAIN_AFTER = timedelta(hours=12)
"""A settled alert for the same thing does not come again for this long: stock at 4, 5, 4 alerts once."""


@dataclass(frozen=True, slots=True)
class Worded:
    """Signals and their texts by key, and the kinds that could not be read."""

    by_key: Mapping[str, tuple[Signal, str]]
    unread: frozenset[SignalKind]


class AlertService:
    """Raises alerts from the shop's signals."""

    def __init__(
        self,
        alerts: AlertStore,
        outbox: Outbox,
        items: ItemStore,
        advisor: OrderAdvisor,
        signals: SignalReader,
        accounts: AccountStore,
        explainer: Explainer,
        clock: Clock,
        sms_template_id: str | None,
    ) -> None:
        self._sms_template_id = sms_template_id
        self._alerts = alerts
        self._outbox = outbox
        self._items = items
        self._advisor = advisor
        self._signals = signals
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

    def word(self, shop_id: str, body: AlertRefresh) -> Worded:
        """Read and word the signals; slow where a model words them, hence outside the unit of work."""
        if body.channel == "sms" and self._sms_template_id is None:
            raise InvalidInput(
                "no text of alerts is registered with the operators, who drop an SMS without one",
                field="channel",
                hint="set SAMAAN_SMS_ALERT_TEMPLATE_ID, or use another channel",
            )
        found = self._signals.read(self._accounts.shop(shop_id), self._clock.now())
        active = {_key(alert): alert.text for alert in self._alerts.active(shop_id)}
        texts = {signal.key: active.get(signal.key) or self._text(signal, body) for signal in found.signals}
        return Worded({signal.key: (signal, texts[signal.key]) for signal in found.signals}, found.unread)

    def _text(self, signal: Signal, body: AlertRefresh) -> str:
        """Word a signal."""
        return self._explainer.explain(signal.asked(body.language)).text

    def refresh(self, shop_id: str, body: AlertRefresh, worded: Worded) -> RefreshDone:
        """Raise what is new and resolve what is over; of what could not be read nothing is over."""
        now = self._clock.now()
        known = {_key(alert): alert for alert in self._alerts.active(shop_id) if alert.kind in SIGNAL_KINDS}
        dismissed = {_key(a): a for a in self._alerts.dismissed(shop_id) if a.kind in SIGNAL_KINDS}
        lately = {_key(alert) for alert in self._alerts.settled_since(shop_id, now - _AGAIN_AFTER)}
        over = [
            alert
            for key, alert in known.items()
            if key not in worded.by_key and alert.kind not in worded.unread
        ]
        # A dismissed alert keeps its cause from alerting again until the cause itself is over.
        gone = [
            alert
            for key, alert in dismissed.items()
            if key not in worded.by_key and alert.kind not in worded.unread
        ]
        for alert in over + gone:
            self._alerts.change(shop_id, replace(alert, status="resolved", changed_at=now))
        raised: list[Alert] = []
        for key, (signal, text) in worded.by_key.items():
            if key in known or key in dismissed or key in lately:
                continue
            alert = _alert(signal, body.language, text, now)
            if self._alerts.raise_new(shop_id, alert):
                raised.append(alert)
        queued = self._queue(shop_id, body, body.channel, raised, now) if body.channel else 0
        return RefreshDone(raised=len(raised), resolved=len(over), queued=queued)

    def _queue(
        self, shop_id: str, body: AlertRefresh, channel: Channel, raised: list[Alert], now: datetime
    ) -> int:
        """Queue the most pressing ones, so many a day, none in the night; the day's last is a digest of the rest.

        The day is that of delivery: what the night holds back counts for the morning.
        """
        zone = self._accounts.shop(shop_id).zone
        at = next_permitted(now, zone, channel)
        waiting = sorted(raised, key=lambda alert: (-alert.priority, alert.alert_id))
        queued = 0
        for slot in range(_MAX_MESSAGES_A_DAY):
            if not waiting:
                break
            is_last = slot == _MAX_MESSAGES_A_DAY - 1
            digest = is_last and len(waiting) > 1
            message = OutgoingMessage(
                message_id=new_id(now),
                shop_id=shop_id,
                key=f"alerts/{local_day(at, zone)}/{channel}/{slot}",
                channel=channel,
                text=self._digest(waiting, body) if digest else waiting[0].text,
                created_at=now,
                not_before=at,
            )
            if self._outbox.put(message):
                queued += 1
                waiting = [] if digest else waiting[1:]
        return queued

    @staticmethod
    def _digest(rest: list[Alert], body: AlertRefresh) -> str:
        """Sum up alerts in one message; from the template, for it is written inside the unit of work."""
        facts = (
            Fact.count("alerts", len(rest)),
            Fact.money("stake", sum(alert.stake_paise for alert in rest)),
        )
        return write_template(ExplanationRequest("digest", facts, body.language)).text

    def draft(self, shop_id: str, alert_id: str) -> AlertDraft:
        """Fill in what to do about an alert, from the shop as it is now."""
        alert = self._active(shop_id, alert_id)
        if alert.kind == "offline_fact":
            raise Conflict(
                "there is nothing to fill in for a fact that came late",
                field="alert_id",
                hint=f"look at '{alert.subject_id}' and dismiss the alert, or reverse what is wrong",
            )
        shop, now = self._accounts.shop(shop_id), self._clock.now()
        found = self._signals.read(shop, now, {alert.kind})
        for signal in found.signals:
            if signal.key == _key(alert):
                if signal.kind not in ORDER_KINDS:
                    return draft_of(signal, local_day(now, shop.zone))
                item = self._items.item(shop_id, signal.subject_id)
                return order_draft(signal, self._advisor.advise(shop, [item], keep=False).items[item.item_id])
        if alert.kind in found.unread:
            raise PredictorUnavailable("the risk model does not answer")
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


def _key(alert: Alert) -> str:
    """Name kind and thing, as a signal does."""
    return f"{alert.kind}:{alert.subject_id}"


def _alert(signal: Signal, language: Language, text: str, now: datetime) -> Alert:
    """Make an alert of a signal."""
    return Alert(
        alert_id=new_id(now),
        kind=signal.kind,
        subject_id=signal.subject_id,
        subject_name=signal.name_in(language),
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
