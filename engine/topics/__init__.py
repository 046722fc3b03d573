"""The topics of service tasks: what a diagram can ask of the product's own data, each found in this register."""

from engine.topics.archive import archive
from engine.topics.changes import work
from engine.topics.deadlines import extend
from engine.topics.matters import resume, start, suspend
from engine.topics.numbers import assign
from engine.topics.people import grant_access_to, notify, raise_level
from engine.topics.registers import get_entry, put_entry

TOPICS = {
    "number.assign": assign,
    "register.put": put_entry,
    "register.get": get_entry,
    "matter.start": start,
    "matter.suspend": suspend,
    "matter.resume": resume,
    "matter.archive": archive,
    "deadline.extend": extend,
    "notify": notify,
    "sensitivity.raise": raise_level,
    "access.grant": grant_access_to,
    "change.work": work,
}
