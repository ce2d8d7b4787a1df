"""The first question of each kind of model: what is loaded with it is loaded before anybody asks.

`python -m training.warm_up` compiles the kernels into `NUMBA_CACHE_DIR`: an image that carries them starts in
two seconds, one that does not in twenty.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime

from samaan_ml.artifacts import save_model
from samaan_ml.domain.customer_messages import LedgerRow, RiskRequest
from samaan_ml.domain.messages import ForecastRequest, ItemHistory, Request
from samaan_ml.domain.price_messages import PriceItem, PriceRequest
from samaan_ml.inference import Predictor

__all__ = ["compile_kernels", "warm_up"]

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


def compile_kernels() -> None:
    """Fit the smallest demand model that is one, load it and ask it: all that is compiled is compiled then."""
    from samaan_ml.datasets import ShopSimulation, simulate
    from samaan_ml.forecasting import DemandForecaster

    data = simulate(ShopSimulation(n_shops=1, n_items=4, days=150, customers_per_shop=20), seed=0).data
    model = DemandForecaster(horizon=7).fit(
        data.sales, data.prices, data.stock, calendar=data.calendar, items=data.items, shops=data.shops
    )
    with tempfile.TemporaryDirectory(prefix="samaan-kernels-") as folder:
        save_model(model, folder)
        warm_up(Predictor.load(folder))


if __name__ == "__main__":
    compile_kernels()
