"""Messages to an SNS topic, from which the channels take them."""

import time
from typing import TYPE_CHECKING, Any

from serving.errors import ServiceUnavailable
from serving.ports.outbox import OutgoingMessage

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


_KNOWN_SECONDS = 60.0


class SnsNotifier:
    """Publishes each message with its shop and channel as attributes.

    Parameters
    ----------
    topic_arn : str
        The topic; on a FIFO topic the message's id keeps a repeated one from being shown twice.
    client : SNSClient
        Client to use.
    """

    def __init__(self, topic_arn: str, client: "SNSClient") -> None:
        self._topic_arn = topic_arn
        self._client = client
        self._subscribed_until = float("-inf")

    def send(self, message: OutgoingMessage) -> None:
        """Publish the message."""
        from botocore.exceptions import BotoCoreError, ClientError

        attributes = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in (
                ("shopId", message.shop_id),
                ("channel", message.channel),
                ("messageId", message.message_id),
            )
        }
        queued: Any = {}
        if self._topic_arn.endswith(".fifo"):
            queued = {"MessageGroupId": message.shop_id, "MessageDeduplicationId": message.message_id}
        try:
            self._check_subscribed()
            self._client.publish(
                TopicArn=self._topic_arn,
                Message=message.text,
                MessageAttributes=attributes,  # type: ignore[arg-type]
                **queued,
            )
        except (BotoCoreError, ClientError) as error:
            raise ServiceUnavailable("the message was not taken") from error

    def _check_subscribed(self) -> None:
        """Raise ServiceUnavailable while the topic has no subscriber: SNS would take the message and drop it."""
        if time.monotonic() < self._subscribed_until:
            return
        known = self._client.get_topic_attributes(TopicArn=self._topic_arn)["Attributes"]
        if int(known.get("SubscriptionsConfirmed", "0")) == 0:
            raise ServiceUnavailable("nobody is subscribed to the topic of messages")
        self._subscribed_until = time.monotonic() + _KNOWN_SECONDS


def sns_client(region: str, endpoint_url: str | None = None) -> "SNSClient":
    """Make a client with short timeouts."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3})
    return boto3.client("sns", region_name=region, endpoint_url=endpoint_url, config=config)
