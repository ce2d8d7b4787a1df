"""A shop's whole state out of the stores into an archive, and back into stores that have none of it."""

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from samaan_ml.domain.gst import indian_gst
from samaan_ml.domain.khata import verify_chain
from serving.errors import Conflict, InvalidInput, NotFound
from serving.ports import Ports
from serving.ports.items import Item
from serving.ports.page import walk
from serving.ports.sales import Sale
from serving.ports.shop_rows import Row
from serving.tasks.archive.container import ArchiveReader, ArchiveWriter, Manifest
from serving.tasks.archive.tally import vouchers

MAX_BYTES = 4 * 1024**3
"""Most that an archive may hold unpacked, where nothing else is said."""
_CHUNK = 200
_BLOB_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def export_shop(ports: Ports, shop_id: str, path: Path) -> Manifest:
    """Write everything of a shop into one zip file.

    Parameters
    ----------
    ports : Ports
        The stores.
    shop_id : str
        Whose.
    path : Path
        The file; it gets its name when it is whole.

    Returns
    -------
    Manifest
        What was written; `state_sha256` is the same wherever the same state lies.

    Raises
    ------
    NotFound
        When there is no such shop.
    """
    shop = ports.accounts.shop(shop_id)
    manifest = Manifest(shop_id, ports.clock.now().isoformat())
    with ArchiveWriter(path, manifest) as archive:
        keys: set[str] = set()
        sales: list[str] = []
        names: dict[str, str] = {}
        for table, rows in _tables(ports, shop_id):
            archive.add(_file(table), _lines(_noted(table, rows, keys, sales, names)))
        rates = indian_gst() if shop.tax_scheme == "regular" else None
        items: dict[str, Item] = {}
        archive.add("tally/sales.xml", vouchers(_sales(ports, shop_id, sales, items), names, items, rates))
        for number, key in enumerate(sorted(keys), 1):
            try:
                data = ports.blobs.get(key)
            except NotFound:
                manifest.missing_blobs.append(key)
                continue
            name = f"blobs/{number:06d}"
            manifest.blobs[name] = key
            archive.add(name, [data])
    return manifest


def _tables(ports: Ports, shop_id: str) -> Iterator[tuple[str, Iterator[Row]]]:
    """Go through the tables of all stores."""
    for store in ports.shop_rows:
        for table, rows in groupby(store.read(shop_id), key=itemgetter(0)):
            yield table, (row for _, row in rows)


def _noted(
    table: str, rows: Iterator[Row], keys: set[str], sales: list[str], names: dict[str, str]
) -> Iterator[Row]:
    """Pass rows on and note what the rest of the archive is made of: blobs, bills, customers' names."""
    for row in rows:
        if row.get("blob_key"):
            keys.add(str(row["blob_key"]))
        if table == "sales_transactions":
            sales.append(str(row["sale_id"]))
        elif table == "customers":
            names[str(row["customer_id"])] = str(row["name"])
        yield row


def _sales(ports: Ports, shop_id: str, sale_ids: list[str], items: dict[str, Item]) -> Iterator[Sale]:
    """Read bills with their lines, some hundred at a time, and add the items that they name."""
    for start in range(0, len(sale_ids), _CHUNK):
        found = ports.sales.some(shop_id, tuple(sale_ids[start : start + _CHUNK]))
        named = {line.item_id for sale in found for line in sale.lines} - items.keys()
        items.update((item.item_id, item) for item in ports.items.items(shop_id, tuple(named)))
        yield from sorted(found, key=lambda sale: sale.sale_id)


def _file(table: str) -> str:
    """Name the file of a table."""
    return f"tables/{table}.jsonl"


def _lines(rows: Iterator[Row]) -> Iterator[bytes]:
    """Write rows as lines that are the same for the same values."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def import_shop(
    ports: Ports, path: Path, max_bytes: int = MAX_BYTES, state_sha256: str | None = None
) -> Manifest:
    """Fill stores that have none of a shop from its archive and check that they hold the same state.

    Nothing is written before every sum of the file was checked. In the database all is written or nothing; what was
    written into DynamoDB stays after a fault, and the same import done again goes on with it.

    Parameters
    ----------
    ports : Ports
        The stores.
    path : Path
        The archive.
    max_bytes : int, default=4294967296
        Most that it may hold unpacked.
    state_sha256 : str or None, default=None
        The state to expect, as the export reported it.

    Returns
    -------
    Manifest
        What was read.

    Raises
    ------
    InvalidInput
        When the file is damaged, forged, too large or of other tables, or what came out is not the state that went
        in.
    Conflict
        When the shop is there already.
    """
    with ArchiveReader(path, max_bytes) as archive:
        manifest = archive.manifest
        shop_id = manifest.shop_id
        if state_sha256 not in (None, manifest.state_sha256):
            raise InvalidInput(f"the archive holds the state {manifest.state_sha256}, not {state_sha256}")
        _check_absent(ports, shop_id)
        _check_names(ports, manifest)
        for name, key in manifest.blobs.items():
            _put_blob(ports, key, archive.bytes_of(name))
        with ports.transactions.begin():
            for store in ports.shop_rows:
                for table in store.tables:
                    if _file(table) in manifest.files:
                        store.fill(shop_id, table, archive.rows_of(_file(table)))
            _check_same(ports, manifest)
            _check_khatas(ports, shop_id)
    return manifest


def _check_absent(ports: Ports, shop_id: str) -> None:
    """Refuse a shop that is there."""
    try:
        ports.accounts.shop(shop_id)
    except NotFound:
        return
    raise Conflict(f"shop '{shop_id}' is here already", hint="import into a store that does not have it")


def _check_names(ports: Ports, manifest: Manifest) -> None:
    """Refuse tables that this version has not, and blobs that are not the shop's."""
    known = {_file(table) for store in ports.shop_rows for table in store.tables}
    for name in manifest.files:
        if name.startswith("tables/") and name not in known:
            raise InvalidInput(f"the archive has '{name}', which this version does not know")
    for key in manifest.blobs.values():
        if not _BLOB_KEY.fullmatch(key) or not key.startswith(f"{manifest.shop_id}/"):
            raise InvalidInput(f"the archive has the blob {key!r}, which is not of shop '{manifest.shop_id}'")


def _put_blob(ports: Ports, key: str, data: bytes) -> None:
    """Keep a blob; another one under its key stays, and ends the import."""
    try:
        there = ports.blobs.get(key)
    except NotFound:
        ports.blobs.put(key, data)
        return
    if there != data:
        raise Conflict(f"the blob '{key}' is here already with other contents")


def _check_same(ports: Ports, manifest: Manifest) -> None:
    """Read everything back and compare the sums."""
    found = {
        _file(table): hashlib.sha256(b"".join(_lines(rows))).hexdigest()
        for table, rows in _tables(ports, manifest.shop_id)
    }
    wanted = {
        name: each.sha256 for name, each in manifest.files.items() if name.startswith("tables/") and each.rows
    }
    differ = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    if differ:
        raise InvalidInput(f"what was imported differs from the archive in: {', '.join(differ)}")


def _check_khatas(ports: Ports, shop_id: str) -> None:
    """Check every customer's chain of entries, which a forged archive would break."""
    for customer in walk(lambda after: ports.udhaar.customers(shop_id, 200, after)):
        verify_chain(ports.udhaar.khata(shop_id, customer.customer_id))
