"""Files in, tables out: every line accounted for, nothing half-written, broken files named."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samaan_ml.datasets.importing import ImportReport, import_file
from samaan_ml.exceptions import DataError
from samaan_ml.tables import ShopData

HEADING = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]
TODAY = "2026-06-30"


def a_csv(path: Path, rows: Sequence[Sequence[object]], heading: Sequence[str] = HEADING) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(rows)
    return path


def a_bill(number: str = "B1", item: str = "A100", units: object = 2, day: str = "2026-03-05", price: object = 10,
           customer: object = "c1") -> list[object]:  # fmt: skip
    """One line of an invoice."""
    return [number, item, units, day, price, customer]


def imported(
    folder: Path, rows: Sequence[Sequence[object]], **options: object
) -> tuple[ImportReport, ShopData]:
    """Import rows and load what was written."""
    path = a_csv(folder / "in.csv", rows)
    report = import_file(path, folder / "out", today=TODAY, **options)  # type: ignore[arg-type]
    return report, ShopData.load(folder / "out", today=TODAY)


def rejects(folder: Path) -> list[dict[str, str]]:
    """Read the rejects file."""
    with (folder / "out" / "rejects.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def units_by_day(data: ShopData) -> dict[tuple[str, str], float]:
    """Return units by item and day."""
    assert data.sales is not None
    sales = data.sales
    return {
        (item, str(day.date())): units
        for item, day, units in zip(sales["item_id"], sales["date"], sales["units"], strict=True)
    }


def test_lines_of_a_day_are_added_up(tmp_path: Path) -> None:
    report, data = imported(
        tmp_path, [a_bill(units=2), a_bill("B2", units=3), a_bill("B3", day="2026-03-06")]
    )
    assert units_by_day(data) == {("A100", "2026-03-05"): 5.0, ("A100", "2026-03-06"): 2.0}
    assert (report.lines, report.used, report.returned, report.rejected) == (3, 3, 0, 0)


def test_the_price_is_what_most_lines_paid_and_holds_until_it_changes(tmp_path: Path) -> None:
    days = ["2026-03-05", "2026-03-05", "2026-03-05", "2026-03-06", "2026-03-07"]
    paid = [10, 9, 10, 10, 12]
    _, data = imported(
        tmp_path,
        [a_bill(f"B{n}", day=day, price=p) for n, (day, p) in enumerate(zip(days, paid, strict=True))],
    )
    assert data.prices is not None
    assert data.prices["unit_price"].tolist() == [10.0, 12.0]
    assert data.prices["date"].astype("str").tolist() == ["2026-03-05", "2026-03-07"]


def test_a_cancellation_takes_back_its_sale(tmp_path: Path) -> None:
    rows = [
        a_bill("B1", units=80995, day="2026-03-05"),
        a_bill("B2", units=4, day="2026-03-06"),
        a_bill("CB1", units=-80995, day="2026-03-07"),
    ]
    report, data = imported(tmp_path, rows)
    assert units_by_day(data) == {("A100", "2026-03-06"): 4.0}
    assert (report.returned, report.units_returned, report.units_taken_back) == (1, 80995, 80995)


def test_a_return_prefers_the_sale_of_the_same_quantity(tmp_path: Path) -> None:
    rows = [a_bill("B1", units=6, day="2026-03-01"), a_bill("B2", units=9, day="2026-03-02"),
            a_bill("C1", units=-6, day="2026-03-03")]  # fmt: skip
    _, data = imported(tmp_path, rows)
    assert units_by_day(data) == {("A100", "2026-03-02"): 9.0}


def test_a_return_of_another_customer_lowers_nothing_of_mine(tmp_path: Path) -> None:
    report, data = imported(tmp_path, [a_bill(customer="me"), a_bill("C2", units=-2, customer="you")])
    assert units_by_day(data) == {("A100", "2026-03-05"): 2.0}
    assert report.units_taken_back == 0


def test_a_return_never_reaches_into_the_future(tmp_path: Path) -> None:
    _, data = imported(tmp_path, [a_bill("C1", units=-2, day="2026-03-01"), a_bill("B1", day="2026-03-05")])
    assert units_by_day(data) == {("A100", "2026-03-05"): 2.0}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (a_bill(units="abc"), "quantity cannot be read, got 'abc'"),
        (a_bill(units=""), "quantity is missing"),
        (a_bill(units="inf"), "quantity cannot be read, got 'inf'"),
        (a_bill(units="1e999"), "quantity cannot be read, got '1e999'"),
        (a_bill(price=""), "price is missing"),
        (a_bill(price=0), "price is 0"),
        (a_bill(price=-5), "price is negative"),
        (a_bill(units=-3, price=0), "price is not above 0 on a returned line: a stock adjustment"),
        (a_bill(day=""), "date is missing"),
        (a_bill(day="soon"), "date cannot be read, got 'soon'"),
        (a_bill(day="2026-02-30"), "date cannot be read, got '2026-02-30'"),
        (a_bill(day="2027-01-01"), "date lies in the future"),
        (a_bill(day="1960-01-01"), "date is before 1970"),
        (a_bill(item=""), "item is missing"),
        (a_bill(item="POSTAGE"), "not goods but a charge or an adjustment: 'POSTAGE'"),
        (a_bill(item="Bank Charges"), "not goods but a charge or an adjustment: 'Bank Charges'"),
        (a_bill(item="Discount 5%"), "not goods but a charge or an adjustment: 'Discount 5%'"),
        ([""] * 6, "blank row"),
        (HEADING, "the heading once more"),
        ([*a_bill(), "extra", "cells"], "8 cells where the heading has 6"),
        (["B9", "A100"], "quantity is missing"),
        (a_bill(item="Grand Total"), "a total: 'Grand Total'"),
    ],
)  # fmt: skip
def test_a_bad_line_is_rejected_with_its_number_and_reason(
    tmp_path: Path, row: list[object], reason: str
) -> None:
    report, data = imported(tmp_path, [a_bill(), row, a_bill("B3")])
    assert units_by_day(data) == {("A100", "2026-03-05"): 4.0}
    assert (report.lines, report.used, report.rejected) == (3, 2, 1)
    assert [(each["line"], each["reason"]) for each in rejects(tmp_path)] == [("3", reason)]


def test_codes_unlike_all_others_are_no_goods_unless_kept(tmp_path: Path) -> None:
    rows = [a_bill(f"B{n}", item=f"P{10000 + n}") for n in range(60)] + [a_bill("B99", item="MADAM")]
    report, _ = imported(tmp_path, rows)
    assert report.rejected == 1
    assert "no digit" in rejects(tmp_path)[0]["reason"]
    kept, _ = imported(tmp_path, rows, keep_codes=("madam",), replace=True)
    assert kept.rejected == 0


def test_items_named_by_words_are_all_goods(tmp_path: Path) -> None:
    report, _ = imported(
        tmp_path, [a_bill(item="Sugar"), a_bill(item="Tata tea"), a_bill(item="Transport toys")]
    )
    assert report.rejected == 0


def test_spellings_of_one_item_are_one_item(tmp_path: Path) -> None:
    _, data = imported(tmp_path, [a_bill(item="85123A"), a_bill(item="85123a"), a_bill(item=" 85123A ")])
    assert units_by_day(data) == {("85123A", "2026-03-05"): 6.0}


@pytest.mark.parametrize(
    ("days", "first", "reading"),
    [
        (["05/03/26", "13/03/26"], "2026-03-05", "dmy"),
        (["3/5/2026 8:26", "3/13/2026 9:00"], "2026-03-05", "mdy"),
        (["05/03/2026", "06/03/2026"], "2026-03-05", "either"),
        (["2026-03-05", "2026-03-06"], "2026-03-05", "plain"),
        (["05/03/2026", "01/08/2026"], "2026-01-08", "mdy"),  # day first would lie in the future
    ],
)
def test_the_file_says_how_its_dates_are_read(
    tmp_path: Path, days: list[str], first: str, reading: str
) -> None:
    report, data = imported(tmp_path, [a_bill(f"B{n}", day=day) for n, day in enumerate(days)])
    assert (min(day for _, day in units_by_day(data)), report.dates_read) == (first, reading)
    assert report.rejected == 0


def test_the_date_order_can_be_given(tmp_path: Path) -> None:
    _, data = imported(tmp_path, [a_bill(day="05/03/2026")], date_order="mdy")
    assert units_by_day(data) == {("A100", "2026-05-03"): 2.0}


def test_shops_are_kept_apart(tmp_path: Path) -> None:
    rows = [
        ["N/1", "A1", 1, "2026-03-05", 2],
        ["S", "A1", 4, "2026-03-05", 2],
        ["", "A1", 8, "2026-03-05", 2],
    ]
    path = a_csv(tmp_path / "in.csv", rows, ["Store", "Item", "Qty", "Date", "Rate"])
    import_file(path, tmp_path / "out", shop_id="main", today=TODAY)
    data = ShopData.load(tmp_path / "out")
    assert dict(zip(data.sales["shop_id"], data.sales["units"], strict=True)) == {
        "N-1": 1.0,
        "S": 4.0,
        "main": 8.0,
    }
    assert data.shops["shop_id"].tolist() == ["N-1", "S", "main"]


def test_a_state_brings_its_calendar(tmp_path: Path) -> None:
    _, data = imported(tmp_path, [a_bill(day="2025-10-01"), a_bill("B2", day="2025-10-25")], state="MH")
    assert {"diwali", "dhanteras", "public_day"} <= set(data.calendar["event"])
    assert data.shops["region"].tolist() == ["MH"]


def test_cost_mrp_category_and_name_are_kept_where_given(tmp_path: Path) -> None:
    heading = ["Date", "Item code", "Item name", "Category", "Qty", "Amount", "Cost price", "MRP"]
    path = a_csv(tmp_path / "in.csv", [["2026-03-05", "S1", "Sugar 1kg", "staples", 4, 184, 41, 48]], heading)
    import_file(path, tmp_path / "out", today=TODAY)
    data = ShopData.load(tmp_path / "out")
    assert data.prices[["unit_price", "unit_cost", "mrp"]].iloc[0].tolist() == [46.0, 41.0, 48.0]
    assert data.items.iloc[0].tolist() == ["S1", "staples", "Sugar 1kg"]


lines = st.builds(
    a_bill,
    number=st.sampled_from(["B1", "B2", "C1", ""]),
    item=st.sampled_from(["A1001", "A1002", "a1001", "POST", "", "Total"]),
    units=st.sampled_from([1, 2, 5, -1, -2, 0, "x", "", "1,200", "2 kg"]),
    day=st.sampled_from(["2026-03-05", "2026-03-06", "2026-04-01", "2030-01-01", "x", ""]),
    price=st.sampled_from([10, 12.5, 0, -1, "", "Rs 5/-"]),
    customer=st.sampled_from(["c1", "c2", ""]),
)


@settings(max_examples=40)
@given(st.lists(lines, max_size=25))
def test_every_line_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]]
) -> None:
    folder = tmp_path_factory.mktemp("accounts")
    report, data = imported(folder, [a_bill("B0", units=7), *rows])
    assert report.lines == len(rows) + 1 == report.used + report.returned + report.rejected
    assert sum(report.reasons.values()) == report.rejected == len(rejects(folder))
    assert data.sales is not None
    written = data.sales["units"].sum()
    assert written == pytest.approx(report.units_written)
    assert written == pytest.approx(report.units_sold - report.units_taken_back)
    assert report.units_taken_back <= report.units_returned + 1e-9


@settings(max_examples=15)
@given(st.lists(lines, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_good_lines_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]], random: object
) -> None:
    rows = [row for row in rows if not str(row[2]).startswith("-")] + [a_bill("B0")]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    _, left = imported(tmp_path_factory.mktemp("left"), rows)
    _, right = imported(tmp_path_factory.mktemp("right"), shuffled)
    assert units_by_day(left) == units_by_day(right)


def test_parquet_excel_and_csv_of_any_dialect_say_the_same(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "InvoiceNo": ["536365", "536366", "C536367"],
            "StockCode": ["85123A", "71053", "85123A"],
            "Quantity": [6, 8, -2],
            "InvoiceDate": pd.to_datetime(["2025-12-01 08:26", "2025-12-02 09:00", "2025-12-03 10:00"]),
            "UnitPrice": [2.55, 3.39, 2.55],
            "CustomerID": [17850.0, None, 17850.0],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_excel(tmp_path / "b.xlsx", index=False)
    frame.to_csv(tmp_path / "c.csv", index=False)
    frame.to_csv(tmp_path / "d.txt", index=False, sep=";", encoding="utf-16")
    frame.to_csv(tmp_path / "e.tsv", index=False, sep="\t", encoding="utf-8-sig")
    with gzip.open(tmp_path / "f.csv.gz", "wt") as file:
        frame.to_csv(file, index=False)
    expected = {("85123A", "2025-12-01"): 4.0, ("71053", "2025-12-02"): 8.0}
    for path in sorted(tmp_path.glob("?.*")):
        import_file(path, tmp_path / f"out-{path.name}", today=TODAY)
        assert units_by_day(ShopData.load(tmp_path / f"out-{path.name}")) == expected, path.name


def test_a_quoted_cell_may_span_lines(tmp_path: Path) -> None:
    text = (
        'Bill,Item,Description,Qty,Date,Rate\nB1,A1,"two\nlines",2,2026-03-05,5\nB2,A1,x,abc,2026-03-05,5\n'
    )
    (tmp_path / "in.csv").write_text(text)
    report = import_file(tmp_path / "in.csv", tmp_path / "out", today=TODAY)
    assert (report.used, report.rejected) == (1, 1)
    assert rejects(tmp_path)[0]["line"] == "4"


def broken(folder: Path) -> dict[str, Path]:
    """Files that are no table, or a broken one."""
    content = {
        "empty.csv": b"",
        "spaces.csv": b"\n\n  \n",
        "heading.csv": b"InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice\n",
        "no_quantity.csv": b"Item,Date,Price\nA,2026-03-05,2\n",
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "paper.pdf": b"%PDF-1.7 text",
        "zeros.csv": b"a,b\n\x00\x00\x00",
        "data.json": b'{"sales": [1, 2]}',
        "page.html": b"<html><table></table></html>",
        "broken.parquet": b"PAR1 this is not parquet PAR1",
        "broken.xlsx": b"PK\x03\x04 not a workbook",
        "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "broken.csv.gz": gzip.compress(b"Item,Qty,Date,Rate\nA1,1,2026-03-05,2\n" * 500)[:60],
        "all_bad.csv": b"Item,Qty,Date,Rate\nA1,x,2026-03-05,2\nA1,y,2026-03-05,2\n",
        "random.csv": bytes((n * 7919 + 13) % 251 + 1 for n in range(4000)),
    }
    paths = {}
    for name, data in content.items():
        paths[name] = folder / name
        paths[name].write_bytes(data)
    return paths


def test_a_broken_file_is_one_clear_line_and_leaves_nothing(tmp_path: Path) -> None:
    for name, path in broken(tmp_path).items():
        before = sorted(tmp_path.iterdir())
        with pytest.raises(DataError) as caught:
            import_file(path, tmp_path / "out", today=TODAY)
        message = str(caught.value)
        assert name in message, name
        assert "\n" not in message, name
        assert sorted(tmp_path.iterdir()) == before, name


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        import_file(tmp_path / "absent.csv", tmp_path / "out")


def test_an_oversized_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(10 * 10**9)  # sparse: takes no disk
    with pytest.raises(DataError, match=r"10\.0 GB, the limit is 4"):
        import_file(path, tmp_path / "out")


def test_a_truncated_parquet_is_named(tmp_path: Path) -> None:
    frame = pd.DataFrame([a_bill() for _ in range(5000)], columns=HEADING)
    frame.astype("str").to_parquet(tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "half.parquet").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        import_file(tmp_path / "half.parquet", tmp_path / "out")


def test_other_files_are_never_written_over(tmp_path: Path) -> None:
    path = a_csv(tmp_path / "in.csv", [a_bill()])
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(DataError, match="not empty"):
            import_file(path, out, replace=replace)
    assert [each.name for each in out.iterdir()] == ["notes.txt"]


def test_an_earlier_import_is_replaced_whole_or_kept(tmp_path: Path) -> None:
    imported(tmp_path, [a_bill()], state="MH")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(DataError, match="no usable line"):
        import_file(
            a_csv(tmp_path / "bad.csv", [a_bill(units="x")]), tmp_path / "out", replace=True, today=TODAY
        )
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    imported(tmp_path, [a_bill(units=9)], replace=True)
    assert not (tmp_path / "out" / "calendar.parquet").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = a_csv(tmp_path / "in.csv", [a_bill(), a_bill(units=-1)])
    report = import_file(path, None, today=TODAY)
    assert (report.used, report.returned) == (1, 1)
    assert sorted(tmp_path.iterdir()) == [path]


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    path = a_csv(
        tmp_path / "in.csv",
        [a_bill(f"B{n}", item=f"A{n % 7}", day=f"2026-03-{n % 28 + 1:02d}") for n in range(300)],
    )
    for out in ("one", "two"):
        import_file(path, tmp_path / out, today=TODAY)
    one, two = (
        {each.name: each.read_bytes() for each in (tmp_path / out).iterdir()} for out in ("one", "two")
    )
    assert one == two


def test_a_reject_cannot_run_as_a_formula(tmp_path: Path) -> None:
    imported(tmp_path, [a_bill(), a_bill(item="=cmd|'/c calc'!A1", units="x"), a_bill(units=-1, price=0)])
    cells = [row["StockCode"] for row in rejects(tmp_path)]
    assert cells[0].startswith("'=")
    assert rejects(tmp_path)[1]["Quantity"] == "-1"


def test_the_report_is_written_and_printed(tmp_path: Path) -> None:
    report, _ = imported(tmp_path, [a_bill(), a_bill("C1", units=-1), a_bill(units="x")])
    kept = json.loads((tmp_path / "out" / "import.json").read_text(encoding="utf-8"))
    assert (kept["lines"], kept["used"], kept["returned"], kept["rejected"]) == (3, 1, 1, 1)
    assert "units     2 sold - 1 of 1 returned = 1 written" in str(report)


@pytest.mark.slow
@pytest.mark.data
def test_the_real_invoices_reconcile(benchmark_data: Path, tmp_path: Path) -> None:
    source = benchmark_data / "uci_online_retail" / "transactions.parquet"
    report = import_file(source, tmp_path / "out")
    assert report.lines == 541_909 == report.used + report.returned + report.rejected
    raw = pd.read_parquet(source)
    good = raw[(raw["UnitPrice"] > 0) & raw["StockCode"].str.match(r"^\d{5}")]
    assert report.used == pytest.approx(len(good[good["Quantity"] > 0]), rel=0.001)
    data = ShopData.load(tmp_path / "out")
    assert data.sales["units"].sum() == pytest.approx(report.units_written)
    biggest = data.sales["units"].max()
    assert biggest < 20_000  # the orders of 80,995 and 74,215 units were cancelled
