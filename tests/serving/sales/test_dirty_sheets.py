"""Sheets as shops keep them: Hindi headings, lakh commas, merged dates, Dr and Cr, Excel; and their undoing."""

import contextlib
import hashlib
import io
import json
import tracemalloc
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.errors import InvalidInput
from serving.sales import workbook
from serving.sales.sheet import read_sheet
from serving.sales.workbook import read_workbook

TODAY = date(2026, 3, 10)
HEAD = "date,item,quantity,amount\n"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (HEAD + "2026-03-01,tel,1,120\n", [("tel", 1_000, 12_000)]),
        (HEAD + '1/3/2026,tel,1,"1,20,000"\n', [("tel", 1_000, 12_000_000)]),
        (HEAD + '1/3/2026,tel,1,"₹ 1,20,000.50"\n', [("tel", 1_000, 12_000_050)]),
        (HEAD + "1/3/2026,tel,1,Rs. 120/-\n", [("tel", 1_000, 12_000)]),
        (HEAD + "1/3/2026,tel,1,120/=\n", [("tel", 1_000, 12_000)]),
        (HEAD + "1/3/2026,tel,1,रु 120\n", [("tel", 1_000, 12_000)]),
        (HEAD + "1/3/2026,tel,1,120.00 Cr\n", [("tel", 1_000, 12_000)]),
        (HEAD + "1/3/2026,tel,1,120 Dr\n2/3/2026,tel,1,5\n", [("tel", 1_000, 500)]),
        ("date,item,quantity,amount,Dr/Cr\n1/3/26,tel,1,120,Dr\n1/3/26,tel,1,7,Cr\n", [("tel", 1_000, 700)]),
        (
            "दिनांक,सामान,मात्रा,राशि\n१/३/२०२६,तेल,२,१,२०,०००\n".replace("१,२०,०००", '"१,२०,०००"'),
            [("तेल", 2_000, 12_000_000)],
        ),
        ("तारीख;वस्तु;मात्रा;दर\n01-03-2026;चीनी;2;45.5\n", [("चीनी", 2_000, 9_100)]),
        (
            HEAD + "1/3/2026,tel,1,10\n,ghee,2,20\n,salt,1,5\n",
            [("tel", 1_000, 1_000), ("ghee", 2_000, 2_000), ("salt", 1_000, 500)],
        ),
        (HEAD + ",tel,1,10\n1/3/2026,ghee,1,20\n", [("ghee", 1_000, 2_000)]),
        (HEAD + "32/3/2026,tel,1,10\n,ghee,1,20\n", []),
        ("Meena General Store\nMarch 2026\n\n" + HEAD + "1/3/2026,tel,1,10\n", [("tel", 1_000, 1_000)]),
        (HEAD + "1/3/2026,tel,1,10\n,Total,,10\n,कुल,1,10\n", [("tel", 1_000, 1_000)]),
        (HEAD + "1/3/2026,tel,2 kg,10\n", [("tel", 2_000, 1_000)]),
        (HEAD + "1/3/2026,tel,250 gm,10\n", [("tel", 250, 1_000)]),
        (HEAD + "1/3/2026,egg,2 dz,10\n", [("egg", 24_000, 1_000)]),
        (HEAD + "1/3/2026,tel,5 Nos.,10\n", [("tel", 5_000, 1_000)]),
        (HEAD + "1 Mar 2026,tel,1,10\n01-Mar-26,tel,1,10\n", [("tel", 1_000, 1_000)] * 2),
        (HEAD + "1/3/2026,tel,1,(10)\n1/3/2026,tel,-1,10\n", []),
        (HEAD + "2026-03-01 00:00:00,tel,1,10\n", [("tel", 1_000, 1_000)]),
        ("\ufeffDATE;ITEM_NAME;QTY.;NET AMOUNT\n1.3.2026;tel;1;10\n", [("tel", 1_000, 1_000)]),
        (HEAD + "1/3/2026,tel,1,10\n\n,,,\n1/3/2026,ghee,one,10\n", [("tel", 1_000, 1_000)]),
        (HEAD + '1/3/2026,"oil, 1 l pouch",1,10\n', [("oil, 1 l pouch", 1_000, 1_000)]),
    ],
)
def test_a_dirty_sheet_gives_its_good_rows_and_a_reason_for_each_other(
    text: str, rows: list[tuple[str, int, int]]
) -> None:
    good, bad = read_sheet(text.encode(), TODAY)
    assert [(row.item, row.quantity_milli, row.amount_paise) for row in good] == rows
    assert all(each.reason for each in bad)
    lines = [line for line in text.splitlines() if line.strip(",")]
    assert len(good) + len(bad) + next(
        n for n, line in enumerate(lines, 1) if "," in line or ";" in line
    ) == len(lines)


def a_workbook(*, since_1904: bool = False) -> bytes:
    """A workbook with a title, merged dates, days as numbers, a date as text, a gap and a line of sums."""
    book = openpyxl.Workbook()
    if since_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    page = book.active
    page.append(["मीना जनरल स्टोर"])
    page.append(["दिनांक", "सामान", "मात्रा", "राशि"])
    page.append([date(2026, 3, 1), "चीनी", 2, 91])
    page.append([None, "salt", 1.5, "1,20,000"])
    page.append([None, "tel", 1, 10])
    page.merge_cells("A3:A5")
    page.append([])
    page.append(["2/3/2026", "tel", 1, 0.1 + 0.2])
    page.append(["", "कुल", 5, 1])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("since_1904", [False, True])
def test_a_workbook_is_read_with_its_merged_dates(since_1904: bool) -> None:
    good, bad = read_sheet(a_workbook(since_1904=since_1904), TODAY)
    assert [(row.on.day, row.item, row.quantity_milli, row.amount_paise) for row in good] == [
        (1, "चीनी", 2_000, 9_100),
        (1, "salt", 1_500, 12_000_000),
        (1, "tel", 1_000, 1_000),
        (2, "tel", 1_000, 30),
    ]
    assert [each.row for each in bad] == [8]


def test_a_workbook_of_a_large_shop_is_read_row_by_row() -> None:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["date", "item", "quantity", "amount"])
    for n in range(2_000):
        page.append(["2026-03-01", f"item {n}", 1, n])
    file = io.BytesIO()
    book.save(file)
    good, bad = read_sheet(file.getvalue(), TODAY)
    assert (len(good), bad) == (2_000, [])


def packed(parts: dict[str, str]) -> bytes:
    """Pack some parts as a workbook is."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {"a" * n} "{("&" + "a" * (n - 1) + ";") * 10}">' for n in range(2, 12)
)


@pytest.mark.parametrize(
    "data",
    [
        packed({"word/document.xml": "<a/>"}),
        packed({"xl/workbook.xml": "<broken"}),
        packed({"xl/workbook.xml": BOMB + "]><a>&aaaaaaaaaaa;</a>"}),
        packed({"xl/workbook.xml": " " * 100_000_001}),
        packed({"xl/workbook.xml": "<a>" + "<b/>" * 1_000_001 + "</a>"}),
        a_workbook()[:-200],
        a_workbook()[:2_000],
    ],
    ids=["another file", "broken xml", "entities", "zip bomb", "very many elements", "cut at the end", "cut"],
)
def test_what_is_no_whole_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        list(read_workbook(data))
    assert refused.value.field == "file"


def a_sheet(rows: str, strings: str = "") -> bytes:
    """Pack a sheet whose rows, and whose texts, are written as they are given."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return packed(
        {
            "xl/workbook.xml": f'<workbook {space} xmlns:r="{office}"><sheets><sheet r:id="a"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<r><Relationship Id="a" Target="sheet.xml"/></r>',
            "xl/sharedStrings.xml": f"<sst {space}>{strings}</sst>",
            "xl/sheet.xml": f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>",
        }
    )


@pytest.mark.parametrize(
    "data",
    [
        a_sheet("<row>" + "<c><v>1</v></c>" * 100_000 + "</row>"),
        a_sheet("<x>" + "<y/>" * 200_000 + "</x>"),
        a_sheet("<row/>", "<si>" + "<t>a</t>" * 200_000 + "</si>"),
        a_sheet("<row/>", "<rows>" + "<a>" * 150_000 + "</a>" * 150_000 + "</rows>"),
    ],
    ids=["cells of a row", "what is no row", "runs of a text", "elements in elements"],
)
def test_a_small_file_of_very_many_elements_is_refused_before_they_fill_the_memory(data: bytes) -> None:
    assert len(data) < 100_000
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(read_workbook(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 120_000_000


@pytest.mark.parametrize("limit", ["_MAX_STRINGS", "_MAX_ELEMENTS"])
def test_a_workbook_has_so_many_texts_and_elements_at_most(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    data = a_sheet("<row><c/></row>" * 1_000, "<si><t>a</t></si>" * 1_000)
    assert sum(1 for _ in read_workbook(data)) == 1_000
    monkeypatch.setattr(workbook, limit, 900)
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(read_workbook(data))


@pytest.mark.parametrize(
    ("quantity", "price", "said"),
    [
        ("1E999999999", "1", "too large"),
        ("1E-999999999", "1", "too small"),
        ("1", "1E999999999", "too large"),
        ("1", "-1E999999999", "too large"),
        ("1", "9E-999999999", "too small"),
        ("NaN", "1", "too large"),
        ("Infinity", "1", "too large"),
        ("1000001", "1", "quantity in thousandths"),
        ("1", "10000001", "price in paise"),
        ("1000000", "1001", "amount in paise"),
        ("999999999", "999999999", "quantity in thousandths"),
    ],
)
def test_a_number_that_no_bill_could_hold_spoils_its_own_row_only(
    quantity: str, price: str, said: str
) -> None:
    sheet = f"date,item,quantity,price\n2026-01-01,a,{quantity},{price}\n2026-01-01,b,2,0.5\n"
    good, bad = read_sheet(sheet.encode(), TODAY)
    assert [(row.item, row.quantity_milli, row.amount_paise) for row in good] == [("b", 2_000, 100)]
    assert [each.row for each in bad] == [2]
    assert said in bad[0].reason


@given(st.binary(max_size=200), st.integers(0, 4_000))
def test_no_bytes_of_a_workbook_break_more_than_the_request(noise: bytes, place: int) -> None:
    data = bytearray(WORKBOOK)
    data[place : place + len(noise)] = noise
    with contextlib.suppress(InvalidInput):
        good, _ = read_sheet(bytes(data), TODAY)
        assert all(row.quantity_milli > 0 and row.amount_paise >= 0 for row in good)


WORKBOOK = a_workbook()


def state_of(shop: Any) -> str:
    """Hash what the shop sees of its bills, its days and its stock."""
    seen = [shop.get(path) for path in ("/sales", "/sales/summary?days=60", "/inventory/items")]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def test_a_workbook_is_seen_taken_in_and_taken_back_to_the_same_state(shop: Any) -> None:
    for item_id, name in (("sugar", "चीनी"), ("salt", "Salt"), ("oil", "Tel")):
        shop.add_item(item_id, name=name, stock=9_000)
    shop.sell("salt", 1_000)
    before = state_of(shop)
    seen = shop.upload("/sales/imports", {"file": ("sales.xlsx", WORKBOOK)})
    assert (seen["rows"], seen["bad_rows"], seen["unknown_count"]) == (4, 1, 0)
    assert seen["problems"][0]["row"] == 8
    assert state_of(shop) == before
    path = f"/sales/imports/{seen['import_id']}"
    assert shop.post(f"{path}/confirm", {}, key="in")["bills"] == 2
    assert shop.post(f"{path}/confirm", {}, key="in")["bills"] == 2
    assert state_of(shop) != before
    assert shop.get("/sales/summary?days=30")["amount_paise"] == 9_100 + 12_000_000 + 1_000 + 30 + 4_500
    shop.post(f"{path}/undo")
    assert state_of(shop) == before
