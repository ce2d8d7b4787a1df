"""Bring a database to a revision of the schema."""

from pathlib import Path
from typing import TYPE_CHECKING

from serving.adapters.sql.database import Database

if TYPE_CHECKING:
    from alembic.config import Config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the revisions forward; a database that is there already is left alone."""
    from alembic import command

    if database.is_sqlite and database.url.database not in (None, "", ":memory:"):
        Path(str(database.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with database.writing() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Run the revisions back."""
    from alembic import command

    with database.writing() as connection:
        command.downgrade(_config(connection), revision)


def _config(connection: object) -> "Config":
    """Point alembic at the revisions beside this module."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config
