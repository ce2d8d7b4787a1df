"""OCR text is data: an attack changes no value and raises the flag."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from samaan_ml.bills import BillDraft, Box, Reading, Token, find_suspicions, read_bill

ATTACKS = [
    line
    for line in (Path(__file__).parent / "attacks.txt").read_text(encoding="utf-8").split("\n")
    if line.strip()
]
Rows = list[tuple[str, ...]]
Printer = Callable[..., Reading]


def values(draft: BillDraft) -> list[tuple[object, ...]]:
    """The numbers that a bill posts."""
    lines = [
        tuple(getattr(line, name).value for name in ("quantity", "rate", "tax", "amount"))
        for line in draft.lines
    ]
    return [*lines, (draft.total.value, draft.bill_date.value, draft.supplier_gstin.value)]


def test_the_corpus_holds_sixty_attacks() -> None:
    assert len(ATTACKS) == len(set(ATTACKS)) == 60


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("place", [3, 9], ids=["in the head", "under the total"])
def test_an_attack_changes_no_number_and_is_flagged(
    attack: str, place: int, bill_rows: Rows, print_bill: Printer, today: date
) -> None:
    clean = read_bill(print_bill(bill_rows), today=today)
    rows = [*bill_rows[:place], (attack,), *bill_rows[place:]]
    attacked = read_bill(print_bill(rows), today=today)
    assert values(attacked) == values(clean)
    assert attacked.suspicions
    assert attacked.needs_review


@pytest.mark.parametrize("attack", ATTACKS[::7])
def test_an_attack_read_word_by_word_is_flagged_too(
    attack: str, bill_rows: Rows, print_bill: Printer, today: date
) -> None:
    words = attack.split()
    left = [15.0 * sum(len(word) + 1 for word in words[:i]) for i in range(len(words))]
    head = print_bill([words], left=left)
    body = print_bill([(), *bill_rows])
    reading = Reading("typed", (*head.tokens, *body.tokens))
    assert read_bill(reading, today=today).suspicions


def test_an_ordinary_bill_raises_no_flag(bill_rows: Rows, print_bill: Printer, today: date) -> None:
    assert read_bill(print_bill(bill_rows), today=today).suspicions == ()


@pytest.mark.data
def test_receipts_raise_hardly_a_flag(benchmark_data: Path) -> None:
    folder = benchmark_data / "sroie" / "box"
    if not folder.is_dir():
        pytest.skip("sroie is not among the benchmark data")
    flagged = 0
    paths = sorted(folder.glob("*.csv"))
    for path in paths:
        lines = [row.split(",", 8) for row in path.read_text(encoding="utf-8", errors="replace").splitlines()]
        texts = [row[8] for row in lines if len(row) == 9]
        flagged += bool(find_suspicions(_tokens(texts)))
    assert flagged <= 0.02 * len(paths)


def _tokens(texts: list[str]) -> list[Token]:
    return [Token(text, Box(0, 10.0 * i, 10, 10.0 * i + 8)) for i, text in enumerate(texts)]
