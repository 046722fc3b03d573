"""Channels: how a notification leaves. The in-app inbox is table `notice`; what goes outside is registered here."""

from collections.abc import Mapping

from engine.channels.channel import Channel, OutboxMessage
from engine.channels.email import EmailChannel, EmailSettings

CHANNELS: Mapping[str, Channel] = {"email": EmailChannel()}

__all__ = ["CHANNELS", "Channel", "EmailChannel", "EmailSettings", "OutboxMessage"]
