"""The schema's revisions, on each database: there and back they leave the same, and an edited one is refused."""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from serving.adapters.sql import migrate
from serving.adapters.sql.database import Database
from serving.settings import Settings
from serving.wiring import Wiring
from tests.contracts.conftest import SQL

REVISIONS = sorted(path.name[:4] for path in (migrate._MIGRATIONS / "versions").glob("[0-9]*.py"))


@pytest.fixture(params=SQL)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty database of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/samaan.db")
        yield database
        database.close()
        return
    url = sa.make_url(request.getfixturevalue("postgres"))
    name = f"m{secrets.token_hex(6)}"
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as db:
        db.execute(sa.text(f"CREATE DATABASE {name}"))
    database = Database(url.set(database=name).render_as_string(hide_password=False))
    yield database
    database.close()
    with server.connect() as db:
        db.execute(sa.text(f"DROP DATABASE {name}"))
    server.dispose()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The revisions in a folder where they can be edited."""
    return Path(shutil.copytree(migrate._MIGRATIONS, tmp_path / "migrations"))


def schema_of(database: Database) -> dict[str, Any]:
    """Describe every table: columns, keys, indexes."""
    with database.reading() as db:
        found = sa.inspect(db)
        return {
            name: {
                "columns": sorted(
                    (c["name"], str(c["type"]), c["nullable"], str(c["default"]))
                    for c in found.get_columns(name)
                ),
                "key": found.get_pk_constraint(name),
                "unique": sorted(
                    (str(u["name"]), tuple(u["column_names"])) for u in found.get_unique_constraints(name)
                ),
                "indexes": sorted(
                    (str(i["name"]), tuple(map(str, i["column_names"]))) for i in found.get_indexes(name)
                ),
            }
            for name in found.get_table_names()
            if name != "alembic_version"
        }


@pytest.mark.parametrize(
    "fresh",
    [pytest.param(kind, marks=[] if kind == "sqlite" else pytest.mark.slow) for kind in SQL],
    indirect=True,
)
def test_each_revision_back_and_forth_leaves_the_same_schema(fresh: Database) -> None:
    seen = {"base": schema_of(fresh)}
    for revision in REVISIONS:
        migrate.upgrade(fresh, revision)
        seen[revision] = schema_of(fresh)
    for revision, before in zip(REVISIONS[::-1], [*REVISIONS[:-1][::-1], "base"], strict=True):
        migrate.downgrade(fresh, before)
        assert schema_of(fresh) == seen[before], f"back from {revision}"
        migrate.upgrade(fresh, revision)
        assert schema_of(fresh) == seen[revision], f"{revision} again"
        migrate.downgrade(fresh, before)
    migrate.upgrade(fresh)
    assert schema_of(fresh) == seen[REVISIONS[-1]]


def test_rows_outlive_a_revision_that_adds_to_their_table(fresh: Database) -> None:
    migrate.upgrade(fresh, "0005")
    with fresh.writing() as db:
        db.execute(
            sa.text(
                "INSERT INTO shops (shop_id, name, zone, negative_stock, over_limit, created_at)"
                " VALUES ('s', 'A', 'Asia/Kolkata', 'allow', 'warn', '2026-01-01 00:00:00.000000')"
            )
        )
    migrate.upgrade(fresh)
    stored = Wiring(Settings(), database=fresh).accounts.shop("s")
    assert (stored.name, stored.staff_floor_percent) == ("A", 100)
    migrate.downgrade(fresh, "0005")
    migrate.upgrade(fresh)
    assert Wiring(Settings(), database=fresh).accounts.shop("s") == stored


def test_the_sums_of_all_that_ran_are_kept(fresh: Database) -> None:
    migrate.upgrade(fresh)
    with fresh.reading() as db:
        found = db.execute(sa.text("SELECT revision, sha256 FROM schema_revisions")).all()
    rows = {row.revision: row.sha256 for row in found}
    assert rows == migrate._sums(migrate._MIGRATIONS)
    assert sorted(rows) == REVISIONS


def edit(path: Path) -> None:
    path.write_text(path.read_text() + "\n# another index would be good here\n")


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("change", "said"), [(edit, "was edited after it ran"), (remove, "ran here and is gone")]
)
def test_a_past_revision_that_changed_is_refused(
    fresh: Database, copied: Path, change: Callable[[Path], None], said: str
) -> None:
    migrate.upgrade(fresh)
    migrate.upgrade(fresh, folder=copied)
    before = schema_of(fresh)
    change(copied / "versions" / "0004_jobs.py")
    for again in (
        lambda: migrate.upgrade(fresh, folder=copied),
        lambda: migrate.downgrade(fresh, "0001", folder=copied),
        lambda: migrate.check(fresh, folder=copied),
    ):
        with pytest.raises(migrate.RevisionEditedError, match=f"revision '0004' of the schema {said}"):
            again()
    assert schema_of(fresh) == before


def test_other_line_ends_are_no_edit(fresh: Database, copied: Path) -> None:
    migrate.upgrade(fresh)
    path = copied / "versions" / "0004_jobs.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    migrate.check(fresh, folder=copied)


def test_an_application_does_not_start_on_a_schema_of_other_revisions(fresh: Database) -> None:
    migrate.upgrade(fresh)
    with fresh.writing() as db:
        db.execute(sa.text("UPDATE schema_revisions SET sha256 = 'x' WHERE revision = '0002'"))
    with pytest.raises(migrate.RevisionEditedError, match="'0002'"):
        Wiring(Settings(), database=fresh).start()
    with fresh.writing() as db:
        db.execute(sa.text("DELETE FROM schema_revisions"))  # as a database of an earlier version is
    Wiring(Settings(), database=fresh).start()
