"""Migrations: bring a database to the present tables; one transaction, on SQLite and PostgreSQL alike."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from engine.database import Database

_FOLDER = Path(__file__).parent


def migrate(database: Database) -> tuple[str | None, str]:
    """Bring a database to the newest revision and return the revisions before and after.

    Several processes may call it at once: the second waits for the first and finds nothing left to do. Raises
    UnavailableError where the database cannot be reached.
    """
    with database.schema_change() as connection:
        before = _revision(connection)
        command.upgrade(_config(connection), "head")
        after = _revision(connection)
    assert after is not None
    return before, after


def revision_of(database: Database) -> str | None:
    """Return the revision a database is at; None where it was never migrated."""
    with database.transaction(write=False) as session:
        return _revision(session.connection())


def newest_revision() -> str:
    """Return the revision this program needs."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None
    return head


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
