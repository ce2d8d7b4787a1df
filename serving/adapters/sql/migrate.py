"""Bring a database to a revision of the schema.

What was run is remembered by its sum. A revision that was edited after it ran made another schema than its text says:
the databases of two installations would differ without anybody knowing. Such a one is refused at the start.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from samaan_ml.domain.errors import SamaanError
from serving.adapters.sql.database import Database
from serving.adapters.sql.schema import schema_revisions as t
from serving.adapters.sql.soundness import APPLICATION_ID, check_file

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).with_name("migrations")


class RevisionEditedError(SamaanError):
    """A revision of the schema is not what it was when it made this database."""


def upgrade(database: Database, revision: str = "head", folder: Path = _MIGRATIONS) -> None:
    """Run the revisions forward; a database that is there already is left alone.

    Raises
    ------
    RevisionEditedError
        When a revision that ran before has another text now, or is missing.
    DatabaseDamagedError
        When the SQLite file is damaged, empty or another program's.
    """
    from alembic import command

    if database.is_sqlite and database.url.database not in (None, "", ":memory:"):
        file = Path(str(database.url.database))
        check_file(file)
        file.parent.mkdir(parents=True, exist_ok=True)
    with database.writing() as connection:
        _check(connection, folder)
        if database.is_sqlite:
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        command.upgrade(_config(connection, folder), revision)
        _remember(database, connection, folder)


def downgrade(database: Database, revision: str, folder: Path = _MIGRATIONS) -> None:
    """Run the revisions back; what was edited since it ran is refused, for its way back may be another one."""
    from alembic import command

    with database.writing() as connection:
        _check(connection, folder)
        command.downgrade(_config(connection, folder), revision)
        _remember(database, connection, folder)


def check(database: Database, folder: Path = _MIGRATIONS) -> None:
    """Compare what made this database with the revisions as they are now, or raise RevisionEditedError."""
    with database.reading() as connection:
        _check(connection, folder)


def _check(connection: sa.Connection, folder: Path) -> None:
    """Compare the sums."""
    if not sa.inspect(connection).has_table(t.name):
        return
    now = _sums(folder)
    for ran in connection.execute(sa.select(t).order_by(t.c.revision)):
        if now.get(ran.revision) != ran.sha256:
            what = "was edited after it ran" if ran.revision in now else "ran here and is gone"
            raise RevisionEditedError(
                f"revision '{ran.revision}' of the schema {what}: put it back and make a new revision instead"
            )


def _remember(database: Database, connection: sa.Connection, folder: Path) -> None:
    """Keep the sums of what has run, and forget those of what was reversed."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    if not sa.inspect(connection).has_table(t.name):
        return
    scripts = ScriptDirectory(str(folder))
    heads = MigrationContext.configure(connection).get_current_heads()
    ran = {script.revision for script in scripts.iterate_revisions(heads, "base")}
    sums = _sums(folder)
    connection.execute(t.delete().where(t.c.revision.not_in(ran)))
    for revision in sorted(ran):
        database.insert_new(t, {"revision": revision, "sha256": sums[revision]}, "revision")


def _sums(folder: Path) -> dict[str, str]:
    """Return the sum of each revision's text, whatever ends its lines."""
    return {
        path.name.partition("_")[0]: hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        for path in (folder / "versions").glob("[0-9]*_*.py")
    }


def _config(connection: object, folder: Path) -> "Config":
    """Point alembic at the revisions."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    return config
