"""A model folder answers domain messages: the one code path of the endpoint, the batch job and the API.

Loading checks the folder's checksums and imports neither pandas nor lightgbm; money and quantities leave
their whole paise and milli-units only inside this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from samaan_ml.artifacts import check_files, load_state
from samaan_ml.domain.customer_messages import RiskRequest
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import (
    Answer,
    BudgetAnswer,
    BudgetItem,
    BudgetLine,
    BudgetRequest,
    ForecastRequest,
    Request,
)
from samaan_ml.domain.price_messages import PriceRequest
from samaan_ml.exceptions import ArtifactError
from samaan_ml.inference._bounds import _bound
from samaan_ml.inference._demand import _Demand
from samaan_ml.inference._price import _Price
from samaan_ml.inference._risk import _Risk

if TYPE_CHECKING:
    from samaan_ml.inventory import OrderItem

__all__ = ["Predictor", "answer_budget"]


class _Model(Protocol):
    """A model that answers one kind of request."""

    def answer(self, request: Any, model_version: str) -> Answer:
        """Answer a request."""
        ...


class Predictor:
    """A model folder, loaded and ready to answer.

    Parameters
    ----------
    kind : {"demand", "price", "udhaar"}
        What it answers.
    model_version : str
        Version named in its answers.
    model : object
        The loaded model.

    Examples
    --------
    >>> predictor = Predictor.load("models/demand/champion")          # doctest: +SKIP
    >>> predictor.answer(request).model_version                       # doctest: +SKIP
    '3f6d0c0a91be'
    """

    def __init__(self, kind: str, model_version: str, model: _Model) -> None:
        self.kind = kind
        self.model_version = model_version
        self._model = model

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Load a model folder after checking its checksums.

        Raises
        ------
        ArtifactError
            When the folder is absent, altered or of an unknown kind.
        """
        manifest, state = load_state(folder)
        if manifest.kind not in _MODELS:
            raise ArtifactError(
                f"'{folder}' holds a model of kind '{manifest.kind}'; expected one of {', '.join(_MODELS)}"
            )
        _, make = _MODELS[manifest.kind]
        return cls(manifest.kind, manifest.model_version, make(state))

    @staticmethod
    def check(folder: Path | str) -> str:
        """Compare a model folder with its checksums without loading the model, and return its version.

        Raises
        ------
        ArtifactError
            When the folder is absent or altered.
        """
        return check_files(folder)

    def answer(self, request: Request) -> Answer:
        """Answer a request.

        Raises
        ------
        RuleError
            When the request is of another kind, too large, or one of its fields cannot be.
        """
        if self.kind == "demand" and isinstance(request, BudgetRequest):
            return answer_budget(request)
        wanted, _ = _MODELS[self.kind]
        if not isinstance(request, wanted):
            got = type(request).__name__
            raise RuleError(
                f"a model of kind '{self.kind}' answers {wanted.__name__}, got {got}", field="kind"
            )
        return self._model.answer(request, self.model_version)


def answer_budget(request: BudgetRequest) -> BudgetAnswer:
    """Choose the packs that earn most within the cash in hand, and tell what the packs left out would have earned.

    Raises
    ------
    RuleError
        When there are too many items or a number is out of its range.

    Examples
    --------
    >>> from samaan_ml.domain.messages import BudgetItem, BudgetRequest, Quantile
    >>> demand = (Quantile(0.1, 12_000), Quantile(0.5, 20_000), Quantile(0.9, 28_000))
    >>> tea = BudgetItem("tea", "hul", demand, 20_000, 4_000, 6_000, 12_000, 54_000, 4)
    >>> answer_budget(BudgetRequest("shop", 54_000, (tea,))).lines[0].packs
    1
    """
    from samaan_ml.exceptions import ParameterError
    from samaan_ml.inventory import Supplier, expected_gain_paise, order_list

    _bound(len(request.items))
    try:
        asked = [_order_item(item) for item in request.items]
        suppliers = [Supplier(each.supplier_id, each.minimum_paise) for each in request.suppliers]
        found = order_list(asked, request.budget_paise, suppliers)
    except ParameterError as error:
        raise RuleError(str(error), field="items") from None
    chosen = {line.item_id: line for line in found.lines}
    lines = []
    for item in asked:
        line = chosen.get(item.item_id)
        gain = line.expected_gain_paise if line else 0
        whole = expected_gain_paise(item, item.most_cases or 0)
        lines.append(BudgetLine(item.item_id, line.cases if line else 0, gain, max(whole - gain, 0)))
    return BudgetAnswer("order-list-1", tuple(lines), found.expected_gain_paise, found.method)


def _order_item(item: BudgetItem) -> OrderItem:
    """Turn an item of a message into the optimiser's."""
    from samaan_ml.inventory import OrderItem, PeriodDemand

    mean = np.asarray([item.mean_milli / 1000])
    levels = [q.level for q in item.quantiles]
    quantiles = np.asarray([[q.milli / 1000 for q in item.quantiles]])
    demand = (
        PeriodDemand.of_quantiles(mean, quantiles, levels)
        if levels
        else PeriodDemand(float(mean[0]), float(mean[0]) ** 0.5)
    )
    return OrderItem(
        item.item_id,
        item.supplier_id,
        demand,
        item.stock_milli,
        item.price_paise,
        item.pack_milli,
        item.pack_cost_paise,
        most_cases=item.most_packs,
    )


_MODELS: dict[str, tuple[type[Request], Callable[[Mapping[str, Any]], _Model]]] = {
    "demand": (ForecastRequest, _Demand),
    "price": (PriceRequest, _Price),
    "udhaar": (RiskRequest, _Risk),
}
