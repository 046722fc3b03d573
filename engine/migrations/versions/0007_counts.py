"""Indexes that reports count along: matters by when they ended, those that took long, open tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

OPEN = sa.text("status = 'open'")


def upgrade() -> None:
    op.drop_index(op.f("ix_process_instance_ended_at"), "process_instance")
    op.create_index(
        "ix_process_instance_counted",
        "process_instance",
        ["ended_at", "key", "unit_code", "sensitivity", "overdue", "started_by", "started_at", "id"],
    )
    op.create_index(
        "ix_process_instance_long",
        "process_instance",
        ["ended_at", "started_at", "id"],
        sqlite_where=sa.text("julianday(ended_at) - julianday(started_at) > 89"),
        postgresql_where=sa.text("ended_at - started_at > interval '89 days'"),
    )
    op.create_index(
        "ix_user_task_open",
        "user_task",
        ["id", "instance_id", "unit_code", "light", "due_at", "assignee"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
