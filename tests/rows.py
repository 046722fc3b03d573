"""Rows for tests of scope and lists: an invented organisation, and matters and tasks that need no definition to run."""

from datetime import timedelta

from sqlalchemy import insert, or_, select, text

from engine.actor import ENGINE, person_principal
from engine.commands.organisation import LoadOrganisation
from engine.model import (
    Base,
    ConfigDocument,
    Deployment,
    Participant,
    ProcessDefinition,
    ProcessInstance,
    Setting,
    TaskAccess,
    UserTask,
)
from engine.model.tasks import NEVER
from engine.queries.sessions import FindPersonAsActor

CITY, EAST, WEST, STREET, SQUAD, OTHER_SQUAD = "100", "191", "192", "191001", "191901", "191902"
PASSWORD = "Tq7#mlongue9"

ROLES = [
    {"id": "squad_officer", "name": "中队队员", "level": 4},
    {"id": "squad_leader", "name": "中队长", "level": 4, "leads": True},
    {"id": "town_leader", "name": "街镇分管负责人", "level": 3, "leads": True},
    {"id": "dist_intake", "name": "收件分办岗", "level": 2},
    {"id": "dist_handler", "name": "承办人", "level": 2},
    {"id": "dist_leader", "name": "区局分管领导", "level": 2, "leads": True},
    {"id": "dist_legal", "name": "法制审核员", "level": 2, "legal": True},
    {"id": "city_handler", "name": "市局经办", "level": 1},
    {"id": "process_admin", "name": "流程管理员", "level": "any", "admin": "process"},
    {"id": "sys_admin", "name": "系统管理员", "level": 1, "admin": "system"},
    {"id": "sec_admin", "name": "安全管理员", "level": 1, "admin": "security"},
    {"id": "audit_admin", "name": "审计管理员", "level": 1, "admin": "audit"},
]
UNITS = [
    {"code": CITY, "name": "市局", "level": 1},
    {"code": EAST, "name": "东江区局", "level": 2, "business_parent": CITY},
    {"code": WEST, "name": "西岭区局", "level": 2, "business_parent": CITY},
    {"code": STREET, "name": "临江街道", "level": 3, "business_parent": EAST},
    {"code": SQUAD, "name": "临江中队", "level": 4, "business_parent": EAST, "admin_parent": STREET},
    {"code": OTHER_SQUAD, "name": "云桥中队", "level": 4, "business_parent": EAST},
]
PEOPLE = {
    "alice": (SQUAD, ["squad_officer"]),
    "bob": (SQUAD, ["squad_officer"]),
    "lead": (SQUAD, ["squad_leader"]),
    "charlie": (OTHER_SQUAD, ["squad_officer"]),
    "town": (STREET, ["town_leader"]),
    "intake": (EAST, ["dist_intake"]),
    "handler": (EAST, ["dist_handler"]),
    "handler2": (EAST, ["dist_handler"]),
    "chief": (EAST, ["dist_leader"]),
    "legal": (EAST, ["dist_legal"]),
    "western": (WEST, ["dist_intake"]),
    "westlegal": (WEST, ["dist_legal"]),
    "city": (CITY, ["city_handler"]),
    "modeller": (CITY, ["process_admin"]),
    "system": (CITY, ["sys_admin"]),
    "security": (CITY, ["sec_admin"]),
    "audit": (CITY, ["audit_admin"]),
}


def organisation():
    """The organisation as the parsed file has it."""
    people = [
        {"id": person, "name": f"{person}（示例）", "unit": unit, "roles": roles, "email": f"{person}@example.invalid"}
        for person, (unit, roles) in PEOPLE.items()
    ]
    return {"unit": UNITS, "person": people}


_SOMETHING = select(or_(*(select(table).exists() for table in Base.metadata.sorted_tables)))
_LOADED = {}


def load_people(engine, password=None):
    """Put roles, units and people into the database.

    An empty one gets the rows that the commands wrote the first time under the same clock, key and rules.
    """
    with engine.database.transaction(write=False) as session:
        empty = not session.execute(_SOMETHING).scalar()
    about = (engine.database.is_sqlite, password, engine.clock.now(), engine._chain_key, engine.accounts)
    if empty and about in _LOADED:
        _copy(engine.database, _LOADED[about])
        return
    _write_people(engine, password)
    if empty:
        _LOADED[about] = _rows(engine.database)


def _rows(database):
    """Every row there is, by table."""
    with database.transaction(write=False) as session:
        found = {table: session.execute(select(table)).mappings().all() for table in Base.metadata.sorted_tables}
    return {table: [dict(row) for row in rows] for table, rows in found.items() if rows}


def _copy(database, found):
    """Write rows with the ids they had; the next id follows them."""
    with database.transaction() as session:
        for table, rows in found.items():
            session.execute(insert(table), rows)
            if not database.is_sqlite and table.autoincrement_column is not None:
                last = max(row[table.autoincrement_column.name] for row in rows)
                sequence = f"pg_get_serial_sequence('{table.name}', '{table.autoincrement_column.name}')"
                session.execute(text(f"SELECT setval({sequence}, {last})"))


def _write_people(engine, password):
    with engine.database.transaction() as session:
        document = {"kind": "roles", "version": 1, "hash": "roles", "content": {"role": ROLES}}
        session.execute(insert(ConfigDocument).values(**document, deployed_at=engine.clock.now()))
        known = session.execute(select(Setting.value).where(Setting.name == "catalog_version")).first()
        if known is None:
            session.execute(insert(Setting).values(name="catalog_version", value=1))
    engine.run(LoadOrganisation(organisation(), password=password, keep_password=True), ENGINE)


def person(engine, person_id):
    """The actor a person is today."""
    return engine.ask(FindPersonAsActor(person_id))


def add_definition(engine, key="some_procedure", **about):
    """A definition row, whose diagram nobody reads here."""
    with engine.database.transaction() as session:
        deployment = session.execute(
            insert(Deployment)
            .values(source="test", deployed_by="engine", deployed_at=engine.clock.now())
            .returning(Deployment.id)
        ).scalar_one()
        row = {"key": key, "version": 1, "hash": key, "file": f"{key}.bpmn", "xml": b"<x/>", "title": "某流程"}
        return session.execute(
            insert(ProcessDefinition)
            .values(deployment_id=deployment, procedure=about, executable=True, **row)
            .returning(ProcessDefinition.id)
        ).scalar_one()


def add_matter(engine, definition_id, number, **values):
    """A matter row."""
    row = {
        "definition_id": definition_id, "key": "some_procedure", "number": number, "title": f"事项 {number}",
        "status": "active", "row_version": 1, "state": {}, "unit_code": SQUAD, "sensitivity": 1, "priority": "一般",
        "started_by": "nobody", "started_at": engine.clock.now(), "overdue": False,
    }  # fmt: skip
    with engine.database.transaction() as session:
        return session.execute(
            insert(ProcessInstance).values(**row | values).returning(ProcessInstance.id)
        ).scalar_one()


def add_participant(engine, instance_id, person_id, kind):
    """Somebody who takes part in a matter."""
    with engine.database.transaction() as session:
        row = {"instance_id": instance_id, "person_id": person_id, "kind": kind, "note": ""}
        session.execute(insert(Participant).values(**row, since=engine.clock.now()))


def add_task(engine, instance_id, *, candidates=(), assignee=None, due_in_hours=None, **values):
    """An open task with its rows of access."""
    due_at = None if due_in_hours is None else engine.clock.now() + timedelta(hours=due_in_hours)
    with engine.database.transaction() as session:
        matter = session.get(ProcessInstance, instance_id)
        row = {
            "instance_id": instance_id, "token": "1", "node_id": "Task", "definition_id": matter.definition_id,
            "process_key": matter.key, "process_title": "某流程", "name": "核查", "number": matter.number,
            "title": matter.title, "unit_code": matter.unit_code, "sensitivity": matter.sensitivity, "priority": "",
            "assignee": assignee, "candidates": list(candidates), "status": "open", "row_version": 1, "light": 0,
            "created_at": engine.clock.now(), "due_at": due_at, "extensions_used": 0,
        }  # fmt: skip
        task_id = session.execute(insert(UserTask).values(**row | values).returning(UserTask.id)).scalar_one()
        who = [person_principal(assignee)] if assignee else candidates
        if values.get("status", "open") != "open":
            who = []
        status = "assigned" if assignee else "claimable"
        for principal in who:
            access = {"principal": principal, "status": status, "due_at": due_at or NEVER, "task_id": task_id}
            session.execute(insert(TaskAccess).values(**access))
        return task_id
