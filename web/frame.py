"""The frame around every page: navigation by right, counts, and the example mode's clock."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, current_app, g, request, url_for

from engine.actor import Actor
from engine.clock import SystemClock
from engine.queries.notices import CountNotices
from engine.queries.worklist import CountTasks
from web.asking import ListOwnPositions, ask
from web.auth import current_actor

THEMES = frozenset({"light", "dark"})
_OFFICE = frozenset({"process_admin"})
_SYSTEM = frozenset({"sys_admin", "sec_admin", "audit_admin"})
_NOTICEABLE = timedelta(minutes=2)
# Section, endpoint, label, icon; the section is the first part of a page's address.
_ENTRIES = (
    ("work", "worklist.index", "我的工作", "list-check"),
    ("matters", "matters.index", "事项", "folder2-open"),
    ("ledgers", "ledgers.index", "台账", "table"),
    ("reports", "reports.index", "统计", "bar-chart"),
    ("definitions", "definitions.index", "流程管理", "diagram-3"),
    ("system", "operations.index", "系统", "gear"),
)
_SECTION = {"tasks": "work", "more": "more", "start": "start", "deploy-tokens": "definitions"}


@dataclass(frozen=True)
class Item:
    """An entry of the navigation."""

    label: str
    url: str
    icon: str
    current: bool
    count: int = 0


@dataclass(frozen=True)
class Frame:
    """What the frame shows to this actor on this page."""

    items: tuple[Item, ...]
    open: int
    unread: int
    may_start: bool
    positions: str
    moved: bool
    may_move: bool
    current: str


def register(app: Flask) -> None:
    """Give the templates the frame, the actor and the present instant."""
    app.jinja_env.globals.update(frame=frame)
    app.context_processor(_shared)


def frame() -> Frame:
    """Return the frame, made once per request."""
    if "frame" not in g:
        g.frame = _make(current_actor())
    made: Frame = g.frame
    return made


def section() -> str:
    """Return the section of the navigation this page belongs to."""
    first = request.path.strip("/").split("/")[0]
    return _SECTION.get(first, first)


def is_office(actor: Actor) -> bool:
    """Tell whether the actor keeps the procedures."""
    return not actor.roles.isdisjoint(_OFFICE)


def is_system(actor: Actor) -> bool:
    """Tell whether the actor is one of the three administrators."""
    return not actor.roles.isdisjoint(_SYSTEM)


def _shared() -> dict[str, object]:
    theme = request.cookies.get("theme", "")
    return {
        "actor": g.get("actor"),
        "now": g.get("now"),
        "theme": theme if theme in THEMES else None,
        "icons": f"{request.script_root}/static/dist/icons.svg",
        "narrow": request.cookies.get("narrow") == "1",
    }


def _make(actor: Actor) -> Frame:
    counts = ask(CountTasks())
    here = section()
    return Frame(
        items=tuple(_item(entry, here, counts["mine"]) for entry in _ENTRIES if _may_open(entry[0], actor)),
        open=counts["mine"],
        unread=ask(CountNotices()),
        may_start=not is_system(actor),
        positions="、".join(ask(ListOwnPositions())),
        moved=current_app.config["EXAMPLE"] and g.now - SystemClock().now() > _NOTICEABLE,
        may_move="sys_admin" in actor.roles,
        current=here,
    )


def _item(entry: tuple[str, str, str, str], here: str, open_tasks: int) -> Item:
    name, endpoint, label, icon = entry
    return Item(label, url_for(endpoint), icon, name == here, open_tasks if name == "work" else 0)


def _may_open(name: str, actor: Actor) -> bool:
    if name == "definitions":
        return is_office(actor)
    if name == "system":
        return is_system(actor)
    return not is_system(actor) or name == "work"
