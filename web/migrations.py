"""Taking running matters over to another version: preview with a mapping pointed out on the diagrams, and progress."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.migration_batches import (
    STATUS_WORDS,
    PauseMigration,
    ResumeMigration,
    StartMigration,
    UndoMigration,
)
from engine.queries.definitions import FindDefinition
from engine.queries.migration_batches import FindMigration, ListMigrations, MigrationPreview, PreviewMigration
from engine.text import check_text
from web.answers import svg
from web.asking import ask, run
from web.auth import requires_role
from web.map import State, draw, places

bp = Blueprint("migrations", __name__, url_prefix="/definitions")
_OFFICE = "process_admin"
_NODE, _FLOW = "map.", "flow."
_MOST = 200
CHOICES = (("keep", "保留原来的"), ("restart", "从现在重新开始"), ("recompute", "按新版本重新计算"))


@dataclass(frozen=True)
class Plan:
    """What the page's address says: versions, names of nodes and flows in the new one, and the node pointed at."""

    before: int
    after: int
    nodes: Mapping[str, str]
    flows: Mapping[str, str]
    pick: str = ""

    def address(self, key: str, **change: Any) -> str:
        """Return the page's address with this plan, one thing changed."""
        nodes = change.pop("nodes", self.nodes)
        named = {f"{_NODE}{old}": new for old, new in nodes.items()}
        named |= {f"{_FLOW}{old}": new for old, new in self.flows.items()}
        values = {"before": self.before, "after": self.after, **named, **change}
        return url_for("migrations.plan", key=key, **values)


@bp.get("/<key>/migration")
@requires_role(_OFFICE)
def plan(key: str) -> str:
    """Show where the running matters stand, what becomes of each, and the two diagrams to point out a mapping on."""
    newest = ask(FindDefinition(key))
    chosen = _plan(newest.versions[0])
    preview = ask(PreviewMigration(key, chosen.before, chosen.after, chosen.nodes, chosen.flows))
    old, new = (ask(FindDefinition(key, version)) for version in (chosen.before, chosen.after))
    return render_template(
        "migrations/plan.html", key=key, title=newest.title, versions=newest.versions, plan=chosen, preview=preview,
        choices=CHOICES, old_places=_old_places(key, chosen, old.xml), new_places=_new_places(key, chosen, new.xml),
        badges=_badges(preview), new_nodes=[(node, name or node) for node, name, _ in places(new.xml)],
        names={node: name for node, name, _ in (*places(old.xml), *places(new.xml)) if name},
    )  # fmt: skip


@bp.get("/<key>/migration/map.svg")
@requires_role(_OFFICE)
def picture(key: str) -> Response:
    """Draw a version with how many matters stand at each node, and what is pointed at."""
    version = _number(request.args.get("version", ""))
    badges = {name.removeprefix("n."): text[:9] for name, text in request.args.items() if name.startswith("n.")}
    marks = dict.fromkeys(request.args.getlist("mark"), "changed")
    return svg(draw(ask(FindDefinition(key, version)).xml, State(badges=badges, marks=marks)))


@bp.post("/<key>/migration")
@requires_role(_OFFICE)
def begin(key: str) -> AnyResponse:
    """Begin the migration in the background."""
    form = request.form
    chosen = _read(form.items(), _number(form.get("before", "")) or 0, _number(form.get("after", "")) or 0)
    command = StartMigration(
        key, chosen.before, chosen.after, form.get("reason", "")[:500], chosen.nodes, chosen.flows,
        timers=form.get("timers", "keep"), due=form.get("due", "keep"),
    )  # fmt: skip
    return redirect(url_for("migrations.show", batch=run(command)), 303)


@bp.get("/<key>/migrations")
@requires_role(_OFFICE)
def index(key: str) -> str:
    """List the batches of a procedure."""
    title = ask(FindDefinition(key)).title
    return render_template(
        "migrations/index.html", key=key, title=title, batches=ask(ListMigrations(key)), words=STATUS_WORDS
    )


@bp.get("/migrations/<int:batch>")
@requires_role(_OFFICE)
def show(batch: int) -> str:
    """Show a batch with its progress."""
    found = ask(FindMigration(batch))
    title = ask(FindDefinition(found.key)).title
    return render_template("migrations/show.html", batch=found, title=title, words=STATUS_WORDS, choices=dict(CHOICES))


@bp.post("/migrations/<int:batch>/pause")
@requires_role(_OFFICE)
def pause(batch: int) -> AnyResponse:
    """Stop after the matters at hand."""
    run(PauseMigration(batch))
    return redirect(url_for("migrations.show", batch=batch), 303)


@bp.post("/migrations/<int:batch>/resume")
@requires_role(_OFFICE)
def resume(batch: int) -> AnyResponse:
    """Go on."""
    run(ResumeMigration(batch))
    return redirect(url_for("migrations.show", batch=batch), 303)


@bp.post("/migrations/<int:batch>/undo")
@requires_role(_OFFICE)
def undo(batch: int) -> AnyResponse:
    """Take back what has not gone on since."""
    done, left = run(UndoMigration(batch))
    words = f"已撤销 {done} 件。" + (f"另有 {left} 件在迁移后已经前进，保持不动。" if left else "")
    flash(words, "ok")
    return redirect(url_for("migrations.show", batch=batch), 303)


def _plan(newest: int) -> Plan:
    after = _number(request.args.get("after", "")) or newest
    before = _number(request.args.get("before", "")) or max(1, after - 1)
    return _read(request.args.items(), before, after, request.args.get("pick", "")[:120])


def _read(items: Any, before: int, after: int, pick: str = "") -> Plan:
    given = [(name, text) for name, text in items if text][:_MOST]
    check_text([list(pair) for pair in given], "对应关系")
    nodes = {name.removeprefix(_NODE): text for name, text in given if name.startswith(_NODE)}
    flows = {name.removeprefix(_FLOW): text for name, text in given if name.startswith(_FLOW)}
    return Plan(before, after, nodes, flows, pick)


def _badges(preview: MigrationPreview) -> dict[str, int]:
    """Return how many matters stand at each node, as the picture's address says it."""
    counted: Counter[str] = Counter()
    for group in preview.groups:
        counted.update({f"n.{node}": group.count for node in group.nodes})
    return dict(counted)


def _old_places(key: str, chosen: Plan, xml: str) -> list[tuple[str, str, str]]:
    """Return coordinates, words and address of each node of the old diagram: pointing at it picks it."""
    return [(",".join(map(str, box)), name or node, chosen.address(key, pick=node)) for node, name, box in places(xml)]


def _new_places(key: str, chosen: Plan, xml: str) -> list[tuple[str, str, str]]:
    """Return the same for the new diagram: pointing at it maps the picked node to it; nothing without a picked one."""
    if not chosen.pick:
        return []
    return [
        (",".join(map(str, box)), name or node, chosen.address(key, nodes={**chosen.nodes, chosen.pick: node}))
        for node, name, box in places(xml)
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
