"""matter.archive: the archive check list of C-09 (domain 16.2) and the closing of the file."""

from typing import Any

from sqlalchemy import select

from engine.calendar import local
from engine.model import tables
from engine.topics.topic import Call


def archive(call: Call) -> dict[str, Any]:
    """With mode `check`: return what is missing and the 卷内目录; with `close`: note that the file is closed.

    An item is missing where its step was begun in this matter and never completed.
    """
    rows = _filed(call)
    missing = _missing(call, rows)
    if call.text("mode", "check") == "close":
        call.context.record("matter archived", call.matter.id, subject=call.text("archive_no"), missing=missing)
        return {}
    catalogue = [
        {
            "no": number,
            "name": row.name,
            "procedure": row.process_title,
            "filed_at": local(row.completed_at).date().isoformat(),
        }
        for number, row in enumerate((row for row in rows if row.status == "completed"), 1)
    ]
    return {**call.result(missing, "missing"), "catalogue": catalogue}


def _filed(call: Call) -> list[Any]:
    task = tables.user_task
    asked = select(task.c.name, task.c.process_title, task.c.form_key, task.c.status, task.c.completed_at).where(
        task.c.instance_id == call.matter.id, task.c.form_key.is_not(None)
    )
    return list(call.context.session.execute(asked.order_by(task.c.completed_at, task.c.id)).all())


def _missing(call: Call, rows: list[Any]) -> list[str]:
    done = {row.form_key for row in rows if row.status == "completed"}
    begun = {row.form_key for row in rows if row.status == "open"}
    missing = []
    for item in call.matter.deployed.procedure.get("archive", ()):
        form = item["form"] if "/" in item["form"] else f"{call.matter.key}/{item['form']}"
        if form in begun - done:
            missing.append(item["name"])
    return missing
