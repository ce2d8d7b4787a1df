"""The first question of each kind of model: what is loaded with it is loaded before anybody asks."""

from __future__ import annotations

from datetime import UTC, date, datetime

from samaan_ml.domain.messages import (
    ForecastRequest,
    ItemHistory,
    LedgerRow,
    PriceItem,
    PriceRequest,
    Request,
    RiskRequest,
)
from samaan_ml.inference import Predictor

__all__ = ["warm_up"]

_QUESTIONS: dict[str, Request] = {
    "demand": ForecastRequest(
        "warm", None, 1, (ItemHistory("warm", None, date(2026, 1, 1), tuple([1000] * 35)),)
    ),
    "price": PriceRequest("warm", date(2026, 1, 1), (PriceItem("warm", "all", 1000, 800, 1100, 1000),)),
    "udhaar": RiskRequest(
        "warm",
        datetime(2026, 1, 31, tzinfo=UTC),
        ("warm",),
        (LedgerRow("warm", datetime(2026, 1, 1, tzinfo=UTC), "credit", 1000, date(2026, 1, 15)),),
    ),
}


def warm_up(predictor: Predictor) -> None:
    """Ask a model once: compiled kernels and lazy imports take a second, which no shop should wait for."""
    predictor.answer(_QUESTIONS[predictor.kind])
