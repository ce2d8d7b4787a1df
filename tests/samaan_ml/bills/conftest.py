"""Builders of readings: a bill is typed as rows of cells, as a reader would see them."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from samaan_ml.bills import Box, Reading, Token

LEFT = (0.0, 320.0, 400.0, 500.0, 600.0, 700.0, 800.0)
ROW_HEIGHT = 30.0


def lay_out(rows: Sequence[Sequence[str]], left: Sequence[float] = LEFT, skew: float = 0.0) -> Reading:
    """Print rows of cells; `skew` tilts the photograph by so many pixels a pixel."""
    tokens = []
    for place, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell:
                x = left[column]
                y = ROW_HEIGHT * place + skew * x
                tokens.append(Token(cell, Box(x, y, x + 10.0 * len(cell), y + 20.0)))
    return Reading("typed", tuple(tokens))


@pytest.fixture
def print_bill() -> Callable[..., Reading]:
    """The printer of bills."""
    return lay_out


@pytest.fixture
def today() -> date:
    """The shop's day."""
    return date(2026, 11, 23)


HEADINGS = ("Item", "Qty", "Rate", "Disc", "GST", "Amount")
GOODS = (
    ("Toor dal 1 kg", "5", "140.00", "0.00", "35.00", "735.00"),
    ("Sugar 1 kg", "10", "44.00", "8.80", "21.56", "452.76"),
    ("Surf Excel 500 g", "3", "72.50", "0.00", "39.15", "256.65"),
)
HEAD = (
    ("GUPTA TRADERS",),
    ("12, Gandhi Nagar, Jaipur 302001",),
    ("GSTIN: 27AAPFU0939F1ZV",),
    ("Invoice No: GT/1045", "", "", "Date: 05/11/26"),
)
FOOT = (("Grand Total", "", "", "", "", "1444.41"),)


@pytest.fixture
def bill_rows() -> list[tuple[str, ...]]:
    """A purchase bill whose arithmetic holds."""
    return [*HEAD, HEADINGS, *GOODS, *FOOT]
