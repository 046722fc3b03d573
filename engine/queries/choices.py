"""What the filters of lists offer: procedures and units within the actor's sight."""

from dataclasses import dataclass

from sqlalchemy import false, func, not_, select

from engine.command import Context
from engine.model import ProcessDefinition
from engine.options import Option
from engine.prepared import Prepared


@dataclass(frozen=True)
class ListVisibleProcedures:
    """The procedures a list can be narrowed to, by title: every one deployed that is not only called by others."""

    def execute(self, context: Context) -> tuple[Option, ...]:
        """Read key and title of the newest versions."""
        shown = (Option(key, title) for key, title in _PROCEDURES.rows(context.session.connection(), {}))
        return tuple(sorted(shown, key=lambda option: option.label))


_NEWEST = select(func.max(ProcessDefinition.id)).group_by(ProcessDefinition.key)
_PROCEDURES = Prepared(
    select(ProcessDefinition.key, ProcessDefinition.title).where(
        ProcessDefinition.id.in_(_NEWEST),
        ProcessDefinition.executable,
        not_(func.coalesce(ProcessDefinition.procedure["callable_only"].as_boolean(), false())),
    )
)


@dataclass(frozen=True)
class ListUnitsInScope:
    """The units a list can be narrowed to: the actor's own and those below them."""

    def execute(self, context: Context) -> tuple[Option, ...]:
        """List them from the directory, superior ones first."""
        own = {context.actor.unit_code, *(held.unit_code for held in context.actor.positions)}
        units = [context.directory.unit(code) for code in context.directory.subtree_of(own)]
        known = sorted(
            (unit for unit in units if unit is not None and unit.active), key=lambda one: (one.level, one.code)
        )
        return tuple(Option(unit.code, unit.short_name or unit.name) for unit in known)
