"""The models: asked and answering in the words of `samaan_ml.domain.messages`."""

from typing import Protocol

from samaan_ml.domain.customer_messages import RiskAnswer, RiskRequest
from samaan_ml.domain.messages import BudgetAnswer, BudgetRequest, ForecastAnswer, ForecastRequest
from samaan_ml.domain.price_messages import PriceAnswer, PriceRequest


class Predictor(Protocol):
    """Answers for the three models; each call may raise PredictorUnavailable or RuleError."""

    def forecast(self, request: ForecastRequest) -> ForecastAnswer:
        """Return the demand of the items asked about."""
        ...

    def budget(self, request: BudgetRequest) -> BudgetAnswer:
        """Return the packs that earn most within the cash in hand; the demand model's place answers."""
        ...

    def price(self, request: PriceRequest) -> PriceAnswer:
        """Return price advice."""
        ...

    def risk(self, request: RiskRequest) -> RiskAnswer:
        """Return the risk of the customers asked about."""
        ...

    def state(self) -> dict[str, str]:
        """Return a word on each model ("ready" or why not) without waking one."""
        ...
