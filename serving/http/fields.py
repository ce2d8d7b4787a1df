"""The field types of all bodies and answers: strict, bounded, and the same words everywhere."""

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from serving.errors import InvalidInput
from serving.http.phone_numbers import normalised

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$"

Id = Annotated[str, StringConstraints(pattern=_ID), Field(examples=["sugar-1kg"])]
"""An id that a client or the service chose: letters, digits and `_.:-`, 64 characters at most."""

_JOINERS = "\u200c\u200d"
"""Between letters of Indian scripts they are spelling; anywhere else they are invisible."""
_INDIAN = range(0x0900, 0x0E00)


def without_hidden(name: str) -> str:
    """Refuse invisible characters: zero-width ones, and those that turn the direction of writing.

    Examples
    --------
    >>> without_hidden("\u0915\u094d\u200d\u0937")
    '\u0915\u094d\u200d\u0937'
    """
    for place, char in enumerate(name):
        if char in _JOINERS and place and ord(name[place - 1]) in _INDIAN:
            continue
        if unicodedata.category(char) == "Cf" or char in "\u2028\u2029":
            raise ValueError(
                f"the invisible character U+{ord(char):04X} stands at place {place}; write the name again"
            )
    return name


Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
    ),
    AfterValidator(without_hidden),
]
Category = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_PRINTABLE)]
Note = Annotated[str, StringConstraints(max_length=500, pattern=_PRINTABLE)]
Reason = Annotated[
    str,
    StringConstraints(
        min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
    ),
]
Phone = Annotated[
    str,
    StringConstraints(min_length=7, max_length=32, pattern=_PRINTABLE),
    AfterValidator(normalised),
    Field(description="In any spelling; kept as +919812345678.", examples=["+919812345678"]),
]

LARGEST_PAISE = 10**11
"""The largest sum of money in one entry or bill: a hundred crore rupees."""

Price = Annotated[int, Field(strict=True, ge=0, le=10**9, description="Paise a unit.")]
Money = Annotated[int, Field(strict=True, ge=1, le=LARGEST_PAISE, description="Whole paise.")]
MoneyOrNothing = Annotated[int, Field(strict=True, ge=0, le=LARGEST_PAISE, description="Whole paise.")]
Quantity = Annotated[int, Field(strict=True, ge=1, le=10**9, description="Thousandths of the item's unit.")]
SignedQuantity = Annotated[
    int, Field(strict=True, ge=-(10**9), le=10**9, description="Thousandths of the unit.")
]

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(minutes=10)


class Body(BaseModel):
    """What a caller sends: unknown fields are refused, so that a misspelt one is not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


AnswerRow = TypeVar("AnswerRow", bound=BaseModel)


class PageOf(Answer, Generic[AnswerRow]):
    """Some rows; `next_cursor` asks for the following ones and is null on the last page."""

    rows: list[AnswerRow]
    next_cursor: str | None


class Done(Answer):
    """Nothing more to say than that it is done."""

    done: bool = True


def known_zone(zone: str) -> str:
    """Refuse a time zone that does not exist."""
    try:
        ZoneInfo(zone)
    except (ValueError, KeyError, OSError):
        raise ValueError(f"'{zone}' is not a time zone; write it as 'Asia/Kolkata'") from None
    return zone


Zone = Annotated[
    str, StringConstraints(max_length=64), AfterValidator(known_zone), Field(examples=["Asia/Kolkata"])
]
Instant = Annotated[AwareDatetime, Field(examples=["2026-01-31T18:00:00+05:30"])]


def check_past(at: datetime | None, now: datetime, field: str) -> datetime:
    """Return the instant in UTC, or now where none is given; refuse the future and the distant past."""
    if at is None:
        return now
    if at > now + _CLOCK_SKEW:
        raise InvalidInput(
            f"'{field}' lies in the future: {at.isoformat()}", field=field, hint="check the device's clock"
        )
    if at < EARLIEST:
        raise InvalidInput(f"'{field}' lies before {EARLIEST.date()}: {at.isoformat()}", field=field)
    return at.astimezone(UTC)
