"""Due dates, lights, reminders, pauses and extensions (domain sections 5, 10 and 11); pure, UTC in and out."""

from engine.deadlines.changes import ExtensionRefusedError, extended, latest_extension, resumed
from engine.deadlines.ladder import Ladder, Light, Rung
from engine.deadlines.register import Deadline, DeadlineRegister, Due, ExtensionRule, Limit, UnknownDeadlineError
from engine.deadlines.words import time_left_text

__all__ = [
    "Deadline",
    "DeadlineRegister",
    "Due",
    "ExtensionRefusedError",
    "ExtensionRule",
    "Ladder",
    "Light",
    "Limit",
    "Rung",
    "UnknownDeadlineError",
    "extended",
    "latest_extension",
    "resumed",
    "time_left_text",
]
