"""Columns are found by their headings, whoever wrote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.datasets.importing._columns import FIELDS, best_header, map_columns, normalised
from samaan_ml.exceptions import DataError

INVOICE = (
    "invoice",
    "item",
    "quantity",
    "date",
    "price",
    "amount",
    "name",
    "customer",
    "shop",
    "category",
    "mrp",
    "cost",
)


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"],
         {"invoice": 0, "item": 1, "name": 2, "quantity": 3, "date": 4, "price": 5, "customer": 6}),
        (["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"],
         {"invoice": 0, "item": 1, "name": 2, "quantity": 3, "date": 4, "price": 5, "customer": 6}),
        (["Bill No.", "Date", "Party Name", "Item Name", "Qty (pcs)", "Rate (Rs.)", "Amount"],
         {"invoice": 0, "date": 1, "customer": 2, "name": 3, "quantity": 4, "price": 5, "amount": 6}),
        (["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"],
         {"customer": 0, "shop": 1, "invoice": 2, "item": 3, "quantity": 4, "amount": 5, "date": 6}),
        (["तारीख", "सामान", "मात्रा", "भाव", "राशि"],
         {"date": 0, "item": 1, "quantity": 2, "price": 3, "amount": 4}),
        (["order_id", "sku", "qty", "unit_price", "order_date", "MRP", "cost price"],
         {"invoice": 0, "item": 1, "quantity": 2, "price": 3, "date": 4, "mrp": 5, "cost": 6}),
        (["dt", "outlet", "article", "units sold", "selling price", "department"],
         {"date": 0, "shop": 1, "item": 2, "quantity": 3, "price": 4, "category": 5}),
    ],
)  # fmt: skip
def test_known_headings_are_found(headings: list[str], expected: dict[str, int]) -> None:
    assert map_columns(headings, INVOICE) == expected


@given(st.lists(st.text(max_size=12), max_size=8))
def test_no_column_serves_two_fields(headings: list[str]) -> None:
    positions = list(map_columns(headings, INVOICE).values())
    assert len(positions) == len(set(positions))


@given(st.sampled_from(sorted(FIELDS)), st.data(), st.sampled_from([str.upper, str.title, str.lower]))
def test_a_known_heading_names_its_field_in_any_case(field: str, data: st.DataObject, write: object) -> None:
    heading = data.draw(st.sampled_from(FIELDS[field]))
    assert map_columns([write(heading)], (field,)) == {field: 0}  # type: ignore[operator]


def test_a_named_column_wins() -> None:
    assert map_columns(["Date", "Entered", "Item"], ("date", "item"), {"date": "Entered"}) == {
        "date": 1,
        "item": 2,
    }


@pytest.mark.parametrize(
    ("given_columns", "message"),
    [
        ({"date": "When"}, "'When' is not there"),
        ({"colour": "Item"}, "'colour' is not a field"),
        ({"date": "Item"}, "more than once"),
    ],
)
def test_a_wrong_name_is_answered_with_what_is_there(given_columns: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        map_columns(["Item", "Item", "Qty"], ("date", "item"), given_columns)


def test_the_heading_is_found_below_titles() -> None:
    rows = [["Gupta Kirana Store"], ["April 2024", "", ""], ["Date", "Item", "Qty"], ["1/4/24", "Sugar", "2"]]
    assert best_header(rows, ("date", "item", "quantity")) == 2


def test_units_and_punctuation_are_not_words_of_a_heading() -> None:
    assert normalised("Unit_Price(Rs.)") == "unit price rs"
    assert normalised("InvoiceDate") == "invoice date"
