"""The organisation in memory: the unit tree and the roles, and who stands where in it (domain sections 3 and 4).

Units and roles change rarely and are kept; people and positions are read at each request, so that a right that ends
today ends with the next request (security S14).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from engine.actor import Held, person_principal, role_principal
from engine.calendar import local_date
from engine.model import ConfigDocument, Person, Position, Unit, tables
from engine.prepared import Prepared

VERSION_KEY = "directory_version"
_DEEPEST = 20


@dataclass(frozen=True)
class OrgUnit:
    """A unit with its two parents: 街镇 manages people, 区局 supervises the work (domain section 3)."""

    code: str
    name: str
    short_name: str
    level: int
    admin_parent: str | None = None
    business_parent: str | None = None
    decision_authority: str | None = None
    doc_prefix: str | None = None
    legal_review_unit: str | None = None
    active: bool = True


@dataclass(frozen=True)
class Role:
    """A role of config/roles.toml; `level` is 1-4, "any" (the unit itself) or "ext" (outside)."""

    id: str
    name: str
    level: int | str = "any"
    leads: bool = False
    legal: bool = False
    admin: str | None = None


@dataclass(frozen=True)
class Colleague:
    """A person as others may see them: name, unit, contact for notices."""

    id: str
    name: str
    unit_code: str
    unit_name: str
    email: str = ""
    cert_no: str = ""
    cert_valid_to: date | None = None
    roles: tuple[str, ...] = ()


class Directory:
    """The unit tree and the roles; answers who a role in a unit is, and whose units lie below."""

    def __init__(self, units: Iterable[OrgUnit], roles: Iterable[Role]) -> None:
        """Index units and roles."""
        self.units: Mapping[str, OrgUnit] = {unit.code: unit for unit in units}
        self.roles: Mapping[str, Role] = {role.id: role for role in roles}
        self._below = self._subtrees()

    @classmethod
    def load(cls, session: Session) -> "Directory":
        """Read units and the newest roles document."""
        rows = session.execute(select(*(getattr(Unit, name) for name in OrgUnit.__dataclass_fields__))).mappings()
        return cls([OrgUnit(**row) for row in rows], _read_roles(session))

    def unit(self, code: str | None) -> OrgUnit | None:
        """Return a unit, or None."""
        return self.units.get(code or "")

    def unit_name(self, code: str | None) -> str:
        """Return the short name of a unit; the code where it is unknown."""
        unit = self.unit(code)
        return (unit.short_name or unit.name) if unit else (code or "")

    def role_name(self, role: str) -> str:
        """Return the Chinese name of a role; the id where it is unknown."""
        known = self.roles.get(role)
        return known.name if known else role

    def principal(self, role: str, unit_code: str) -> str | None:
        """Return `r:<role>@<unit>` for a role asked for at a unit, or None where no unit above has its level.

        The first unit on the way up whose level is the role's level; town_* roles go up by `admin_parent`.
        """
        known = self.roles.get(role)
        if known is None or not isinstance(known.level, int):
            return role_principal(role, unit_code)
        for unit in self.line_up(unit_code, "admin_parent" if role.startswith("town_") else "business_parent"):
            if unit.level == known.level:
                return role_principal(role, unit.code)
        return None

    def candidates(self, groups: Iterable[str], users: Iterable[str], unit_code: str) -> tuple[str, ...]:
        """Return the principals of candidate groups (role ids) and candidate users (person ids), each once."""
        named = [person_principal(user) for user in users if user]
        found = [self.principal(group, unit_code) for group in groups if group]
        return tuple(dict.fromkeys([*named, *(principal for principal in found if principal)]))

    def line_up(self, unit_code: str, parent: str = "business_parent") -> Iterator[OrgUnit]:
        """Yield the unit and those above it by one kind of parent."""
        unit = self.unit(unit_code)
        for _ in range(_DEEPEST):
            if unit is None:
                return
            yield unit
            unit = self.unit(getattr(unit, parent))

    def subtree(self, unit_code: str) -> frozenset[str]:
        """Return the codes of the unit and of all units below it by either parent."""
        return self._below.get(unit_code, frozenset({unit_code}))

    def subtree_of(self, unit_codes: Iterable[str]) -> frozenset[str]:
        """Return the codes of several units and of all below them."""
        return frozenset().union(*(self.subtree(code) for code in unit_codes))

    def district(self, unit_code: str) -> OrgUnit | None:
        """Return the 区局 (level 2) above a unit, or None."""
        return next((unit for unit in self.line_up(unit_code) if unit.level == 2), None)

    def describe(self, principal: str) -> str:
        """Return a role principal in words: `黄浦区局 收件分办岗`; a person principal gives the person's id."""
        kind, _, rest = principal.partition(":")
        if kind != "r":
            return rest
        role, _, unit = rest.partition("@")
        return f"{self.unit_name(unit)} {self.role_name(role)}".strip()

    def roles_where(self, **marks: Any) -> frozenset[str]:
        """Return the ids of the roles with these marks, such as `leads=True`."""
        return frozenset(
            role.id for role in self.roles.values() if all(getattr(role, key) == value for key, value in marks.items())
        )

    def _subtrees(self) -> dict[str, frozenset[str]]:
        children: dict[str, set[str]] = {code: set() for code in self.units}
        for unit in self.units.values():
            for parent in {unit.business_parent, unit.admin_parent}:
                if parent in children:
                    children[parent].add(unit.code)
        return {code: _reach(code, children) for code in children}


class DirectoryCache:
    """One directory per process, read anew when a command of people or a deployment of roles has changed it."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: tuple[Any, Directory] | None = None

    def at(self, session: Session, *versions: Any) -> Directory:
        """Return the directory as of these versions (settings `directory_version`, `catalog_version`)."""
        kept = self._kept
        if kept is None or kept[0] != versions:
            kept = self._kept = (versions, Directory.load(session))
        return kept[1]


def holds_on(day: Any) -> Any:
    """Return the condition that a position is held on a day, which may be a parameter."""
    return and_(Position.valid_from <= day, or_(Position.valid_to.is_(None), Position.valid_to >= day))


_REPRESENTED = tables.person.alias("represented")
_POSITIONS = Prepared(
    select(Position.role, Position.unit_code, Position.acting_for, _REPRESENTED.c.name)
    .outerjoin(_REPRESENTED, _REPRESENTED.c.id == Position.acting_for)
    .where(Position.person_id == bindparam("person"), holds_on(bindparam("day")))
    .order_by(Position.id)
)


def holds(now: datetime) -> Any:
    """Return the condition that a position is held at `now` (dates are those of Shanghai)."""
    return holds_on(local_date(now))


def positions_of(session: Session, person_id: str, now: datetime) -> tuple[Held, ...]:
    """Return the positions a person holds at `now`, with the name of whom they act for."""
    rows = _POSITIONS.rows(session.connection(), {"person": person_id, "day": local_date(now)})
    return tuple(Held(role, unit, acting, name) for role, unit, acting, name in rows)


def members(session: Session, directory: Directory, principals: Sequence[str], now: datetime) -> tuple[Colleague, ...]:
    """Return the active people behind principals, each once, by unit and name."""
    ids = [text[2:] for text in principals if text.startswith("p:")]
    asked = [text[2:].partition("@") for text in principals if text.startswith("r:")]
    wanted = [and_(Position.role == role, Position.unit_code == unit) for role, _, unit in asked]
    held = select(Position.person_id).where(holds(now), or_(*wanted)) if wanted else None
    chosen = or_(Person.id.in_(ids), Person.id.in_(held)) if held is not None else Person.id.in_(ids)
    return people(session, directory, chosen)


def leaders(session: Session, directory: Directory, unit_code: str, now: datetime) -> tuple[Colleague, ...]:
    """Return the direct leaders of a unit: who holds there a role that leads."""
    return members(session, directory, [role_principal(role, unit_code) for role in leading(directory)], now)


def leading(directory: Directory) -> tuple[str, ...]:
    """Return the roles that lead a unit directly, in a fixed order."""
    return tuple(sorted(directory.roles_where(leads=True)))


def people(session: Session, directory: Directory, *conditions: Any) -> tuple[Colleague, ...]:
    """Return the active people that meet conditions on table person, by unit and name."""
    rows = session.execute(
        select(Person.id, Person.name, Person.unit_code, Person.email, Person.cert_no, Person.cert_valid_to)
        .where(Person.active, *conditions)
        .order_by(Person.unit_code, Person.name, Person.id)
    )
    return tuple(
        Colleague(id_, name, unit, directory.unit_name(unit), email, cert, valid)
        for id_, name, unit, email, cert, valid in rows
    )


def _reach(code: str, children: Mapping[str, set[str]]) -> frozenset[str]:
    found, todo = {code}, [code]
    while todo:
        for child in children[todo.pop()] - found:
            found.add(child)
            todo.append(child)
    return frozenset(found)


def _read_roles(session: Session) -> list[Role]:
    """Read the roles from the newest `roles` document; none before the first deployment of config/."""
    content = session.execute(
        select(ConfigDocument.content)
        .where(ConfigDocument.kind == "roles")
        .order_by(ConfigDocument.version.desc())
        .limit(1)
    ).scalar_one_or_none()
    rows = (content or {}).get("role", ())
    known = Role.__dataclass_fields__
    return [Role(**{key: value for key, value in row.items() if key in known}) for row in rows]
