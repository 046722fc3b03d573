"""What ten years of matters need: an archive of what is finished, partitioned by year on PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO_ARCHIVE = sa.text("ended_at IS NOT NULL AND archive_year IS NULL")


def upgrade() -> None:
    op.add_column("process_instance", sa.Column("archive_year", sa.Integer(), nullable=True))
    for column in ("key", "status", "unit_code"):
        op.create_index(
            op.f(f"ix_process_instance_{column}_started_at_id"), "process_instance", [column, "started_at", "id"]
        )
    op.create_index(
        "ix_process_instance_overdue",
        "process_instance",
        ["started_at", "id"],
        sqlite_where=sa.text("overdue = 1"),
        postgresql_where=sa.text("overdue"),
    )
    op.create_index(op.f("ix_process_instance_ended_at"), "process_instance", ["ended_at"])
    op.create_index(
        "ix_process_instance_to_archive",
        "process_instance",
        ["ended_at"],
        sqlite_where=TO_ARCHIVE,
        postgresql_where=TO_ARCHIVE,
    )
    with op.batch_alter_table("deadline_change") as table:
        table.drop_constraint(op.f("fk_deadline_change_task_id"), type_="foreignkey")
    _tasks()
    _events()
    _variables()


def _archive(name: str, key: list[str], *columns: "sa.Column[Any]") -> None:
    op.create_table(
        name,
        *columns,
        sa.Column("year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, "year", name=op.f(f"pk_{name}")),
        postgresql_partition_by="LIST (year)",
    )


def _tasks() -> None:
    _archive(
        "archived_task",
        ["id"],
        sa.Column("id", BIG, nullable=False),
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("process_key", sa.String(), nullable=False),
        sa.Column("process_title", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("sensitivity", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("candidates", DOCUMENT, nullable=False),
        sa.Column("form_key", sa.String(), nullable=True),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("legal_due_at", INSTANT, nullable=True),
        sa.Column("deadline_code", sa.String(), nullable=True),
        sa.Column("light", sa.Integer(), nullable=False),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("completed_by", sa.String(), nullable=True),
        sa.Column("submission", DOCUMENT, nullable=True),
        sa.Column("completion_key", sa.String(), nullable=True),
        sa.Column("completion_answer", DOCUMENT, nullable=True),
        sa.Column("extensions_used", sa.Integer(), nullable=False),
    )
    op.create_index("ix_archived_task_instance_id", "archived_task", ["instance_id", "status"])
    op.create_index("ix_archived_task_completed_by", "archived_task", ["completed_by", "completed_at", "id"])


def _events() -> None:
    _archive(
        "archived_event",
        ["id"],
        sa.Column("id", BIG, nullable=False),
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("acting_for", sa.String(), nullable=True),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("client_ip", sa.String(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
    )
    op.create_index("ix_archived_event_instance_id", "archived_event", ["instance_id", "seq"])


def _variables() -> None:
    _archive(
        "archived_variable",
        ["instance_id", "scope", "name"],
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", DOCUMENT, nullable=True),
    )
