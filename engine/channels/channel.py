"""What every channel takes and does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class OutboxMessage:
    """One notification that leaves: `key` stays the same over retries, so that the other side can drop doubles."""

    key: str
    address: str
    subject: str
    body: str
    created_at: datetime


class Channel(Protocol):
    """Hands one message over, outside any transaction."""

    def send(self, message: OutboxMessage, settings: Any) -> None:
        """Hand `message` over; raises ChannelError, `permanent=True` where no retry can help."""
        ...
