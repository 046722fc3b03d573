"""/metrics for Prometheus, /ready for whoever balances or watches: counts and ages, never what a matter holds."""

import ipaddress
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from config.settings import Settings
from engine.actor import ENGINE
from engine.engine import Engine, Observed
from engine.errors import EngineError
from engine.migrations import newest_revision, revision_of
from engine.queries.health import AskHealth, AskPulse, Health, Pulse
from web.asking import engine
from web.auth import open_to_all

bp = Blueprint("metrics", __name__)
# A worker writes its heartbeat every five seconds; one not seen for a minute is gone.
_SILENT = 60
_LATE = 300
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_GAUGES = (
    ("workers", "workers", "Workers known"),
    ("heartbeat_age", "worker_heartbeat_age_seconds", "Age of the newest heartbeat of a worker"),
    ("due_jobs", "jobs_due", "Jobs that are due and not done"),
    ("oldest_due_age", "jobs_oldest_due_age_seconds", "How long the oldest due job has waited"),
    ("incidents", "incidents_open", "Incidents that wait for an operator"),
    ("open_tasks", "user_tasks_open", "Open user tasks"),
    ("running_matters", "matters_running", "Running matters"),
    ("unsent_messages", "outbox_waiting", "Messages that wait to be sent"),
)


class Metrics:
    """What this process counts, and what it asks the database when it is scraped."""

    def __init__(self, app_engine: Engine) -> None:
        """Begin counting the commands of an engine."""
        self.registry = CollectorRegistry()
        named = {"registry": self.registry, "namespace": "bihuan"}
        self.requests = Histogram(
            "http_request_seconds", "Requests", ("method", "endpoint", "status"), buckets=_SECONDS, **named
        )
        self.commands = Histogram("command_seconds", "Commands", ("command", "error"), buckets=_SECONDS, **named)
        self.scrapes = Counter("scrapes_refused", "Scrapes from addresses that may not", **named)
        self.registry.register(_Installation(app_engine))
        app_engine.observers.append(self.observe)

    def observe(self, one: Observed) -> None:
        """Count a command."""
        self.commands.labels(type(one.command).__name__, one.error).observe(one.seconds)


class _Installation(Collector):
    """The figures of the whole installation, which any process can tell."""

    def __init__(self, app_engine: Engine) -> None:
        self._engine = app_engine

    def describe(self) -> Iterable[Metric]:
        """Name nothing before the first scrape, so that registering asks no database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Read the figures; `bihuan_up` is 0 where the database does not answer."""
        up = GaugeMetricFamily("bihuan_up", "1 where the database answers")
        try:
            found: Health | None = self._engine.ask(AskHealth(self._engine.clock.now()), ENGINE)
        except EngineError:
            found = None
        up.add_metric((), float(found is not None))
        yield up
        for name, metric, words in _GAUGES if found is not None else ():
            value = getattr(found, name)
            if value is not None:
                yield GaugeMetricFamily(f"bihuan_{metric}", words, value=float(value))


def register(app: Flask, app_engine: Engine, settings: Settings) -> None:
    """Count the requests that web/logs.py times, and let the addresses of the settings read the figures."""
    metrics = app.extensions["bihuan-metrics"] = Metrics(app_engine)
    app.config["METRICS_FROM"] = tuple(ipaddress.ip_network(one) for one in settings.metrics_networks)
    app.config["DATA_DIR"] = settings.data_dir

    def count(answer: Response) -> Response:
        if "asked_at" in g:
            labels = (request.method, request.endpoint or "none", str(answer.status_code))
            metrics.requests.labels(*labels).observe(time.perf_counter() - g.asked_at)
        return answer

    app.after_request(count)


@bp.get("/metrics")
@open_to_all
def show() -> Response:
    """Tell Prometheus; anybody else finds nothing here."""
    metrics: Metrics = current_app.extensions["bihuan-metrics"]
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        abort(404)
    if not any(address in network for network in current_app.config["METRICS_FROM"]):
        metrics.scrapes.inc()
        abort(404)
    return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)


@bp.get("/ready")
@open_to_all
def ready() -> tuple[Response, int]:
    """Say whether this installation can work now, and what keeps it from it (503)."""
    wrong = list(_wrong(engine(), current_app.config["DATA_DIR"]))
    return jsonify({"ready": not wrong, "problems": wrong}), 503 if wrong else 200


def _wrong(app_engine: Engine, data_dir: Path) -> Iterator[str]:
    if not os.access(data_dir, os.W_OK):
        yield "数据目录不可写"
    try:
        if revision_of(app_engine.database) != newest_revision():
            yield "数据库版本与程序不符，请运行 bihuan migrate"
            return
        pulse: Pulse = app_engine.ask(AskPulse(app_engine.clock.now()), ENGINE)
    except EngineError:
        yield "数据库没有应答"
        return
    if pulse.heartbeat_age is None or pulse.heartbeat_age > _SILENT:
        yield "没有后台作业进程在运行"
    if pulse.oldest_due_age is not None and pulse.oldest_due_age > _LATE:
        yield f"最早到期的作业已等待 {pulse.oldest_due_age:.0f} 秒"
