"""One thing that deserves attention in a shop."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from samaan_ml.explain import ExplanationRequest, Language
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
    names: Mapping[str, str] = field(default_factory=dict)
    """Name of its item by language."""

    def name_in(self, language: Language) -> str:
        """Return the name of what it is about in a language, else the name that the shop uses."""
        return self.names.get(language, self.subject_name)

    def asked(self, language: Language) -> ExplanationRequest:
        """Return what an explainer is to word in a language, with the item's name in that language."""
        name = self.name_in(language)
        facts = tuple(
            replace(fact, name=name) if fact.unit == "item" and fact.name == self.subject_name else fact
            for fact in self.explanation.facts
        )
        return ExplanationRequest(self.explanation.topic, facts, language)

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


def sensible(milli: int, unit: str) -> int:
    """Round a quantity to what people say: whole pieces, tenths of a kilogram or litre; what there is is never nothing.

    Examples
    --------
    >>> sensible(15_875, "piece"), sensible(7_581, "kg"), sensible(200, "piece"), sensible(0, "kg")
    (16000, 7600, 1000, 0)
    """
    step = 1_000 if unit == "piece" else 100
    return max((milli + step // 2) // step * step, step) if milli > 0 else 0
