"""Goods that go back to a supplier: credit notes, and lines below zero on a bill."""

from collections.abc import Callable
from typing import Any

import pytest

from samaan_ml.bills import Box, Reading, Token
from tests.serving.ocr.test_ocr import a_picture, send

NOTE = [
    "SHARMA TRADERS",
    "CREDIT NOTE",
    "No: CN-7  Date: 05/03/2026",
    "Item            Qty   Rate   Amount",
    "Sugar           4     40.00  160.00",
    "Salt            2     20.00  40.00",
    "Total                        200.00",
]
MIXED = [
    "SHARMA TRADERS",
    "Invoice No: 1235  Date: 05/03/2026",
    "Item            Qty   Rate   Amount",
    "Sugar           10    40.00  400.00",
    "Salt            -2    20.00  -40.00",
    "Total                        360.00",
]


class Paper:
    """An engine that reads whatever paper lies before it."""

    def __init__(self) -> None:
        self.lines = NOTE

    def read(self, image: bytes) -> Reading:
        """Return the words, laid out by their columns."""
        tokens = []
        for row, line in enumerate(self.lines):
            column = 0
            for word in line.split(" "):
                if word:
                    left, top = column * 0.012, 0.05 + row * 0.08
                    tokens.append(Token(word, Box(left, top, left + len(word) * 0.012, top + 0.03), 0.99))
                column += len(word) + 1
        return Reading("printed", tuple(tokens))


@pytest.fixture(scope="module")
def paper() -> Paper:
    return Paper()


@pytest.fixture(scope="module")
def ocr_api(new_api: Callable[..., Any], paper: Paper) -> Any:
    return new_api({"bill_reader": paper})


@pytest.fixture
def buyer(ocr_api: Any) -> Any:
    shop = ocr_api.sign_up()
    shop.add_item("sugar", stock=10_000, name="Sugar")
    shop.add_item("salt", stock=5_000, name="Salt")
    return shop


def confirmed(shop: Any, lines: list[dict[str, Any]], status: int = 201, **more: Any) -> Any:
    card = send(shop, a_picture())
    body = {"lines": lines, "reviewed": True, **more}
    return shop.post(f"/ocr/bills/{card['bill_id']}/confirm", body, status), card


def line(place: int, item: str, milli: int, cost: int) -> dict[str, Any]:
    return {"line": place, "item_id": item, "quantity_milli": milli, "unit_cost_paise": cost}


def test_a_credit_note_takes_its_goods_out_of_stock_at_its_costs(buyer: Any, paper: Paper) -> None:
    paper.lines = NOTE
    posted, card = confirmed(buyer, [line(0, "sugar", 4_000, 4_000), line(1, "salt", 2_000, 2_000)])
    assert card["draft"]["kind"] == "credit_note"
    assert (posted["returned"], len(posted["movement_ids"])) == (2, 2)
    assert (buyer.on_hand("sugar"), buyer.on_hand("salt")) == (6_000, 3_000)
    newest = buyer.get("/inventory/items/sugar/movements")["rows"][0]
    assert (newest["kind"], newest["quantity_milli"], newest["unit_cost_paise"]) == (
        "supplier_return",
        -4_000,
        4_000,
    )


def test_a_credit_note_is_posted_once(buyer: Any, paper: Paper) -> None:
    paper.lines = NOTE
    lines = [line(0, "sugar", 4_000, 4_000)]
    _, card = confirmed(buyer, lines)
    path = f"/ocr/bills/{card['bill_id']}/confirm"
    assert buyer.post(path, {"lines": lines, "reviewed": True}, 409)["code"] == "conflict"
    twin, _ = confirmed(buyer, lines, 409)
    assert twin["field"] == "duplicate"
    assert buyer.on_hand("sugar") == 6_000


def test_a_line_below_zero_goes_back_while_the_rest_comes_in(buyer: Any, paper: Paper) -> None:
    paper.lines = MIXED
    posted, card = confirmed(buyer, [line(0, "sugar", 10_000, 4_000), line(1, "salt", 2_000, 2_000)])
    assert card["draft"]["kind"] == "bill"
    assert card["draft"]["lines"][1]["quantity"]["value"] == -2_000
    assert posted["returned"] == 1
    assert (buyer.on_hand("sugar"), buyer.on_hand("salt")) == (20_000, 3_000)


def test_a_credit_note_receives_no_order_and_makes_no_lot(buyer: Any, paper: Paper) -> None:
    paper.lines = NOTE
    refused, _ = confirmed(buyer, [line(0, "sugar", 4_000, 4_000)], 422, order_id="some-order")
    assert refused["field"] == "order_id"
    lot = line(0, "sugar", 4_000, 4_000) | {"expires_on": "2027-01-01"}
    refused, _ = confirmed(buyer, [lot], 422)
    assert refused["field"] == "lines.0.batch_id"
    assert buyer.on_hand("sugar") == 10_000
