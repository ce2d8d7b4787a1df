"""What to do about an alert, filled in from the signal behind it: a draft, never done on its own."""

from collections.abc import Mapping
from datetime import date, timedelta

from serving.advice.ordering import ItemAdvice
from serving.advice.signals import Signal
from serving.alerts.schemas import AlertDraft

_NEW_PROMISE_DAYS = 7


ORDER_KINDS = frozenset({"stock_out", "low_stock", "seasonal_spike"})
"""Signals that an order answers."""


def draft_of(signal: Signal, today: date) -> AlertDraft:
    """Draft the one step that answers a signal that no order does."""
    about = signal.subject_id
    match signal.kind:
        case "stock_out" | "low_stock" | "seasonal_spike":
            raise AssertionError(f"'{signal.kind}' is answered by an order")
        case "negative_stock":
            path, body = f"/v1/inventory/items/{about}/counts", {"counted_milli": 0}
            return _draft(signal, "count", path, body, "count the shelf and put in what is there")
        case "expiry":
            return _price(signal, str(signal.about_id))
        case "slow_stock" | "price_anomaly" | "cost_anomaly":
            return _price(signal, about)
        case "overdue":
            return _remind(signal, about)
        case "broken_promise" if signal.inputs["overdue_paise"]:
            return _remind(signal, str(signal.about_id))
        case "broken_promise":
            path = f"/v1/udhaar/customers/{signal.about_id}/promises"
            pay_by = str(today + timedelta(days=_NEW_PROMISE_DAYS))
            wanted = {"amount_paise": signal.inputs["unpaid_paise"], "pay_by": pay_by}
            return _draft(signal, "promise", path, wanted, "agree on a new day for what is unpaid")
        case "high_risk":
            limit = {"limit_paise": signal.inputs["suggested_limit_paise"]}
            return _draft(
                signal, "limit", f"/v1/udhaar/customers/{about}", limit, "limit = suggested_limit", "PATCH"
            )


def order_draft(signal: Signal, advice: ItemAdvice) -> AlertDraft:
    """Draft the order of the reorder list; a pack at least, since the alert asks for some."""
    found, item = advice.arithmetic, advice.item
    order = advice.order_milli or item.pack_milli
    inputs = dict(signal.inputs) | {"order_milli": order, "pack_milli": item.pack_milli}
    if found is not None:
        inputs |= {
            "on_hand_milli": found.on_hand_milli,
            "expired_milli": found.expired_milli,
            "on_order_milli": found.on_order_milli,
            "demand_milli": found.demand_milli,
            "sold_today_milli": found.sold_today_milli,
            "floor_milli": found.floor_milli,
            "horizon_days": found.horizon_days,
        }
    return AlertDraft(
        action="order",
        path="/v1/orders/draft",
        body={
            "supplier_id": item.supplier_id,
            "lines": [{"item_id": item.item_id, "quantity_milli": order}],
        },
        inputs=inputs,
        arithmetic="order = max(1, ceil(max(0, max(demand - sold_today, floor) - usable - on_order) / pack)) * pack; "
        "usable = max(0, on_hand) - expired",
    )


def _remind(signal: Signal, customer_id: str) -> AlertDraft:
    """AlertDraft the note that a reminder is sent."""
    path = f"/v1/udhaar/customers/{customer_id}/reminders"
    return _draft(signal, "remind", path, {"channel": "whatsapp"}, signal.arithmetic)


def _price(signal: Signal, item_id: str) -> AlertDraft:
    """AlertDraft the question for a lawful price that moves it."""
    return _draft(signal, "price", "/v1/pricing/recommend", {"item_ids": [item_id]}, signal.arithmetic)


def _draft(
    signal: Signal,
    action: str,
    path: str,
    body: Mapping[str, object],
    arithmetic: str,
    method: str = "POST",
) -> AlertDraft:
    """Put a draft together."""
    values = {"action": action, "method": method, "path": path, "body": body}
    return AlertDraft.model_validate(values | {"inputs": signal.inputs, "arithmetic": arithmetic})
