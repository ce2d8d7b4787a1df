"""The models behind SageMaker endpoints, in the same words as in process."""

import logging
import threading
from typing import TYPE_CHECKING, cast

from samaan_ml.domain.customer_messages import RiskAnswer, RiskRequest
from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.messages import (
    Answer,
    BudgetAnswer,
    BudgetRequest,
    ForecastAnswer,
    ForecastRequest,
    Request,
    decode_answer,
    encode,
)
from samaan_ml.domain.price_messages import PriceAnswer, PriceRequest
from serving.errors import PredictorUnavailable
from serving.ports.breaker import CircuitBreaker, CircuitOpen

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

_log = logging.getLogger("serving.predictor")
_CONNECT_SECONDS = 0.4
_READ_SECONDS = {"forecast": 2.5, "price": 1.5, "risk": 0.45}
"""A later answer is worth less than the fallback; a risk only adds to answers that people wait for."""
_PAUSE_SECONDS = 30.0


class SageMakerPredictor:
    """Invokes one endpoint a model.

    Parameters
    ----------
    demand_endpoint, price_endpoint, udhaar_endpoint : str
        Names of the endpoints.
    region : str
        AWS region.
    endpoint_url : str or None, default=None
        Other address of the API, for tests.
    client : SageMakerRuntimeClient or None, default=None
        Client to use; made on first use where it is left out.
    """

    def __init__(
        self,
        *,
        demand_endpoint: str,
        price_endpoint: str,
        udhaar_endpoint: str,
        region: str,
        endpoint_url: str | None = None,
        client: "SageMakerRuntimeClient | None" = None,
    ) -> None:
        self._endpoints = {
            "forecast": demand_endpoint,
            "budget": demand_endpoint,
            "price": price_endpoint,
            "risk": udhaar_endpoint,
        }
        self._region = region
        self._endpoint_url = endpoint_url
        self._clients = {kind: client for kind in self._endpoints if client is not None}
        self._breakers = {kind: CircuitBreaker(1, _PAUSE_SECONDS) for kind in self._endpoints}
        self._lock = threading.Lock()
        self._failing: set[str] = set()

    def forecast(self, request: ForecastRequest) -> ForecastAnswer:
        """Ask the demand endpoint."""
        return cast(ForecastAnswer, self._ask("forecast", request, ForecastAnswer))

    def budget(self, request: BudgetRequest) -> BudgetAnswer:
        """Ask the demand endpoint, which holds the library's optimiser."""
        return cast(BudgetAnswer, self._ask("budget", request, BudgetAnswer))

    def price(self, request: PriceRequest) -> PriceAnswer:
        """Ask the price endpoint."""
        return cast(PriceAnswer, self._ask("price", request, PriceAnswer))

    def risk(self, request: RiskRequest) -> RiskAnswer:
        """Ask the udhaar endpoint."""
        return cast(RiskAnswer, self._ask("risk", request, RiskAnswer))

    def _ask(self, kind: str, request: Request, wanted: type[Answer]) -> Answer:
        """Send one message and read the answer."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            with self._breakers[kind].guard(BotoCoreError, OSError):
                reply = self._runtime(kind).invoke_endpoint(
                    EndpointName=self._endpoints[kind],
                    ContentType="application/json",
                    Accept="application/json",
                    Body=encode(request),
                )
                body = reply["Body"].read()
        except CircuitOpen:
            raise PredictorUnavailable(
                f"the {kind} endpoint did not answer lately", "endpoint_unreachable"
            ) from None
        except (BotoCoreError, ClientError, OSError) as error:
            self._note(kind, error)
            raise PredictorUnavailable(
                f"the {kind} endpoint did not answer", "endpoint_unreachable"
            ) from error
        try:
            answer = decode_answer(body)
        except RuleError as error:
            self._note(kind, error)
            raise PredictorUnavailable(f"the {kind} endpoint answered something else") from error
        if not isinstance(answer, wanted):
            self._note(kind, TypeError(f"it answered {type(answer).__name__}"))
            raise PredictorUnavailable(f"the {kind} endpoint answered something else")
        self._failing.discard(kind)
        return answer

    def _note(self, kind: str, cause: Exception) -> None:
        """Log why an endpoint does not answer, once until it answers again."""
        if kind not in self._failing:
            self._failing.add(kind)
            _log.warning("the %s endpoint '%s' failed: %s", kind, self._endpoints[kind], cause)

    def _runtime(self, kind: str) -> "SageMakerRuntimeClient":
        """Return the client of one model, made on first use with the deadline of that model."""
        with self._lock:
            if kind not in self._clients:
                import boto3
                from botocore.config import Config

                config = Config(
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_READ_SECONDS[kind],
                    retries={"total_max_attempts": 1},
                )
                self._clients[kind] = boto3.client(
                    "sagemaker-runtime",
                    region_name=self._region,
                    endpoint_url=self._endpoint_url,
                    config=config,
                )
            return self._clients[kind]

    def state(self) -> dict[str, str]:
        """Name the endpoints; asking them would cost an invocation."""
        return {kind: f"endpoint {name}" for kind, name in self._endpoints.items()}
