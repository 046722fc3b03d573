"""我的工作: the tabs with counts, the list, and on wide screens the chosen task beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.queries.views import TaskPage, TaskRow
from engine.queries.worklist import CountTasks, ListTasks
from web.asking import ask, whole_number
from web.choices import procedures, units
from web.errors import is_partial
from web.tasks import task_context

bp = Blueprint("worklist", __name__)

TABS = (("mine", "待办"), ("claimable", "待领"), ("done", "已办"), ("started", "我发起"), ("cc", "抄送"))
GROUPS = {"overdue": "已逾期", "today": "今天", "week": "本周", "later": "以后", "none": "不限时"}
_PAGE = 60
_COLUMNS = (
    ("number", "编号", False),
    ("title", "标题", False),
    ("step", "步骤", True),
    ("procedure", "流程", True),
    ("unit", "单位", True),
)
_MATTER_SORTS = frozenset({"number", "title", "procedure", "unit", "due"})
_TASK_SORTS = frozenset({*_MATTER_SORTS, "step", "light", "done"})
_EMPTY = {
    "mine": "今天没有待办。",
    "claimable": "没有等待签收的任务。",
    "done": "还没有办结的任务。",
    "started": "还没有发起过事项。",
    "cc": "没有抄送给您的事项。",
}


@dataclass(frozen=True)
class WorkView:
    """What the address asks to see, and what the page needs to offer other views."""

    tab: str = "mine"
    search: str = ""
    procedure: str = ""
    unit: str = ""
    light: int | None = None
    sort: str = ""
    descending: bool = False
    cursor: str | None = None
    procedures: Sequence[tuple[str, str]] = ()
    units: Sequence[tuple[str, str]] = ()

    tabs = TABS

    @property
    def label(self) -> str:
        """Return the name of the tab."""
        return dict(TABS)[self.tab]

    @property
    def narrowed(self) -> bool:
        """Tell whether a filter or a search hides something."""
        return bool(self.search or self.procedure or self.unit or self.light is not None)

    @property
    def columns(self) -> tuple[tuple[str, str, bool], ...]:
        """Return sort key, heading, and whether the column goes first when room is short."""
        last = (("done", "办结时间", True), ("", "状态", False)) if self.tab == "done" else _LAST
        return (*_COLUMNS, *last)

    @property
    def sortable(self) -> frozenset[str]:
        """Return the keys this tab can be sorted by."""
        return _MATTER_SORTS if self.tab in {"started", "cc"} else _TASK_SORTS

    def url(self, **changes: Any) -> str:
        """Return the address of this view with changes."""
        kept = {name: getattr(self, name) for name in ("tab", "search", "procedure", "unit", "light", "sort", "cursor")}
        kept["descending"] = "1" if self.descending else None
        kept.update(changes)
        return url_for("worklist.index", **{name: value for name, value in kept.items() if value not in (None, "")})

    def groups(self, rows: Sequence[TaskRow]) -> list[tuple[str, str, list[TaskRow]]]:
        """Cut the rows into 已逾期, 今天, 本周, 以后 while they are in order of their due date."""
        if self.tab not in {"mine", "claimable"} or (self.sort or "due") != "due":
            return [("", "", list(rows))]
        return [(name, GROUPS[name], list(some)) for name, some in groupby(rows, key=lambda row: row.group)]

    def empty_text(self, counts: dict[str, int]) -> tuple[str, str]:
        """Return what an empty list says."""
        if self.narrowed:
            return "没有符合条件的任务。", "换一个条件，或清除筛选。"
        if self.tab == "mine" and counts["claimable"]:
            return _EMPTY["mine"], f"有 {counts['claimable']} 件等待签收，见“待领”。"
        return _EMPTY[self.tab], f"已办 {counts['done']} 件。" if self.tab == "mine" else ""


_LAST = (("due", "时限", True), ("light", "剩余时间", False))


@bp.get("/")
def home() -> Response:
    """Open the work."""
    return redirect(url_for("worklist.index"))


@bp.get("/work")
def index() -> str:
    """Show a tab; htmx gets the list only."""
    view = _view()
    page = _page(view)
    counts = ask(CountTasks())
    if is_partial() and request.headers.get("HX-Target") == "list":
        return render_template("worklist/_list.html", view=view, page=page, counts=counts, task=None)
    view = replace(view, procedures=procedures(), units=units())
    return render_template("worklist/index.html", view=view, page=page, counts=counts, **_chosen())


def _view() -> WorkView:
    args = request.args
    tab = args.get("tab", "mine")
    return WorkView(
        tab=tab if tab in dict(TABS) else "mine",
        search=args.get("search", "").strip()[:60],
        procedure=args.get("procedure", "")[:100],
        unit=args.get("unit", "")[:40],
        light=whole_number(args.get("light"), most=3),
        sort=args.get("sort", "") if args.get("sort", "") in _TASK_SORTS else "",
        descending=args.get("descending") == "1",
        cursor=args.get("cursor"),
    )


def _page(view: WorkView) -> TaskPage:
    sort = view.sort if view.sort in view.sortable else ""
    query = ListTasks(
        tab=view.tab,
        search=view.search,
        procedure=view.procedure,
        unit=view.unit,
        light=view.light,
        sort=sort,
        descending=view.descending if sort else None,
        cursor=view.cursor,
        limit=_PAGE,
    )
    page: TaskPage = ask(query)
    return page


def _chosen() -> dict[str, Any]:
    """Return the task named in the address, which wide screens show beside the list."""
    task_id = whole_number(request.args.get("task"))
    return {"task": None} if task_id is None else task_context(task_id)
