"""Batch scoring: every shop's answers in a file of its own, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samaan_ml.artifacts import load_model, read_manifest
from samaan_ml.exceptions import ArtifactError, DataError, SamaanError
from samaan_ml.tables import ShopData, write_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ScoreReport", "champion_folder", "score_folder"]

SCHEMA_VERSION = 1


@dataclass(slots=True)
class ScoreReport:
    """What was scored.

    Parameters
    ----------
    area, model_version : str
        Which model answered.
    shops, rows : int
        Shops scored and rows written.
    files : dict of str to dict
        By file: shop, rows and last day of its data.
    failed : dict of str to str
        Shops that could not be scored, and why.
    """

    area: str
    model_version: str
    schema_version: int = SCHEMA_VERSION
    shops: int = 0
    rows: int = 0
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def champion_folder(area: str, home: Path | None = None) -> Path:
    """Say where the champion of an area is.

    Raises
    ------
    ArtifactError
        When nothing was promoted yet.
    """
    home = (home or Path(os.environ.get("SAMAAN_HOME") or ".samaan")).resolve()
    folder = home / "models" / area / "champion"
    if not (folder / "manifest.json").is_file():
        raise ArtifactError(
            f"area '{area}' has no champion in '{home}'; run: samaan pipeline run {area} --data DIR"
        )
    return folder.resolve()


def score_folder(area: str, source: Path, target: Path, model: Path) -> ScoreReport:
    """Score every shop of a folder of tables.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    source, target : Path
        Folders of the tables and of the answers.
    model : Path
        Model folder.

    Returns
    -------
    ScoreReport
        Also written to `manifest.json` when everything else is.

    Raises
    ------
    DataError
        When the tables cannot be read at all.
    ArtifactError
        When the model folder is absent, altered or of another kind.
    """
    scorer = _SCORERS[area](load_model(model, kind=area))
    report = ScoreReport(area, read_manifest(model).model_version)
    target.mkdir(parents=True, exist_ok=True)
    (target / "manifest.json").unlink(missing_ok=True)
    data = ShopData.load(source)
    for shop, part in _by_shop(data, area):
        try:
            answers = scorer(part)
        except SamaanError as error:
            report.failed[shop] = str(error)
            continue
        name = f"{_file_stem(shop)}.parquet"
        write_table(answers, target / name)
        report.files[name] = {"shop_id": shop, "rows": len(answers)}
        report.shops += 1
        report.rows += len(answers)
    text = json.dumps(asdict(report), indent=1, sort_keys=True) + "\n"
    unfinished = target / f".manifest.{os.getpid()}.part"
    unfinished.write_text(text, "utf-8")
    unfinished.replace(target / "manifest.json")
    return report


def _by_shop(data: ShopData, area: str) -> Iterator[tuple[str, ShopData]]:
    """Go through the shops, each with its own rows of every table."""
    name = {"udhaar": "ledger"}.get(area, "sales")
    table = getattr(data, name)
    if table is None:
        raise DataError(f"area '{area}' scores table '{name}', which is not in the data")
    for shop in sorted(table["shop_id"].astype("str").unique()):
        tables = {
            each: rows[rows["shop_id"].astype("str") == shop].reset_index(drop=True)
            if "shop_id" in rows
            else rows
            for each, rows in data
        }
        yield str(shop), ShopData(**tables)


def _file_stem(shop: str) -> str:
    """Make a file name of a shop's id."""
    from urllib.parse import quote

    return f"shop_id={quote(shop, safe='')}"


def _table(data: ShopData, name: str) -> pd.DataFrame:
    """Give a table that must be there."""
    table: pd.DataFrame | None = getattr(data, name)
    if table is None:
        raise DataError(f"table '{name}' is needed and not in the data")
    return table


def _demand_scorer(model: Any) -> Callable[[ShopData], pd.DataFrame]:
    """Forecast each series from the end of its shop's sales."""

    def score(data: ShopData) -> pd.DataFrame:
        names = ("sales", "prices", "stock", "calendar", "items", "shops")
        forecast: pd.DataFrame = model.predict(**{name: getattr(data, name) for name in names})
        return forecast

    return score


def _price_scorer(model: Any) -> Callable[[ShopData], pd.DataFrame]:
    """List the elasticities of the shop's items, each with the evidence behind it."""

    def score(data: ShopData) -> pd.DataFrame:
        known: pd.DataFrame = model.elasticities_
        pairs = _table(data, "sales")[["shop_id", "item_id"]].astype("str").drop_duplicates()
        mine = known.astype({"shop_id": "str", "item_id": "str"})
        return pairs.merge(mine, on=["shop_id", "item_id"], how="inner").sort_values(
            "item_id", ignore_index=True
        )

    return score


def _udhaar_scorer(model: Any) -> Callable[[ShopData], pd.DataFrame]:
    """Assess every customer as of the ledger's last entry, with reasons and a limit."""

    def score(data: ShopData) -> pd.DataFrame:
        import pandas as pd

        from training.udhaar import ledger_rows

        ledger = _table(data, "ledger")
        as_of, shop = ledger["at"].max(), str(ledger["shop_id"].iloc[0])
        told = model.assess(ledger_rows(ledger), as_of.to_pydatetime(), shop_id=shop)
        answers = pd.DataFrame([{name: getattr(each, name) for name in _RISK_COLUMNS} for each in told])
        answers.insert(2, "as_of", as_of)
        answers["reasons"] = [json.dumps([asdict(reason) for reason in each.reasons]) for each in told]
        answers["limit_arithmetic"] = [json.dumps(each.limit_arithmetic) for each in told]
        return answers

    return score


_RISK_COLUMNS = (
    "shop_id",
    "customer_id",
    "probability_30",
    "probability_60",
    "lower",
    "upper",
    "days_to_pay",
    "thin_file",
    "due_paise",
    "days_past_due",
    "limit_paise",
)

_SCORERS: dict[str, Callable[[Any], Callable[[ShopData], pd.DataFrame]]] = {
    "demand": _demand_scorer,
    "price": _price_scorer,
    "udhaar": _udhaar_scorer,
}
