"""How long a candidate takes to answer what the app asks: the gate's question before it serves anybody."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samaan_ml.domain.messages import PriceRequest, RiskRequest

if TYPE_CHECKING:
    from samaan_ml.domain.messages import Request
    from training.areas import Prepared

__all__ = ["answer_milliseconds", "first_requests", "shop_tables_of"]

_WARM_UP = 3
_REPEATS = 15


def answer_milliseconds(area: str, model: Path, prepared: Prepared, repeats: int = _REPEATS) -> float:
    """Time one answer about one item or customer, as the app asks when a screen opens.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    model : Path
        Model folder.
    prepared : Prepared
        Tables to ask about; the shop with the most rows is taken.
    repeats : int, default=15
        Answers timed, after three that warm up.

    Returns
    -------
    float
        Median CPU milliseconds; unlike seconds by the clock they do not depend on the machine's other work.

    Raises
    ------
    ArtifactError
        When the model folder cannot be loaded.
    """
    from samaan_ml.inference import Predictor

    predictor, request = Predictor.load(model), _single(first_requests(area, prepared)[0])
    taken = []
    for _ in range(_WARM_UP + repeats):
        begun = time.process_time()
        predictor.answer(request)
        taken.append((time.process_time() - begun) * 1e3)
    return statistics.median(taken[_WARM_UP:])


def first_requests(area: str, prepared: Prepared, horizon_days: int = 14) -> list[Request]:
    """Write the requests of the shop with the most rows."""
    from training.payloads import requests_for

    table = prepared.table("ledger" if area == "udhaar" else "sales")
    shop = str(table["shop_id"].astype("str").value_counts().index[0])
    return requests_for(area, shop_tables_of(prepared, shop), shop, horizon_days)


def shop_tables_of(prepared: Prepared, shop: str) -> dict[str, Any]:
    """Give one shop's rows of every table, and the whole of those that belong to no shop."""
    import pyarrow as pa

    return {
        name: pa.Table.from_pandas(
            table if "shop_id" not in table else table[table["shop_id"].astype("str") == shop],
            preserve_index=False,
        )
        for name, table in dict(iter(prepared.data)).items()
    }


def _single(request: Request) -> Request:
    """Keep the first item or customer of a request."""
    if isinstance(request, RiskRequest):
        return replace(request, customer_ids=request.customer_ids[:1])
    if isinstance(request, PriceRequest):
        return replace(request, items=request.items[:1])
    return replace(request, items=request.items[:1])
