"""The priorities of jobs there are: few, of many jobs."""

from typing import Any

from sqlalchemy import func, select

from engine.model.work import Job


def _priorities() -> Any:
    found = select(func.max(Job.priority).label("priority")).cte("priorities", recursive=True)
    lower = select(func.max(Job.priority)).where(Job.priority < found.c.priority).scalar_subquery()
    return found.union_all(select(lower).where(found.c.priority.is_not(None)))


# One column, each found by one look into the index of due jobs; the last is None.
PRIORITIES = _priorities()
