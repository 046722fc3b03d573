"""The migrations make exactly the tables of the model, on both databases, once, however many ask for it."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from engine.database import Database
from engine.migrations import migrate, newest_revision, revision_of
from engine.model import Base
from tests.postgresql import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path):
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        database = Database(new_database(request.getfixturevalue("postgresql_server"), "bihuan_empty"))
    yield database
    database.close()


def test_a_migrated_database_has_the_tables_of_the_model(empty_database):
    assert revision_of(empty_database) is None
    assert migrate(empty_database) == (None, newest_revision())
    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_index_of_the_model_exists(empty_database):
    migrate(empty_database)
    with empty_database.engine.connect() as connection:
        look = inspect(connection)
        for table in Base.metadata.sorted_tables:
            there = {index["name"] for index in look.get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= there


def test_migrating_again_changes_nothing(empty_database):
    migrate(empty_database)
    assert migrate(empty_database) == (newest_revision(), newest_revision())
    assert revision_of(empty_database) == newest_revision()


def test_two_processes_that_migrate_at_once_do_it_once(empty_database):
    barrier = threading.Barrier(2)
    answers, failures = [], []

    def run():
        own = Database(empty_database.url.render_as_string(hide_password=False))
        try:
            barrier.wait()
            answers.append(migrate(own))
        except Exception as error:  # noqa: BLE001 - a thread's failure has to reach the test
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(before or "" for before, _ in answers) == ["", newest_revision()]
