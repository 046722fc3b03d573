"""统计: every report of the engine over a period, as a table on the page, in print and as CSV."""

from datetime import date, timedelta

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from engine.errors import NotFoundError
from engine.reports import REPORTS, Table
from web.asking import ask
from web.csv_export import csv_answer
from web.filters import local

bp = Blueprint("reports", __name__, url_prefix="/reports")
_USUAL = timedelta(days=29)


@bp.get("")
def index() -> str:
    """Show all reports over the chosen period; by default the last thirty days."""
    since, until = _period()
    tables = [(name, ask(report(since, until))) for name, report in REPORTS.items()]
    return render_template("reports/index.html", tables=tables, since=since, until=until, shortcuts=_shortcuts())


@bp.get("/<name>.csv")
def export(name: str) -> Response:
    """Hand out one report."""
    if name not in REPORTS:
        raise NotFoundError
    table: Table = ask(REPORTS[name](*_period()))
    rows = [*table.rows, table.totals] if table.totals else table.rows
    return csv_answer(table.title, [column.title for column in table.columns], rows)


def _period() -> tuple[date, date]:
    today = local(g.now).date()
    since = _day(request.args.get("since"), today - _USUAL)
    until = _day(request.args.get("until"), today)
    return min(since, until), max(since, until)


def _day(text: str | None, default: date) -> date:
    try:
        chosen = date.fromisoformat(text or "")
    except ValueError:
        return default
    return chosen if 2000 <= chosen.year <= 2100 else default


def _shortcuts() -> tuple[tuple[str, date, date], ...]:
    today = local(g.now).date()
    month = today.replace(day=1)
    last = month - timedelta(days=1)
    quarter = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
    return (
        ("近30天", today - _USUAL, today),
        ("本月", month, today),
        ("上月", last.replace(day=1), last),
        ("本季", quarter, today),
        ("本年", today.replace(month=1, day=1), today),
    )
