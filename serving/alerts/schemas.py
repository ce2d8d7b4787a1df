"""Bodies and answers of /v1/alerts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from samaan_ml.domain.quiet_hours import Channel
from samaan_ml.explain import Language
from serving.http.fields import Answer, Body
from serving.ports.alerts import AlertKind, AlertStatus


class AlertRow(Answer):
    """One alert."""

    alert_id: str
    kind: AlertKind
    subject_id: str
    subject_name: str
    stake_paise: int
    priority: int = Field(description="1 to 100, from rupees and urgency; higher first.")
    text: str
    status: AlertStatus
    raised_at: datetime
    changed_at: datetime
    snoozed_until: datetime | None


class AlertList(Answer):
    """What is active, the highest priority first."""

    rows: list[AlertRow]
    unsent_messages: int


class AlertRefresh(Body):
    """How to word and send what is new."""

    language: Language = "en"
    channel: Channel | None = Field(None, description="Also send the most pressing new ones there.")


class RefreshDone(Answer):
    """What a refresh changed."""

    raised: int
    resolved: int
    queued: int


class AlertDraft(Answer):
    """What to do about an alert, filled in; nothing is done before it is sent to `path`."""

    action: Literal["order", "count", "price", "remind", "promise", "limit"]
    method: Literal["POST", "PATCH"] = "POST"
    path: str = Field(examples=["/v1/inventory/movements"])
    body: dict[str, Any]
    inputs: dict[str, int] = Field(description="What the draft follows from.")
    arithmetic: str


class Snooze(Body):
    """How long an alert is to be quiet."""

    hours: Annotated[int, Field(strict=True, ge=1, le=24 * 14)]
