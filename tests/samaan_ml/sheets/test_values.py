"""Numbers, days, units and headings as shopkeepers and programs write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.domain.unit_words import unit_word
from samaan_ml.sheets import FIELDS, SheetError
from samaan_ml.sheets._dates import parse_days
from samaan_ml.sheets._goods import is_total
from samaan_ml.sheets._headings import map_columns, normalised
from samaan_ml.sheets._numbers import parse_number

DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def indian(number: int) -> str:
    """Write a number with lakh and crore marks."""
    head, tail = str(number)[:-3], str(number)[-3:]
    while head:
        tail, head = f"{head[-2:]},{tail}", head[:-2]
    return tail


@pytest.mark.parametrize(
    ("text", "dot", "comma"),
    [
        ("1,20,000", "120000", None), ("12,34,56,789.50", "123456789.50", None), ("1,200", "1200", "1.200"),
        ("₹ 45", "45", "45"), ("Rs. 45/-", "45", "45"), ("Rs45.50", "45.50", None), ("INR 1,000", "1000", "1.000"),
        ("रु. ४५", "45", "45"), ("(120)", "-120", "-120"), ("-5", "-5", "-5"), ("5-", "-5", "-5"),
        ("\u22125", "-5", "-5"), ("2 kg", "2", "2"), ("500 g", "500", "500"), ("1.5 किलो", "1.5", None),
        ("250ml", "250", "250"), ("२", "2", "2"), ("1e3", "1000", "1000"), (".5", "0.5", None), ("5.", "5", None),
        ("1.234,50", None, "1234.50"), ("12.50 Dr", "12.50", None), ("1,5", None, "1.5"), ("0,500", None, "0.500"),
        ("0.500", "0.500", None), ("1.234", "1.234", "1234"), ("1 234,50", None, "1234.50"),
        ("1'234.50", "1234.50", None), ("7.00/pcs", "7.00", None), ("(₹ 1,200.50)", "-1200.50", None),
        ("-₹5", "-5", "-5"), ("1 20 000", None, None), ("120.00Cr", "120.00", None), ("₹1,20,000/- only",
        "120000", None),
        ("", None, None), ("abc", None, None), ("1.2.3", None, None), ("--5", None, None), ("NaN", None, None),
        ("1,2,3", None, None), ("Rs.", None, None), ("1e999", None, None), ("12,34", None, "12.34"),
        ("5 parrots", "5", "5"),
    ],
)  # fmt: skip
def test_a_number_has_the_readings_that_are_possible(text: str, dot: str | None, comma: str | None) -> None:
    number = parse_number(text)
    if text == "5 parrots":  # an unknown word is not a unit
        assert number.dot is None
        return
    assert [None if each is None else float(each) for each in (number.dot, number.comma)] == [
        None if each is None else float(each) for each in (dot, comma)
    ]


@given(st.integers(0, 10**12))
def test_lakh_marks_and_hindi_digits_change_nothing(number: int) -> None:
    for text in (indian(number), indian(number).translate(DEVANAGARI), f"₹ {indian(number)}/-"):
        assert parse_number(text).dot == number


@given(st.text(max_size=80))
def test_no_text_breaks_the_readers(text: str) -> None:
    parse_number(text)
    parse_days(text)
    unit_word(text)
    is_total(text)
    normalised(text)


@pytest.mark.parametrize(
    ("text", "side"), [("5 Cr", "cr"), ("5 DR.", "dr"), ("5 जमा", "cr"), ("5", ""), ("5.00Dr", "dr")]
)
def test_debit_and_credit_marks_are_seen(text: str, side: str) -> None:
    assert parse_number(text).side == side


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "2024/3/5", "20240305", "5 Mar 2024", "05-Mar-24", "Mar 5, 2024", "March 5 2024",
        "५ मार्च २०२४",
        "2024-03-05T10:30:00", "2024-03-05 10:30", "45356", "45356.4", "5th March 2024", "Tue, 05 Mar 2024",
        "05-03-2024 (Tue)".replace("05-03", "05-Mar"), "2024-03-04T20:00:00Z", "2024-03-05 10:30:00 +0530",
        "5-मार्च-24",
    ],
)  # fmt: skip
def test_a_date_of_one_reading_is_read(text: str) -> None:
    assert parse_days(text) == (date(2024, 3, 5), date(2024, 3, 5))


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.sampled_from("/-. "), st.booleans())
def test_day_month_year_is_read_in_both_orders(day: date, mark: str, short: bool) -> None:
    year = f"{day.year % 100:02d}" if short else str(day.year)
    assert parse_days(f"{day.day:02d}{mark}{day.month:02d}{mark}{year}").day_first == day
    assert parse_days(f"{day.month}{mark}{day.day}{mark}{year} 9:15 pm").month_first == day


@pytest.mark.parametrize(
    "text",
    ["31/02/2024", "2024-13-01", "tomorrow", "", "5", "99999", "1/2", "0/0/0", "05/03/2024 to 09/03/2024"],
)
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert parse_days(text) == (None, None)


@pytest.mark.parametrize(
    ("word", "factor"),
    [("Kgs.", 1), ("gm", "0.001"), ("DZ", 12), ("darjan", 12), ("दर्जन", 12), ("gross", 144), ("qtl", 100),
     ("ML", "0.001"),
     ("Nos.", 1), ("जोड़ी", 2)],
)  # fmt: skip
def test_words_for_units_are_known(word: str, factor: object) -> None:
    found = unit_word(word)
    assert found is not None
    assert str(found.factor) == str(factor)


def test_a_box_is_a_pack_of_unknown_size() -> None:
    assert [unit_word(word).factor for word in ("box", "Case", "peti", "कार्टन")] == [None] * 4  # type: ignore[union-attr]


ALL = tuple(FIELDS)


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"],
         {"invoice": 0, "item": 1, "name": 2, "quantity": 3, "date": 4, "price": 5, "customer": 6}),
        (["Bill No.", "Date", "Party Name", "Item Name", "Qty (pcs)", "Rate (Rs.)", "Amount"],
         {"invoice": 0, "date": 1, "customer": 2, "name": 3, "quantity": 4, "price": 5, "amount": 6}),
        (["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"],
         {"customer": 0, "shop": 1, "invoice": 2, "item": 3, "quantity": 4, "amount": 5, "date": 6}),
        (["तारीख", "सामान", "मात्रा", "भाव", "राशि"], {"date": 0, "item": 1, "quantity": 2, "price": 3, "amount": 4}),
        (["Sl No", "Document date", "Product Description", "HSN code", "Bar Code", "Quantity",
        "free Quantity", "Unit",
          "unit price", "Gross Amount", "Discount", "Item Total", "Batch Expiry Date"],
         {"date": 1, "name": 2, "item": 4, "quantity": 5, "free": 6, "unit": 7, "price": 8, "amount": 11,
          "discount": 10}),
        (["Date", "Item", "Qty", "Purchase Rate", "Sale Rate", "MRP", "Amount"],
         {"date": 0, "item": 1, "quantity": 2, "cost": 3, "price": 4, "mrp": 5, "amount": 6}),
        (["Date", "Due Date", "Item Name", "Item Group", "Opening Qty", "Sales Qty", "Sale Value", "Payment Mode"],
         {"date": 0, "due": 1, "name": 2, "category": 3, "quantity": 5, "amount": 6}),
    ],
)  # fmt: skip
def test_known_headings_are_found(headings: list[str], expected: dict[str, int]) -> None:
    assert map_columns(headings, ALL) == expected


@given(st.lists(st.text(max_size=12), max_size=8))
def test_no_column_serves_two_fields(headings: list[str]) -> None:
    positions = list(map_columns(headings, ALL).values())
    assert len(positions) == len(set(positions))


@given(st.sampled_from(sorted(FIELDS)), st.data(), st.sampled_from([str.upper, str.title, str.lower]))
def test_case_and_marks_do_not_matter(field: str, data: st.DataObject, spelling: object) -> None:
    heading = data.draw(st.sampled_from(FIELDS[field]))
    assert map_columns([f" {spelling(heading)}. "], [field]) == {field: 0}  # type: ignore[operator]


def test_a_heading_that_is_there_twice_cannot_be_named() -> None:
    with pytest.raises(SheetError, match="more than once"):
        map_columns(["Rate", "Rate"], ["price"], {"price": "Rate"})
