"""Sheets of people and programs are read as a person reads them, or the row is refused with the reason."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.sheets import (
    PRICED_SALES,
    SALES,
    Line,
    Options,
    SheetError,
    describe,
    keep,
    open_kept,
    open_sheet,
    settled,
)
from tests.samaan_ml.sheets.cases import CASES

TODAY = date(2026, 6, 30)
AFile = Callable[..., Path]


def read(path: Path, **options: object) -> list[Line]:
    """Read the lines of a sheet, units and rates settled by the sheet alone."""
    sheet = open_sheet(path, SALES, Options(today=TODAY, **options))  # type: ignore[arg-type]
    prices = sheet.reading.prices
    return [
        settled(line, sheet.reading, price=prices.get(line.item.casefold()))
        for line in sheet.lines()
        if line.reason != "blank row"
    ]


def told(lines: list[Line]) -> list[tuple[str, str, Decimal, Decimal | None]]:
    """Return day, item, quantity (below zero where it came back) and amount of the good lines."""
    return [
        (str(line.on), line.item, -line.quantity if line.state == "return" else line.quantity, line.amount)
        for line in lines
        if line.state != "bad"
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_sheet_is_read_as_a_person_reads_it(name: str, a_file: AFile) -> None:
    case = CASES[name]
    lines = read(a_file(case.text))
    wanted = [(d, i, Decimal(q), None if a is None else Decimal(a)) for d, i, q, a in case.lines]
    assert told(lines) == wanted
    assert sum(line.state == "bad" for line in lines) == case.bad
    assert all(bool(line.reason) == (line.state == "bad") for line in lines)


@pytest.mark.parametrize(
    ("text", "options", "wanted"),
    [
        ("date,item,qty,rate\n05/03/2026,Tea,1,10\n", {"date_order": "mdy"}, ("2026-05-03", "1", "10")),
        ('date,item,qty,rate\n2026-03-05,Tea,"1,250",10\n', {"decimal": "comma"}, ("2026-03-05", "1.250", "12.500")),
        ('date,item,qty,rate\n2026-03-05,Tea,"1,250",10\n', {"decimal": "dot"}, ("2026-03-05", "1250", "12500")),
        ("when,what,many,got\n2026-03-05,Tea,2,10\n",
         {"columns": {"date": "when", "item": "what", "quantity": "many", "amount": "got"}}, ("2026-03-05", "2", "10")),
        ("date,item,qty,Total,Paid Rs\n2026-03-05,Tea,2,20,18\n", {"columns": {"amount": "Paid Rs"}},
         ("2026-03-05", "2", "18")),
        ("date,item,qty,amount\n2026-03-05,Tea,2,20 Dr\n2026-03-06,Tea,1,10 Cr\n", {"sale_side": "dr"},
         ("2026-03-05", "2", "20")),
        ("date,item,qty,rate,Disc\n2026-03-05,Tea,2,10,5\n", {"columns": {"discount_percent": "Disc"}},
         ("2026-03-05", "2", "19")),
    ],
)  # fmt: skip
def test_the_caller_can_say_how_a_sheet_is_read(
    text: str, options: dict[str, object], wanted: tuple[str, str, str], a_file: AFile
) -> None:
    day, _, quantity, amount = told(read(a_file(text), **options))[0]
    assert (day, quantity, amount) == (wanted[0], Decimal(wanted[1]), Decimal(wanted[2]))


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("date,item,qty,rate\n05/03/2026,Tea,1,10\n", "date_order"),
        ("date,item,qty,rate\n20/03/2026,Tea,1,10\n03/21/2026,Tea,1,10\n05/03/2026,Tea,1,10\n", "date_order"),
        ('date,item,qty,rate\n2026-03-05,Tea,"1,250",10\n', "decimal"),
        ("date,item,qty,amount\n2026-03-05,Tea,2,20 Dr\n2026-03-06,Tea,1,10 Cr\n", "sale_side"),
        ("date,item,qty,rate,Disc\n2026-03-05,Tea,2,10,5\n", "columns"),
        ("date,item,qty,MRP\n2026-03-05,Tea,2,10\n", "columns"),
        ("date,item,qty,rate,GST\n2026-03-05,Tea,2,10,5\n", "columns"),
        ("Bill,Date,Item,Qty,Rate,Total\n1,2026-03-05,Tea,2,10,500\n", "columns"),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_about(text: str, option: str, a_file: AFile) -> None:
    card = describe(open_sheet(a_file(text), SALES, Options(today=TODAY)))
    assert [each.option for each in card.questions] == [option]
    assert card.questions[0].choices


def test_a_plain_sheet_asks_nothing_and_shows_how_each_column_was_read(a_file: AFile) -> None:
    text = "Date,Product Name,Qty,Price,Counter\n" + "".join(
        f"{n}-Mar-2026,Tea {n},{n},1{n}.50,A\n" for n in range(1, 6)
    )
    card = describe(open_sheet(a_file(text), SALES, Options(today=TODAY)))
    assert card.questions == ()
    assert card.ignored == ("Counter",)
    by_field = {each.field: each for each in card.columns}
    assert by_field["date"].examples[1] == ("2-Mar-2026", "2026-03-02")
    assert by_field["price"].examples == (("11.50", "11.50"), ("12.50", "12.50"), ("13.50", "13.50"))
    assert (by_field["price"].form, by_field["name"].heading) == ("decimal dot", "Product Name")


def test_a_kept_sheet_gives_the_same_lines(a_file: AFile, tmp_path: Path) -> None:
    for name, case in CASES.items():
        sheet = open_sheet(a_file(case.text), SALES, Options(today=TODAY))
        with (tmp_path / "kept").open("wb") as file:
            count = keep(sheet, file)
        kept = open_kept((tmp_path / "kept").read_bytes())
        lines = [
            line._replace(cells=(), cost=None, invoice="", customer="", shop="", category="")
            for line in sheet.lines()
        ]
        assert (list(kept.lines()), count) == (lines, len(lines)), name
        assert kept.card == describe(sheet), name
        assert [line.row for line in kept.lines(lines[0].row)] == [line.row for line in lines[1:]], name


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"amount": "nothing"}, "is missing"),
        ({"colour": "item"}, "is not a field"),
        ({"item": "qty"}, "no column"),
    ],
)
def test_a_wrong_name_of_a_column_is_named(columns: dict[str, str], said: str, a_file: AFile) -> None:
    with pytest.raises(SheetError, match=said):
        open_sheet(
            a_file("date,item,qty,rate\n2026-03-05,Tea,1,10\n"), PRICED_SALES, Options(columns=columns)
        )


def test_goods_of_the_catalogue_decide_about_units() -> None:
    grams = Line(
        2, "sale", "", item="Eggs", quantity=Decimal("0.5"), unit="kg", word="g", factor=Decimal("0.001")
    )
    assert settled(grams, {}, unit="kg").state == "sale"
    assert "counted in piece" in settled(grams, {}, unit="piece").reason
    case = Line(2, "sale", "", item="Soap", quantity=Decimal(2), unit="pack", word="case", price=Decimal(240),
                amount=Decimal(480))  # fmt: skip
    opened = settled(case, {}, unit="piece", pack=Decimal(12))
    assert (opened.quantity, opened.price, opened.amount) == (24, 20, 480)
    assert "how many pieces" in settled(case, {}, unit="piece").reason
    dozen = Line(2, "sale", "", item="Eggs", quantity=Decimal(24), unit="piece", word="dz", factor=Decimal(12),
                 rate=Decimal(84))  # fmt: skip
    for price, amount in ((Decimal("7.5"), 168), (Decimal(80), 84 * 24)):
        assert settled(dozen, {}, price=price).amount == amount
    assert settled(dozen, {}, price=Decimal(500)).state == "bad"


@given(
    st.lists(
        st.tuples(
            st.integers(1, 28),
            st.sampled_from(["Tea", "Soap", "Dal"]),
            st.integers(1, 500),
            st.integers(1, 10**7),
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
)
def test_a_table_written_in_any_way_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, int, int]], mark: str, comma: bool
) -> None:
    def rupees(paise: int) -> str:
        return f"{paise // 100}{',' if comma else '.'}{paise % 100:02d}"

    text = mark.join(("Date", "Item", "Qty", "Amount")) + "\n"
    for day, item, quantity, paise in rows:
        amount = f'"{rupees(paise)}"' if mark == "," else rupees(paise)
        text += mark.join((f"2026-03-{day:02d}", item, str(quantity), amount)) + "\n"
    path = tmp_path_factory.mktemp("any") / "sheet"
    path.write_text(text)
    lines = list(open_sheet(path, SALES, Options(today=TODAY)).lines())
    assert [(line.on.day if line.on else 0, line.item, line.quantity, line.amount) for line in lines] == [
        (day, item, quantity, Decimal(paise) / 100) for day, item, quantity, paise in rows
    ]


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "sheet"
    for content in (data, b"date,item,qty,rate\n" + data):
        path.write_bytes(content)
        try:
            lines = list(open_sheet(path, SALES, Options(today=TODAY)).lines())
        except SheetError:
            continue
        assert all(line.reason or line.on for line in lines)
