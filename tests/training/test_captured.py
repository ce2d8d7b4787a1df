"""The watch over an endpoint: quiet where it is asked as ever, loud where not, and no line stops it."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from samaan_ml.domain.customer_messages import LedgerRow, RiskRequest
from samaan_ml.domain.messages import ForecastAnswer, ForecastRequest, ItemHistory, encode
from samaan_ml.domain.price_messages import PriceItem, PriceRequest
from samaan_ml.exceptions import DataError, ParameterError
from samaan_ml.tables import ShopData
from training.areas import Prepared
from training.captured import watch_captured
from training.captures import Capture, late_files, read_captures
from training.cli import train
from training.json_files import write_json
from training.model_monitor import statistics_of, suggested_constraints
from training.watched import watched_rows

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
JSON, LINES, CSV = "application/json", "application/jsonlines", "text/csv"
ITEMS, DAYS = 30, 120


def sales(seed: int = 0, factor: float = 1.0) -> pd.DataFrame:
    """Thirty items' units of the days before the endpoint is asked."""
    rng = np.random.default_rng(seed)
    level = np.random.default_rng(7).gamma(3, 2, ITEMS)
    days = pd.date_range(end="2026-06-09", periods=DAYS)
    return pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": np.repeat([f"i{n}" for n in range(ITEMS)], DAYS),
            "date": np.tile(days, ITEMS),
            "units": rng.poisson(np.repeat(level * factor, DAYS)).astype(float),
        }
    )


def prices(factor: float = 1.0) -> pd.DataFrame:
    """Prices of four hundred items, with cost and MRP."""
    price = np.random.default_rng(3).uniform(20, 200, 400).round(2) * factor
    return pd.DataFrame(
        {
            "shop_id": "s",
            "item_id": [f"i{n}" for n in range(400)],
            "date": pd.Timestamp("2026-06-01"),
            "unit_price": price,
            "unit_cost": (price * np.random.default_rng(4).uniform(0.7, 0.9, 400)).round(2),
            "mrp": (price * np.random.default_rng(5).uniform(1.0, 1.2, 400)).round(2),
        }
    )


def demand_question(table: pd.DataFrame, items: Sequence[int] = range(ITEMS)) -> bytes:
    """Ask for the demand of some items."""
    histories = []
    for n in items:
        rows = table[table["item_id"] == f"i{n}"]
        units = tuple(int(value * 1000) for value in rows["units"])
        histories.append(ItemHistory(f"i{n}", None, rows["date"].iloc[0].date(), units))
    return encode(ForecastRequest("s", None, 14, tuple(histories)))


def price_question(table: pd.DataFrame) -> bytes:
    """Ask for the prices of all items."""
    items = tuple(
        PriceItem(
            row.item_id, "all", *(round(v * 100) for v in (row.unit_price, row.unit_cost, row.mrp)), 1000
        )
        for row in table.itertuples()
    )
    return encode(PriceRequest("s", date(2026, 6, 10), items))


def a_line(
    body: bytes,
    kind: str = JSON,
    at: datetime = NOON,
    event: str | None = None,
    encoding: str | None = None,
    answer: bytes | None = None,
) -> str:
    """Write a capture as the service does: JSON as it is, what it does not know in base64."""
    encoding = encoding or ("BASE64" if kind not in (JSON, LINES) else "JSON")

    def side(content: bytes, mode: str) -> dict[str, Any]:
        data = base64.b64encode(content).decode() if encoding == "BASE64" else content.decode()
        return {"observedContentType": kind, "mode": mode, "data": data, "encoding": encoding}

    sides = {"endpointInput": side(body, "INPUT")}
    if answer is not None:
        sides["endpointOutput"] = side(answer, "OUTPUT")
    about = {
        "eventId": event or f"{random.getrandbits(64):x}",
        "inferenceTime": at.isoformat().replace("+00:00", "Z"),
    }
    return json.dumps({"captureData": sides, "eventMetadata": about, "eventVersion": "0"})


def store(folder: Path, *lines: str | bytes, at: datetime = NOON, name: str = "12-00-000-a") -> Path:
    """Store lines in the folder of an hour, as the service names it."""
    path = folder / "samaan" / "AllTraffic" / f"{at:%Y/%m/%d/%H}" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(each if isinstance(each, bytes) else each.encode() for each in lines) + b"\n")
    return path


class Place:
    """Folders of captures, baselines and a report."""

    def __init__(self, base: Path) -> None:
        self.base, self.captured, self.report = base, base / "captured", base / "report"
        self.captured.mkdir()
        for area, data in (("demand", ShopData(sales=sales())), ("price", ShopData(prices=prices()))):
            stated = statistics_of(watched_rows(area, Prepared(data, {})))
            write_json(base / area / "statistics.json", stated)
            write_json(base / area / "constraints.json", suggested_constraints(stated))

    def watch(self, area: str = "demand", period: timedelta = timedelta(days=7)) -> dict[str, Any]:
        """Watch, and give the report."""
        watch_captured(area, self.captured, self.base / area, self.report, period)
        report: dict[str, Any] = json.loads((self.report / "captured.json").read_text("utf-8"))
        return report


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Folders with nothing captured yet."""
    return Place(tmp_path)


# --- what it sees


def test_questions_as_ever_raise_nothing_and_name_the_models_that_answered(place: Place) -> None:
    answer = encode(ForecastAnswer("demand-7", ()))
    store(place.captured, a_line(demand_question(sales(seed=1)), answer=answer))
    seen = place.watch()
    assert (seen["alarms"], seen["unwatched"]) == ([], [])
    assert {each["subject"] for each in seen["findings"]} == {"lines", "units", "weekday"}
    assert (seen["lines"], seen["questions"], seen["lines_damaged"]) == (1, 1, 0)
    assert seen["rows"] > 0.9 * ITEMS * 28
    assert seen["model_versions"] == {"demand-7": 1}
    assert json.loads((place.report / "constraint_violations.json").read_text()) == {"violations": []}


@pytest.mark.parametrize("factor", [0.4, 2.5, 1000])
def test_demand_that_moved_is_named(place: Place, factor: float) -> None:
    store(place.captured, a_line(demand_question(sales(seed=1, factor=factor))))
    seen = place.watch()
    assert any(line.startswith("psi of units") for line in seen["alarms"])
    assert not any("weekday" in line for line in seen["alarms"])
    left = json.loads((place.report / "constraint_violations.json").read_text())["violations"]
    assert ("units", "baseline_drift_check") in {
        (each["feature_name"], each["constraint_check_type"]) for each in left
    }


def test_prices_as_ever_raise_nothing_and_paise_for_rupees_do(place: Place) -> None:
    store(place.captured, a_line(price_question(prices())))
    assert place.watch("price")["alarms"] == []
    store(place.captured, a_line(price_question(prices(factor=100)), at=NOON + timedelta(minutes=1)))
    alarms = place.watch("price")["alarms"]
    assert any(line.startswith("psi of unit_price") for line in alarms)
    assert not any("_share" in line for line in alarms)  # cost and MRP moved along


def test_the_last_word_on_a_day_counts_and_counts_once(place: Place) -> None:
    wrong, right = (demand_question(sales(seed=1, factor=f)) for f in (1000, 1))
    later = a_line(right, at=NOON + timedelta(minutes=5))
    store(place.captured, later, a_line(wrong), a_line(wrong, at=NOON + timedelta(minutes=1)))
    seen = place.watch()
    assert (seen["alarms"], seen["questions"]) == ([], 3)
    assert seen["rows"] <= ITEMS * 28


def test_an_event_that_was_stored_twice_counts_once(place: Place) -> None:
    line = a_line(demand_question(sales(seed=1)), event="one")
    store(place.captured, line, line)
    seen = place.watch()
    assert (seen["questions"], seen["lines_repeated"], seen["lines_damaged"]) == (1, 1, 0)


# --- the forms of a body


def test_json_and_base64_are_read_to_the_same_rows(place: Place) -> None:
    body = demand_question(sales(seed=1))
    store(place.captured, a_line(body, f"{JSON}; charset=utf-8", encoding="JSON"))
    plain = place.watch()
    store(place.captured, a_line(body, encoding="BASE64"))
    assert place.watch() == plain
    assert plain["rows"] > 0


def test_each_message_of_json_lines_counts_and_a_damaged_one_leaves_the_others(place: Place) -> None:
    table = sales(seed=1)
    parts = [
        demand_question(table, range(15)),
        b'{"kind": "forecast"',
        b"",
        demand_question(table, range(15, ITEMS)),
    ]
    store(place.captured, a_line(b"\n".join(parts), LINES))
    seen = place.watch()
    assert (seen["lines"], seen["questions"], seen["lines_damaged"]) == (1, 2, 1)
    store(place.captured, a_line(demand_question(table)))
    assert place.watch()["rows"] == seen["rows"]


@pytest.mark.parametrize("encoding", ["BASE64", "CSV"])
def test_csv_is_read_to_the_rows_of_the_message_it_stands_for(place: Place, encoding: str) -> None:
    table = sales(seed=1)
    store(place.captured, a_line(table.to_csv(index=False).encode(), CSV, encoding=encoding))
    by_csv = place.watch()
    assert (by_csv["alarms"], by_csv["questions"], by_csv["lines_damaged"]) == ([], 1, 0)
    store(place.captured, a_line(demand_question(table)))
    assert place.watch()["findings"] == by_csv["findings"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"item_id,date,units\ni0,2026-06-01,3\n", "column 'shop_id' is missing"),
        (b"shop_id,date,units\ns,2026-06-01,3\n", "item_id"),
        (b"shop_id,item_id,date,units\n,i0,2026-06-01,3\ns,i0,2026-06-01,3\n", "without a value"),
        (b"shop_id,item_id,date,units\ns,i0,yesterday,3\n", "date"),
        (b"shop_id,item_id,date,units\ns,i0\n", "not CSV"),
    ],
)
def test_csv_that_cannot_be_read_is_counted_with_its_reason(place: Place, body: bytes, reason: str) -> None:
    store(place.captured, a_line(body, CSV))
    seen = place.watch()
    assert (seen["lines"], seen["lines_damaged"]) == (1, 1)
    assert reason in seen["damaged"][0]["reason"]


# --- damage


def test_damaged_lines_are_counted_named_and_never_fatal(place: Place) -> None:
    good = demand_question(sales(seed=1))
    whole = json.loads(a_line(good))

    def changed(part: str, **values: Any) -> str:
        copy = json.loads(json.dumps(whole))
        inner = copy[part] if part == "eventMetadata" else copy["captureData"]["endpointInput"]
        inner.update(values)
        copy["eventMetadata"]["eventId"] = f"{part} {values}"[:90]
        return json.dumps(copy)

    risk = RiskRequest("s", NOON, ("c",), (LedgerRow("c", NOON, "credit", 100),))
    item = ItemHistory("i", None, date.max, (1, 2))
    damaged: list[str | bytes] = [
        a_line(good)[:200],
        b"\xff\xfe\x00",
        "null",
        "[" * 50_000,
        "{}",
        changed("endpointInput", encoding="BASE64", data="no base64!"),
        changed("endpointInput", encoding="ROT13"),
        changed("endpointInput", data="\ud800"),
        changed("endpointInput", data=None),
        changed("endpointInput", data="[" * 50_000),
        changed("endpointInput", observedContentType="image/png"),
        changed("endpointInput", observedContentType="application/x-parquet"),
        changed("eventMetadata", inferenceTime="yesterday"),
        changed("eventMetadata", inferenceTime="2026-06-10T12:00:00"),
        changed("eventMetadata", inferenceTime="9999-12-31T23:59:59Z"),
        a_line(encode(risk)),
        a_line(price_question(prices())),
        a_line(encode(ForecastRequest("s", None, 14, (item,)))),
    ]
    path = store(place.captured, *damaged, a_line(good))
    seen = place.watch()
    assert (seen["lines"], seen["lines_damaged"], seen["questions"]) == (len(damaged) + 1, len(damaged), 1)
    assert [each["line"] for each in seen["damaged"]] == list(range(1, len(damaged) + 1))
    assert {each["file"] for each in seen["damaged"]} == {path.relative_to(place.captured).as_posix()}
    assert all(each["reason"] for each in seen["damaged"])
    assert [line.split(":")[0] for line in seen["alarms"]] == ["damaged of lines"]


def test_any_bytes_changed_in_a_file_are_no_reason_to_stop(place: Place) -> None:
    table, rng = sales(seed=1), random.Random(5)
    bodies = [
        a_line(demand_question(table, range(2))),
        a_line(table.head(90).to_csv(index=False).encode(), CSV),
    ]
    whole = "\n".join(bodies).encode()
    for _ in range(150):
        changed = bytearray(whole)
        for _ in range(rng.randint(1, 8)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        store(place.captured, bytes(changed[: rng.choice([len(changed), rng.randrange(len(changed))])]))
        place.watch()


def test_nothing_captured_is_said(place: Place) -> None:
    assert place.watch()["unwatched"] == ["inputs: no captured question says anything that can be compared"]


def test_what_is_never_stored_or_no_baseline_is_refused(place: Place) -> None:
    store(place.captured, a_line(demand_question(sales(seed=1))))
    with pytest.raises(ParameterError, match="'udhaar' are never stored"):
        watch_captured("udhaar", place.captured, place.base / "demand", place.report)
    with pytest.raises(DataError, match=r"'statistics\.json' cannot be read"):
        watch_captured("demand", place.captured, place.base / "none", place.report)
    write_json(place.base / "demand" / "statistics.json", {"features": [{"name": "units"}, {}]})
    with pytest.raises(DataError, match="no baseline of Model Monitor's"):
        watch_captured("demand", place.captured, place.base / "demand", place.report)


# --- how far back


def test_files_of_older_hours_are_not_opened(place: Place) -> None:
    body = demand_question(sales(seed=1), range(3))
    for hours in (0, 2, 3, 30):
        at = NOON - timedelta(hours=hours)
        store(place.captured, a_line(body, at=at + timedelta(minutes=30)), at=at)
    store(place.captured, a_line(body)[:50], at=NOON - timedelta(hours=4))  # would be counted if it were read
    seen = place.watch(period=timedelta(hours=2))
    # The hour two hours back may hold what is less than two hours older than the newest capture.
    assert (seen["files"], seen["files_older"], seen["lines"], seen["lines_damaged"]) == (2, 3, 2, 0)
    assert seen["first"] == "2026-06-10T12:30:00+00:00"
    seen = place.watch(period=timedelta(days=1))
    assert (seen["files"], seen["files_older"], seen["lines_damaged"]) == (4, 1, 1)


def test_files_in_no_hour_folder_are_read(place: Place) -> None:
    now, old = (demand_question(sales(seed=1), items) for items in (range(3), range(3, 6)))
    store(place.captured, a_line(now))
    for folder in ("copied", "2026/13/45/99"):
        (place.captured / folder).mkdir(parents=True)
        (place.captured / folder / "x.jsonl").write_text(a_line(old, at=NOON - timedelta(days=300)))
    files, older = late_files(place.captured, timedelta(hours=1))
    assert (len(files), older) == (3, 0)
    read = [capture for _, _, capture in read_captures(place.captured, files)]
    assert all(isinstance(each, Capture) for each in read)
    assert place.watch()["first"] == NOON.isoformat()  # the old ones are left out by their own time


# --- the command


def test_the_command_prints_alarms_and_leaves_the_jobs_last_words(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = place.base / "opt-ml"
    inputs = home / "processing" / "input"
    inputs.mkdir(parents=True)
    (inputs / "captured").symlink_to(place.captured)
    (inputs / "baseline").symlink_to(place.base / "demand")
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(home))
    store(place.captured, a_line(demand_question(sales(seed=1))), at=NOON)
    store(place.captured, a_line(demand_question(sales(seed=1, factor=9))), at=NOON + timedelta(hours=2))
    done = CliRunner().invoke(train, ["captured", "demand", "--hours", "1"])
    assert done.exit_code == 0, done.output
    assert "psi of units" in done.output
    assert (home / "output" / "message").read_text().startswith("CompletedWithViolations: 2 to look at")
    assert (home / "processing" / "output" / "report" / "captured.json").is_file()
    assert CliRunner().invoke(train, ["captured", "udhaar"]).exit_code != 0
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(place.base / "empty"))
    (place.base / "empty").mkdir()
    assert CliRunner().invoke(train, ["captured", "demand"]).exit_code == 1
    assert "input 'captured'" in (place.base / "empty" / "output" / "failure").read_text()
