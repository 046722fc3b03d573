"""Option lists of form fields, from the server's own data: the page draws them and the submission is checked by them.

Sources: `code:LIST+LIST` (code lists; a part that is no list stands for itself), `people[:role=a,b][&certified]`,
`units[:level=3,4]`, `register:NAME[?status=X]`. People, units and registers are those of the district of the actor and
of the matter, and of the units above.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, or_, select

from engine.access import visible_among
from engine.actor import ADMIN_ROLES
from engine.calendar import local_date
from engine.command import Context
from engine.directory import holds_on
from engine.errors import InvalidError
from engine.model import Person, Position, ProcessInstance, RegisterEntry
from engine.prepared import Prepared

MOST_OPTIONS = 2_000


class UnknownOptionsError(InvalidError):
    """A form names a source of options that does not exist."""

    words = "没有选项来源“{source}”。"


@dataclass(frozen=True)
class Option:
    """One choice: what is stored and what is shown."""

    value: str
    label: str


def options_of(context: Context, instance_id: int | None = None) -> Callable[[str], tuple[Option, ...]]:
    """Return the function that lists a source's options for the actor, within a matter if one is given.

    Each source is read once; raises UnknownOptionsError for a source that is none.
    """
    kept: dict[str, tuple[Option, ...]] = {}

    def options(source: str) -> tuple[Option, ...]:
        if source not in kept:
            kept[source] = _read(context, source, instance_id)
        return kept[source]

    return options


def near_units(context: Context, instance_id: int | None = None) -> list[str]:
    """Return the units of the actor's and the matter's district and above; all of them for the city's own staff."""
    codes = {context.actor.unit_code, *(held.unit_code for held in context.actor.positions)}
    if instance_id is not None:
        found = _UNIT.rows(context.session.connection(), {"instance": instance_id})
        codes.update(unit for (unit,) in found)
    near: set[str] = set()
    for code in codes:
        line = list(context.directory.line_up(code))
        district = context.directory.district(code)
        near |= context.directory.subtree(district.code if district else code)
        near.update(unit.code for unit in line)
    return sorted(near)


_UNIT = Prepared(select(ProcessInstance.unit_code).where(ProcessInstance.id == bindparam("instance")))


def _read(context: Context, source: str, instance_id: int | None) -> tuple[Option, ...]:
    kind, _, rest = source.partition(":")
    if kind == "code":
        return _codes(context, rest)
    if kind == "people":
        return _people(context, _arguments(rest), instance_id)
    if kind == "units":
        return _units(context, _arguments(rest), instance_id)
    if kind == "register":
        name, _, query = rest.partition("?")
        return _register(context, name, _arguments(query), instance_id)
    raise UnknownOptionsError(source=source[:60])


def _arguments(text: str) -> dict[str, str]:
    """Read `a=1&b` as {a: 1, b: ""}."""
    pairs = (part.partition("=") for part in text.split("&") if part)
    return {key.strip(): value.strip() for key, _, value in pairs}


def code_lists(context: Context) -> Mapping[str, tuple[Option, ...]]:
    """Return every code list of config/codes.toml."""
    return {name: _listed(table) for name, table in _code_tables(context).items()}


def _code_tables(context: Context) -> Mapping[str, Mapping[str, Any]]:
    return {table["id"]: table for table in context.config.get("codes", {}).get("list", ())}


def _listed(table: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(str(item["value"]), str(item["label"])) for item in table.get("items", ()))


def _codes(context: Context, names: str) -> tuple[Option, ...]:
    lists = _code_tables(context)
    found: list[Option] = []
    for name in filter(None, (part.strip() for part in names.split("+"))):
        if name not in lists and name.isascii():
            raise UnknownOptionsError(source=f"code:{name[:60]}")
        found.extend(_listed(lists[name]) if name in lists else (Option(name, name),))
    return tuple(found)


def _people(context: Context, wanted: Mapping[str, str], instance_id: int | None) -> tuple[Option, ...]:
    """List active people, `王刚（临江中队）`; administrators take no part in matters."""
    values = {"day": local_date(context.now), "units": near_units(context, instance_id)}
    asked = _people_asked(wanted.get("role", ""), certified="certified" in wanted)
    found = context.session.execute(asked, values).all()[:MOST_OPTIONS]
    return tuple(Option(id_, f"{name}（{context.directory.unit_name(unit)}）") for id_, name, unit in found)


@lru_cache(maxsize=64)
def _people_asked(roles: str, *, certified: bool) -> Any:
    """Return the statement for the people of `units` on a `day`."""
    day: Any = bindparam("day")
    administrators = select(Position.person_id).where(Position.role.in_(sorted(ADMIN_ROLES)), holds_on(day))
    conditions: list[Any] = [
        Person.active,
        Person.unit_code.in_(bindparam("units", expanding=True)),
        Person.id.not_in(administrators),
    ]
    if roles:
        held = select(Position.person_id).where(Position.role.in_(roles.split(",")), holds_on(day))
        conditions.append(Person.id.in_(held))
    if certified:
        conditions += [Person.cert_no != "", Person.cert_valid_to >= day]
    people = select(Person.id, Person.name, Person.unit_code).where(*conditions)
    return people.order_by(Person.unit_code, Person.name, Person.id)


def _units(context: Context, wanted: Mapping[str, str], instance_id: int | None) -> tuple[Option, ...]:
    levels = {int(level) for level in wanted.get("level", "").split(",") if level.strip().isdigit()}
    units = (context.directory.unit(code) for code in near_units(context, instance_id))
    chosen = [unit for unit in units if unit and unit.active and (not levels or unit.level in levels)]
    chosen.sort(key=lambda unit: (unit.level, unit.code))
    return tuple(Option(unit.code, unit.short_name or unit.name) for unit in chosen[:MOST_OPTIONS])


def _register(context: Context, name: str, wanted: Mapping[str, str], instance_id: int | None) -> tuple[Option, ...]:
    """List entries by key, with their title only where the actor may see the matter behind them."""
    entry = RegisterEntry
    statement = select(entry.key, entry.data, entry.instance_id).where(
        entry.register == name, or_(entry.unit_code == "", entry.unit_code.in_(near_units(context, instance_id)))
    )
    if wanted.get("status"):
        statement = statement.where(entry.status.in_(wanted["status"].split(",")))
    if "valid" in wanted:
        statement = statement.where(or_(entry.valid_until.is_(None), entry.valid_until >= context.now))
    rows = context.session.execute(statement.order_by(entry.key).limit(MOST_OPTIONS)).all()
    matters = (row.instance_id for row in rows)
    seen = {None, *visible_among(context.session, context.actor, context.directory, matters)}
    return tuple(
        Option(key, f"{key} {entry_title(data)}".strip() if matter in seen else key) for key, data, matter in rows
    )


def entry_title(data: Any) -> str:
    """Return what names an entry in words."""
    fields = data if isinstance(data, Mapping) else {}
    return str(fields.get("title") or fields.get("label") or fields.get("name") or "")
