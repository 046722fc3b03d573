"""Actor: who asks; a person with positions, or the engine itself."""

from dataclasses import dataclass, field

ADMIN_ROLES = frozenset({"sys_admin", "sec_admin", "audit_admin", "process_admin"})


@dataclass(frozen=True)
class Held:
    """A position held today: a role in a unit, perhaps while acting for somebody (代)."""

    role: str
    unit_code: str
    acting_for: str | None = None
    acting_for_name: str | None = None


@dataclass(frozen=True)
class Actor:
    """A person as of this request; rights are read anew each time, so a lost role is lost at once."""

    person_id: str
    name: str
    unit_code: str
    unit_name: str = ""
    positions: tuple[Held, ...] = ()
    client_ip: str = ""
    must_change_password: bool = False
    roles: frozenset[str] = field(init=False)
    principals: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Derive the roles and the principals (`p:<person>`, `r:<role>@<unit>`) from the positions."""
        object.__setattr__(self, "roles", frozenset(held.role for held in self.positions))
        named = {person_principal(self.person_id)}
        named.update(role_principal(held.role, held.unit_code) for held in self.positions)
        object.__setattr__(self, "principals", frozenset(named))

    @property
    def is_engine(self) -> bool:
        """True for the engine's own acts (timers, jobs)."""
        return self.person_id == "engine"

    @property
    def is_administrator(self) -> bool:
        """True for the three administrators and the process administrator, who have no case content (domain 2.6)."""
        return bool(self.roles & ADMIN_ROLES)


def person_principal(person_id: str) -> str:
    """Return the principal of one person."""
    return f"p:{person_id}"


def role_principal(role: str, unit_code: str) -> str:
    """Return the principal of a role in a unit."""
    return f"r:{role}@{unit_code}"


ENGINE = Actor("engine", "系统", "")
