"""Sales sheets as shops keep them: Hindi headings, merged dates, totals, lakhs, Dr and Cr, titles above."""

from pathlib import Path

import openpyxl
import pytest

from samaan_ml.datasets.importing import import_file
from samaan_ml.tables import ShopData

TODAY = "2026-06-30"

# name: (text, units by item and day, lines, rejected, returned)
SHEETS: dict[str, tuple[str, dict[tuple[str, str], float], int, int, int]] = {
    "plain": ("Date,Item,Qty\n05/03/24,Sugar,2\n13/03/24,Tea,1\n",
              {("Sugar", "2024-03-05"): 2, ("Tea", "2024-03-13"): 1}, 2, 0, 0),
    "hindi headings": ("तारीख,सामान,मात्रा,भाव\n05/03/2024,चीनी,2,46\n15/03/2024,चाय,1,110\n",
                       {("चीनी", "2024-03-05"): 2, ("चाय", "2024-03-15"): 1}, 2, 0, 0),
    "hindi digits": ("दिनांक,वस्तु,मात्रा\n१५/०३/२४,चीनी,१२\n", {("चीनी", "2024-03-15"): 12}, 1, 0, 0),
    "roman hindi": ("Tarikh,Saman,Nag,Bhav\n15/03/24,Cheeni,3,46\n", {("Cheeni", "2024-03-15"): 3}, 1, 0, 0),
    "lakh marks": ('Date,Item,Qty,Amount\n15/03/24,Rice,"1,20,000","5,00,000"\n',
                   {("Rice", "2024-03-15"): 120000}, 1, 0, 0),
    "merged dates": ("Date,Item,Qty\n15/03/24,Sugar,2\n,Tea,1\n,Salt,4\n16/03/24,Sugar,1\n",
                     {("Sugar", "2024-03-15"): 2, ("Tea", "2024-03-15"): 1, ("Salt", "2024-03-15"): 4,
                      ("Sugar", "2024-03-16"): 1}, 4, 0, 0),
    "a date on its own line": ("Date,Item,Qty\n15/03/24,,\n,Sugar,2\n16/03/24,,\n,Tea,1\n",
                               {("Sugar", "2024-03-15"): 2, ("Tea", "2024-03-16"): 1}, 4, 2, 0),
    "totals": ("Date,Item,Qty\n15/03/24,Sugar,2\n,Total,2\n16/03/24,Tea,1\n,कुल योग,1\nGrand Total,,3\n",
               {("Sugar", "2024-03-15"): 2, ("Tea", "2024-03-16"): 1}, 5, 3, 0),
    "titles above": ("Gupta Kirana Store,,\nSales of March 2024,,\n,,\nDate,Item,Qty\n15/03/24,Sugar,2\n",
                     {("Sugar", "2024-03-15"): 2}, 1, 0, 0),
    "blank rows": ("Date,Item,Qty\n\n15/03/24,Sugar,2\n,,\n16/03/24,Tea,1\n\n",
                   {("Sugar", "2024-03-15"): 2, ("Tea", "2024-03-16"): 1}, 5, 3, 0),
    "heading on each page": ("Date,Item,Qty\n15/03/24,Sugar,2\nDate,Item,Qty\n16/03/24,Tea,1\n",
                             {("Sugar", "2024-03-15"): 2, ("Tea", "2024-03-16"): 1}, 3, 1, 0),
    "rupee signs": ("Date,Item,Qty,Rate\n15/03/24,Sugar,2,₹ 46/-\n16/03/24,Sugar,1,Rs. 48.50\n",
                    {("Sugar", "2024-03-15"): 2, ("Sugar", "2024-03-16"): 1}, 2, 0, 0),
    "units in the quantity": ("Date,Item,Qty\n15/03/24,Sugar,2 kg\n15/03/24,Sugar,500 g\n15/03/24,Eggs,1 doz\n",
                              {("Sugar", "2024-03-15"): 2.5, ("Eggs", "2024-03-15"): 12}, 3, 0, 0),
    "credit is a return": (("Date,Item,Qty,Amount\n15/03/24,Sugar,5,230 Dr\n15/03/24,Tea,1,9 Dr\n"
                           "16/03/24,Sugar,2,92 Cr\n"),
                           {("Sugar", "2024-03-15"): 3, ("Tea", "2024-03-15"): 1}, 3, 0, 1),
    "a column of Dr and Cr": ("Date,Item,Qty,Dr/Cr\n15/03/24,Sugar,5,Dr\n15/03/24,Tea,1,Dr\n16/03/24,Sugar,2,Cr\n",
                              {("Sugar", "2024-03-15"): 3, ("Tea", "2024-03-15"): 1}, 3, 0, 1),
    "returns in brackets": ("Date,Item,Qty\n15/03/24,Sugar,5\n16/03/24,Sugar,(2)\n",
                            {("Sugar", "2024-03-15"): 3}, 2, 0, 1),
    "returns by word": ("Date,Type,Item,Qty\n15/03/24,Sale,Sugar,5\n15/03/24,वापसी,Sugar,1\n",
                        {("Sugar", "2024-03-15"): 4}, 2, 0, 1),
    "semicolons": ("Date;Item;Qty\n15/03/24;Sugar;2\n", {("Sugar", "2024-03-15"): 2}, 1, 0, 0),
    "tabs": ("Date\tItem\tQty\n15/03/24\tSugar\t2\n", {("Sugar", "2024-03-15"): 2}, 1, 0, 0),
    "dots in dates": ("Date,Item,Qty\n15.03.24,Sugar,2\n", {("Sugar", "2024-03-15"): 2}, 1, 0, 0),
    "months by name": ("Date,Item,Qty\n5-Mar-24,Sugar,2\n6 मार्च 2024,Tea,1\n",
                       {("Sugar", "2024-03-05"): 2, ("Tea", "2024-03-06"): 1}, 2, 0, 0),
    "spreadsheet day numbers": ("Date,Item,Qty\n45356,Sugar,2\n", {("Sugar", "2024-03-05"): 2}, 1, 0, 0),
    "american dates": ("Date,Item,Qty\n3/15/2024,Sugar,2\n3/5/2024,Tea,1\n",
                       {("Sugar", "2024-03-15"): 2, ("Tea", "2024-03-05"): 1}, 2, 0, 0),
    "spaces everywhere": (" Date , Item , Qty \n 15/03/24 ,  Sugar  loose , 2 \n15/03/24,sugar loose,1\n",
                          {("Sugar  loose", "2024-03-15"): 3}, 2, 0, 0),
    "trailing commas": ("Date,Item,Qty,,\n15/03/24,Sugar,2,,\n", {("Sugar", "2024-03-15"): 2}, 1, 0, 0),
    "a wrong cell here and there": ("Date,Item,Qty\n15/03/24,Sugar,two\n15/03/24,Tea,1\n32/03/24,Salt,1\n",
                                    {("Tea", "2024-03-15"): 1}, 3, 2, 0),
    "charges among goods": (("Date,Item,Qty,Rate\n15/03/24,Sugar,2,46\n15/03/24,Delivery charges,1,20\n"
                            "15/03/24,CGST 2.5%,1,3\n"),
                            {("Sugar", "2024-03-15"): 2}, 3, 2, 0),
}  # fmt: skip


def found_in(folder: Path) -> dict[tuple[str, str], float]:
    """Return units by item and day."""
    sales = ShopData.load(folder).sales
    assert sales is not None
    return {
        (item, str(day.date())): units
        for item, day, units in zip(sales["item_id"], sales["date"], sales["units"], strict=True)
    }


@pytest.mark.parametrize("name", SHEETS)
def test_a_messy_sheet_is_understood(name: str, tmp_path: Path) -> None:
    text, expected, lines, rejected, returned = SHEETS[name]
    (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
    report = import_file(tmp_path / "sheet.csv", tmp_path / "out", "sales", today=TODAY)
    assert found_in(tmp_path / "out") == expected
    assert (report.lines, report.rejected, report.returned) == (lines, rejected, returned)


def test_there_are_at_least_25_kinds_of_mess() -> None:
    assert len(SHEETS) >= 25


def test_a_workbook_with_merged_dates_and_a_title_is_understood(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "मार्च"
    title, heading, last = ["गुप्ता किराना", None, None], ["तारीख", "सामान", "मात्रा"], [None, "कुल", 3]
    for row in (title, heading, ["15/03/24", "चीनी", 2], [None, "चाय", "1 नग"], last):
        page.append(row)
    page.merge_cells("A1:C1")
    page.merge_cells("A3:A4")
    book.create_sheet("Notes").append(["nothing here"])
    book.save(tmp_path / "book.xlsx")
    report = import_file(tmp_path / "book.xlsx", tmp_path / "out", "sales", today=TODAY, sheet="मार्च")
    assert found_in(tmp_path / "out") == {("चीनी", "2024-03-15"): 2.0, ("चाय", "2024-03-15"): 1.0}
    assert report.rejected == 1


def test_dates_are_filled_down_across_pieces_of_a_long_file(tmp_path: Path) -> None:
    rows = ["Date,Item,Qty", "15/03/24,Sugar,1", *[",Tea,1"] * 60_000]
    (tmp_path / "long.csv").write_text("\n".join(rows))
    import_file(tmp_path / "long.csv", tmp_path / "out", "sales", today=TODAY)
    assert found_in(tmp_path / "out")["Tea", "2024-03-15"] == 60_000


def test_a_sheet_without_prices_has_no_price_table(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("Date,Item,Qty\n15/03/24,Sugar,2\n")
    import_file(tmp_path / "sheet.csv", tmp_path / "out", "sales", today=TODAY)
    assert ShopData.load(tmp_path / "out").prices is None
