"""The watch over an endpoint: what it was asked of late, compared with the data its model was trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samaan_ml.domain.capture import refusal
from samaan_ml.domain.messages import ForecastRequest, Request, decode_answer
from samaan_ml.domain.price_messages import PriceRequest
from samaan_ml.exceptions import DataError, ParameterError, SamaanError
from training.bodies import JSON, LINES, requests_in
from training.captures import Body, Damaged, late_files, read_captures
from training.json_files import read_json, write_json
from training.model_monitor import violations
from training.monitor import Finding, baseline_drift
from training.watch import RECENT_DAYS, Watch

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["watch_captured"]

_MOST_DAMAGED = 0.05
_MOST_EXAMPLES = 20
_WEEK = timedelta(days=7)
# What a body of any bytes may raise on its way through the readers of JSON, CSV and Parquet.
_UNREADABLE = (SamaanError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError)


@dataclass
class _Tally:
    """What was found in the files."""

    files: int = 0
    files_older: int = 0
    lines: int = 0
    questions: int = 0
    repeated: int = 0
    damaged: list[Damaged] = field(default_factory=list)
    versions: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    @property
    def damaged_lines(self) -> int:
        """Lines of which a part at least cannot be used."""
        return len({(each.file, each.line) for each in self.damaged})


@dataclass(frozen=True, slots=True)
class _Row:
    """What was asked about a thing, such as an item's day, that `key` names; when; and the values to watch."""

    key: tuple[Any, ...]
    at: datetime
    values: dict[str, Any]


def watch_captured(
    area: str, captured: Path, baseline: Path, report: Path, period: timedelta = _WEEK
) -> Watch:
    """Hold captured questions against a model's baseline and leave a report.

    Parameters
    ----------
    area : str
        demand or price.
    captured : Path
        Folder of the capture files, as the endpoint wrote them.
    baseline : Path
        Folder with the model's `statistics.json` and `constraints.json`.
    report : Path
        Where `captured.json` and Model Monitor's `constraint_violations.json` go.
    period : timedelta, default=7 days
        Captures of this time before the newest one count; files of older hour folders are not opened.

    Returns
    -------
    Watch
        PSI of every column, the share of lines that cannot be used, and the violations of the constraints.

    Raises
    ------
    ParameterError
        When the area's questions are never stored.
    DataError
        When the baseline is missing, or its files do not come from Model Monitor.
    """
    if refused := refusal(area):
        raise ParameterError(refused)
    statistics, constraints = (
        read_json(baseline / "statistics.json"),
        read_json(baseline / "constraints.json"),
    )
    tally = _Tally()
    rows, first, last = _late_rows(area, captured, period, tally)
    findings: list[Finding] = []
    left: dict[str, Any] = {"violations": []}
    unwatched: list[str] = []
    if tally.lines:
        findings.append(Finding("damaged", "lines", tally.damaged_lines / tally.lines, _MOST_DAMAGED))
    try:
        rows = _as_in_the_tables(area, rows, statistics)
        if rows.empty:
            unwatched.append("inputs: no captured question says anything that can be compared")
        else:
            findings += baseline_drift(statistics, rows)
            left = violations(rows, constraints, statistics)
    except (LookupError, TypeError, AttributeError) as error:
        raise DataError(f"the files in '{baseline}' are no baseline of Model Monitor's: {error!r}") from None
    write_json(report / "constraint_violations.json", left)
    told = tuple(
        f"{each['constraint_check_type']} of '{each['feature_name']}': {each['description']}"
        for each in left["violations"]
    )
    watch = Watch(tuple(findings), told, tuple(unwatched))
    write_json(report / "captured.json", _report(area, watch, tally, (first, last), len(rows)))
    return watch


def _report(
    area: str, watch: Watch, tally: _Tally, span: tuple[datetime | None, datetime | None], n_rows: int
) -> dict[str, Any]:
    """Return what `captured.json` says."""
    first, last = span
    return {
        "area": area,
        "alarms": list(watch.alarms),
        "unwatched": list(watch.unwatched),
        "findings": [{**asdict(each), "alarm": each.alarm} for each in watch.findings],
        "first": first and first.isoformat(),
        "last": last and last.isoformat(),
        "files": tally.files,
        "files_older": tally.files_older,
        "lines": tally.lines,
        "lines_damaged": tally.damaged_lines,
        "lines_repeated": tally.repeated,
        "damaged": [asdict(each) for each in tally.damaged[:_MOST_EXAMPLES]],
        "questions": tally.questions,
        "rows": n_rows,
        "model_versions": dict(tally.versions),
    }


def _late_rows(
    area: str, captured: Path, period: timedelta, tally: _Tally
) -> tuple[pd.DataFrame, datetime | None, datetime | None]:
    """Lay out what was asked of late in columns, and say from when to when it was.

    A shop asks about the same days again and again: the last word on each counts, once. So no more is held than
    there are items and days, however many questions there were.
    """
    import pandas as pd

    newest: dict[tuple[Any, ...], _Row] = {}
    for row in _questions(area, captured, period, tally):
        before = newest.get(row.key)
        if before is None or before.at <= row.at:
            newest[row.key] = row
    if not newest:
        return pd.DataFrame(), None, None
    last = max(row.at for row in newest.values())
    late = [row for row in newest.values() if last - row.at < period]
    return pd.DataFrame([row.values for row in late]), min(row.at for row in late), last


def _as_in_the_tables(area: str, rows: pd.DataFrame, statistics: dict[str, Any]) -> pd.DataFrame:
    """Leave out what the baseline's tables do not have either."""
    if area == "demand" and len(rows) and _least(statistics, "units") > 0:
        # The tables have no row for a day without a sale, the questions a zero.
        rows = rows[rows["units"] > 0]
    return rows.dropna(axis="columns", how="all")


def _least(statistics: dict[str, Any], name: str) -> float:
    """Return the least value of a column of the baseline; 0 where it is not known."""
    for feature in statistics["features"]:
        if feature["name"] == name and "numerical_statistics" in feature:
            return float(feature["numerical_statistics"]["min"])
    return 0.0


def _questions(area: str, captured: Path, period: timedelta, tally: _Tally) -> Iterator[_Row]:
    """Go through the rows asked about, counting what cannot be used and what was there before."""
    files, tally.files_older = late_files(captured, period)
    tally.files = len(files)
    for name, number, capture in read_captures(captured, files):
        tally.lines += 1
        if isinstance(capture, Damaged):
            tally.damaged.append(capture)
            continue
        if capture.event_id in tally.seen:
            tally.repeated += 1
            continue
        tally.seen.add(capture.event_id)
        if capture.answer is not None:
            tally.versions.update(_versions(capture.answer))
        for part in _parts(capture.question):
            try:
                asked = list(requests_in(area, part.content_type, part.content))
                # Laid out before any is given: a date beyond the calendar shows only here.
                rows = [row for request in asked for row in _rows(area, request, capture.at)]
            except _UNREADABLE as error:
                tally.damaged.append(Damaged(name, number, str(error)))
                continue
            tally.questions += len(asked)
            yield from rows


def _parts(body: Body) -> list[Body]:
    """Return the messages of JSON lines one by one: one that is damaged is no reason to leave the others."""
    if body.content_type != LINES:
        return [body]
    return [Body(JSON, line) for line in body.content.splitlines() if line.strip()]


def _versions(answer: Body) -> Iterator[str]:
    """Name the models that answered, where the answer is JSON and no error."""
    for part in _parts(answer):
        if part.content_type == JSON:
            try:
                yield decode_answer(part.content).model_version
            except _UNREADABLE:
                continue


def _rows(area: str, request: Request, at: datetime) -> Iterator[_Row]:
    """Lay a question out in the columns of `training.watched`.

    Raises
    ------
    DataError
        When it is not one that the area's model answers.
    """
    if area == "demand" and isinstance(request, ForecastRequest):
        yield from _demand_rows(request, at)
    elif area == "price" and isinstance(request, PriceRequest):
        yield from _price_rows(request, at)
    else:
        raise DataError(f"a {type(request).__name__} is no question about {area}")


def _demand_rows(request: ForecastRequest, at: datetime) -> Iterator[_Row]:
    """The last four weeks of each item."""
    for item in request.items:
        shares = item.in_stock_share or ()
        for place in range(max(len(item.units_milli) - RECENT_DAYS, 0), len(item.units_milli)):
            units, day = item.units_milli[place], item.start + timedelta(days=place)
            if units is not None:
                share = shares[place] if place < len(shares) else None
                values = {"units": units / 1000, "weekday": f"{day:%A}", "in_stock_share": share}
                yield _Row((request.shop_id, item.item_id, day), at, values)


def _price_rows(request: PriceRequest, at: datetime) -> Iterator[_Row]:
    """The price of each item, and its cost and printed price in relation to it."""
    for item in request.items:
        price = item.price_paise
        cost, mrp = (
            None if paise is None or price <= 0 else paise / price
            for paise in (item.cost_paise, item.mrp_paise)
        )
        values = {"unit_price": price / 100, "unit_cost_share": cost, "mrp_share": mrp}
        yield _Row((request.shop_id, item.item_id), at, values)
