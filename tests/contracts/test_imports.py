"""What every store of imports must do."""

from datetime import datetime

import pytest

from serving.adapters.sql.database import Database
from serving.adapters.sql.imports import SqlImportStore
from serving.errors import Conflict, NotFound
from serving.ports.imports import ImportRecord, ImportStore


@pytest.fixture
def imports(database: Database) -> ImportStore:
    """Each store of imports."""
    return SqlImportStore(database)


def test_a_sheet_moves_on_once_and_only_in_its_shop(
    imports: ImportStore, shop_id: str, now: datetime
) -> None:
    record = ImportRecord("i1", "shop/i1.csv", "preview", 3, 1, "meena", now)
    imports.add(shop_id, record)
    assert imports.get(shop_id, "i1") == record
    imports.move_on(shop_id, "i1", "preview", "done")
    with pytest.raises(Conflict):
        imports.move_on(shop_id, "i1", "preview", "done")
    for act in (
        lambda: imports.get(shop_id + "x", "i1"),
        lambda: imports.move_on(shop_id + "x", "i1", "done", "undone"),
    ):
        with pytest.raises(NotFound):
            act()
    done = imports.get(shop_id, "i1")
    assert done.status == "done"
    with pytest.raises(Conflict):
        imports.recount(shop_id, "i1", 5, 0)


def test_the_counts_of_a_seen_sheet_can_change(imports: ImportStore, shop_id: str, now: datetime) -> None:
    imports.add(shop_id, ImportRecord("i2", "shop/i2.csv", "preview", 3, 1, "meena", now))
    imports.recount(shop_id, "i2", 4, 0)
    assert (imports.get(shop_id, "i2").rows, imports.get(shop_id, "i2").bad_rows) == (4, 0)
