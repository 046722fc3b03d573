"""试运行: a draft is tried in a sandbox, as anybody, with a clock that moves; a run is kept as a scenario.

The sandbox's pages are the product's own, served below /play/<token>/ by an application of their own; only who began
the trial reaches them.
"""

import json
import secrets
import shutil
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, abort, current_app, flash, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from config.settings import Settings
from engine.actor import ENGINE
from engine.bpmn.checks import DefinitionFile
from engine.commands.messages import MoveExampleClock
from engine.commands.scenarios import DropScenario, SaveScenario
from engine.queries.definitions import FindDefinition
from engine.queries.scenarios import FindDraftFiles, ListScenarios
from engine.queries.trials import FindTrial
from engine.sandbox import Sandbox
from web.asking import ask, engine, present, run
from web.auth import TRIED, current_actor, requires_role

bp = Blueprint("play", __name__)
_OFFICE = "process_admin"
_LIFE = timedelta(hours=24)
_OPEN_AT_ONCE = 8
STEPS = (("1h", "1 小时", timedelta(hours=1)), ("1d", "1 天", timedelta(days=1)), ("7d", "7 天", timedelta(days=7)))


@dataclass
class Trial:
    """A sandbox with its pages: whose it is, which procedure it is about, and as whom one acts in it now."""

    folder: Path
    sandbox: Sandbox
    pages: Flask
    owner: str
    key: str
    person: str

    def keep(self) -> None:
        """Write down what is needed to open it again."""
        about = {"owner": self.owner, "key": self.key, "person": self.person}
        (self.folder / "trial.json").write_text(json.dumps(about), "utf-8")


class Trials:
    """The trials of this installation, each in a folder of its own below the data directory."""

    def __init__(self, settings: Settings, make_pages: Any) -> None:
        """`make_pages(engine, settings)` returns the application over a sandbox."""
        self._root = settings.data_dir / "play"
        self._settings = settings
        self._make_pages = make_pages
        self._open: dict[str, Trial] = {}
        self._lock = threading.Lock()

    def begin(self, key: str, owner: str, files: tuple[DefinitionFile, ...]) -> str:
        """Make a sandbox for somebody and return its token; what is older than a day is thrown away."""
        self._sweep()
        token = secrets.token_urlsafe(18)
        folder = self._root / token
        folder.mkdir(parents=True, mode=0o700)
        try:
            sandbox = Sandbox.make(folder, engine(), files)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        trial = self._trial(folder, sandbox, {"owner": owner, "key": key, "person": ""})
        trial.person = sandbox.engine.ask(FindTrial(key)).starter or ""
        trial.keep()
        self._remember(token, trial)
        return token

    def find(self, token: str) -> Trial:
        """Return the trial of whoever asks; for all others there is none (404)."""
        trial = self._open.get(token) or self._reopen(token)
        if trial is None or trial.owner != current_actor().person_id:
            abort(404)
        return trial

    def end(self, token: str) -> None:
        """Throw a trial away."""
        trial = self.find(token)
        self._open.pop(token, None)
        trial.sandbox.close()
        shutil.rmtree(trial.folder, ignore_errors=True)

    def _reopen(self, token: str) -> Trial | None:
        """Open what this process, or another before it, began."""
        folder = self._root / token
        about = folder / "trial.json"
        if not token.replace("-", "").replace("_", "").isalnum() or not about.is_file():
            return None
        trial = self._trial(folder, Sandbox(folder, engine().clock), json.loads(about.read_text("utf-8")))
        self._remember(token, trial)
        return trial

    def _trial(self, folder: Path, sandbox: Sandbox, about: dict[str, str]) -> Trial:
        own = replace(self._settings, data_dir=folder, database_url="", example=True, trusted_proxies=0)
        pages: Flask = self._make_pages(sandbox.engine, own)
        pages.config.update(SESSION_COOKIE_NAME="bihuan_play", SESSION_COOKIE_SECURE=self._settings.secure_cookies)
        return Trial(folder, sandbox, pages, **about)

    def _remember(self, token: str, trial: Trial) -> None:
        with self._lock:
            self._open[token] = trial
            while len(self._open) > _OPEN_AT_ONCE:
                self._open.pop(next(iter(self._open))).sandbox.close()

    def _sweep(self) -> None:
        now, _ = present()
        for folder in self._root.iterdir() if self._root.is_dir() else ():
            if folder.stat().st_mtime < (now - _LIFE).timestamp():
                old = self._open.pop(folder.name, None)
                if old is not None:
                    old.sandbox.close()
                shutil.rmtree(folder, ignore_errors=True)


def register(app: Flask, settings: Settings, make_pages: Any) -> None:
    """Let an application keep trials."""
    app.extensions["bihuan_trials"] = Trials(settings, make_pages)


@bp.post("/definitions/<key>/play")
@requires_role(_OFFICE)
def begin(key: str) -> Response:
    """Make a sandbox of the draft, or of the version in force, and open its first page."""
    files = tuple(DefinitionFile(path, text.encode()) for path, text in ask(FindDraftFiles(key)).items())
    token = _trials().begin(key, current_actor().person_id, files)
    return redirect(url_for("play.inside", token=token, rest=f"start/{key}"), 303)


@bp.route("/play/<token>/", defaults={"rest": ""}, methods=["GET", "POST"])
@bp.route("/play/<token>/<path:rest>", methods=["GET", "POST"])
@requires_role(_OFFICE)
def inside(token: str, rest: str) -> Response:
    """Let the sandbox's own pages answer, as the person one acts as."""
    trial = _trials().find(token)
    around = {
        **request.environ,
        "SCRIPT_NAME": f"{request.script_root}/play/{token}", "PATH_INFO": f"/{rest}",
        TRIED: trial.person, "bihuan.trial": _bar(token, trial) if request.method == "GET" else None,
    }  # fmt: skip
    answer = Response.from_app(trial.pages.wsgi_app, around)
    if request.method == "POST":
        trial.sandbox.settle()
    return answer


@bp.post("/definitions/play/<token>/person")
@requires_role(_OFFICE)
def act_as(token: str) -> Response:
    """Go on as another person, at a task if one is named."""
    trial = _trials().find(token)
    person = request.form.get("person", "")[:80]
    if person not in dict(trial.sandbox.engine.ask(FindTrial(trial.key)).people):
        abort(404)
    trial.person = person
    trial.keep()
    task = request.form.get("task", "")
    rest = f"tasks/{task}" if task.isascii() and task.isdigit() and len(task) < 12 else "work"
    return redirect(url_for("play.inside", token=token, rest=rest), 303)


@bp.post("/definitions/play/<token>/clock")
@requires_role(_OFFICE)
def move_clock(token: str) -> Response:
    """Move the sandbox's clock forward and do what is due then."""
    trial = _trials().find(token)
    step = next((span for name, _, span in STEPS if name == request.form.get("step")), None)
    if step is None:
        abort(404)
    now = trial.sandbox.engine.ask(FindTrial(trial.key)).now
    trial.sandbox.engine.run(MoveExampleClock(now + step), ENGINE)
    trial.sandbox.settle()
    return redirect(url_for("play.inside", token=token, rest="work"), 303)


@bp.post("/definitions/play/<token>/scenario")
@requires_role(_OFFICE)
def save(token: str) -> Response:
    """Keep the newest matter of the trial as a scenario."""
    trial = _trials().find(token)
    run(SaveScenario(trial.key, request.form.get("name", "")[:80], trial.sandbox.recorded(trial.key)))
    flash("场景已保存，以后每次提请变更时自动重放。", "ok")
    return redirect(url_for("play.scenarios", key=trial.key), 303)


@bp.post("/definitions/play/<token>/end")
@requires_role(_OFFICE)
def end(token: str) -> Response:
    """Throw the sandbox away."""
    key = _trials().find(token).key
    _trials().end(token)
    flash("试运行已结束，试办的事项没有保留。", "ok")
    return redirect(url_for("definitions.show", key=key), 303)


@bp.get("/definitions/<key>/scenarios")
@requires_role(_OFFICE)
def scenarios(key: str) -> str:
    """Show the scenarios of a procedure, and how each goes on the draft."""
    title = ask(FindDefinition(key)).title
    return render_template("play/scenarios.html", key=key, title=title, scenarios=ask(ListScenarios(key)))


@bp.post("/definitions/scenarios/<int:scenario_id>/drop")
@requires_role(_OFFICE)
def drop(scenario_id: int) -> Response:
    """Throw a scenario away."""
    key = run(DropScenario(scenario_id))
    flash("场景已删除。", "ok")
    return redirect(url_for("play.scenarios", key=key), 303)


def _trials() -> Trials:
    found: Trials = current_app.extensions["bihuan_trials"]
    return found


def _bar(token: str, trial: Trial) -> dict[str, Any]:
    """Return what the bar above the sandbox's pages shows; its forms go to the pages outside, with their token."""
    acts = {name: url_for(f"play.{name}", token=token) for name in ("act_as", "move_clock", "save", "end")}
    found = trial.sandbox.engine.ask(FindTrial(trial.key))
    return {
        "token": generate_csrf(), "acts": acts, "trial": found, "person": trial.person, "steps": STEPS,
        "start": url_for("play.inside", token=token, rest=f"start/{trial.key}"),
        "map": url_for("play.inside", token=token, rest=f"matters/{found.matter}/diagram") if found.matter else "",
    }  # fmt: skip
