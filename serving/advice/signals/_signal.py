"""One thing that deserves attention in a shop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from samaan_ml.explain import ExplanationRequest
from serving.ports.alerts import SignalKind


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that deserves attention.

    `arithmetic` says in one line how the stake follows from `inputs`; `explanation` is what an explainer can
    word.
    """

    kind: SignalKind
    subject_id: str
    subject_name: str
    stake_paise: int
    urgent_in_days: int
    inputs: Mapping[str, int]
    arithmetic: str
    explanation: ExplanationRequest
    about_id: str | None = None

    @property
    def key(self) -> str:
        """Name kind and thing."""
        return f"{self.kind}:{self.subject_id}"


@dataclass(frozen=True, slots=True)
class Pace:
    """How an item sold lately: units a day, what one brought on average, and the last day with a sale."""

    daily_milli: int = 0
    unit_paise: int | None = None
    last_sold_on: date | None = None
