"""Bills read by Amazon Textract's AnalyzeExpense: its words become tokens, its fields hints."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from samaan_ml.bills import Box, Hint, HintKind, Reading, Token
from serving.errors import InvalidInput, NothingRead, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_textract.client import TextractClient

MAX_TEXTRACT_BYTES = 10 * 2**20

_SUMMARY: dict[str, HintKind] = {
    "VENDOR_NAME": "supplier",
    "VENDOR_ADDRESS": "supplier_address",
    "VENDOR_GST_NUMBER": "supplier_gstin",
    "TAX_PAYER_ID": "supplier_gstin",
    "INVOICE_RECEIPT_ID": "number",
    "INVOICE_RECEIPT_DATE": "date",
    "SUBTOTAL": "subtotal",
    "DISCOUNT": "discount",
    "TAX": "tax",
    "TOTAL": "total",
}
_ITEM: dict[str, HintKind] = {
    "ITEM": "description",
    "QUANTITY": "quantity",
    "UNIT_PRICE": "rate",
    "DISCOUNT": "discount",
    "TAX": "tax",
    "PRICE": "amount",
}
_LEAST_CONFIDENCE = 0.5
_CALLERS_FAULT = {
    "UnsupportedDocumentException": "the reading engine does not know this kind of file",
    "DocumentTooLargeException": "the image is too large for the reading engine",
    "BadDocumentException": "the reading engine could not open the image",
    "InvalidParameterException": "the reading engine refused the image",
}


def textract_client(
    region: str, endpoint_url: str | None = None, timeout_seconds: float = 20.0
) -> "TextractClient":
    """Make a client with a time limit and two attempts."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=min(3.0, timeout_seconds),
        read_timeout=timeout_seconds,
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    return boto3.client("textract", region_name=region, endpoint_url=endpoint_url, config=config)


class TextractBillReader:
    """Reads with AnalyzeExpense, synchronously; English print only.

    Parameters
    ----------
    client : TextractClient
        From `textract_client`.
    """

    def __init__(self, client: "TextractClient") -> None:
        self._client = client

    def read(self, image: bytes) -> Reading:
        """Return the words and fields that Textract found."""
        from botocore.exceptions import BotoCoreError, ClientError

        if len(image) > MAX_TEXTRACT_BYTES:
            raise InvalidInput(
                f"the image has {len(image)} bytes, Textract takes {MAX_TEXTRACT_BYTES}", field="image"
            )
        try:
            answer = self._client.analyze_expense(Document={"Bytes": image})
        except ClientError as error:
            raise _translated(error.response.get("Error", {}).get("Code", "")) from error
        except BotoCoreError as error:
            raise ServiceUnavailable("the reading engine did not answer", retry_after_seconds=5) from error
        reading = parse_expense(answer)
        if not reading.tokens:
            raise NothingRead(
                "no text was found on the image", field="image", hint="photograph the bill flat and in light"
            )
        return reading


def _translated(code: str) -> InvalidInput | ServiceUnavailable:
    """Turn Textract's error into the API's own."""
    if code in _CALLERS_FAULT:
        return InvalidInput(
            _CALLERS_FAULT[code], field="image", hint="send a JPEG or PNG photograph of one bill"
        )
    if code in {"ThrottlingException", "ProvisionedThroughputExceededException", "LimitExceededException"}:
        return ServiceUnavailable("the reading engine is busy", retry_after_seconds=5)
    return ServiceUnavailable("the reading engine failed", retry_after_seconds=30)


def parse_expense(answer: Mapping[str, Any]) -> Reading:
    """Turn an answer of AnalyzeExpense (or GetExpenseAnalysis) into a reading.

    Words come from the blocks where the answer holds them, else from the fields themselves. A field's hint points
    to the words inside its box; a field without geometry becomes a token of its own.

    Raises
    ------
    ServiceUnavailable
        When the answer is of a job that failed or has not ended.
    """
    status = answer.get("JobStatus", "SUCCEEDED")
    if status not in {"SUCCEEDED", "PARTIAL_SUCCESS"}:
        raise ServiceUnavailable(f"the reading job is '{status}'", retry_after_seconds=10)
    parsed = _Parsed()
    for document in answer.get("ExpenseDocuments") or ():
        parsed.add_words(document.get("Blocks") or ())
        parsed.add_summary(document.get("SummaryFields") or ())
        for group in document.get("LineItemGroups") or ():
            parsed.add_items(group.get("LineItems") or ())
    return Reading("textract", tuple(parsed.tokens), tuple(parsed.hints))


class _Parsed:
    """Tokens and hints while an answer is walked through."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.hints: list[Hint] = []
        self._words = 0
        self._lines = 0

    def add_words(self, blocks: Sequence[Mapping[str, Any]]) -> None:
        """Take the words of a document's blocks."""
        for block in blocks:
            if block.get("BlockType") == "WORD" and block.get("Text"):
                box = _box(block)
                if box is not None:
                    page = int(block.get("Page") or 1) - 1
                    self.tokens.append(Token(str(block["Text"]), box, _confidence(block), page))
        self._words = len(self.tokens)

    def add_summary(self, fields: Sequence[Mapping[str, Any]]) -> None:
        """Take the fields of the head and the foot; of several of one kind the surest, of taxes all."""
        best: dict[HintKind, tuple[float, Hint]] = {}
        for field in fields:
            kind = _SUMMARY.get(str((field.get("Type") or {}).get("Text", "")))
            hint = None if kind is None else self._hint(kind, field, None)
            if kind is None or hint is None:
                continue
            confidence = _confidence(field.get("Type") or {})
            if kind == "tax":
                self.hints.append(hint)
            elif kind not in best or confidence > best[kind][0]:
                best[kind] = confidence, hint
        self.hints += [hint for _, hint in best.values()]

    def add_items(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Take the lines of goods."""
        for item in items:
            found = []
            for field in item.get("LineItemExpenseFields") or ():
                kind = _ITEM.get(str((field.get("Type") or {}).get("Text", "")))
                hint = None if kind is None else self._hint(kind, field, self._lines)
                if hint is not None:
                    found.append(hint)
            if found:
                self.hints += found
                self._lines += 1

    def _hint(self, kind: HintKind, field: Mapping[str, Any], line: int | None) -> Hint | None:
        """Make a hint of one field, on the words inside its box where there are any."""
        value = field.get("ValueDetection") or {}
        text = str(value.get("Text") or "").strip()
        if not text or _confidence(value) < _LEAST_CONFIDENCE:
            return None
        page = int(field.get("PageNumber") or 1) - 1
        box = _box(value)
        inside = [] if box is None else list(self._words_inside(box, page, text))
        if inside:
            return Hint(kind, tuple(inside), line)
        self.tokens.append(
            Token(" ".join(text.split()), box or _nowhere(len(self.tokens)), _confidence(value), page)
        )
        return Hint(kind, (len(self.tokens) - 1,), line)

    def _words_inside(self, box: Box, page: int, text: str) -> Iterator[int]:
        """Go through the words whose middle lies in a field's box and that occur in its text."""
        for place, token in enumerate(self.tokens[: self._words]):
            across = (token.box.left + token.box.right) / 2
            if (
                token.page == page
                and box.left <= across <= box.right
                and box.top <= token.box.middle <= box.bottom
                and token.text in text
            ):
                yield place


def _box(holder: Mapping[str, Any]) -> Box | None:
    """Read a bounding box, None where there is none."""
    bounds = ((holder.get("Geometry") or {}).get("BoundingBox")) or {}
    sides: tuple[Literal["Left"], ...] | tuple[str, ...] = ("Left", "Top", "Width", "Height")
    if any(not isinstance(bounds.get(side), int | float) for side in sides):
        return None
    left, top = float(bounds["Left"]), float(bounds["Top"])
    return Box(left, top, left + float(bounds["Width"]), top + float(bounds["Height"]))


def _nowhere(order: int) -> Box:
    """Return a box below the page for text without a place, so that it joins no printed row."""
    return Box(0.0, 2.0 + order, 1.0, 2.5 + order)


def _confidence(holder: Mapping[str, Any]) -> float:
    """Read a confidence as a share, 1 where none is given."""
    value = holder.get("Confidence")
    return 1.0 if value is None else min(1.0, max(0.0, float(value) / 100))
