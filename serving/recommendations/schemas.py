"""Bodies and answers of /v1/recommendations."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from samaan_ml.explain import Language
from serving.advice.signals import SignalKind
from serving.http.fields import Answer, Body, Note

RecommendationKey = str


class RequestDraft(Answer):
    """The call that does what is recommended; nothing is done until the shop makes it."""

    method: Literal["GET", "POST"]
    path: str
    body: dict[str, Any] | None = None


class Recommendation(Answer):
    """One thing to do today."""

    key: str = Field(description="Names kind and thing; send it to accept or dismiss.")
    kind: SignalKind
    subject_id: str
    subject_name: str
    stake_paise: int
    urgent_in_days: int
    text: str
    inputs: dict[str, int]
    arithmetic: str = Field(
        description="How the stake follows from the inputs; a division by 1000 is rounded half up, `//` down."
    )
    version: Literal["signals-1"] = Field("signals-1", description="Of the arithmetic.")
    draft: RequestDraft


class Day(Answer):
    """The day's list."""

    on: date
    language: Language
    rows: list[Recommendation]
    hidden: int = Field(description="How many were left out: dismissed lately, or beyond the list's length.")
    wording: Literal["template", "model"]
    degraded: bool = Field(description="Whether the wording fell back to templates.")


class Decision(Body):
    """What the shop does with a recommendation."""

    choice: Literal["accepted", "dismissed"]
    reason: Note = ""


class DecisionDone(Answer):
    """A decision as it was kept."""

    key: str
    choice: Literal["accepted", "dismissed"]
    stake_paise: int
