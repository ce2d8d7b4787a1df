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
    assert imports.taken_in(shop_id, 4) == (done,)
    assert imports.taken_in(shop_id, 3) == imports.taken_in(shop_id + "x", 4) == ()
    imports.move_on(shop_id, "i1", "done", "undone")
    assert imports.taken_in(shop_id, 4) == ()
