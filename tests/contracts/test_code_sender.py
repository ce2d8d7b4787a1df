"""What every sender of sign-in codes must do."""

from typing import Any

import boto3
import moto
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from samaan_ml.domain.errors import RuleError
from serving.adapters.console_code_sender import ConsoleCodeSender
from serving.adapters.sns_code_sender import SnsCodeSender
from serving.errors import ServiceUnavailable
from serving.settings import Settings
from serving.wiring import Wiring


def test_the_terminal_shows_the_code_and_the_end_of_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleCodeSender().send("+919812345678", "042917")
    shown = capsys.readouterr().err
    assert "042917" in shown
    assert "5678" in shown
    assert "+919812345678" not in shown


def test_a_message_carries_the_code() -> None:
    with moto.mock_aws():
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-south-1")
        SnsCodeSender(session.client("sns"), "1101", "1107").send("+919812345678", "042917")
        sent = list(sns_backends[DEFAULT_ACCOUNT_ID]["ap-south-1"].sms_messages.values())
    assert [(phone, text[:6]) for phone, text in sent] == [("+919812345678", "042917")]


class Recorded:
    """A client that keeps what it is asked, and refuses when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: dict[str, Any] = {}
        self._error = error

    def publish(self, **asked: Any) -> None:
        self.asked = asked
        if self._error:
            raise self._error


def test_a_message_names_its_registered_sender_and_text() -> None:
    client: Any = Recorded()
    SnsCodeSender(client, "1101", "1107").send("+919812345678", "042917")
    attributes = {name: each["StringValue"] for name, each in client.asked["MessageAttributes"].items()}
    assert attributes["AWS.MM.SMS.EntityId"] == "1101"
    assert attributes["AWS.MM.SMS.TemplateId"] == "1107"


def test_an_operator_that_does_not_answer_is_a_fault_to_try_again() -> None:
    from botocore.exceptions import EndpointConnectionError

    client: Any = Recorded(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    with pytest.raises(ServiceUnavailable):
        SnsCodeSender(client, "1101", "1107").send("+919812345678", "042917")


def test_without_a_registered_text_no_code_goes_out_by_sms() -> None:
    wiring = Wiring(Settings(code_sender="sns", sms_entity_id="1101"))
    with pytest.raises(RuleError, match="SAMAAN_SMS_CODE_TEMPLATE_ID"):
        _ = wiring.code_sender
