"""The night's watch: last night's answers against what came, and tonight's rows against those of training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samaan_ml.exceptions import DataError, SamaanError
from samaan_ml.tables import SCHEMAS, ShopData, check
from training.areas import Prepared
from training.json_files import read_json, write_json
from training.model_monitor import violations
from training.monitor import Finding, answer_shares, forecast_quality, level_shift
from training.night_memory import NightMemory, SeriesMemory, limit_for, usual_errors
from training.shop_tables import ShopTables
from training.watched import watched_rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RECENT_DAYS", "Watch", "load_without", "read_answers", "remember", "watch"]

RECENT_DAYS = 28
_USUAL_DAYS = 56
_NOMINAL = 0.8
_KEYS = ["shop_id", "item_id", "date"]


@dataclass(frozen=True, slots=True)
class Watch:
    """What was seen.

    Parameters
    ----------
    findings : tuple of Finding
        Each monitor's number and limit.
    violations : tuple of str
        Columns whose late rows left what the model learned from, and how.
    unwatched : tuple of str
        What could not be watched, and why: a first night has nothing to look back on.
    """

    findings: tuple[Finding, ...]
    violations: tuple[str, ...]
    unwatched: tuple[str, ...]

    @property
    def alarms(self) -> tuple[str, ...]:
        """Return what needs a look, a line each."""
        told = [
            f"{each.monitor} of {each.subject}: {each.value:.3g}, at most {each.limit:.3g}"
            for each in self.findings
            if each.alarm
        ]
        return (*told, *self.violations)


def read_answers(folder: Path) -> pd.DataFrame | None:
    """Read every shop's answers of an earlier night; None where there are none."""
    import pandas as pd

    files = sorted(folder.glob("shop_id=*.parquet"))
    return pd.concat([pd.read_parquet(path) for path in files], ignore_index=True) if files else None


def load_without(folder: Path, shops: Iterable[str], scratch: Path) -> ShopData:
    """Read the tables of all shops but some: what could not be scored is no reason not to watch the others.

    Parameters
    ----------
    folder : Path
        Folder of the tables.
    shops : iterable of str
        Shops to leave out.
    scratch : Path
        Folder for what is rewritten while it is read.

    Raises
    ------
    DataError
        When the tables cannot be read at all.
    TableError
        When the rows of another shop break a schema.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    out = pa.array(list(shops), pa.string())
    tables = ShopTables.open(folder, SCHEMAS, scratch)
    found = {name: table.to_pandas() for name, table in tables.shared.items()}
    for name, dataset in tables.large.items():
        theirs = pc.field("shop_id").cast(pa.string()).isin(out)
        found[name] = dataset.to_table(filter=~theirs).to_pandas()
    return ShopData(**{name: check(table, SCHEMAS[name]) for name, table in found.items()})


def watch(
    area: str, data: Any, champion: Path, before: pd.DataFrame | None, now: Path, report: Path
) -> Watch:
    """Run an area's monitors and leave Model Monitor's files in a folder.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    data : ShopData
        Tonight's tables.
    champion : Path
        Folder of the model that serves, with the baseline that was registered with it.
    before : pandas.DataFrame or None
        Last night's answers.
    now, report : Path
        Folders of tonight's answers and of the report.
    """
    unwatched: list[str] = []
    try:
        findings = _answers(area, data, champion, before, now)
    except SamaanError as error:
        findings = []
        unwatched.append(f"answers: {error}")
    try:
        left = _inputs(area, data, champion, report)
    except SamaanError as error:
        left = ()
        unwatched.append(f"inputs: {error}")
    return Watch(tuple(findings), left, tuple(unwatched))


def _answers(area: str, data: Any, champion: Path, before: pd.DataFrame | None, now: Path) -> list[Finding]:
    """Hold last night's answers against what came, or against tonight's.

    Raises
    ------
    DataError
        When there is nothing to hold them against.
    """
    if before is None:
        raise DataError("there are no answers of an earlier night")
    if area == "demand":
        return _forecasts(before, data.sales, _usual_coverage(champion))
    if area == "price":
        tonight = read_answers(now)
        if tonight is None:
            raise DataError("nothing was answered tonight")
        return answer_shares(before, tonight)
    raise DataError("the outcome of a risk is known after 60 days; the pipeline's gate holds calibration")


def _usual_coverage(champion: Path) -> float | None:
    """Return what the band held when the champion was judged: where counts are small it holds more than it says."""
    try:
        found: float | None = read_json(champion / "evaluation.json")["model"].get("coverage")
    except (SamaanError, KeyError):
        return None
    return found


def _forecasts(before: pd.DataFrame, sales: pd.DataFrame, usual: float | None) -> list[Finding]:
    """Compare forecasts with the sales that were entered since."""
    rows = _come(before, sales)
    units = sales[[*_KEYS, "units"]].astype({"shop_id": "str", "item_id": "str"})
    findings = forecast_quality(rows["units"], rows["mean"], rows["q0.1"], rows["q0.9"], _NOMINAL, usual)
    by_day = rows.groupby("date")[["units", "mean"]].sum().sort_index()
    past = units[units["date"] < by_day.index[0]].groupby("date")["units"].sum().sort_index()
    shops = _shop_shifts(rows, units[units["date"] < by_day.index[0]])
    return findings + shops + level_shift(by_day["units"], by_day["mean"], _usual_errors(past))


def _shop_shifts(rows: pd.DataFrame, past: pd.DataFrame) -> list[Finding]:
    """Name the shops whose days left their forecast: a shop that halves is lost in the sum of many."""
    usual = usual_errors(past, {}) if len(past) else {}
    sums = rows.groupby(["shop_id", "date"], observed=True)[["units", "mean"]].sum()
    limit, found = limit_for(sums.index.get_level_values(0).nunique()), []
    for shop, days in sums.reset_index().groupby("shop_id", observed=True):
        memory, highest = SeriesMemory(), 0.0
        for day, units, mean in zip(days["date"], days["units"], days["mean"], strict=True):
            memory.see(day.date(), units, mean, usual.get(f"shop {shop}", 0.5), limit)
            highest = max(highest, memory.up, memory.down)
        found.append(Finding("cusum", f"shop '{shop}'", highest, limit))
    return [each for each in found if each.alarm]


def remember(before: pd.DataFrame, data: ShopData, model: str, path: Path) -> list[str]:
    """Take the days that have come into what the nights remember; give a sentence for each shift that is told.

    Parameters
    ----------
    before : pandas.DataFrame
        Last night's answers.
    data : ShopData
        Tonight's tables.
    model : str
        Version of the model that answered.
    path : Path
        Where it is remembered.
    """
    groups: dict[str, str] = {}
    if data.items is not None and "category" in data.items:
        groups = dict(zip(data.items["item_id"].astype(str), data.items["category"].astype(str), strict=True))
    if data.sales is None:
        raise DataError("there are no sales")
    sales = data.sales.astype({"shop_id": "str", "item_id": "str"})
    rows = _come(before, sales)
    rows["group"] = [groups.get(str(item), "other") for item in rows["item_id"]]
    past = sales[sales["date"] < rows["date"].min()]
    memory = NightMemory.read(path)
    told = memory.see(rows, usual_errors(past, groups) if len(past) else {}, model)
    memory.write(path)
    return told


def _come(before: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts whose day has been entered, beside what came; a day without any sale of a shop is left out.

    Raises
    ------
    DataError
        When no such day is there.
    """
    import pandas as pd

    told = before.assign(date=pd.to_datetime(before["date"]))
    units = sales[[*_KEYS, "units"]].astype({"shop_id": "str", "item_id": "str"})
    entered = units[["shop_id", "date"]].drop_duplicates()
    told = told.astype({"shop_id": "str", "item_id": "str"}).merge(entered, on=["shop_id", "date"])
    if told.empty:
        raise DataError("no day that was forecast has been entered yet")
    return told.merge(units, on=_KEYS, how="left").fillna({"units": 0.0})


def _usual_errors(totals: pd.Series) -> Any:
    """Return the errors of forecasting each day's total by that of the week before: no smaller than ours."""
    return totals.diff(7).dropna().tail(_USUAL_DAYS)


def _inputs(area: str, data: Any, champion: Path, report: Path) -> tuple[str, ...]:
    """Hold the rows of late against the baseline that was registered with the champion.

    Raises
    ------
    DataError
        When the champion was registered without one.
    """
    baseline = read_json(champion / "statistics.json")
    rows = watched_rows(area, Prepared(_recent(data), {}))
    found = violations(rows, read_json(champion / "constraints.json"), baseline)
    write_json(report / "constraint_violations.json", found)
    return tuple(
        f"{each['constraint_check_type']} of '{each['feature_name']}': {each['description']}"
        for each in found["violations"]
    )


def _recent(data: Any) -> Any:
    """Keep the last four weeks of every table that has a time."""
    import pandas as pd

    kept = {}
    for name, column in (("sales", "date"), ("stock", "date"), ("prices", "date"), ("ledger", "at")):
        table = getattr(data, name)
        if table is not None and len(table):
            kept[name] = table[table[column] > table[column].max() - pd.Timedelta(days=RECENT_DAYS)]
    return replace(data, **kept)
