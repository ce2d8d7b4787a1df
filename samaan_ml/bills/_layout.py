"""From loose tokens to rows of words, the way an eye runs over a bill; skewed photographs included."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from samaan_ml.bills._numbers import Numeral, parse_numeral
from samaan_ml.bills._tokens import Box, Reading, Token
from samaan_ml.domain.digits import fold_digits

MAX_TOKENS = 5_000
"""More tokens than any bill has; the rest of a longer reading is not looked at."""

_CURRENCY_WORD = re.compile(r"^(?:₹|rs\.?|inr|रु\.?|रुपये|rm|myr|\$|usd|sgd|€|£|=|:|-|\*|/-)+$", re.IGNORECASE)
_GLUED = re.compile(
    r"^(?P<label>.*[^\W\d_]\)?\s*[:=.]?)(?P<amount>(?:₹|rs\.?|rm|[$€£])?-?\d[\d,]*\.\d{2})$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word, its box and the token it came in."""

    text: str
    box: Box
    token: int
    page: int


@dataclass(frozen=True, slots=True)
class Number:
    """A numeral standing in a row, currency marks beside it folded in."""

    numeral: Numeral
    text: str
    box: Box
    tokens: tuple[int, ...]
    marked: bool

    @property
    def is_money(self) -> bool:
        """Whether it is written as money: two decimals or a currency mark."""
        return self.marked or self.numeral.decimals == 2


@dataclass(slots=True)
class Row:
    """Words that stand on one line, from left to right."""

    words: list[Word] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def letters(self) -> str:
        """Lower-case letters only: labels are looked up so, since engines lose spaces and points."""
        return squash(self.text)

    @property
    def tokens(self) -> tuple[int, ...]:
        """Tokens the row is made of, each once."""
        return tuple(dict.fromkeys(word.token for word in self.words))

    @property
    def middle(self) -> float:
        """Mean height on the page."""
        return sum(word.box.middle for word in self.words) / len(self.words)

    @property
    def height(self) -> float:
        """Median height of the words."""
        return sorted(word.box.height for word in self.words)[len(self.words) // 2]

    def numbers(self) -> list[Number]:
        """The numerals of the row, from left to right."""
        found: list[Number] = []
        currency: Word | None = None
        for word in self.words:
            if _CURRENCY_WORD.match(word.text):
                currency = word
                continue
            numeral = parse_numeral(word.text)
            if numeral is not None:
                marked = bool(re.search(r"₹|rs|रु|rm|[$€£]|/-", word.text, re.IGNORECASE))
                tokens: tuple[int, ...] = (word.token,)
                if currency is not None and len(squash(currency.text) or currency.text.strip(":=-*")) > 0:
                    marked = True
                    tokens = tuple(dict.fromkeys((currency.token, word.token)))
                found.append(Number(numeral, word.text, word.box, tokens, marked))
            currency = None
        return found


def squash(text: str) -> str:
    """Keep letters (and vowel signs) only, in lower case.

    Examples
    --------
    >>> squash("Grand Total (Rs.):")
    'grandtotalrs'
    """
    return "".join(
        c for c in text.lower() if c.isalpha() or ("\u0900" <= c <= "\u0dff" and not c.isdecimal())
    )


def rows_of(reading: Reading, without: Collection[int] = ()) -> list[Row]:
    """Group the words of a reading, but for some tokens, into rows: page by page, from top to bottom."""
    words = [
        word
        for index, token in enumerate(reading.tokens[:MAX_TOKENS])
        if index not in without
        for word in _split(index, token)
    ]
    rows: list[Row] = []
    for page in sorted({word.page for word in words}):
        rows += _rows_of_page([word for word in words if word.page == page])
    return rows


def _split(index: int, token: Token) -> list[Word]:
    """Cut a token into words, sharing its box out by the number of characters."""
    folded = fold_digits(token.text).strip()
    if not folded:
        return []
    parts = [piece for part in re.finditer(r"\S+", folded) for piece in _unglue(part[0], part.start())]
    step = token.box.width / len(folded)
    return [
        Word(
            piece,
            Box(
                token.box.left + step * start,
                token.box.top,
                token.box.left + step * (start + len(piece)),
                token.box.bottom,
            ),
            index,
            token.page,
        )
        for piece, start in parts
    ]


def _unglue(text: str, start: int) -> list[tuple[str, int]]:
    """Part a label from the amount an engine glued to it: 'Total:120.00'."""
    found = _GLUED.match(text)
    if found is None:
        return [(text, start)]
    return [(found["label"], start), (found["amount"], start + len(found["label"]))]


def _rows_of_page(words: Sequence[Word]) -> list[Row]:
    """Chain each word to the row whose last word stands beside it; a chain follows a skewed line."""
    rows: list[Row] = []
    for word in sorted(words, key=lambda each: (each.box.left, each.box.top)):
        best: tuple[float, Row] | None = None
        for row in rows:
            last = row.words[-1].box
            away = abs(last.middle - word.box.middle)
            if _overlap(last, word.box) >= 0.5 and word.box.left >= last.right - 0.5 * last.width - 1e-9:
                best = min(best, (away, row), key=lambda pair: pair[0]) if best else (away, row)
        if best is None:
            rows.append(Row([word]))
        else:
            best[1].words.append(word)
    return sorted(rows, key=lambda row: row.middle)


def _overlap(one: Box, other: Box) -> float:
    """Share of the lower box's height that both boxes cover."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    least = min(one.height, other.height)
    return shared / least if least > 0 else float(shared >= 0)
