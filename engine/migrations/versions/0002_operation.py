"""What workers and operators need; nothing yet."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    pass
