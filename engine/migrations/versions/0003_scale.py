"""What ten years of matters need; nothing yet."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
