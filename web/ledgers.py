"""台账: a real table per procedure with the columns its procedure.toml names; print and CSV within scope."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import NotFoundError
from engine.execution.matter import RUNNING
from engine.queries.matter_views import MatterRow
from engine.queries.matters import Counted, CountMatters, ListMatters
from engine.reports import FindLedger, Ledger
from web.asking import ask
from web.choices import procedures, units
from web.csv_export import csv_answer
from web.filters import local

bp = Blueprint("ledgers", __name__, url_prefix="/ledgers")
STATUSES = (("", "全部"), ("open", "办理中"), ("completed", "已办结"), ("terminated", "已终止"))
FIXED = ("编号", "标题", "单位", "登记日期", "步骤", "状态", "时限")
_PAGE, _BLOCK, _MOST_EXPORTED = 100, 200, 20_000


@bp.get("")
def index() -> str:
    """Show the ledgers there are."""
    rows = []
    for key, title in procedures():
        counts = ask(CountMatters(procedure=key))
        running, done = (_in_words(counts, statuses) for statuses in (RUNNING, ("completed",)))
        rows.append((key, title, running, done))
    return render_template("ledgers/index.html", rows=rows)


@bp.get("/<key>")
def show(key: str) -> str:
    """Show one page of a ledger."""
    chosen = _filters()
    page = ask(ListMatters(procedure=_known(key), limit=_PAGE, cursor=request.args.get("cursor"), **chosen))
    ledger: Ledger = ask(FindLedger(key, tuple(row.id for row in page.rows)))
    return render_template(
        "ledgers/show.html",
        key=key,
        page=page,
        ledger=ledger,
        fixed=FIXED,
        chosen=chosen,
        units=units(),
        statuses=STATUSES,
        url=lambda **changes: _url(key, chosen, changes),
        cells=lambda row: cells(row, ledger),
    )


@bp.get("/<key>.csv")
def export(key: str) -> Response:
    """Hand out the ledger as CSV, page by page of the same list, so within the same scope."""
    _known(key)
    ledger: Ledger = ask(FindLedger(key))
    return csv_answer(f"{ledger.title}台账", (*FIXED, *ledger.headings), _rows(key))


def cells(row: MatterRow, ledger: Ledger) -> tuple[Any, ...]:
    """Return the cells of a matter: the fixed ones, then those of the ledger."""
    due = f"{local(row.due.due_at):%Y-%m-%d %H:%M}" if row.due.due_at else ""
    begun = f"{local(row.started_at):%Y-%m-%d}"
    fixed = (row.number, row.title, row.unit_name, begun, row.step, row.status_text, due)
    return (*fixed, *ledger.values.get(row.id, ("",) * len(ledger.headings)))


def _in_words(counts: Mapping[str, Counted], statuses: Iterable[str]) -> str:
    """Return the number of matters of some statuses, with a plus where there may be more."""
    chosen = [counts[status] for status in statuses if status in counts]
    return f"{sum(one.number for one in chosen)}{'+' if any(one.more for one in chosen) else ''}"


def _rows(key: str) -> Iterator[tuple[Any, ...]]:
    cursor, count = None, 0
    while count < _MOST_EXPORTED:
        page = ask(ListMatters(procedure=key, limit=_BLOCK, cursor=cursor, **_filters()))
        ledger = ask(FindLedger(key, tuple(row.id for row in page.rows)))
        yield from (cells(row, ledger) for row in page.rows)
        cursor, count = page.next_cursor, count + len(page.rows)
        if cursor is None:
            return


def _known(key: str) -> str:
    if key not in dict(procedures()):
        raise NotFoundError
    return key


def _filters() -> dict[str, Any]:
    args = request.args
    status = args.get("status", "")
    return {
        "search": args.get("search", "").strip()[:60],
        "unit": args.get("unit", "")[:40],
        "status": status if status in dict(STATUSES) else "",
    }


def _url(key: str, chosen: dict[str, Any], changes: dict[str, Any]) -> str:
    endpoint = changes.pop("endpoint", "ledgers.show")
    kept = {name: value for name, value in {**chosen, **changes}.items() if value not in (None, "")}
    return url_for(endpoint, key=key, **kept)
