"""Approved changes of procedures (P34): what was decided about a version stands in the register `approved_change`."""

from typing import Any

from sqlalchemy import select

from engine.command import Context
from engine.errors import ConflictError
from engine.model import RegisterEntry

REGISTER = "approved_change"


class MigrationNotApprovedError(ConflictError):
    """Running matters keep their version unless their migration was approved (domain P34)."""

    words = "第 {version} 版的变更审批没有同意迁移在办事项，在办事项按原版本办理。需要迁移的，请另行提请审批。"


def approval_of(context: Context, key: str, version: int) -> dict[str, Any] | None:
    """Return what was approved about a version of a procedure, or None where it came without an approval."""
    asked = select(RegisterEntry.data).where(
        RegisterEntry.register == REGISTER, RegisterEntry.key == f"{key}:{version}", RegisterEntry.status == "approved"
    )
    found: dict[str, Any] | None = context.session.execute(asked).scalar()
    return found


def require_migration_approved(context: Context, key: str, version: int) -> None:
    """Raise MigrationNotApprovedError unless the change to this version was approved together with migration."""
    approval = approval_of(context, key, version)
    if not approval or not approval.get("migrate"):
        raise MigrationNotApprovedError(version=version)
