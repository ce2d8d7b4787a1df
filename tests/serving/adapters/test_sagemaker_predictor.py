"""What is made of an endpoint's answers: a container of another version than the API's, and none at all."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from samaan_ml.domain.customer_messages import CustomerRisk, RiskAnswer, RiskRequest
from samaan_ml.domain.messages import encode
from serving.adapters.sagemaker_predictor import SageMakerPredictor
from serving.errors import PredictorUnavailable

REQUEST = RiskRequest("shop", datetime(2026, 1, 1, tzinfo=UTC), ("ramesh",), ())
RISK = CustomerRisk("ramesh", 0.5, 0.6, 0.4, 0.7, 12.0, False, (), 10_000, {"income_paise": 1})
ANSWER = RiskAnswer("v7", (RISK,))


class Endpoint:
    """A runtime whose endpoint answers one document."""

    def __init__(self, document: bytes) -> None:
        self.document = document
        self.asked: list[dict[str, Any]] = []

    def invoke_endpoint(self, **asked: Any) -> Any:
        self.asked.append(asked)
        return {"Body": io.BytesIO(self.document)}


def predictor_over(endpoint: Any) -> SageMakerPredictor:
    return SageMakerPredictor(
        demand_endpoint="d", price_endpoint="p", udhaar_endpoint="u", region="ap-south-1", client=endpoint
    )


def changed(change: Any) -> bytes:
    """Return the answer's document with its customer changed."""
    document = json.loads(encode(ANSWER))
    change(document, document["customers"][0])
    return json.dumps(document).encode()


def test_an_answer_of_a_newer_container_is_used() -> None:
    def tell_more(document: dict[str, Any], customer: dict[str, Any]) -> None:
        document["warnings"] = [{"code": "new"}]
        customer["horizon_days"] = 30

    endpoint = Endpoint(changed(tell_more))
    assert predictor_over(endpoint).risk(REQUEST) == ANSWER
    assert endpoint.asked[0]["EndpointName"] == "u"


def test_an_answer_of_an_older_container_is_used_where_it_lacks_only_what_may_lack() -> None:
    answer = predictor_over(Endpoint(changed(lambda _, customer: customer.pop("due_paise")))).risk(REQUEST)
    (customer,) = answer.customers
    assert (customer.due_paise, customer.probability_30) == (0, 0.5)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"kind":"forecast","model_version":"v","items":[]}',
        changed(lambda _, customer: customer.pop("probability_30")),
        changed(lambda document, _: document.pop("model_version")),
    ],
)
def test_an_answer_that_is_none_counts_as_no_answer(document: bytes) -> None:
    with pytest.raises(PredictorUnavailable, match="the risk endpoint answered something else"):
        predictor_over(Endpoint(document)).risk(REQUEST)
