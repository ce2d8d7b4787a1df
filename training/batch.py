"""Batch scoring: every shop's answers in a file of its own, by the code that answers the API.

A shop's file is written whole or not at all and says in its footer by which model and from which rows it was
made; a later run leaves it alone when both are the same, so that a run cut off is resumed and only the shops
whose data changed are scored again. One shop that cannot be scored never stops the rest. Shops are dealt to
shards by the digest of their id; shards may run anywhere, and the last one to finish writes `manifest.json`
with the reconciliation: every row is accounted for.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from samaan_ml.exceptions import ArtifactError, DataError, ParameterError, SamaanError
from samaan_ml.inference import Predictor
from training.json_files import write_json
from training.shop_rows import KEY, MAIN_TABLE, USED_TABLES, ShopRows, check_rows, own_rows
from training.shop_tables import ShopTables

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BatchJob", "Scored", "Shard", "champion_folder", "load_predictor"]

SCHEMA_VERSION = 2
"""Grows with the form of the answers and of what the model is asked: files of before are then made again."""
_ROWS_AT_ONCE = 500_000
_MOST_SHARDS = 100_000
_LONGEST_NAME_BYTES = 200
_FOOTER = b"samaan"


@dataclass(frozen=True, slots=True)
class Shard:
    """The i-th of n parts of the shops.

    Parameters
    ----------
    index : int, default=0
        Which part, from 0.
    count : int, default=1
        How many parts.
    """

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `i/n`, i from 0.

        Raises
        ------
        ParameterError
            When it is not that.
        """
        index, _, count = text.partition("/")
        digits = index.isascii() and count.isascii() and index.isdigit() and count.isdigit()
        if not (digits and int(index) < int(count) <= _MOST_SHARDS):
            raise ParameterError(f"a shard is i/n with i from 0 to n - 1, got '{text}'")
        return cls(int(index), int(count))

    def holds(self, shop: str) -> bool:
        """Return whether a shop belongs to this part."""
        return int.from_bytes(hashlib.sha256(shop.encode()).digest()[:8], "big") % self.count == self.index


@dataclass(slots=True)
class Scored:
    """What came of one shop.

    Parameters
    ----------
    file : str or None
        Its file; None where it could not be scored.
    rows_in, rows_out : int
        Rows of its main table, and rows of its answers.
    asked, answered : int
        Series or customers asked about, and answered.
    reason : str or None, default=None
        Why it was not scored.
    reused : bool, default=False
        Whether the file was there already.
    rows_repeated : int, default=0
        Rows of its main table that were delivered once more and count once.
    """

    file: str | None
    rows_in: int
    rows_out: int
    asked: int
    answered: int
    reason: str | None = None
    reused: bool = False
    rows_repeated: int = 0


@dataclass
class BatchJob:
    """Scores the shops of a folder.

    Parameters
    ----------
    area : str
        demand, price or udhaar.
    source, target : Path
        Folders of the tables and of the answers.
    model : Path
        Model folder.
    horizon_days : int, default=14
        Days ahead, for demand.
    shard : Shard, default=Shard()
        Which shops.
    as_of : date or None, default=None
        Score as on the evening of this day; None knows all rows. Shops that did not exist yet are left out.
    """

    area: str
    source: Path
    target: Path
    model: Path
    horizon_days: int = 14
    shard: Shard = field(default_factory=Shard)
    as_of: date | None = None

    def run(self) -> dict[str, Any]:
        """Score; give this shard's report, which also is `shards/<i>-of-<n>.json` of the target.

        Raises
        ------
        DataError
            When the tables cannot be read at all.
        ArtifactError
            When the model folder is absent, altered or of another kind.
        """
        predictor = load_predictor(self.area, self.model)
        self.target.mkdir(parents=True, exist_ok=True)
        self._check_same_job(predictor.model_version)
        scratch = self.target / f".scratch-{self.shard.index}-of-{self.shard.count}"
        try:
            tables = ShopTables.open(self.source, USED_TABLES[self.area], scratch)
            scored = dict(self._score_all(tables, predictor))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        report = self._report(predictor.model_version, scored, tables.unreadable)
        name = f"{self.shard.index}-of-{self.shard.count}.json"
        write_json(self.target / "shards" / name, report)
        self.finish()
        return report

    def _score_all(self, tables: ShopTables, predictor: Predictor) -> Iterator[tuple[str, Scored]]:
        """Score this shard's shops, so many at a time as fit into memory."""
        main = MAIN_TABLE[self.area]
        everyone = tables.shops(main)
        mine = [shop for shop in everyone if self.shard.holds(shop)]
        a_shop = max(1, tables.count(main) // max(len(everyone), 1))
        together = max(1, min(len(mine), _ROWS_AT_ONCE // a_shop))
        for start in range(0, len(mine), together):
            yield from self.score_shops(tables, mine[start : start + together], predictor)

    def score_shops(
        self, tables: ShopTables, shops: list[str], predictor: Predictor
    ) -> Iterator[tuple[str, Scored]]:
        """Score some shops that are read together."""
        with _without_collector():
            for shop, given in tables.of(shops):
                scored = self._score_shop(shop, given, predictor)
                if scored is not None:
                    yield shop, scored

    def _score_shop(self, shop: str, given: Mapping[str, pa.Table], predictor: Predictor) -> Scored | None:
        """Score one shop, unless its file is there and was made of the same; None where it did not exist yet."""
        path = self.target / f"shop_id={quote(shop, safe='')}.parquet"
        if self._main not in given:
            return Scored(None, 0, 0, 0, 0, reason=f"the file of its rows of '{self._main}' cannot be read")
        rows_in = len(given[self._main])
        if len(path.name) > _LONGEST_NAME_BYTES:
            return Scored(None, rows_in, 0, 0, 0, reason="its shop_id is too long to name a file by")
        try:
            own = own_rows(self.area, shop, given, self.as_of)
            if self._main not in own.tables:
                path.unlink(missing_ok=True)
                return None
            main = own.tables[self._main]
            rows_in = len(main) + own.repeated
            asked = len(main[KEY[self.area]].unique()) if KEY[self.area] in main.column_names else 0
            origin = self._origin(own, predictor.model_version)
            kept = _read_footer(path, origin)
            if kept is not None:
                done = Scored(path.name, rows_in, kept["rows"], asked, kept["answered"], reused=True)
            else:
                rows = self._answers(shop, own.tables, predictor)
                answered = len({row[KEY[self.area]] for row in rows})
                _write_rows(path, rows, {**origin, "rows": len(rows), "answered": answered})
                done = Scored(path.name, rows_in, len(rows), asked, answered)
        except OSError:  # a full disk is everybody's affair
            raise
        except Exception as error:  # noqa: BLE001 (of whatever kind: a broken shop is its own affair)
            path.unlink(missing_ok=True)
            reason = f"{error}" if isinstance(error, SamaanError | ValueError) else repr(error)
            return Scored(None, rows_in, 0, 0, 0, reason=reason)
        done.rows_repeated = own.repeated
        return done

    @property
    def _main(self) -> str:
        """The table that tells who is asked about."""
        return MAIN_TABLE[self.area]

    def _answers(self, shop: str, own: Mapping[str, pa.Table], predictor: Predictor) -> list[dict[str, Any]]:
        """Check a shop's tables and ask the model about them."""
        from training.payloads import answer_rows, requests_for

        check_rows(self.area, own)
        rows: list[dict[str, Any]] = []
        for request in requests_for(self.area, own, shop, self.horizon_days):
            rows += answer_rows(request, predictor.answer(request))
        return rows

    def _origin(self, own: ShopRows, model_version: str) -> dict[str, Any]:
        """Return what a shop's answers are made of."""
        return {
            "schema_version": SCHEMA_VERSION,
            "model_version": model_version,
            "horizon_days": self.horizon_days,
            "input": own.digest(),
        }

    def _check_same_job(self, model_version: str) -> None:
        """Clear what an earlier job of another model or number of shards recorded."""
        for path in (self.target / "manifest.json", *(self.target / "shards").glob("*.json")):
            said = _said(path)
            if said.get("area", self.area) != self.area:
                raise DataError(
                    f"'{self.target}' holds answers of '{said['area']}'; give each area its folder"
                )
            same = said.get("model_version") == model_version and said.get("shards") == self.shard.count
            if path.parent != self.target and not same:
                path.unlink()
        (self.target / "manifest.json").unlink(missing_ok=True)

    def _report(
        self, model_version: str, scored: Mapping[str, Scored], unreadable: Mapping[str, str]
    ) -> dict[str, Any]:
        """Account for every shop of this shard."""
        shops = {
            shop: {k: v for k, v in asdict(one).items() if k != "reused"} for shop, one in scored.items()
        }
        return {
            "area": self.area,
            "schema_version": SCHEMA_VERSION,
            "model_version": model_version,
            "horizon_days": self.horizon_days,
            "shards": self.shard.count,
            "shops": shops,
            "reused": sum(one.reused for one in scored.values()),
            "unreadable": dict(unreadable),
        }

    def finish(self) -> None:
        """Write the manifest once every shard has reported; the last one to end does so."""
        paths = [self.target / "shards" / f"{i}-of-{self.shard.count}.json" for i in range(self.shard.count)]
        if not all(path.is_file() for path in paths):
            return
        shops: dict[str, Any] = {}
        unreadable: dict[str, str] = {}
        for path in paths:
            said = json.loads(path.read_text("utf-8"))
            shops |= said["shops"]
            unreadable |= said["unreadable"]
        head = {
            "area": self.area,
            "schema_version": SCHEMA_VERSION,
            "model_version": said["model_version"],
            "horizon_days": self.horizon_days,
            "unreadable": unreadable,
        }
        manifest = head | _reconciled(shops, complete=not unreadable)
        for path in self.target.glob("shop_id=*.parquet"):  # of shops that the data does not hold any more
            if path.name not in manifest["files"]:
                path.unlink(missing_ok=True)
        write_json(self.target / "manifest.json", manifest)


def _said(path: Path) -> dict[str, Any]:
    """Read what an earlier job recorded; nothing where it is absent or cut off."""
    try:
        said = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _reconciled(shops: Mapping[str, Any], *, complete: bool) -> dict[str, Any]:
    """Set what came in beside what went out."""
    failed = {shop: one["reason"] for shop, one in shops.items() if one["reason"] is not None}
    done = [one for one in shops.values() if one["reason"] is None]
    asked, answered = (sum(one[name] for one in done) for name in ("asked", "answered"))
    rows_in = sum(one["rows_in"] for one in shops.values())
    repeated = sum(one["rows_repeated"] for one in done)
    used = sum(one["rows_in"] for one in done) - repeated
    return {
        "files": {
            one["file"]: {"shop_id": shop, **one} for shop, one in sorted(shops.items()) if one["file"]
        },
        "failed": dict(sorted(failed.items())),
        "reconciliation": {
            "shops": len(shops),
            "shops_scored": len(done),
            "rows_in": rows_in,
            "rows_used": used,
            "rows_repeated": repeated,
            "rows_quarantined": rows_in - used - repeated,
            "asked": asked,
            "answered": answered,
            "rows_out": sum(one["rows_out"] for one in done),
            "complete": complete and not failed and asked == answered,
        },
    }


@contextmanager
def _without_collector() -> Iterator[None]:
    """Spare the search for cycles: answers are millions of small objects and hold none, it took a quarter."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def load_predictor(area: str, model: Path) -> Predictor:
    """Load a model folder that answers an area's questions.

    Raises
    ------
    ArtifactError
        When the folder is absent, altered or of another kind.
    """
    predictor = Predictor.load(model)
    if predictor.kind != area:
        raise ArtifactError(f"'{model}' holds a model of kind '{predictor.kind}', expected '{area}'")
    return predictor


def champion_folder(area: str, home: Path | None = None) -> Path:
    """Return where the champion of an area is.

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


def _read_footer(path: Path, origin: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read what a shop's file says of itself; None where it does not exist or was made of something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        said: dict[str, Any] = json.loads(pq.read_schema(path).metadata[_FOOTER])
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowException):
        return None
    return said if all(said.get(name) == value for name, value in origin.items()) else None


def _write_rows(path: Path, rows: Sequence[Mapping[str, Any]], footer: Mapping[str, Any]) -> None:
    """Write a shop's answers, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not rows:
        raise DataError("the model had nothing to answer")
    table = pa.Table.from_pylist(list(rows))
    table = table.replace_schema_metadata({_FOOTER: json.dumps(footer, sort_keys=True).encode()})
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        pq.write_table(table, part, compression="zstd")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
