"""What operators read: the figures for Prometheus, whether the installation is ready, and the lines of the log."""

import io
import json
import logging
import sys

import pytest

from config.settings import Settings, SettingsError
from engine.actor import ENGINE
from engine.clock import SystemClock
from engine.database import Database
from engine.engine import Engine
from engine.errors import NotAllowedError
from engine.files import FileStore
from engine.jobs.heartbeat import Beat
from tests.web.conftest import Browser
from web import create_app, logs


def figures(browser):
    answer = browser.get("/metrics")
    assert answer.status_code == 200
    lines = answer.get_data(as_text=True).splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


@pytest.mark.counts
def test_prometheus_reads_figures_of_process_and_installation(app, browse):
    browser = browse("alice")
    browser.get("/work")
    found = figures(browser)
    assert found["bihuan_up"] == 1
    assert found["bihuan_user_tasks_open"] == 0
    assert found['bihuan_http_request_seconds_count{endpoint="worklist.index",method="GET",status="200"}'] == 1
    assert found['bihuan_command_seconds_count{command="LogIn",error=""}'] == 1


@pytest.mark.counts
def test_commands_that_fail_are_counted_by_their_error(app, browse):
    class Fail:
        def execute(self, _context):
            raise NotAllowedError

    with pytest.raises(NotAllowedError):
        app.extensions["bihuan"].run(Fail(), ENGINE)
    assert figures(browse())['bihuan_command_seconds_count{command="Fail",error="NotAllowedError"}'] == 1


def test_other_addresses_find_no_figures(app):
    answer = app.test_client().get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 404


def test_networks_that_may_read_figures_are_checked_at_the_start():
    assert Settings(metrics_from="10.0.0.0/8, ::1").metrics_networks == ("10.0.0.0/8", "::1")
    with pytest.raises(SettingsError, match="METRICS_FROM"):
        Settings(metrics_from="everybody")


def test_an_installation_is_ready_while_a_worker_lives(app, browse, clock):
    engine = app.extensions["bihuan"]
    refused = browse().get("/ready")
    assert (refused.status_code, refused.json["problems"]) == (503, ["没有后台作业进程在运行"])
    engine.run(Beat("w", clock.now(), clock.now()), ENGINE)
    assert (browse().get("/ready").status_code, browse().get("/ready").json) == (200, {"ready": True, "problems": []})
    clock.advance(minutes=2)
    assert browse().get("/ready").status_code == 503


def test_without_database_the_installation_is_not_ready_and_says_so(tmp_path):
    engine = Engine(
        Database("postgresql+psycopg://nobody@127.0.0.1:1/away"), SystemClock(), FileStore(tmp_path / "files")
    )
    browser = Browser(create_app(engine, Settings(data_dir=tmp_path, secret_key="k" * 64)).test_client())
    answer = browser.get("/ready")
    assert (answer.status_code, answer.json["problems"]) == (503, ["数据库没有应答"])
    assert figures(browser)["bihuan_up"] == 0
    engine.database.close()


@pytest.fixture
def lines(monkeypatch):
    """What the log says, as objects."""
    root, kept = logging.getLogger(), list(logging.getLogger().handlers)
    level, stream = root.level, io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure("debug", readable=False)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = kept
    root.setLevel(level)


def test_every_request_has_a_line_with_its_id_and_no_content(app, browse, lines):
    browser = browse("alice")
    answer = browser.get("/matters/999999?q=secret", headers={"X-Request-ID": "abc-1"})
    assert answer.headers["X-Request-ID"] == "abc-1"
    line = next(one for one in lines() if one.get("endpoint") == "matters.show")
    assert (line["request_id"], line["person"], line["instance_id"], line["status"]) == ("abc-1", "alice", 999999, 404)
    assert "secret" not in json.dumps(lines())
    assert "tests.rows" not in json.dumps(lines())


def test_an_id_that_is_none_is_not_taken_over(app, browse):
    answer = browse().get("/health", headers={"X-Request-ID": "a b\u00e9"})
    assert answer.headers["X-Request-ID"].isalnum()


def test_a_failure_is_one_line_with_its_trace(lines):
    try:
        int("broken")
    except ValueError:
        logging.getLogger("bihuan.worker").exception("job failed")
    line = lines()[-1]
    assert (line["event"], line["level"], "invalid literal" in line["exception"]) == ("job failed", "error", True)
