"""The database beneath the stores: migrations, backups, and what a killed server leaves behind."""

import json
import secrets
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import CliRunner

from serving.__main__ import main
from serving.adapters.sql import migrate
from serving.adapters.sql.backup import back_up, restore
from serving.adapters.sql.database import Database
from serving.adapters.sql.forecasts import SqlForecastStore
from serving.adapters.sql.group_sync import GroupSync
from serving.adapters.sql.schema import metadata
from serving.errors import InvalidInput, StoreUnavailable


@pytest.fixture
def fresh(tmp_path: Path) -> Database:
    """An empty SQLite database."""
    return Database(f"sqlite:///{tmp_path}/samaan.db")


def test_the_revisions_make_the_schema_that_the_code_expects(fresh: Database) -> None:
    migrate.upgrade(fresh)
    migrate.upgrade(fresh)
    with fresh.reading() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_up_down_up_is_as_good_as_up(fresh: Database) -> None:
    migrate.upgrade(fresh)
    migrate.downgrade(fresh, "base")
    with fresh.reading() as db:
        assert set(sa.inspect(db).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(fresh)
    with fresh.reading() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_the_first_forecasts_of_before_are_found_after_the_migration(fresh: Database) -> None:
    migrate.upgrade(fresh, "0005")
    row = (
        "INSERT INTO forecasts (shop_id, forecast_id, item_id, made_at, as_of, horizon_days, model_version, forecast)"
        " VALUES ('s', :id, 'tea', '2026-03-10 05:00:00', :as_of, 7, 'v1', :made)"
    )
    made = '{"item_id":"tea","days":[],"total_quantiles":[],"confidence":"low","method":"mean","drivers":[]}'
    with fresh.writing() as db:
        for name, as_of in (("f1", "2026-03-10"), ("f2", "2026-03-10"), ("f3", "2026-03-11")):
            db.execute(sa.text(row), {"id": name, "as_of": as_of, "made": made})
    migrate.upgrade(fresh)
    store = SqlForecastStore(fresh)
    found = [store.first("s", "tea", date(2026, 3, day), 7) for day in (10, 11)]
    assert [each.forecast_id for each in found] == ["f1", "f3"]
    assert found[0].data_hash is None


def test_a_failing_unit_of_work_leaves_nothing(fresh: Database) -> None:
    migrate.upgrade(fresh)
    row = "INSERT INTO learned_names (shop_id, alias, item_id) VALUES ('s', 'a', 'i')"

    def half() -> None:
        with fresh.begin(), fresh.writing() as db:
            db.execute(sa.text(row))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half()
    with fresh.reading() as db:
        assert db.execute(sa.text("SELECT count(*) FROM learned_names")).scalar_one() == 0


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        Database(f"sqlite:///{tmp_path}/no/such/folder.db").ping()
    nowhere = Database(f"postgresql+psycopg://samaan@/postgres?host={tmp_path}", busy_timeout_ms=200)
    with pytest.raises(StoreUnavailable):
        nowhere.ping()


def test_everybody_who_waits_is_synced_and_few_syncs_do_it(tmp_path: Path) -> None:
    class Slow(GroupSync):
        """Counts syncs and takes its time."""

        syncs = 0

        def _sync(self) -> None:
            Slow.syncs += 1
            time.sleep(0.02)
            super()._sync()

    (tmp_path / "log").write_bytes(b"x")
    sync = Slow(tmp_path / "log")
    threads = [threading.Thread(target=sync.wait) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert 1 <= Slow.syncs <= 20


def test_a_failed_sync_is_told_to_its_caller_and_the_next_one_tries_again(tmp_path: Path) -> None:
    class Failing(GroupSync):
        """Fails once."""

        failed = False

        def _sync(self) -> None:
            if not Failing.failed:
                Failing.failed = True
                raise OSError("no space")

    sync = Failing(tmp_path / "log")
    with pytest.raises(OSError, match="no space"):
        sync.wait()
    sync.wait()


def a_days_work(shop: Any) -> None:
    """Enter a little of everything."""
    shop.add_item(stock=50_000, cost_paise=4_000)
    shop.add_customer()
    for number in range(5):
        shop.sell(quantity=500 + number, payment="udhaar", customer_id="ramesh")
    shop.post("/udhaar/customers/ramesh/payments", {"amount_paise": 1_234})
    shop.post("/pricing/items/sugar/price", {"price_paise": 4_600, "reason": "delivery"})


def test_a_backup_restores_to_the_last_paisa_and_unit(new_api: Callable[..., Any], tmp_path: Path) -> None:
    api = new_api()
    shop = api.sign_up()
    a_days_work(shop)
    file = tmp_path / "backup.gz"
    written = back_up(api.wiring.database, file)
    copy = Database(f"sqlite:///{tmp_path}/copy.db")
    migrate.upgrade(copy)
    assert restore(copy, file) == written
    with copy.reading() as there, api.wiring.database.reading() as here:
        for table in metadata.sorted_tables:
            if table.name != "sessions":
                rows = [sorted(map(repr, db.execute(sa.select(table)))) for db in (here, there)]
                assert rows[0] == rows[1], table.name
    with pytest.raises(InvalidInput, match="not empty"):
        restore(copy, file)


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[: len(raw) // 2], lambda raw: raw[:0], lambda raw: raw[::-1]]
)
def test_a_damaged_backup_restores_nothing(
    new_api: Callable[..., Any], tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    api = new_api()
    a_days_work(api.sign_up())
    file = tmp_path / "backup.gz"
    back_up(api.wiring.database, file)
    file.write_bytes(damage(file.read_bytes()))
    copy = Database(f"sqlite:///{tmp_path}/copy.db")
    migrate.upgrade(copy)
    with pytest.raises(InvalidInput):
        restore(copy, file)
    with copy.reading() as db:
        assert db.execute(sa.text("SELECT count(*) FROM items")).scalar_one() == 0


def test_a_backup_missing_one_paisa_is_refused(new_api: Callable[..., Any], tmp_path: Path) -> None:
    import gzip

    api = new_api()
    a_days_work(api.sign_up())
    file = tmp_path / "backup.gz"
    back_up(api.wiring.database, file)
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    place, row = next((n, json.loads(line)) for n, line in enumerate(lines) if '["udhaar_entries"' in line)
    row[1]["amount_paise"] -= 1
    lines[place] = json.dumps(row)
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    copy = Database(f"sqlite:///{tmp_path}/copy.db")
    migrate.upgrade(copy)
    with pytest.raises(InvalidInput, match=r"udhaar_entries\.amount_paise"):
        restore(copy, file)


def test_the_commands_migrate_back_up_restore_and_rebuild(tmp_path: Path) -> None:
    run = CliRunner()
    homes = [{"SAMAAN_HOME": str(tmp_path / name)} for name in ("one", "two")]
    assert run.invoke(main, ["migrate"], env=homes[0]).exit_code == 0
    file = str(tmp_path / "backup.gz")
    for folder, name in (("blobs/shop", "photo.jpg"), ("keys", "khata.pem")):
        (tmp_path / "one" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "one" / folder / name).write_bytes(b"12345")
    told = run.invoke(main, ["backup", file], env=homes[0]).output
    assert "rows in" in told
    assert "not in it: 1 photographs and sheets (5 bytes)" in told
    assert "not in it: the keys in" in told
    assert "all sums agree" in run.invoke(main, ["restore", file], env=homes[1]).output
    assert "0 projections" in run.invoke(main, ["rebuild"], env=homes[1]).output
    assert "0 sent" in run.invoke(main, ["send-messages"], env=homes[1]).output


def test_a_killed_server_kept_what_it_acknowledged_and_a_repeat_adds_nothing(
    tmp_path: Path, start_server: Callable[..., Any]
) -> None:
    server = start_server(tmp_path)
    person = {"email": "meena@example.in", "password": "correct horse"}
    server.call("POST", "/v1/auth/register", person | {"shop_name": "Meena"})
    token = server.call("POST", "/v1/auth/login", person)["access_token"]
    item = {"item_id": "sugar", "name": "Sugar", "price_paise": 4_500, "opening_stock_milli": 10**9}
    server.call("POST", "/v1/inventory/items", item, token)
    sale = {"lines": [{"item_id": "sugar", "quantity_milli": 1_000}]}
    sent: list[str] = []
    acknowledged: list[str] = []

    def sell() -> None:
        while True:
            key = secrets.token_hex(8)
            sent.append(key)
            try:
                server.call("POST", "/v1/sales", sale, token, key)
            except (OSError, ValueError):
                return
            acknowledged.append(key)

    sellers = [threading.Thread(target=sell) for _ in range(4)]
    for seller in sellers:
        seller.start()
    while len(acknowledged) < 25:
        time.sleep(0.01)
    server.kill()
    for seller in sellers:
        seller.join(30)
    again = start_server(tmp_path)
    try:
        sold = (
            10**9 - again.call("GET", "/v1/inventory/items/sugar/stock", token=token)["on_hand_milli"]
        ) // 1_000
        assert len(acknowledged) <= sold <= len(sent)
        for key in sent:
            again.call("POST", "/v1/sales", sale, token, key)
        level = again.call("GET", "/v1/inventory/items/sugar/stock", token=token)
        assert level["on_hand_milli"] == 10**9 - 1_000 * len(sent)
    finally:
        again.kill()
