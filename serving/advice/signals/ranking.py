"""What of the signals is shown today: the most rupees first, without what was put away lately."""

from datetime import datetime, timedelta

from serving.advice.signals import Signal, SignalReader
from serving.ports.accounts import Shop
from serving.ports.recommendations import RecommendationStore

_QUIET = timedelta(days=7)
"""A dismissed recommendation does not come again for this long."""


def worth_doing(
    reader: SignalReader, choices: RecommendationStore, shop: Shop, now: datetime, limit: int
) -> tuple[list[Signal], int]:
    """Return the signals to show, and how many are left out."""
    signals = reader.read(shop, now).signals
    quiet = {
        choice.key
        for choice in choices.choices_since(shop.shop_id, now - _QUIET)
        if choice.choice == "dismissed"
    }
    shown = [signal for signal in signals if signal.key not in quiet][:limit]
    return shown, len(signals) - len(shown)
