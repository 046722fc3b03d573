"""Indexes for what is asked all day of tables that grow: due jobs by priority, messages, notices, mail that waits."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WAITING = sa.text("sent_at IS NULL")


def upgrade() -> None:
    op.drop_index("ix_job_due", "job")
    op.create_index("ix_job_due", "job", ["priority", "due_at", "id"])
    op.drop_index(op.f("ix_subscription_kind_name_correlation"), "subscription")
    op.create_index(
        "ix_subscription_waiting",
        "subscription",
        ["kind", "name", "correlation", "instance_id", "owner", "catcher", "event_index"],
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["person_id", "created_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index(op.f("ix_message_status_expires_at"), "message", ["status", "expires_at"])
    op.create_index(op.f("ix_notice_person_id_id"), "notice", ["person_id", "id"])
