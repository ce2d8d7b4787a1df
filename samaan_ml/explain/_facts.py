"""What a text may speak of: facts with a unit, and the request to word them."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.message_json import Message

FactUnit = Literal["money", "quantity", "percent", "count", "days", "day", "item", "person"]
Language = Literal["en", "hi", "hi-Latn", "bn", "gu", "kn", "mr", "ta", "te"]
Style = Literal["fast", "smart"]
TopicName = Literal[
    "order",
    "stock_out",
    "stock_out_today",
    "stock_out_visit",
    "stock_out_late",
    "low_stock",
    "negative_stock",
    "expiry",
    "slow_stock",
    "price",
    "demand",
    "collect",
    "broken_promise",
    "high_risk",
    "no_margin",
    "sold_below",
    "digest",
    "limit",
    "sales_day",
    "bill_check",
    "too_little_data",
]

LANGUAGES: tuple[Language, ...] = ("en", "hi", "hi-Latn", "bn", "gu", "kn", "mr", "ta", "te")
"""English, Hindi, Hinglish, Bengali, Gujarati, Kannada, Marathi, Tamil and Telugu."""


@dataclass(frozen=True, slots=True)
class Fact(Message):
    """One thing that is so, with the id under which a text cites it.

    Parameters
    ----------
    id : str
        Name within the request: "on_hand", "new_price".
    unit : FactUnit
        What kind of value it is.
    number : int or None, default=None
        Paise, milli-units, basis points, a count or days.
    name : str or None, default=None
        Name of an item, a seller or a customer. It is data and never leaves the process.
    on : date or None, default=None
        A day.
    unit_name : str or None, default=None
        Unit of a quantity: "piece", "kg" or "l".

    Examples
    --------
    >>> Fact.money("cost", 120_000).number
    120000
    >>> Fact.quantity("on_hand", 2_500, "kg").unit_name
    'kg'
    """

    id: str
    unit: FactUnit
    number: int | None = None
    name: str | None = None
    on: date | None = None
    unit_name: str | None = None

    def __post_init__(self) -> None:
        """Refuse a fact without its value."""
        value = (
            self.on if self.unit == "day" else self.name if self.unit in {"item", "person"} else self.number
        )
        if value is None:
            raise RuleError(f"fact '{self.id}' of unit '{self.unit}' has no value", field=self.id)
        if self.unit == "quantity" and self.unit_name not in {"piece", "kg", "l"}:
            raise RuleError(
                f"fact '{self.id}' needs the unit piece, kg or l, got '{self.unit_name}'", field=self.id
            )

    @classmethod
    def money(cls, id: str, paise: int) -> "Fact":  # noqa: A002
        """An amount of money."""
        return cls(id, "money", paise)

    @classmethod
    def quantity(cls, id: str, milli: int, unit_name: str = "piece") -> "Fact":  # noqa: A002
        """A quantity of goods."""
        return cls(id, "quantity", milli, unit_name=unit_name)

    @classmethod
    def percent(cls, id: str, basis_points: int) -> "Fact":  # noqa: A002
        """A percentage."""
        return cls(id, "percent", basis_points)

    @classmethod
    def count(cls, id: str, number: int) -> "Fact":  # noqa: A002
        """A bare number of things."""
        return cls(id, "count", number)

    @classmethod
    def days(cls, id: str, number: int) -> "Fact":  # noqa: A002
        """A number of days."""
        return cls(id, "days", number)

    @classmethod
    def day(cls, id: str, on: date) -> "Fact":  # noqa: A002
        """A day of the calendar."""
        return cls(id, "day", on=on)

    @classmethod
    def item(cls, id: str, name: str) -> "Fact":  # noqa: A002
        """The name of goods."""
        return cls(id, "item", name=name)

    @classmethod
    def person(cls, id: str, name: str) -> "Fact":  # noqa: A002
        """The name of a customer or seller."""
        return cls(id, "person", name=name)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a kind of text needs.

    Parameters
    ----------
    required : dict of str to FactUnit
        Ids of the facts and their units.
    compared : (str, str) or None, default=None
        The two facts, before and after, whose order decides the direction of the text.
    """

    required: dict[str, FactUnit]
    compared: tuple[str, str] | None = None


_OUT_OF_STOCK: dict[str, FactUnit] = {
    "item": "item",
    "on_hand": "quantity",
    "daily_demand": "quantity",
    "days_left": "days",
}
_VISIT: dict[str, FactUnit] = {"visit_in_days": "days", "order_due_on": "day"}
TOPICS: dict[TopicName, Topic] = {
    "order": Topic(
        {
            "item": "item",
            "order_quantity": "quantity",
            "on_hand": "quantity",
            "expected_demand": "quantity",
            "cover_days": "days",
            "cost": "money",
        }
    ),
    "stock_out": Topic(_OUT_OF_STOCK),
    "stock_out_today": Topic({"item": "item", "on_hand": "quantity", "daily_demand": "quantity"}),
    "stock_out_visit": Topic(_OUT_OF_STOCK | _VISIT),
    "stock_out_late": Topic(_OUT_OF_STOCK | _VISIT),
    "low_stock": Topic({"item": "item", "on_hand": "quantity", "reorder_point": "quantity"}),
    "negative_stock": Topic({"item": "item", "missing": "quantity"}),
    "expiry": Topic({"item": "item", "at_risk": "quantity", "expires_on": "day", "value": "money"}),
    "slow_stock": Topic({"item": "item", "on_hand": "quantity", "idle_days": "days", "value": "money"}),
    "price": Topic(
        {"item": "item", "old_price": "money", "new_price": "money", "gain_per_day": "money"},
        ("old_price", "new_price"),
    ),
    "demand": Topic(
        {"item": "item", "usual": "quantity", "expected": "quantity", "horizon_days": "days"},
        ("usual", "expected"),
    ),
    "collect": Topic({"customer": "person", "overdue": "money", "oldest_days": "days"}),
    "broken_promise": Topic({"customer": "person", "promised": "money", "pay_by": "day", "unpaid": "money"}),
    "high_risk": Topic({"customer": "person", "balance": "money", "chance": "percent", "late_days": "days"}),
    "no_margin": Topic({"item": "item", "price": "money", "cost": "money"}),
    "sold_below": Topic({"item": "item", "sold_at": "money", "price": "money", "days": "days"}),
    "digest": Topic({"alerts": "count", "stake": "money"}),
    "limit": Topic({"customer": "person", "balance": "money", "limit": "money", "purchase": "money"}),
    "sales_day": Topic({"today_sales": "money", "usual_sales": "money"}, ("usual_sales", "today_sales")),
    "bill_check": Topic({"supplier": "person", "total": "money", "fields_to_check": "count"}),
    "too_little_data": Topic({"item": "item", "days_known": "days"}),
}
"""Every kind of text, with the facts it rests on."""


@dataclass(frozen=True, slots=True)
class ExplanationRequest(Message):
    """Ask for a text about some facts.

    Parameters
    ----------
    topic : TopicName
        What it is about.
    facts : tuple of Fact
        At least those that the topic requires.
    language : Language, default="en"
        Language of the text.
    style : {"fast", "smart"}, default="fast"
        Which kind of model words it, where one does.

    Raises
    ------
    RuleError
        When a fact is missing, given twice or of another unit.

    Examples
    --------
    >>> facts = (Fact.money("today_sales", 500_000), Fact.money("usual_sales", 400_000))
    >>> ExplanationRequest("sales_day", facts).variant
    'sales_day.up'
    """

    topic: TopicName
    facts: tuple[Fact, ...]
    language: Language = "en"
    style: Style = "fast"

    def __post_init__(self) -> None:
        """Check the facts against the topic."""
        if self.topic not in TOPICS:
            raise RuleError(f"topic '{self.topic}' is unknown; use one of {', '.join(TOPICS)}", field="topic")
        if self.language not in LANGUAGES:
            raise RuleError(
                f"language '{self.language}' is unknown; use one of {', '.join(LANGUAGES)}", field="language"
            )
        given = {fact.id: fact.unit for fact in self.facts}
        if len(given) != len(self.facts):
            raise RuleError("two facts share one id; give each its own", field="facts")
        for name, unit in TOPICS[self.topic].required.items():
            if given.get(name) != unit:
                got = given.get(name, "nothing")
                raise RuleError(
                    f"topic '{self.topic}' needs fact '{name}' of unit '{unit}', got {got}", field=name
                )

    def fact(self, name: str) -> Fact:
        """Return a fact by its id.

        Raises
        ------
        KeyError
            Where there is none.
        """
        for fact in self.facts:
            if fact.id == name:
                return fact
        raise KeyError(name)

    @property
    def variant(self) -> str:
        """The topic with the direction that the facts give it."""
        if self.topic == "limit":
            owed = self._number("balance") + self._number("purchase")
            return "limit.over" if owed > self._number("limit") else "limit.within"
        if (
            self.topic in ("stock_out", "stock_out_visit", "stock_out_late")
            and self._number("days_left") == 0
        ):
            return f"{self.topic}.today"
        compared = TOPICS[self.topic].compared
        if compared is None:
            return self.topic
        before, after = self._number(compared[0]), self._number(compared[1])
        return f"{self.topic}.{'up' if after > before else 'down' if after < before else 'same'}"

    def _number(self, name: str) -> int:
        """Return the number of a fact that has one."""
        number = self.fact(name).number
        assert number is not None
        return number

    def fingerprint(self) -> str:
        """Return a key that is the same for the same facts, topic, language and style."""
        text = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sentence(Message):
    """A sentence and the facts it rests on."""

    text: str
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation(Message):
    """A text that says nothing but its facts.

    Parameters
    ----------
    text : str
        All sentences.
    language : Language
        Its language.
    sentences : tuple of Sentence
        Each with its citations.
    source : {"template", "bedrock"}
        Who worded it.
    model : str or None, default=None
        Model that did, if one did.
    degraded : bool, default=False
        Whether the template stands in for a model that failed.
    note : str or None, default=None
        Why, for the log.
    """

    text: str
    language: Language
    sentences: tuple[Sentence, ...]
    source: Literal["template", "bedrock"]
    model: str | None = None
    degraded: bool = False
    note: str | None = None
