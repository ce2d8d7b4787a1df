"""What a Bedrock model refuses is left out from then on, and answers in another language do not pass."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from samaan_ml.explain import ExplanationRequest, Fact
from serving.adapters.bedrock_explainer import BedrockExplainer
from serving.adapters.template_explainer import TemplateExplainer

REQUEST = ExplanationRequest(
    "price",
    (
        Fact.item("item", "Parle-G"),
        Fact.money("old_price", 4_000),
        Fact.money("new_price", 4_400),
        Fact.money("gain_per_day", 3_500),
    ),
)
GOOD = ("Raise [[item]] from ₹40 to ₹44.", "Expected gain: ₹35 a day.")
HINDI = ("[[item]] का दाम ₹40 से बढ़ाकर ₹44 करें।", "रोज़ ₹35 का फ़ायदा।")


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 30, 6, 30, tzinfo=UTC)


@pytest.fixture
def client() -> Any:
    return boto3.client(
        "bedrock-runtime", region_name="ap-south-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def answer(*texts: str) -> dict[str, Any]:
    cited = (["item", "old_price", "new_price"], ["gain_per_day"])
    said = {"sentences": [{"text": text, "fact_ids": ids} for text, ids in zip(texts, cited, strict=True)]}
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": json.dumps(said)}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15},
        "metrics": {"latencyMs": 1},
    }


def asked(model: str, **inference: Any) -> dict[str, Any]:
    return {
        "modelId": model,
        "system": ANY,
        "messages": ANY,
        "inferenceConfig": {"maxTokens": 400, **inference},
        "outputConfig": ANY,
    }


def explainer(client: Any, model: str) -> BedrockExplainer:
    return BedrockExplainer(client, {"fast": (model,)}, TemplateExplainer(), Noon())


def test_a_refused_parameter_is_left_out_from_then_on(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    profile = "arn:aws:bedrock:ap-south-1:1:application-inference-profile/abc"
    with Stubber(client) as stub, caplog.at_level(logging.WARNING):
        stub.add_client_error(
            "converse",
            "ValidationException",
            "The model returned the following errors: `temperature` is deprecated for this model.",
            expected_params=asked(profile, temperature=0.0),
        )
        stub.add_response("converse", answer(*GOOD), asked(profile))
        stub.add_response("converse", answer(*GOOD), asked(profile))
        speaker = explainer(client, profile)
        assert [speaker.explain(REQUEST).source for _ in range(2)] == ["bedrock", "bedrock"]
        stub.assert_no_pending_responses()


def test_a_model_that_is_known_to_refuse_is_asked_rightly_at_once(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("converse", answer(*GOOD), asked("apac.anthropic.claude-opus-4-8-v1:0"))
        assert explainer(client, "apac.anthropic.claude-opus-4-8-v1:0").explain(REQUEST).source == "bedrock"


def test_another_refusal_is_logged_in_the_words_of_aws(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    with Stubber(client) as stub, caplog.at_level(logging.WARNING):
        stub.add_client_error("converse", "ValidationException", "the provided model identifier is invalid")
        assert explainer(client, "anthropic.nothing-v1:0").explain(REQUEST).source == "template"
    assert any("identifier is invalid" in str(getattr(record, "said", "")) for record in caplog.records)


@pytest.mark.parametrize(
    "texts",
    [
        HINDI,
        ("Do not raise [[item]] from ₹40 to ₹44.", GOOD[1]),
        ("Raise [[item]] from ₹40 to ₹44. Take a gold loan.", GOOD[1]),
        (GOOD[0], "Expected gain: ₹35 a month."),
    ],
)
def test_an_answer_in_another_language_or_beside_the_facts_is_asked_for_again(
    client: Any, texts: tuple[str, str]
) -> None:
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_response("converse", answer(*texts))
        told = explainer(client, "amazon.nova-lite-v1:0").explain(REQUEST)
    assert told.source == "template"
    assert told.degraded
