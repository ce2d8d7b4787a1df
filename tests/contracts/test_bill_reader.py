"""Every reader of bills keeps the port's promises: tokens with boxes, clear errors, nothing followed."""

import io
import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from samaan_ml.bills import Reading, read_bill
from serving.adapters.localocr_bill_reader import (
    NoEngineBillReader,
    RapidOcrBillReader,
    TesseractBillReader,
    local_bill_reader,
    upright,
)
from serving.adapters.textract_bill_reader import TextractBillReader, parse_expense, textract_client
from serving.errors import InvalidInput, ServiceUnavailable
from serving.ports.bill_reader import BillReader

ROWS = (
    ("GUPTA TRADERS", "", "", ""),
    ("Item", "Qty", "Rate", "Amount"),
    ("Sugar", "2", "45.00", "90.00"),
    ("Rice", "5", "60.00", "300.00"),
    ("Salt", "3", "20.00", "60.00"),
    ("Total", "", "", "450.00"),
)
LEFT = (40, 420, 620, 860)
SIZE = (1100, 460)


def photograph(**options: Any) -> bytes:
    """Print the bill as a picture."""
    image = pytest.importorskip("PIL.Image", reason="Pillow prints the pictures of these tests")
    draw = pytest.importorskip("PIL.ImageDraw")
    font = pytest.importorskip("PIL.ImageFont")
    page = image.new("L", SIZE, 255)
    pen, face = draw.Draw(page), font.load_default(size=38)
    for place, cells in enumerate(ROWS):
        for left, cell in zip(LEFT, cells, strict=True):
            pen.text((left, 30 + 68 * place), cell, fill=0, font=face)
    buffer = io.BytesIO()
    page.save(buffer, format="PNG", **options)
    return buffer.getvalue()


def field(kind: str, text: str, row: int, column: int, confidence: float = 98.0) -> dict[str, Any]:
    box = {"Left": LEFT[column] / 1100, "Top": (30 + 68 * row) / 460, "Width": 0.12, "Height": 0.1}
    value = {"Text": text, "Confidence": confidence, "Geometry": {"BoundingBox": box, "Polygon": []}}
    return {"Type": {"Text": kind, "Confidence": 99.0}, "ValueDetection": value, "PageNumber": 1}


def expense() -> dict[str, Any]:
    """The same bill as Textract answers it."""
    items = [
        {
            "LineItemExpenseFields": [
                field("ITEM", cells[0], row, 0),
                field("QUANTITY", cells[1], row, 1),
                field("UNIT_PRICE", cells[2], row, 2),
                field("PRICE", cells[3], row, 3),
            ]
        }
        for row, cells in enumerate(ROWS)
        if 2 <= row <= 4
    ]
    blocks = [
        {
            "BlockType": "WORD",
            "Id": f"{row}-{column}-{order}",
            "Text": word,
            "Confidence": 99.0,
            "Geometry": {
                "BoundingBox": {
                    "Left": LEFT[column] / 1100 + 0.07 * order,
                    "Top": (30 + 68 * row) / 460,
                    "Width": 0.06,
                    "Height": 0.08,
                },
                "Polygon": [],
            },
        }
        for row, cells in enumerate(ROWS)
        for column, cell in enumerate(cells)
        for order, word in enumerate(cell.split())
    ]
    document = {
        "ExpenseIndex": 1,
        "SummaryFields": [field("VENDOR_NAME", "GUPTA TRADERS", 0, 0), field("TOTAL", "450.00", 5, 3)],
        "LineItemGroups": [{"LineItemGroupIndex": 1, "LineItems": items}],
        "Blocks": blocks,
    }
    return {"DocumentMetadata": {"Pages": 1}, "ExpenseDocuments": [document]}


def a_client() -> Any:
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")
    return textract_client("ap-south-1")


@pytest.fixture(params=["textract", "tesseract", "rapidocr"])
def reader(request: pytest.FixtureRequest) -> BillReader:
    """Each reader whose engine this machine has."""
    if request.param == "textract":
        client = a_client()
        stubber = Stubber(client)
        stubber.add_response("analyze_expense", expense())
        stubber.activate()
        return TextractBillReader(client)
    if request.param == "tesseract":
        if shutil.which("tesseract") is None:
            pytest.skip("the program 'tesseract' is not installed")
        return TesseractBillReader()
    pytest.importorskip("rapidocr", reason="the package 'rapidocr' is not installed")
    return RapidOcrBillReader()


def test_every_reader_gives_the_same_bill(reader: BillReader) -> None:
    reading = reader.read(photograph())
    assert isinstance(reading, Reading)
    assert reading.engine
    assert all(0.0 <= token.confidence <= 1.0 for token in reading.tokens)
    assert all(token.box.width > 0 and token.box.height > 0 for token in reading.tokens)
    draft = read_bill(reading, today=date(2026, 11, 23))
    assert [line.amount.value for line in draft.lines] == [9_000, 30_000, 6_000]
    assert (draft.total.value, draft.total.status) == (45_000, "checked")
    assert (draft.supplier.value or "").upper() == "GUPTA TRADERS"


@pytest.mark.parametrize("engine", ["tesseract", "rapidocr"])
def test_what_is_no_picture_is_the_callers_fault(engine: str) -> None:
    if engine == "tesseract" and shutil.which("tesseract") is None:
        pytest.skip("the program 'tesseract' is not installed")
    if engine == "rapidocr":
        pytest.importorskip("rapidocr", reason="the package 'rapidocr' is not installed")
    local: BillReader = TesseractBillReader() if engine == "tesseract" else RapidOcrBillReader()
    with pytest.raises(InvalidInput) as caught:
        local.read(b"\x89PNG\r\n\x1a\nnothing")
    assert caught.value.field == "image"


def test_a_missing_engine_is_named_and_not_the_callers_fault() -> None:
    with pytest.raises(ServiceUnavailable, match="tesseract-ocr"):
        TesseractBillReader(command="no-such-program").read(photograph())
    with pytest.raises(ServiceUnavailable, match=r"samaan-sathi\[ocr\]"):
        NoEngineBillReader().read(b"x")


def test_the_local_reader_is_always_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    chosen = local_bill_reader()
    assert isinstance(chosen, RapidOcrBillReader | NoEngineBillReader)


def test_a_program_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow-tesseract"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ServiceUnavailable, match="too long"):
        TesseractBillReader(timeout_seconds=0.3, command="slow-tesseract").read(photograph())


def test_missing_language_data_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "bare-tesseract"
    broken.write_text("#!/bin/sh\necho 'Error opening data file hin.traineddata' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ServiceUnavailable, match="'eng\\+hin'"):
        TesseractBillReader("eng+hin", command="bare-tesseract").read(photograph())


def test_the_table_of_a_program_becomes_tokens_and_one_thread_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "told-tesseract"
    table = (
        "level\\tpage_num\\tblock_num\\tpar_num\\tline_num\\tword_num\\tleft\\ttop\\twidth\\theight\\tconf\\ttext\\n"
        "4\\t1\\t1\\t1\\t1\\t0\\t0\\t0\\t9\\t9\\t-1\\t\\n5\\t1\\t1\\t1\\t1\\t1\\t10\\t20\\t30\\t8\\t96.5\\tthreads=%s\\n"
    )
    program.write_text(f"#!/bin/sh\ncat > /dev/null\nprintf '{table}' \"$OMP_THREAD_LIMIT\"\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (token,) = TesseractBillReader(command="told-tesseract").read(photograph()).tokens
    assert token.text == "threads=1"
    assert (token.box.left, token.box.bottom, token.confidence) == (10.0, 28.0, 0.965)


def test_a_photograph_is_turned_upright_and_a_bomb_is_refused() -> None:
    image = pytest.importorskip("PIL.Image")
    data = image.Exif()
    data[0x0112] = 6
    turned = upright(photograph(exif=data))
    assert turned.height > turned.width
    buffer = io.BytesIO()
    image.new("1", (9_000, 9_000)).save(buffer, format="PNG")
    with pytest.raises(InvalidInput, match="pixels"):
        upright(buffer.getvalue())


# --- Textract alone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["UnsupportedDocumentException", "BadDocumentException", "DocumentTooLargeException"]
)
def test_a_document_that_textract_refuses_is_the_callers_fault(code: str) -> None:
    client = a_client()
    with Stubber(client) as stubber:
        stubber.add_client_error("analyze_expense", code)
        with pytest.raises(InvalidInput):
            TextractBillReader(client).read(b"x")


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "AccessDeniedException"])
def test_a_fault_of_textract_asks_to_come_again_and_tells_no_secret(code: str) -> None:
    client = a_client()
    with Stubber(client) as stubber:
        stubber.add_client_error("analyze_expense", code, "arn:aws:iam::123456789012:role/secret")
        with pytest.raises(ServiceUnavailable) as caught:
            TextractBillReader(client).read(b"x")
    assert "123456789012" not in str(caught.value)
    assert caught.value.retry_after_seconds > 0


def test_a_lost_connection_is_a_fault_of_the_port() -> None:
    class Unreachable:
        def analyze_expense(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://textract.example")

    with pytest.raises(ServiceUnavailable, match="did not answer"):
        TextractBillReader(Unreachable()).read(b"x")  # type: ignore[arg-type]


def test_an_empty_answer_is_no_text() -> None:
    client = a_client()
    with Stubber(client) as stubber:
        stubber.add_response("analyze_expense", {"ExpenseDocuments": []})
        with pytest.raises(InvalidInput, match="no text"):
            TextractBillReader(client).read(b"x")


def test_fields_that_textract_doubts_are_no_hints() -> None:
    answer = expense()
    answer["ExpenseDocuments"][0]["SummaryFields"] = [field("TOTAL", "999.00", 5, 3, confidence=20.0)]
    assert "total" not in {hint.kind for hint in parse_expense(answer).hints}


RECORDED = {
    "textractor_test_analyze_expense_from_image.json": (181_046, 4),
    "trp_analyzeExpenseResponse-multipage.json": (571_500, 8),
}


@pytest.mark.data
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_answers_are_read_and_their_arithmetic_holds(name: str, benchmark_data: Path) -> None:
    path = benchmark_data / "textract_samples" / "analyze_expense" / name
    if not path.is_file():
        pytest.skip(f"'{name}' is not among the benchmark data")
    draft = read_bill(parse_expense(json.loads(path.read_text(encoding="utf-8"))), today=date(2026, 11, 23))
    assert (draft.total.value, len(draft.lines)) == RECORDED[name]
    assert draft.total.status == "checked"


@pytest.mark.data
@pytest.mark.parametrize("name", ["trpjs_test-failed-response.json", "trpjs_test-inprogress-response.json"])
def test_a_job_that_failed_or_runs_is_no_reading(name: str, benchmark_data: Path) -> None:
    path = benchmark_data / "textract_samples" / "analyze_expense" / name
    if not path.is_file():
        pytest.skip(f"'{name}' is not among the benchmark data")
    with pytest.raises(ServiceUnavailable, match="job"):
        parse_expense(json.loads(path.read_text(encoding="utf-8")))
