"""The forms in which a model is asked and answers: JSON, JSON lines, CSV and Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from samaan_ml.domain.messages import Request, decode_request, encode
from samaan_ml.exceptions import SamaanError
from samaan_ml.inference import Predictor

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "ANSWERERS",
    "CSV",
    "JSON",
    "LINES",
    "PARQUET",
    "BodyError",
    "described",
    "read_options",
    "requests_in",
]

JSON, LINES, CSV, PARQUET = "application/json", "application/jsonlines", "text/csv", "application/x-parquet"
_AREA_TABLES = {"demand": "sales", "price": "prices", "udhaar": "ledger"}


class BodyError(SamaanError):
    """A request that cannot be answered, with the status that says why."""

    def __init__(self, status: int, code: str, detail: str, name: str | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.name = status, code, name


def described(error: SamaanError) -> dict[str, Any]:
    """Write an error as JSON values."""
    code = error.code if isinstance(error, BodyError) else type(error).__name__
    name = error.name if isinstance(error, BodyError) else getattr(error, "field", None)
    return {"code": code, "field": name, "detail": str(error)}


def read_options(text: str) -> dict[str, str]:
    """Read `horizon_days=14,...` of the custom attributes."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _answer_json(predictor: Predictor, body: bytes, options: Mapping[str, str], wanted: str) -> bytes:  # noqa: ARG001
    """Answer one message."""
    return encode(predictor.answer(decode_request(body)))


def _answer_lines(predictor: Predictor, body: bytes, options: Mapping[str, str], wanted: str) -> bytes:  # noqa: ARG001
    """Answer a message a line; a line that cannot be answered says so in its place."""
    answers = []
    for line in body.splitlines():
        if line.strip():
            try:
                answers.append(encode(predictor.answer(decode_request(line))))
            except SamaanError as error:
                answers.append(json.dumps({"kind": "error", **described(error)}).encode())
    return b"\n".join(answers) + b"\n"


def _answer_table(
    predictor: Predictor,
    body: bytes,
    options: Mapping[str, str],
    wanted: str,
    read: Callable[[bytes], pa.Table],
) -> bytes:
    """Answer a table of one or more shops."""
    from training.payloads import answer_rows

    rows: list[dict[str, Any]] = []
    for asked in _requests_of(predictor.kind, read(body), options):
        rows += answer_rows(asked, predictor.answer(asked))
    return _written(rows, wanted)


def _requests_of(area: str, table: pa.Table, options: Mapping[str, str]) -> Iterator[Request]:
    """Go through the requests that a table of one or more shops stands for."""
    import pyarrow.compute as pc

    from training.payloads import requests_for

    if "shop_id" not in table.column_names:
        raise BodyError(
            400, "column", f"column 'shop_id' is missing; got {', '.join(table.column_names)}", "shop_id"
        )
    table = table.set_column(table.column_names.index("shop_id"), "shop_id", table["shop_id"].cast("string"))
    if table["shop_id"].null_count:
        raise BodyError(400, "column", "column 'shop_id' has rows without a value", "shop_id")
    horizon = options.get("horizon_days", "14")
    if not horizon.isdigit():
        raise BodyError(
            400, "option", f"'horizon_days' must be a whole number, got '{horizon}'", "horizon_days"
        )
    for shop in sorted(set(table["shop_id"].to_pylist())):
        part = table.filter(pc.equal(table["shop_id"], shop))
        # A body is one table; for prices it carries the sales it needs as further columns.
        tables = {_AREA_TABLES[area]: part} | ({"sales": part} if area == "price" else {})
        yield from requests_for(area, tables, shop, int(horizon))


def requests_in(area: str, content_type: str, body: bytes) -> Iterator[Request]:
    """Go through the requests of a body that an area's model was sent; JSON lines are given line by line.

    Raises
    ------
    SamaanError
        When the body cannot be read, or is of no kind that a model reads.
    """
    if content_type == JSON:
        yield decode_request(body)
    elif content_type in _READERS:
        yield from _requests_of(area, _READERS[content_type](body), {})
    else:
        raise BodyError(415, "content_type", f"a model does not read '{content_type}'")


def _written(rows: list[dict[str, Any]], wanted: str) -> bytes:
    """Write rows as CSV or Parquet."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    sink, table = io.BytesIO(), pa.Table.from_pylist(rows)
    if wanted == CSV:
        pyarrow.csv.write_csv(table, sink)
    else:
        pyarrow.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _read_csv(body: bytes) -> pa.Table:
    """Read CSV."""
    import pyarrow as pa
    import pyarrow.csv

    text = dict.fromkeys(("shop_id", "item_id", "customer_id", "entry_id", "reverses"), pa.string())
    try:
        options = pyarrow.csv.ConvertOptions(column_types=text, strings_can_be_null=True)
        return pyarrow.csv.read_csv(io.BytesIO(body), convert_options=options)
    except pa.ArrowException as error:
        raise BodyError(400, "csv", f"the body is not CSV: {error}") from None


def _read_parquet(body: bytes) -> pa.Table:
    """Read Parquet."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        return pyarrow.parquet.read_table(io.BytesIO(body))
    except (pa.ArrowException, OSError) as error:
        raise BodyError(400, "parquet", f"the body is not Parquet: {error}") from None


_READERS: dict[str, Callable[[bytes], pa.Table]] = {CSV: _read_csv, PARQUET: _read_parquet}


def _answer_csv(predictor: Predictor, body: bytes, options: Mapping[str, str], wanted: str) -> bytes:
    """Answer CSV."""
    return _answer_table(predictor, body, options, wanted, _read_csv)


def _answer_parquet(predictor: Predictor, body: bytes, options: Mapping[str, str], wanted: str) -> bytes:
    """Answer Parquet."""
    return _answer_table(predictor, body, options, wanted, _read_parquet)


ANSWERERS: dict[str, Callable[[Predictor, bytes, Mapping[str, str], str], bytes]] = {
    JSON: _answer_json,
    LINES: _answer_lines,
    CSV: _answer_csv,
    PARQUET: _answer_parquet,
}
