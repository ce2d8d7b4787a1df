"""How long a model takes to load and to answer, asked with requests made of its own data."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from samaan_ml.domain.customer_messages import RiskRequest
from samaan_ml.domain.messages import ForecastRequest, Request
from samaan_ml.domain.price_messages import PriceRequest
from samaan_ml.inference import Predictor

__all__ = ["measure_latency", "single_questions"]

_MOST_QUESTIONS = 60
_MOST_SECONDS = 20.0


def single_questions(requests: Iterable[Request]) -> Iterator[Request]:
    """Cut requests into questions about one item, or one customer with the shop's whole ledger."""
    for request in requests:
        if isinstance(request, RiskRequest):
            yield from (replace(request, customer_ids=(each,)) for each in request.customer_ids)
        elif isinstance(request, PriceRequest):
            yield from (replace(request, items=(each,)) for each in request.items)
        elif isinstance(request, ForecastRequest):
            yield from (replace(request, items=(history,)) for history in request.items)
        else:
            yield request


def measure_latency(model: Path, requests: Iterable[Request]) -> dict[str, float]:
    """Load a model folder and ask it one question after another.

    CPU time is what the model costs by itself; wall time has the machine's other work in it.

    Parameters
    ----------
    model : Path
        A model folder.
    requests : iterable of Request
        What shops would ask.

    Returns
    -------
    dict of str to float
        `load_seconds`, `p50_ms` and `p95_ms` of a question in wall time and `p95_cpu_ms` in CPU time (the
        first, which warms up, is left out) and the number of `questions`; the percentiles are absent where
        there was no question.

    Raises
    ------
    ArtifactError
        When the model folder was altered.
    """
    begun = time.perf_counter()
    predictor = Predictor.load(model)
    questions = islice(single_questions(requests), _MOST_QUESTIONS + 1)
    loaded, taken = time.perf_counter() - begun, list[tuple[float, float]]()
    for question in questions:
        wall, cpu = time.perf_counter(), time.process_time()
        predictor.answer(question)
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
        if time.perf_counter() - begun > _MOST_SECONDS:
            break
    told = {"load_seconds": round(loaded, 4), "questions": float(len(taken))}
    if taken:
        measured = np.array(taken[1:] or taken) * 1000
        told["p50_ms"], told["p95_ms"] = np.round(np.percentile(measured[:, 0], (50, 95)), 4).tolist()
        told["p95_cpu_ms"] = round(float(np.percentile(measured[:, 1], 95)), 4)
    return told
