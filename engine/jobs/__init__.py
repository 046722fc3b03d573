"""What runs without a person: each kind of job is one command, found in this register."""

from engine.jobs.archive_matters import ArchiveMatters
from engine.jobs.call_connector import CallConnector
from engine.jobs.deliver_message import DeliverMessage
from engine.jobs.deliver_signal import DeliverSignal
from engine.jobs.fire_timer import FireTimer
from engine.jobs.keep_house import KeepHouse
from engine.jobs.migrate_matters import MigrateMatters
from engine.jobs.raise_light import RaiseLight
from engine.jobs.start_matter import StartMatter
from engine.jobs.work_on_change import WorkOnChange

JOBS = {
    "timer": FireTimer,
    "light": RaiseLight,
    "connector": CallConnector,
    "message": DeliverMessage,
    "signal": DeliverSignal,
    "start": StartMatter,
    "house": KeepHouse,
    "archive": ArchiveMatters,
    "migration": MigrateMatters,
    "change": WorkOnChange,
}
