"""Tables read a few shops at a time, so that memory depends on the shops and not on the folder.

A table is `<name>.parquet`, `.csv`, `.jsonl`, or a folder of such files. CSV and JSON lines are first rewritten,
in a stream, to one Parquet file in a scratch folder; Parquet is read by row groups, and where the rows come
sorted by shop, as `ShopData.save` writes them, only those that hold the shops asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from samaan_ml.exceptions import DataError
from samaan_ml.tables import SCHEMAS

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as pads

__all__ = ["SHOP_TABLES", "ShopTables"]

SHOP_TABLES = ("sales", "prices", "stock", "ledger", "promises")
"""Tables that have rows of their own for every shop; the others are small and shared."""
_KINDS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl"}
Read = TypeVar("Read")
_BLOCK_BYTES = 8 * 2**20


@dataclass(frozen=True)
class ShopTables:
    """The tables of a folder, open for reading.

    Parameters
    ----------
    large : mapping of str to pyarrow.dataset.Dataset
        Tables read a few shops at a time.
    shared : mapping of str to pyarrow.Table
        Tables kept whole.
    unreadable : dict of str to str, default={}
        Files of a table's folder that could not be read, and why; the others are read all the same. Damage inside a
        file is found when its rows are asked for.
    """

    large: dict[str, pads.Dataset]
    shared: Mapping[str, pa.Table]
    unreadable: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, wanted: Iterable[str], scratch: Path) -> ShopTables:
        """Open the tables that are there.

        Raises
        ------
        DataError
            When a file is broken or of an unknown kind.
        """
        large: dict[str, pads.Dataset] = {}
        shared: dict[str, pa.Table] = {}
        unreadable: dict[str, str] = {}
        for name in wanted:
            found = _find(folder, name)
            if found is None:
                continue
            dataset = _dataset(name, found, scratch, unreadable)
            if name in SHOP_TABLES:
                large[name] = dataset
            else:
                shared[name] = _whole(name, dataset)
        return cls(large, shared, unreadable)

    def shops(self, name: str) -> list[str]:
        """List the shops of a table, sorted.

        Raises
        ------
        DataError
            When the table or its column shop_id does not exist.
        """
        if name not in self.large:
            raise DataError(f"table '{name}' is needed and not in the data")
        names = self.large[name].schema.names
        if "shop_id" not in names:
            raise DataError(f"table '{name}' has no column 'shop_id'; got {', '.join(names)}")

        def read(dataset: pads.Dataset) -> tuple[set[str], int]:
            found, nobodys = set[str](), 0
            for batch in dataset.to_batches(columns=["shop_id"]):
                nobodys += batch.column(0).null_count
                found.update(
                    str(value) for value in batch.column(0).unique().to_pylist() if value is not None
                )
            return found, nobodys

        found, nobodys = self._read(name, read)
        if nobodys:
            self.unreadable[f"{name}, {nobodys} rows"] = "they name no shop in 'shop_id'"
        return sorted(found)

    def _read(self, name: str, read: Callable[[pads.Dataset], Read]) -> Read:
        """Read from a table, leaving out the files that turn out to be damaged or of other columns.

        Raises
        ------
        DataError
            When no file of the table can be read.
        """
        import pyarrow as pa

        try:
            return read(self.large[name])
        except (pa.ArrowException, OSError) as error:
            self._leave_out_damaged(name, error)
        return read(self.large[name])

    def _leave_out_damaged(self, name: str, error: Exception) -> None:
        """Find which files of a table cannot be read to their end, and go on without them."""
        import pyarrow as pa
        import pyarrow.dataset as pads

        dataset = self.large[name]
        sound: list[str] = []
        for file in dataset.files:
            try:
                for _ in pads.dataset(file, schema=dataset.schema, format="parquet").to_batches():
                    pass
            except (pa.ArrowException, OSError) as fault:
                self.unreadable[f"{name}/{Path(file).name}"] = str(fault).splitlines()[0]
            else:
                sound.append(file)
        if not sound or len(sound) == len(dataset.files):
            told = str(error).splitlines()[0]
            raise DataError(f"table '{name}' cannot be read: {told}") from error
        self.large[name] = pads.dataset(sound, schema=dataset.schema, format="parquet")

    def rows(self, name: str) -> dict[str, int]:
        """Count the rows of each shop in a table.

        Raises
        ------
        DataError
            When the table or its column shop_id does not exist.
        """
        found = dict.fromkeys(self.shops(name), 0)

        def read(dataset: pads.Dataset) -> None:
            for batch in dataset.to_batches(columns=["shop_id"]):
                for each in batch.column(0).value_counts().to_pylist():
                    if each["values"] is not None:
                        found[str(each["values"])] += each["counts"]

        self._read(name, read)
        return found

    def count(self, name: str) -> int:
        """Count the rows of a table."""
        return int(self.large[name].count_rows())

    def of(self, shops: list[str]) -> Iterator[tuple[str, dict[str, pa.Table]]]:
        """Read the tables of some shops together and give each shop its own part."""
        import pyarrow as pa
        import pyarrow.compute as pc

        read = {}
        field = pc.field("shop_id").cast(pa.string())
        for name in list(self.large):
            table = self._read(name, lambda dataset: dataset.to_table(filter=field.isin(shops)))
            read[name] = table.set_column(
                table.column_names.index("shop_id"), "shop_id", table["shop_id"].cast(pa.string())
            )
        for shop in shops:
            own = {name: table.filter(pc.equal(table["shop_id"], shop)) for name, table in read.items()}
            yield shop, {**{name: table for name, table in own.items() if len(table)}, **self.shared}


def _whole(name: str, dataset: pads.Dataset) -> pa.Table:
    """Read a shared table, or say which it is that is damaged."""
    import pyarrow as pa

    try:
        return dataset.to_table()
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"table '{name}' cannot be read: {str(error).splitlines()[0]}") from error


def _is_text(kind: pa.DataType) -> bool:
    """Return whether a column holds text, written out or by number."""
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _find(folder: Path, name: str) -> Path | None:
    """Find a table's file or folder; two for one table are ambiguous."""
    found = [path for suffix in _KINDS if (path := folder / f"{name}{suffix}").exists()]
    if (folder / name).is_dir():
        found.append(folder / name)
    if len(found) > 1:
        raise DataError(
            f"'{folder}' holds table '{name}' twice, as {' and '.join(path.name for path in found)}"
        )
    return found[0] if found else None


def _dataset(name: str, path: Path, scratch: Path, unreadable: dict[str, str]) -> pads.Dataset:
    """Open a table's files; of a folder, those that can be read."""
    import pyarrow.dataset as pads

    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix in _KINDS)
        readable: list[Path] = []
        for each in files:
            try:
                readable.append(_of_shops(name, each, _readable(name, each, scratch)))
            except DataError as error:
                unreadable[f"{name}/{each.name}"] = str(error)
    else:
        readable = [_readable(name, path, scratch)]
    if not readable:
        raise DataError(
            f"'{path}' holds no file of table '{name}' that can be read; expected {', '.join(_KINDS)}"
        )
    names = [str(each) for each in readable]
    if len(names) == 1:
        return pads.dataset(names, format="parquet")
    return pads.dataset(names, schema=_schema_of(name, readable), format="parquet")


def _of_shops(name: str, file: Path, parquet: Path) -> Path:
    """Return a file of a folder, refused where its rows could be no shop's."""
    import pyarrow.parquet as pq

    columns = pq.read_schema(parquet).names
    if name in SHOP_TABLES and "shop_id" not in columns:
        raise DataError(f"'{file.name}' has no column 'shop_id'; got {', '.join(columns)}")
    return parquet


def _schema_of(name: str, files: list[Path]) -> pa.Schema:
    """Return the columns of several files: all that any has, and of numbers and days no text where one has them.

    The first file alone must not say it: a column that it lacks would be missing from all, and one that it has as text
    would turn the numbers of all others into text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {column.name: column.kind for column in SCHEMAS[name].columns}
    fields: dict[str, pa.Field] = {}
    for file in files:
        for each in pq.read_schema(file):
            known = fields.setdefault(each.name, each)
            told = pa.types.is_null(known.type) or (
                kinds.get(each.name) in ("number", "date") and _is_text(known.type)
            )
            if told and not pa.types.is_null(each.type):
                fields[each.name] = each
    return pa.schema(list(fields.values()))


def _readable(name: str, path: Path, scratch: Path) -> Path:
    """Return a file as Parquet, having read enough of it to know that it is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        parquet = path if path.suffix == ".parquet" else _as_parquet(name, path, scratch)
        pq.read_schema(parquet)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"table '{name}' cannot be read from '{path}': {str(error).splitlines()[0]}"
        ) from error
    return parquet


def _as_parquet(name: str, path: Path, scratch: Path) -> Path:
    """Rewrite a CSV or JSON lines file as Parquet, block by block."""
    import pyarrow.parquet as pq

    target = scratch / f"{name}-{path.stem}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    blocks = _csv_blocks(name, path) if path.suffix == ".csv" else _line_blocks(path)
    writer: Any = None
    try:
        for block in blocks:
            writer = writer or pq.ParquetWriter(target, block.schema, compression="zstd")
            writer.write_table(block.cast(writer.schema))
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise DataError(f"'{path}' has no rows")
    return target


def _csv_blocks(name: str, path: Path) -> Iterator[pa.Table]:
    """Read a CSV file in blocks, ids as text."""
    import pyarrow as pa
    from pyarrow import csv

    kinds = {"id": pa.string(), "word": pa.string(), "date": pa.date32(), "number": pa.float64()}
    types = {column.name: kinds[column.kind] for column in SCHEMAS[name].columns if column.kind in kinds}
    convert = csv.ConvertOptions(column_types=types, strings_can_be_null=True)
    with csv.open_csv(path, csv.ReadOptions(block_size=_BLOCK_BYTES), convert_options=convert) as reader:
        for batch in reader:
            yield pa.Table.from_batches([batch])


def _line_blocks(path: Path) -> Iterator[pa.Table]:
    """Read JSON lines in blocks."""
    import io

    import pyarrow.json as pajson

    with path.open("rb") as stream:
        while lines := stream.readlines(_BLOCK_BYTES):
            yield pajson.read_json(io.BytesIO(b"".join(lines)))
