"""What to do about an alert, filled in from the signal behind it: a draft, never done on its own."""

from collections.abc import Mapping
from datetime import date, timedelta

from serving.alerts.schemas import AlertDraft
from serving.ports.items import Item, ItemStore
from serving.signals import Signal

_COVER_DAYS = 7
_NEW_PROMISE_DAYS = 7


def draft_of(signal: Signal, items: ItemStore, shop_id: str, today: date) -> AlertDraft:
    """AlertDraft the one step that answers a signal."""
    about = signal.subject_id
    match signal.kind:
        case "stock_out" | "low_stock":
            return _order(signal, items, shop_id)
        case "negative_stock":
            path, body = f"/v1/inventory/items/{about}/counts", {"counted_milli": 0}
            return _draft(signal, "count", path, body, "count the shelf and put in what is there")
        case "expiry":
            return _price(signal, str(signal.about_id))
        case "slow_stock" | "price_anomaly" | "cost_anomaly":
            return _price(signal, about)
        case "seasonal_spike":
            return _stock_up(signal, items, shop_id)
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


def _order(signal: Signal, items: ItemStore, shop_id: str) -> AlertDraft:
    """AlertDraft the delivery to ask for, to be entered when it comes."""
    item = items.item(shop_id, signal.subject_id)
    days = item.lead_time_days + _COVER_DAYS
    wanted = signal.inputs.get("daily_milli", 0) * days
    target = max(wanted, item.reorder_point_milli or 0)
    arithmetic = (
        "order = max(1, ceil((max(daily * cover_days, reorder_point) - max(on_hand, 0)) / pack)) * pack"
    )
    return _delivery(signal, item, target, {"cover_days": days}, arithmetic)


def _stock_up(signal: Signal, items: ItemStore, shop_id: str) -> AlertDraft:
    """AlertDraft the delivery that bears the spike."""
    item = items.item(shop_id, signal.subject_id)
    arithmetic = "order = max(1, ceil((expected - max(on_hand, 0)) / pack)) * pack"
    return _delivery(signal, item, signal.inputs["expected_milli"], {}, arithmetic)


def _delivery(
    signal: Signal, item: Item, target_milli: int, more: Mapping[str, int], arithmetic: str
) -> AlertDraft:
    """AlertDraft a delivery of whole packs up to a stock."""
    packs = max(-(-(target_milli - max(item.on_hand_milli, 0)) // item.pack_milli), 1)
    move = {"item_id": item.item_id, "kind": "purchase", "quantity_milli": packs * item.pack_milli}
    inputs = {
        **signal.inputs,
        "target_milli": target_milli,
        "on_hand_milli": item.on_hand_milli,
        "pack_milli": item.pack_milli,
        **more,
    }
    return AlertDraft(
        action="order",
        path="/v1/inventory/movements",
        body={"movements": [move]},
        inputs=inputs,
        arithmetic=arithmetic,
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
