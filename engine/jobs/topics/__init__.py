"""The topics of service tasks: what a diagram can ask of the product's own data, each found in this register."""

from engine.jobs.topics.archive import archive
from engine.jobs.topics.deadlines import extend
from engine.jobs.topics.matters import resume, start, suspend
from engine.jobs.topics.numbers import assign
from engine.jobs.topics.people import grant_access_to, notify, raise_level
from engine.jobs.topics.registers import get_entry, put_entry

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
}
