"""Files of every kind that shops have: Excel, old Excel, OpenDocument, HTML, Excel's XML and Tally's XML."""

# ruff: noqa: E501 (sheets stand as they are)

import contextlib
import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samaan_ml.sheets import SALES, Line, Options, SheetError, describe, open_sheet
from samaan_ml.sheets import _xlsx as xlsx

TODAY = date(2026, 3, 31)
AFile = Callable[..., Path]
WANTED = [
    ("2026-03-01", "चीनी", 2, Decimal(91)),
    ("2026-03-01", "salt", Decimal("1.5"), Decimal(120000)),
    ("2026-03-01", "tel", 1, Decimal(10)),
    ("2026-03-02", "tel", 1, Decimal("0.3")),
]


def good(path: Path, **options: object) -> list[tuple[str, str, Decimal, Decimal | None]]:
    """Read the good lines of a sheet."""
    sheet = open_sheet(path, SALES, Options(today=TODAY, **options))  # type: ignore[arg-type]
    try:
        return [(str(n.on), n.item, n.quantity, n.amount) for n in sheet.lines() if n.state != "bad"]
    finally:
        sheet.close()


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
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook's file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("since_1904", [False, True])
def test_a_workbook_is_read_with_its_merged_dates(since_1904: bool, a_file: AFile) -> None:
    path = a_file(a_workbook(since_1904=since_1904))
    assert good(path) == WANTED
    bad = [line for line in open_sheet(path, SALES, Options(today=TODAY)).lines() if line.state == "bad"]
    assert [(line.row, line.reason) for line in bad if line.reason != "blank row"] == [(8, "a total: 'कुल'")]


def test_the_sheet_with_known_headings_is_read_and_others_like_it_are_named(a_file: AFile) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Summary of the year"])
    for name, item in (("Feb", "Tea"), ("Mar", "Soap")):
        page = book.create_sheet(name)
        page.append(["Date", "Item", "Qty", "Amount"])
        page.append([date(2026, 3, 1), item, 1, 10])
    path = a_file(saved(book))
    assert good(path) == [("2026-03-01", "Tea", 1, 10)]
    assert good(path, sheet="Mar") == [("2026-03-01", "Soap", 1, 10)]
    card = describe(open_sheet(path, SALES, Options(today=TODAY)))
    assert (card.sheet, card.other_sheets, card.questions[0].option) == ("Feb", ("Mar",), "sheet")
    with pytest.raises(SheetError, match="there is no sheet 'May'"):
        good(path, sheet="May")


def test_numbers_that_a_workbook_holds_have_one_reading(a_file: AFile) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Date", "Barcode", "Qty", "Amount"])
    book.active.append([46082, 8901030865275, 1.234, 1234.5])
    book.active.append([46082.75, 12345678901234, 1, 1_000_000])
    path = a_file(saved(book))
    assert good(path) == [
        ("2026-03-01", "8901030865275", Decimal("1.234"), Decimal("1234.5")),
        ("2026-03-01", "12345678901234", 1, 1_000_000),
    ]


OPEN_DOCUMENT = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 ><office:body><office:spreadsheet><table:table table:name="Sales">{}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


MANIFEST = """<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
 ><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
</manifest:manifest>"""


def an_open_document(rows: list[list[object]]) -> bytes:
    """Write an OpenDocument sheet by hand."""
    text = ""
    for row in rows:
        cells = "".join(
            f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
            if isinstance(cell, int | float)
            else f'<table:table-cell office:value-type="date" office:date-value="{cell}"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            if isinstance(cell, date)
            else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        text += f"<table:table-row>{cells}</table:table-row>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("META-INF/manifest.xml", MANIFEST)
        parts.writestr("content.xml", OPEN_DOCUMENT.format(text))
    return file.getvalue()


def test_an_open_document_sheet_is_read(a_file: AFile) -> None:
    rows: list[list[object]] = [
        ["Date", "Item", "Qty", "Amount"],
        [date(2026, 3, 1), "Tea", 2, 20.5],
        ["2-Mar-26", "Soap", 1, 9],
    ]
    assert good(a_file(an_open_document(rows))) == [
        ("2026-03-01", "Tea", 2, Decimal("20.5")),
        ("2026-03-02", "Soap", 1, 9),
    ]


def test_an_html_table_named_xls_is_read(a_file: AFile) -> None:
    html = """<html><head><meta charset="utf-8"></head><body><table><tr><td colspan=4>Meena Store</td></tr>
    <tr><th>Date</th><th>Item</th><th>Qty</th><th>Amount</th></tr>
    <tr><td>01-Mar-26<td>Tea &amp; co<td>2<td>1,20,000.00</tr><tr><td></td><td>Soap</td><td>1</td><td>9.50</td></tr></table>"""
    assert good(a_file(html, "sales.xls")) == [
        ("2026-03-01", "Tea & co", 2, Decimal("120000.00")),
        ("2026-03-01", "Soap", 1, Decimal("9.50")),
    ]


def test_excel_xml_of_2003_is_read(a_file: AFile) -> None:
    xml = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
    <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
    <Worksheet ss:Name="Sales"><Table><Row><Cell><Data ss:Type="String">Date</Data></Cell><Cell><Data
    ss:Type="String">Item</Data></Cell><Cell><Data ss:Type="String">Qty</Data></Cell><Cell ss:Index="5"><Data
    ss:Type="String">Amount</Data></Cell></Row><Row ss:Index="4"><Cell><Data
    ss:Type="DateTime">2026-03-01T00:00:00.000</Data></Cell><Cell><Data ss:Type="String">Tea</Data></Cell><Cell><Data
    ss:Type="Number">2</Data></Cell><Cell ss:Index="5"><Data ss:Type="Number">20.5</Data></Cell></Row></Table></Worksheet>
    </Workbook>"""
    assert good(a_file(xml)) == [("2026-03-01", "Tea", 2, Decimal("20.5"))]


TALLY = """<ENVELOPE><HEADER><TALLYREQUEST>Import Data</TALLYREQUEST></HEADER><BODY><IMPORTDATA><REQUESTDATA>
<TALLYMESSAGE xmlns:UDF="TallyUDF"><VOUCHER VCHTYPE="Sales" ACTION="Create"><DATE>20260301</DATE>
<VOUCHERTYPENAME>Sales</VOUCHERTYPENAME><VOUCHERNUMBER>1</VOUCHERNUMBER><PARTYLEDGERNAME>Cash</PARTYLEDGERNAME>
<NARRATION>&#4; Any</NARRATION><ALLINVENTORYENTRIES.LIST><STOCKITEMNAME>Eggs</STOCKITEMNAME><RATE>7.00/pcs</RATE>
<AMOUNT>35.00</AMOUNT><ACTUALQTY> 5 pcs</ACTUALQTY><BILLEDQTY> 5 pcs</BILLEDQTY></ALLINVENTORYENTRIES.LIST>
<ALLINVENTORYENTRIES.LIST><STOCKITEMNAME>Sugar</STOCKITEMNAME><RATE>45.00/kg</RATE><DISCOUNT> 10</DISCOUNT>
<AMOUNT>60.75</AMOUNT><BILLEDQTY> 1.500 kg</BILLEDQTY></ALLINVENTORYENTRIES.LIST></VOUCHER></TALLYMESSAGE>
<TALLYMESSAGE><VOUCHER VCHTYPE="Purchase"><DATE>20260301</DATE><ALLINVENTORYENTRIES.LIST><STOCKITEMNAME>Eggs</STOCKITEMNAME>
<RATE>5.00/pcs</RATE><AMOUNT>-500.00</AMOUNT><BILLEDQTY>100 pcs</BILLEDQTY></ALLINVENTORYENTRIES.LIST></VOUCHER></TALLYMESSAGE>
<TALLYMESSAGE><VOUCHER VCHTYPE="Sales"><DATE>20260302</DATE><ISCANCELLED>Yes</ISCANCELLED><ALLINVENTORYENTRIES.LIST>
<STOCKITEMNAME>Eggs</STOCKITEMNAME><AMOUNT>7.00</AMOUNT><BILLEDQTY>1 pcs</BILLEDQTY></ALLINVENTORYENTRIES.LIST></VOUCHER>
</TALLYMESSAGE><TALLYMESSAGE><VOUCHER VCHTYPE="Credit Note"><DATE>20260303</DATE><INVENTORYENTRIES.LIST>
<STOCKITEMNAME>Eggs</STOCKITEMNAME><RATE>7.00/pcs</RATE><AMOUNT>-14.00</AMOUNT><BILLEDQTY>2 pcs</BILLEDQTY>
</INVENTORYENTRIES.LIST></VOUCHER></TALLYMESSAGE></REQUESTDATA></IMPORTDATA></BODY></ENVELOPE>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_vouchers_of_tally_are_read_as_sales_and_returns(encoding: str, a_file: AFile) -> None:
    sheet = open_sheet(a_file(TALLY.encode(encoding)), SALES, Options(today=TODAY))
    lines = [(str(n.on), n.state, n.item, n.quantity, n.amount) for n in sheet.lines()]
    assert lines == [
        ("2026-03-01", "sale", "Eggs", 5, Decimal("35.00")),
        ("2026-03-01", "sale", "Sugar", Decimal("1.500"), Decimal("60.75")),
        ("2026-03-03", "return", "Eggs", 2, Decimal("14.00")),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_in_any_encoding_is_read(encoding: str, a_file: AFile) -> None:
    text = "Date,Item,Qty,Amount\n01-Mar-2026,Café,1,10\n"
    assert good(a_file(text.encode(encoding))) == [("2026-03-01", "Café", 1, 10)]
    assert good(a_file(gzip.compress(text.encode(encoding)))) == [("2026-03-01", "Café", 1, 10)]


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
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"%PDF-1.7",
        b'{"sales": []}',
        b"<svg></svg>",
        b"",
        b"\x00\x01\x02\x03",
        (BOMB + "]><ENVELOPE><VOUCHER>&aaaaaaaaaaa;</VOUCHER></ENVELOPE>").encode(),
        b"<ENVELOPE>" + b"<a>" * 250_000,
    ],
    ids=["another file", "broken xml", "entities", "zip bomb", "very many elements", "cut at the end", "cut",
         "broken xls",
         "pdf", "json", "svg", "empty", "zeros", "entities of Tally", "deep"],
)  # fmt: skip
def test_what_is_no_whole_sheet_is_refused(data: bytes, a_file: AFile) -> None:
    with pytest.raises(SheetError):
        good(a_file(data))


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
def test_a_small_file_of_very_many_elements_is_refused_before_they_fill_the_memory(
    data: bytes, a_file: AFile
) -> None:
    path = a_file(data)
    assert len(data) < 100_000
    tracemalloc.start()
    with pytest.raises(SheetError, match="cannot be read"):
        good(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 120_000_000


@pytest.mark.parametrize("limit", ["_MAX_STRINGS", "_MAX_ELEMENTS"])
def test_a_workbook_has_so_many_texts_and_elements_at_most(
    monkeypatch: pytest.MonkeyPatch, limit: str, a_file: AFile
) -> None:
    path = a_file(a_sheet("<row><c/></row>" * 1_000, "<si><t>a</t></si>" * 1_000))
    assert sum(1 for _ in xlsx.xlsx_rows(path, 0)) == 1_000
    monkeypatch.setattr(xlsx, limit, 900)
    with pytest.raises(SheetError, match="cannot be read"):
        list(xlsx.xlsx_rows(path, 0))


WORKBOOK = a_workbook()


@given(st.binary(max_size=200), st.integers(0, 4_000))
def test_no_bytes_of_a_workbook_break_more_than_its_reading(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    data = bytearray(WORKBOOK)
    data[place : place + len(noise)] = noise
    path = tmp_path_factory.mktemp("noise") / "book"
    path.write_bytes(bytes(data))
    with contextlib.suppress(SheetError):
        lines: list[Line] = list(open_sheet(path, SALES, Options(today=TODAY)).lines())
        assert all(line.quantity >= 0 for line in lines)
