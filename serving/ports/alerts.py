"""Alerts: raised once for a thing, snoozed, resolved on their own when the cause has passed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

SignalKind = Literal[
    "stock_out",
    "low_stock",
    "negative_stock",
    "expiry",
    "slow_stock",
    "overdue",
    "broken_promise",
    "high_risk",
    "seasonal_spike",
    "price_anomaly",
    "cost_anomaly",
]
"""What the shop's figures call for; it is over when the figures say so."""
AlertKind = SignalKind | Literal["offline_fact"]
"""A signal, or a fact that came late and that a rule of the shop speaks against: over when somebody has looked."""
AlertStatus = Literal["open", "snoozed", "resolved", "dismissed"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; while it is open or snoozed there is no second one for the same thing."""

    alert_id: str
    kind: AlertKind
    subject_id: str
    subject_name: str
    stake_paise: int
    priority: int
    text: str
    status: AlertStatus
    raised_at: datetime
    changed_at: datetime
    snoozed_until: datetime | None = None


class AlertStore(Protocol):
    """Keeps alerts of a shop."""

    def active(self, shop_id: str) -> tuple[Alert, ...]:
        """Return what is open or snoozed, the highest priority first."""
        ...

    def get(self, shop_id: str, alert_id: str) -> Alert:
        """Return an alert, or raise NotFound."""
        ...

    def some(self, shop_id: str, alert_ids: tuple[str, ...]) -> tuple[Alert, ...]:
        """Return the alerts that are there of those asked for."""
        ...

    def raise_new(self, shop_id: str, alert: Alert) -> bool:
        """Add an alert unless one for the same thing is active, and tell whether it was added."""
        ...

    def change(self, shop_id: str, alert: Alert) -> None:
        """Replace an alert's status, stake, priority and text."""
        ...

    def dismissed(self, shop_id: str) -> tuple[Alert, ...]:
        """Return what was dismissed; one whose cause is over counts as resolved, once that is noted."""
        ...

    def settled_since(self, shop_id: str, since: datetime) -> tuple[Alert, ...]:
        """Return what was dismissed or resolved from an instant on."""
        ...
