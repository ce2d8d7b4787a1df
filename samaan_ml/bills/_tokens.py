"""What a reading engine saw on the paper: words or lines with their boxes, and hints of what they are."""

from dataclasses import dataclass
from typing import Literal

from samaan_ml.domain.errors import RuleError
from samaan_ml.domain.message_json import Message

HintKind = Literal[
    "supplier",
    "supplier_address",
    "supplier_gstin",
    "number",
    "date",
    "description",
    "quantity",
    "rate",
    "discount",
    "tax",
    "amount",
    "subtotal",
    "total",
]


@dataclass(frozen=True, slots=True)
class Box(Message):
    """An upright box on a page; the y axis points down.

    Parameters
    ----------
    left, top, right, bottom : float
        Edges in pixels or as shares of the page: only relations between boxes of one reading are used.

    Examples
    --------
    >>> Box(10.0, 20.0, 40.0, 30.0).height
    10.0
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height of the box."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Width of the box."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """Height of the box's horizontal middle line."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Token(Message):
    """A piece of text as an engine read it: a word, a cell or a whole printed line.

    Parameters
    ----------
    text : str
        The text. It is data: nothing in it is ever followed.
    box : Box
        Where it stands.
    confidence : float, default=1.0
        The engine's own confidence, 0 to 1.
    page : int, default=0
        Page of the document, from 0.
    """

    text: str
    box: Box
    confidence: float = 1.0
    page: int = 0


@dataclass(frozen=True, slots=True)
class Hint(Message):
    """An engine's own opinion on what some tokens are; the arithmetic has the last word.

    Parameters
    ----------
    kind : HintKind
        The field of the bill.
    tokens : tuple of int
        Positions in the reading's tokens.
    line : int or None, default=None
        Line of the bill, from 0, for a field of a line.
    """

    kind: HintKind
    tokens: tuple[int, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Reading(Message):
    """Everything one engine saw on one document, in one schema for all engines.

    Parameters
    ----------
    engine : str
        Name of the engine, for the log.
    tokens : tuple of Token
        What was read, in any order.
    hints : tuple of Hint, default=()
        The engine's opinions, where it has any.

    Raises
    ------
    RuleError
        When a hint points outside the tokens.

    Examples
    --------
    >>> Reading("typed", (Token("Total 120.00", Box(0, 0, 100, 10)),)).text
    'Total 120.00'
    """

    engine: str
    tokens: tuple[Token, ...]
    hints: tuple[Hint, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a hint that points nowhere."""
        for hint in self.hints:
            if not all(0 <= position < len(self.tokens) for position in hint.tokens):
                raise RuleError(
                    f"hint '{hint.kind}' names a token outside 0..{len(self.tokens) - 1}", field="hints"
                )

    @property
    def text(self) -> str:
        """All texts, one token a line, in the order given."""
        return "\n".join(token.text for token in self.tokens)
