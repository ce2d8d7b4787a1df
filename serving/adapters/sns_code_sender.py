"""Sign-in codes by SMS through SNS, under the template that Indian operators ask for."""

from typing import TYPE_CHECKING

from serving.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class SnsCodeSender:
    """Sends codes as transactional messages.

    Parameters
    ----------
    client : SNSClient
        Client to use.
    entity_id, template_id : str
        Registration of the sender and of this text with the operators (DLT); without them no message arrives.
    """

    def __init__(self, client: "SNSClient", entity_id: str, template_id: str) -> None:
        self._client = client
        self._attributes = {
            f"AWS.{name}": {"DataType": "String", "StringValue": value}
            for name, value in (
                ("SNS.SMS.SMSType", "Transactional"),
                ("MM.SMS.EntityId", entity_id),
                ("MM.SMS.TemplateId", template_id),
            )
        }

    def send(self, phone: str, code: str) -> None:
        """Send the code."""
        from botocore.exceptions import BotoCoreError, ClientError

        text = f"{code} is your Samaan Sathi code. It works for 5 minutes. Do not tell it to anybody."
        try:
            self._client.publish(
                PhoneNumber=phone,
                Message=text,
                MessageAttributes=self._attributes,  # type: ignore[arg-type]
            )
        except (BotoCoreError, ClientError) as error:
            raise ServiceUnavailable("the code was not taken") from error
