"""PostgreSQL on a disk that is full: refused in words, read as before, and over with the cause."""

import os
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from tests.faults.scene import Scene
from tests.faults.test_full_disk import browser_of, mounted, no_space_left


@pytest.fixture
def small_tablespace(postgresql_server):
    """A file system of 24 MB as a tablespace; its folder. Only root may make one."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-disk-"))
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with mounted(folder, 24):
        with admin.connect() as connection:
            data = Path(connection.execute(text("SHOW data_directory")).scalar_one())
            os.chown(folder, data.stat().st_uid, data.stat().st_gid)
            connection.execute(text(f"CREATE TABLESPACE small LOCATION '{folder}'"))
            connection.execute(text("CREATE DATABASE small_disk TABLESPACE small"))
        yield folder
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE small_disk WITH (FORCE)"))
            connection.execute(text("DROP TABLESPACE small"))
    folder.rmdir()


@pytest.fixture
def desk(postgresql_server, small_tablespace, tmp_path):
    """A scene whose tables are on the small disk, and alice before it."""
    url = make_url(postgresql_server).set(database="small_disk").render_as_string(hide_password=False)
    scene = Scene(url, tmp_path)
    yield scene, browser_of(scene)
    scene.close()


def test_on_a_full_disk_of_postgresql_writing_is_refused_in_words_and_reading_works(desk, small_tablespace, figure):
    scene, browser = desk
    scene.start("plain", 100)
    tasks, token, statuses = scene.tasks(), browser.token(), []

    def complete(task):
        fields = {"csrf_token": token, "row_version": "1", "note": "现场核实的经过" * 200, "idempotency_key": f"{task}"}
        return browser.client.post(f"/tasks/{task}/complete", data=fields)

    with no_space_left(small_tablespace):
        for task in tasks:
            answer = complete(task)
            statuses.append(answer.status_code)
            if answer.status_code == 507:
                assert "存储空间已满" in answer.get_data(as_text=True)
                assert "现场核实的经过" in answer.get_data(as_text=True)
        for path in ("/work", f"/tasks/{tasks[-1]}", "/matters", "/matters/1"):
            assert browser.get(path).status_code == 200
    assert set(statuses) <= {303, 507}
    assert statuses.count(507) > 10
    assert len(scene.tasks()) == statuses.count(507)
    scene.check()
    assert {complete(task).status_code for task in scene.tasks()} == {303}
    scene.check()
    figure(
        "7 a tablespace of 24 MB is full", f"{statuses.count(507)} of {len(statuses)} refused with 507, 0 broken, whole"
    )
