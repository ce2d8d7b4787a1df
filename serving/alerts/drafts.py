"""What to do about an alert, filled in from the signal behind it: a draft, never done on its own."""

from collections.abc import Mapping

from serving.alerts.schemas import AlertDraft
from serving.ports.inventory import InventoryStore
from serving.signals import Signal

_COVER_DAYS = 7


def draft_of(signal: Signal, inventory: InventoryStore, shop_id: str) -> AlertDraft:
    """Draft the one step that answers a signal."""
    about = signal.subject_id
    match signal.kind:
        case "stock_out" | "low_stock":
            return _order(signal, inventory, shop_id)
        case "negative_stock":
            path, body = f"/v1/inventory/items/{about}/counts", {"counted_milli": 0}
            return _draft(signal, "count", path, body, "count the shelf and put in what is there")
        case "expiry":
            return _price(signal, str(signal.item_id))
        case "slow_stock":
            return _price(signal, about)
        case "overdue":
            path = f"/v1/udhaar/customers/{about}/reminders"
            return _draft(signal, "remind", path, {"channel": "whatsapp"}, signal.arithmetic)


def _order(signal: Signal, inventory: InventoryStore, shop_id: str) -> AlertDraft:
    """Draft the delivery to ask for, to be entered when it comes."""
    item = inventory.item(shop_id, signal.subject_id)
    days = item.lead_time_days + _COVER_DAYS
    wanted = signal.inputs.get("daily_milli", 0) * days
    target = max(wanted, item.reorder_point_milli or 0)
    packs = max(-(-(target - max(item.on_hand_milli, 0)) // item.pack_milli), 1)
    move = {"item_id": item.item_id, "kind": "purchase", "quantity_milli": packs * item.pack_milli}
    inputs = signal.inputs | {
        "target_milli": target,
        "on_hand_milli": item.on_hand_milli,
        "pack_milli": item.pack_milli,
        "cover_days": days,
    }
    return AlertDraft(
        action="order",
        path="/v1/inventory/movements",
        body={"movements": [move]},
        inputs=inputs,
        arithmetic="order = max(1, ceil((max(daily * cover_days, reorder_point) - max(on_hand, 0)) / pack)) * pack",
    )


def _price(signal: Signal, item_id: str) -> AlertDraft:
    """Draft the question for a lawful price that moves it."""
    return _draft(signal, "price", "/v1/pricing/recommend", {"item_ids": [item_id]}, signal.arithmetic)


def _draft(signal: Signal, action: str, path: str, body: Mapping[str, object], arithmetic: str) -> AlertDraft:
    """Put a draft together."""
    return AlertDraft.model_validate(
        {"action": action, "path": path, "body": body, "inputs": signal.inputs, "arithmetic": arithmetic}
    )
