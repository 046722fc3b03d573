"""A disk that is full, a folder that is gone, a lock that is never given back: refused in words, and over with the cause."""

import fcntl
import io
import os
import resource
import subprocess
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from config.settings import Settings
from engine.clock import SystemClock
from engine.database import Database
from engine.errors import DatabaseAwayError, StorageFullError, UnavailableError
from engine.files import FileStore
from tests.factories import read
from tests.faults.children import all_at_once
from tests.faults.scene import Scene, logged_in
from tests.web.conftest import Browser
from web import create_app

MEGABYTE = 1024 * 1024
PAPER = b"%PDF-1.4 " + b"x" * 200_000


@contextmanager
def mounted(folder, megabytes):
    """Mount a small file system in memory on a folder; skips the test of somebody who may not, naming why."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted(folder, 12):
        yield folder


@pytest.fixture
def desk(small_disk):
    """A scene on the small disk, and alice before it."""
    scene = Scene(f"sqlite:///{small_disk / 'bihuan.sqlite3'}", small_disk)
    yield scene, browser_of(scene)
    scene.close()


def browser_of(scene):
    settings = Settings(data_dir=scene.place.folder, secret_key="k" * 64)
    browser = Browser(create_app(scene.engine, settings).test_client())
    (token,) = logged_in(scene, "alice")
    browser.client.set_cookie("bihuan", token)
    return browser


@contextmanager
def no_space_left(folder):
    """Fill a file system to the last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


def upload(browser, token, name="勘验.pdf"):
    data = {"file": (io.BytesIO(PAPER), name), "csrf_token": token, "instance_id": "2"}
    headers = {"Accept": "application/json"}
    return browser.client.post("/attachments", data=data, headers=headers, content_type="multipart/form-data")


def test_on_a_full_disk_writing_is_refused_in_words_and_reading_works(desk, small_disk):
    scene, browser = desk
    scene.start("plain", 3)
    token = browser.token()
    fields = {"csrf_token": token, "row_version": "1", "note": "现场核实的经过", "idempotency_key": "once"}
    with no_space_left(small_disk):
        for _ in range(20):
            answer = browser.client.post("/tasks/1/complete", data=fields)
            assert answer.status_code == 507
            assert "存储空间已满" in answer.get_data(as_text=True)
            assert "现场核实的经过" in answer.get_data(as_text=True)
            answer = upload(browser, token)
            assert (answer.status_code, "存储空间" in answer.json["message"]) == (507, True)
        for path in ("/work", "/tasks/1", "/matters", "/matters/1"):
            assert browser.get(path).status_code == 200
    assert browser.client.post("/tasks/1/complete", data=fields).status_code == 303
    assert upload(browser, token).status_code in {200, 201}
    assert_whole(scene)


def test_a_disk_that_fills_while_people_work_leaves_nothing_half_done(desk, figure):
    scene, browser = desk
    scene.start("plain", 60)
    token = browser.token()
    statuses = []
    for number, task in enumerate(scene.tasks()[:-1]):
        fields = {"csrf_token": token, "row_version": "1", "note": "核实", "idempotency_key": f"once-{task}"}
        statuses.append(browser.client.post(f"/tasks/{task}/complete", data=fields).status_code)
        statuses.append(put(browser, token, number))
    assert set(statuses) <= {200, 201, 303, 507}
    assert statuses.count(507) > 10
    done = [row for row in read(scene.engine, "user_task") if row.status == "completed"]
    assert len(done) == statuses.count(303)
    assert_whole(scene)
    figure(
        "7 a disk of 12 MB fills",
        f"{statuses.count(507)} of {len(statuses)} refused with 507, 0 broken, 0 orphans, whole",
    )


def put(browser, token, number):
    """Upload content of its own, so that each takes space."""
    data = {"file": (io.BytesIO(PAPER + f"{number}".encode()), "勘验.pdf"), "csrf_token": token, "instance_id": "60"}
    headers = {"Accept": "application/json"}
    return browser.client.post(
        "/attachments", data=data, headers=headers, content_type="multipart/form-data"
    ).status_code


def assert_whole(scene):
    """Nothing contradicts anything, the database is whole, and each file is one that a row names."""
    scene.check()
    with scene.database.transaction(write=False) as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    known = {row.sha256 for row in read(scene.engine, "attachment")}
    store = FileStore(scene.place.files)
    assert store.damaged(known) == ()
    assert not list(scene.place.files.glob(".*.part"))
    store.sweep(known, SystemClock().now() + timedelta(days=1))  # what the worker does a day later
    assert {path.name for path in scene.place.files.rglob("*") if path.is_file()} == known


@pytest.fixture
def sqlite_scene(tmp_path):
    made = Scene(f"sqlite:///{tmp_path / 'data' / 'bihuan.sqlite3'}", tmp_path / "data")
    yield made
    made.close()


def test_a_database_that_may_grow_no_more_says_so(sqlite_scene):
    """The same for those who may not mount: SQLite is told how many pages there are."""
    scene = sqlite_scene
    pages = []

    def limit(connection, _record):
        pages[:] = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages[0]}")

    scene.close()
    event.listen(scene.database.engine, "connect", limit)
    with pytest.raises(StorageFullError):
        scene.start("plain", 500)
    scene.check()
    event.remove(scene.database.engine, "connect", limit)
    scene.close()
    assert len(scene.start("plain", 2)) == 2


def keep_beyond_the_limit(answers, folder):
    """Keep a file that the system lets grow to half its size only; the answer is what was said and what is left."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        FileStore(folder).keep(io.BytesIO(PAPER), "勘验.pdf")
    except StorageFullError as error:
        answers.put((str(error), [path.name for path in folder.rglob("*")]))
    else:
        answers.put(("kept", []))


def test_a_file_that_may_grow_no_more_is_refused_and_leaves_nothing(tmp_path):
    ((said, left),) = all_at_once(keep_beyond_the_limit, [(tmp_path / "files",)])
    assert "存储空间已满" in said
    assert left == []


def test_checker_detects_a_file_that_was_cut_off(tmp_path):
    """A store that wrote to the final name at once would leave this."""
    store = FileStore(tmp_path)
    kept = store.keep(io.BytesIO(PAPER), "勘验.pdf")
    os.truncate(store.find(kept.sha256), 100)
    assert store.damaged({kept.sha256}) == (kept.sha256,)
    store.find(kept.sha256).unlink()
    assert store.damaged({kept.sha256}) == (kept.sha256,)


def test_a_data_folder_that_is_gone_is_503_in_words_and_people_go_on_when_it_is_back(sqlite_scene):
    scene = sqlite_scene
    scene.start("plain", 1)
    browser = browser_of(scene)
    fields = {"csrf_token": browser.token(), "row_version": "1", "note": "现场核实的经过", "idempotency_key": "once"}
    folder = scene.place.folder
    away = folder.rename(folder.with_name("away"))
    for answer in (browser.client.post("/tasks/1/complete", data=fields), browser.get("/work")):
        assert answer.status_code == 503
        assert "数据目录" in answer.get_data(as_text=True)
    assert not folder.exists()
    assert not scene.database.reachable()
    with pytest.raises(DatabaseAwayError):
        scene.start("plain", 1)
    away.rename(folder)
    assert browser.client.post("/tasks/1/complete", data=fields).status_code == 303
    scene.check()


def test_a_database_put_in_place_under_a_running_program_is_not_written(sqlite_scene, tmp_path):
    """SQLite would read the log of the old file into the new one, and open connections go on with the old one."""
    scene = sqlite_scene
    scene.start("plain", 1)
    path, kept = scene.place.folder / "bihuan.sqlite3", tmp_path / "kept"
    path.rename(kept)
    path.write_bytes(kept.read_bytes())
    with pytest.raises(DatabaseAwayError):
        scene.start("plain", 1)
    kept.replace(path)
    assert len(scene.start("plain", 1)) == 1
    scene.check()


def test_a_turn_that_never_comes_is_503_and_the_next_one_counts(sqlite_scene, monkeypatch):
    scene = sqlite_scene
    monkeypatch.setattr("engine.database.TURN_SECONDS", 0.1)
    with (scene.place.folder / "bihuan.sqlite3.wlock").open("w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(UnavailableError):
            scene.start("plain", 1)
        assert scene.tasks() == []
    assert len(scene.start("plain", 1)) == 1


def test_checker_detects_writers_without_turns_and_transactions(sqlite_scene):
    """Without BEGIN IMMEDIATE two that read the same number write the same one: the count is short."""
    url = sqlite_scene.place.url
    one, two = Database(url), Database(url)
    with one.engine.connect() as first, two.engine.connect() as second:
        raw = [each.connection.dbapi_connection for each in (first, second)]
        raw[0].execute("INSERT INTO setting (name, value) VALUES ('counter', 0)")
        seen = [each.execute("SELECT value FROM setting WHERE name = 'counter'").fetchone()[0] for each in raw]
        for each, known in zip(raw, seen, strict=True):
            each.execute("UPDATE setting SET value = ? WHERE name = 'counter'", (known + 1,))
        assert raw[0].execute("SELECT value FROM setting WHERE name = 'counter'").fetchone()[0] == 1
    one.close()
    two.close()
