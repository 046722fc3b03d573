"""事项: the list within one's scope, and the matter with all that belongs to it (一事一档)."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.errors import NotFoundError
from engine.queries.attachments import ListAttachments
from engine.queries.diagrams import FindDiagram
from engine.queries.matter import FindMatter, ListTimeline
from engine.queries.matters import ListMatters
from engine.task_actions.comment import AddComment
from web.asking import ask, note_opening, run_once
from web.choices import procedures, units
from web.map import draw_map, present_place
from web.security import FILE_POLICY

bp = Blueprint("matters", __name__, url_prefix="/matters")
PARTS = (
    ("overview", "概况"),
    ("timeline", "办理过程"),
    ("documents", "档案材料"),
    ("filed", "填报内容"),
    ("links", "关联事项"),
    ("diagram", "流程图"),
    ("audit", "操作留痕"),
)
_STATUSES = (
    ("", "全部"),
    ("open", "办理中"),
    ("suspended", "已中止"),
    ("completed", "已办结"),
    ("terminated", "已终止"),
)
_SORTS = frozenset({"started", "number", "title", "procedure", "unit", "status"})
_PAGE = 60
# How much of the history the overview shows.
_NEWEST = 8


@dataclass(frozen=True)
class MattersView:
    """What the address of the list asks to see."""

    search: str = ""
    procedure: str = ""
    unit: str = ""
    status: str = ""
    overdue: bool = False
    sort: str = "started"
    descending: bool = True
    cursor: str | None = None

    def url(self, **changes: Any) -> str:
        """Return the address of this view with changes."""
        names = ("search", "procedure", "unit", "status", "sort", "cursor")
        kept: dict[str, Any] = {name: getattr(self, name) for name in names}
        kept.update(overdue="1" if self.overdue else None, descending="1" if self.descending else "0")
        kept.update(changes)
        return url_for("matters.index", **{name: value for name, value in kept.items() if value not in (None, "")})

    @property
    def narrowed(self) -> bool:
        """Tell whether a filter or a search hides something."""
        return bool(self.search or self.procedure or self.unit or self.status or self.overdue)


@bp.get("")
def index() -> str:
    """Show the matters one may see; the search of the top bar ends here."""
    view = _view()
    query = ListMatters(
        search=view.search,
        procedure=view.procedure,
        unit=view.unit,
        status=view.status,
        overdue=view.overdue,
        sort=view.sort,
        descending=view.descending,
        cursor=view.cursor,
        limit=_PAGE,
    )
    chosen = {"procedures": procedures(), "units": units(), "statuses": _STATUSES}
    return render_template("matters/index.html", view=view, page=ask(query), **chosen)


@bp.get("/<int:instance_id>")
def show(instance_id: int) -> str:
    """Show the overview of a matter."""
    return _part(instance_id, "overview")


@bp.get("/<int:instance_id>/<part>")
def part(instance_id: int, part: str) -> str:
    """Show one part of the file."""
    if part not in dict(PARTS):
        raise NotFoundError
    return _part(instance_id, part)


@bp.get("/<int:instance_id>/map.svg")
def picture(instance_id: int) -> Response:
    """Draw the diagram with the path so far and the present step."""
    answer = make_response(draw_map(ask(FindDiagram(instance_id)), around=request.args.get("around") == "1"))
    answer.headers["Content-Type"] = "image/svg+xml; charset=utf-8"
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


@bp.post("/<int:instance_id>/comment")
def comment(instance_id: int) -> AnyResponse:
    """Add a remark to the matter."""
    run_once(AddComment(instance_id, None, request.form.get("text", "")))
    flash("意见已记入。", "ok")
    return redirect(url_for("matters.show", instance_id=instance_id) + "#remarks", 303)


def _part(instance_id: int, name: str) -> str:
    matter = ask(FindMatter(instance_id))
    note_opening(instance_id, matter.row.sensitivity)
    more: dict[str, Any] = {}
    if name in {"overview", "timeline", "audit"}:
        more["timeline"] = ask(ListTimeline(instance_id, newest=_NEWEST if name == "overview" else None))
    if name in {"documents", "overview"}:
        more["attachments"] = ask(ListAttachments(instance_id))
    if name == "diagram":
        more["diagram"] = ask(FindDiagram(instance_id))
        more["place"] = present_place(more["diagram"])
    return render_template(f"matters/{name}.html", matter=matter, part=name, parts_of_file=PARTS, **more)


def _view() -> MattersView:
    args = request.args
    sort = args.get("sort", "started")
    return MattersView(
        search=args.get("search", "").strip()[:100],
        procedure=args.get("procedure", "")[:100],
        unit=args.get("unit", "")[:40],
        status=args.get("status", "") if args.get("status", "") in dict(_STATUSES) else "",
        overdue=args.get("overdue") == "1",
        sort=sort if sort in _SORTS else "started",
        descending=args.get("descending", "1" if sort == "started" else "0") == "1",
        cursor=args.get("cursor"),
    )
