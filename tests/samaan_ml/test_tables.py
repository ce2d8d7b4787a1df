"""The tables: what is accepted, what is refused, and that nothing is refused in silence."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.exceptions import DataError, TableError
from samaan_ml.tables import (
    LEDGER,
    SALES,
    STOCK,
    ShopData,
    check,
    from_nixtla,
    read_table,
    to_nixtla,
    write_table,
)


def some_sales(**changes: object) -> pd.DataFrame:
    """Two good rows, changed column by column."""
    base: dict[str, object] = {
        "shop_id": ["s1", "s1"],
        "item_id": ["i1", "i2"],
        "date": ["2026-01-01", "2026-01-01"],
        "units": [1.0, 0.5],
    }
    return pd.DataFrame({**base, **changes})


def test_checked_sales_have_canonical_types_and_order() -> None:
    table = check(some_sales(item_id=["z", "a"]), SALES)
    assert table["item_id"].tolist() == ["a", "z"]
    assert table["date"].dtype == "datetime64[ns]"
    assert table["units"].dtype == "float64"


def test_a_missing_column_is_named_with_what_was_got() -> None:
    with pytest.raises(TableError, match=r"units: column is missing; got shop_id, item_id, date"):
        check(some_sales().drop(columns="units"), SALES)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"units": [1, -2]}, r"row 1, units: expected at least 0, got '-2'"),
        ({"units": [1, "two"]}, r"row 1, units: expected a number, got 'two'"),
        ({"units": [1, np.inf]}, r"row 1, units: expected a finite number"),
        ({"units": [1, None]}, r"row 1, units: expected a number"),
        ({"date": ["2026-01-01", "31/12/2025"]}, r"row 1, date: expected a date like 2026-01-31"),
        ({"date": ["2026-01-01", "2026-01-01 10:00"]}, r"row 1, date: a date has no time of day"),
        ({"date": ["2026-01-01", None]}, r"row 1, date: a date is missing"),
        ({"date": [20260101, 20260102]}, r"row 0, date: expected a date like"),
        ({"shop_id": ["s1", None]}, r"row 1, shop_id: an id may not be missing"),
        ({"shop_id": ["s1", " "]}, r"row 1, shop_id: an id may not be empty"),
        ({"shop_id": ["s1", "a/b"]}, r"row 1, shop_id: a shop's id may not hold '/'"),
        ({"item_id": ["i1", "i1"]}, r"row 1: the row repeats an earlier one: shop_id=s1, item_id=i1"),
    ],
)
def test_a_bad_row_is_named_by_row_and_reason(changes: dict[str, object], message: str) -> None:
    with pytest.raises(TableError, match=message):
        check(some_sales(**changes), SALES)


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(TableError) as caught:
        check(some_sales(units=[-1, "x"], date=["never", "2026-01-01"]), SALES)
    assert [(p.row, p.column) for p in caught.value.problems] == [(0, "date"), (0, "units"), (1, "units")]


def test_repeats_and_future_days_are_reported_beside_other_problems() -> None:
    frame = pd.DataFrame(
        {
            "shop_id": ["s"] * 5,
            "item_id": ["a", "a", "b", "c", "c"],
            "date": ["2026-01-01", "2026-01-01", "2030-01-01", "never", "soon"],
            "units": [1, 1, 1, 1, -4],
        }
    )
    with pytest.raises(TableError) as caught:
        check(frame, SALES, today="2026-06-01")
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (1, None),
        (2, "date"),
        (3, "date"),
        (4, "date"),
        (4, "units"),
    ]


def test_a_future_date_is_refused_only_when_today_is_known() -> None:
    frame = some_sales(date=["2026-01-01", "2026-03-01"])
    assert len(check(frame, SALES)) == 2
    with pytest.raises(TableError, match=r"row 1, date: lies in the future"):
        check(frame, SALES, today="2026-02-01")


def test_a_share_above_one_is_refused() -> None:
    frame = some_sales().drop(columns="units").assign(in_stock_share=[0.5, 1.5])
    with pytest.raises(TableError, match=r"row 1, in_stock_share: expected at most 1, got '1.5'"):
        check(frame, STOCK)


def test_an_instant_without_a_zone_is_refused() -> None:
    frame = pd.DataFrame(
        {
            "shop_id": ["s", "s"],
            "customer_id": ["c", "c"],
            "at": ["2026-01-01T10:00:00", "2026-01-01T10:00:00+05:30"],
            "kind": ["credit", "gift"],
            "amount_paise": [100, 10.5],
            "due_on": ["2026-02-01", None],
        }
    )
    with pytest.raises(TableError) as caught:
        check(frame, LEDGER)
    text = str(caught.value)
    assert "row 0, at: an instant needs a zone" in text
    assert "row 1, kind: expected one of credit, payment, reversal, write_off, got 'gift'" in text
    assert "row 1, amount_paise: expected a whole number, got '10.5'" in text


def test_polars_and_pandas_give_the_same_table() -> None:
    frame = some_sales()
    pd.testing.assert_frame_equal(check(pl.from_pandas(frame), SALES), check(frame, SALES))
    pd.testing.assert_frame_equal(check(pl.from_pandas(frame).lazy(), SALES), check(frame, SALES))


def test_categories_stay_categories() -> None:
    frame = some_sales().astype({"shop_id": "category", "item_id": "category"})
    assert isinstance(check(frame, SALES)["item_id"].dtype, pd.CategoricalDtype)


def test_something_that_is_no_table_is_refused() -> None:
    with pytest.raises(TableError, match=r"expected a table .*, got 'list'"):
        check([1, 2], SALES)


ids = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=5)


@given(
    st.lists(
        st.tuples(ids, st.text(min_size=1, max_size=4).filter(str.strip), st.dates(), st.floats(0, 1e6)),
        min_size=1,
        max_size=20,
        unique_by=lambda row: row[:3],
    )
)
def test_the_nixtla_form_and_back_changes_nothing(rows: list[tuple[str, str, object, float]]) -> None:
    dated = [row for row in rows if 1700 < row[2].year < 2200]  # type: ignore[attr-defined]
    if dated:
        frame = pd.DataFrame(dated, columns=["shop_id", "item_id", "date", "units"])
        frame["date"] = pd.to_datetime(frame["date"])
        table = check(frame, SALES)
        pd.testing.assert_frame_equal(from_nixtla(to_nixtla(table)), table)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_gives_back_what_was_written(tmp_path: Path, suffix: str) -> None:
    table = check(some_sales(item_id=["007", "8"]), SALES)
    write_table(table, tmp_path / f"sales.{suffix}")
    pd.testing.assert_frame_equal(read_table(tmp_path / f"sales.{suffix}", SALES), table)
    assert [p.name for p in tmp_path.iterdir()] == [f"sales.{suffix}"]


def test_a_broken_parquet_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "sales.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match=r"sales.parquet' cannot be read as parquet: "):
        ShopData.load(tmp_path)


def test_a_table_may_lie_in_a_folder_of_files_of_any_kind(tmp_path: Path) -> None:
    table = check(some_sales(item_id=["007", "8"]), SALES)
    write_table(table, tmp_path / "one" / "sales.parquet")
    (tmp_path / "many" / "sales").mkdir(parents=True)
    write_table(table.iloc[:1], tmp_path / "many" / "sales" / "a.csv")
    lines = table.iloc[1:].assign(date=table["date"].dt.strftime("%Y-%m-%d"))
    lines.to_json(tmp_path / "many" / "sales" / "b.jsonl", orient="records", lines=True)
    one, many = (ShopData.load(tmp_path / each).sales for each in ("one", "many"))
    assert one is not None
    assert many is not None
    pd.testing.assert_frame_equal(many, one)
    (tmp_path / "many" / "sales" / "c.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match=r"sales/c.parquet' cannot be read as parquet: "):
        ShopData.load(tmp_path / "many")
    write_table(table, tmp_path / "many" / "sales.csv")
    with pytest.raises(DataError, match=r"holds table 'sales' twice, as sales\.csv and sales; keep one"):
        ShopData.load(tmp_path / "many")
    (tmp_path / "none" / "sales").mkdir(parents=True)
    with pytest.raises(DataError, match="holds no file of table 'sales'"):
        ShopData.load(tmp_path / "none")


def test_a_folder_without_tables_says_what_it_expected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no table; expected one of sales, prices"):
        ShopData.load(tmp_path)
    with pytest.raises(DataError, match="is not a folder"):
        ShopData.load(tmp_path / "absent")


def test_problems_of_all_tables_are_listed_together(tmp_path: Path) -> None:
    some_sales(units=[-1, 1]).to_csv(tmp_path / "sales.csv", index=False)
    pd.DataFrame({"item_id": ["i1", "i1"], "category": ["x", None]}).to_csv(
        tmp_path / "items.csv", index=False
    )
    with pytest.raises(TableError) as caught:
        ShopData.load(tmp_path)
    assert {p.column for p in caught.value.problems} == {"sales.units", "items.category", "items"}


def test_shop_data_survives_a_round_trip(tmp_path: Path) -> None:
    data = ShopData(sales=check(some_sales(), SALES))
    data.save(tmp_path)
    loaded = ShopData.load(tmp_path)
    pd.testing.assert_frame_equal(loaded.sales, data.sales)
    assert [name for name, _ in loaded] == ["sales"]
