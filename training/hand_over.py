"""What a night hands over beside the models' answers: order lists, price decisions and alerts, a file a shop.

A file is JSON: schema_version, shop_id, as_of, model_versions and rows. It is written whole or not at all; a shop for
which it cannot be made is named in the folder's manifest.json and never stops the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from samaan_ml.domain.ledger_entry import shop_day
from samaan_ml.exceptions import SamaanError
from training.alert_signals import alert_rows
from training.json_files import write_json
from training.orders import order_rows
from training.shop_tables import ShopTables

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["KINDS", "HandOver", "Kind"]

Kind = Literal["orders", "price-decisions", "alerts"]
KINDS: dict[Kind, tuple[str, ...]] = {
    "orders": ("demand",),
    "price-decisions": ("price",),
    "alerts": ("demand", "udhaar"),
}
"""What is handed over, and the areas whose answers it is made of; of several, those that there are."""
SCHEMA_VERSION = 1
_TABLES: dict[Kind, tuple[str, ...]] = {
    "orders": ("sales", "prices", "stock", "items"),
    "price-decisions": ("sales",),
    "alerts": ("sales", "prices", "stock", "items", "ledger"),
}
_ROWS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class HandOver:
    """One kind of hand-over for the shops of a folder.

    Parameters
    ----------
    kind : {"orders", "price-decisions", "alerts"}
        What is made.
    source : Path
        Folder of the tables.
    answers : mapping of str to Path
        Folders of the answers by area; an area that could not be scored is absent.
    target : Path
        Folder of the files.
    scratch : Path
        Folder for what is rewritten while it is read.
    """

    kind: Kind
    source: Path
    answers: Mapping[str, Path]
    target: Path
    scratch: Path

    def run(self) -> dict[str, Any]:
        """Make every shop's file; give the manifest, which is written last.

        Returns
        -------
        dict
            shops, rows, failed (reason by shop), files and complete.

        Raises
        ------
        DataError
            When the tables cannot be read at all.
        """
        self.target.mkdir(parents=True, exist_ok=True)
        (self.target / "manifest.json").unlink(missing_ok=True)
        tables = ShopTables.open(self.source, _TABLES[self.kind], self.scratch)
        mains = [name for name in ("sales", "ledger") if name in tables.large]
        shops = sorted({shop for name in mains for shop in tables.shops(name)})
        rows: dict[str, int] = {}
        failed: dict[str, str] = {}
        for shop, own in _in_parts(tables, shops):
            path = self.target / f"{_file(shop)}.json"
            try:
                told = self._shop(shop, own)
                write_json(path, told)
                rows[shop] = len(told["rows"])
            except OSError:  # a full disk is everybody's affair
                raise
            except Exception as error:  # noqa: BLE001 (of whatever kind: a broken shop is its own affair)
                path.unlink(missing_ok=True)
                failed[shop] = f"{error}" if isinstance(error, SamaanError | ValueError) else repr(error)
        manifest = {
            "kind": self.kind,
            "schema_version": SCHEMA_VERSION,
            "shops": len(shops),
            "rows": sum(rows.values()),
            "files": {f"{_file(shop)}.json": count for shop, count in rows.items()},
            "failed": failed,
            "complete": not failed,
        }
        write_json(self.target / "manifest.json", manifest)
        return manifest

    def _shop(self, shop: str, own: Mapping[str, pa.Table]) -> dict[str, Any]:
        """Make one shop's file."""
        answers = {area: _answers(folder, shop) for area, folder in self.answers.items()}
        known = {area: frame for area, frame in answers.items() if frame is not None}
        if self.kind != "alerts" and not known:
            raise KeyError(f"shop '{shop}' has no answers of tonight")
        last = max(_last_day(table, column) for table, column in _times(own))
        return {
            "schema_version": SCHEMA_VERSION,
            "shop_id": shop,
            "as_of": f"{last:%Y-%m-%d}",
            "model_versions": {area: str(frame["model_version"].iloc[0]) for area, frame in known.items()},
            "rows": self._rows(known, own, last),
        }

    def _rows(
        self, known: Mapping[str, pd.DataFrame], own: Mapping[str, pa.Table], last: date
    ) -> list[dict[str, Any]]:
        """Make the rows."""
        if self.kind == "price-decisions":
            return _price_decisions(known["price"])
        if self.kind == "alerts":
            return alert_rows(known.get("demand"), own, last)
        return order_rows(known["demand"], own, last)


def _in_parts(tables: ShopTables, shops: list[str]) -> Iterator[tuple[str, dict[str, pa.Table]]]:
    """Read so many shops together as fit into memory."""
    a_shop = max(1, sum(tables.count(name) for name in tables.large) // max(len(shops), 1))
    together = max(1, _ROWS_AT_ONCE // a_shop)
    for start in range(0, len(shops), together):
        yield from tables.of(shops[start : start + together])


def _file(shop: str) -> str:
    """Name a shop's files, whatever its id holds."""
    return f"shop_id={quote(shop, safe='')}"


def _answers(folder: Path, shop: str) -> pd.DataFrame | None:
    """Read a shop's answers; None where it could not be scored."""
    import pandas as pd

    path = folder / f"{_file(shop)}.parquet"
    return pd.read_parquet(path) if path.is_file() else None


def _times(own: Mapping[str, pa.Table]) -> Iterator[tuple[pa.Table, str]]:
    """Go through the tables that say until when a shop's data are."""
    for name, column in (("sales", "date"), ("ledger", "at")):
        if name in own:
            yield own[name], column


def _last_day(table: pa.Table, column: str) -> date:
    """Return the last day of a table, on the shop's calendar."""
    import pyarrow.compute as pc

    last = pc.max(table[column]).as_py()
    if isinstance(last, str):
        last = datetime.fromisoformat(last)
    if isinstance(last, datetime):
        return last.date() if last.tzinfo is None else shop_day(last)
    day: date = last
    return day


def _price_decisions(advice: pd.DataFrame) -> list[dict[str, Any]]:
    """Keep what is to be changed, the most rupees a week first; holding is no decision to hand over."""
    changes = advice[advice["action"] == "change"].sort_values(
        ["gain_paise_per_week", "item_id"], ascending=[False, True]
    )
    names = ("item_id", "state", "price_paise", "grade", "binding_rule")
    gains = ("gain_paise_per_week", "gain_lower_paise_per_week", "gain_upper_paise_per_week")
    return [
        {name: _plain(row[name]) for name in (*names, *gains)}
        | {"on": f"{row['on']}", "reasons": json.loads(row["reasons"]), "proof": json.loads(row["proof"])}
        for row in changes.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; what is missing is null."""
    if value is None or value != value:
        return None
    return value.item() if hasattr(value, "item") else value
