"""What the filters of lists offer: procedures and units within the actor's sight."""

from engine.queries.choices import ListUnitsInScope, ListVisibleProcedures
from web.asking import ask


def procedures() -> tuple[tuple[str, str], ...]:
    """Return key and title of the procedures a list can be narrowed to."""
    return tuple((option.value, option.label) for option in ask(ListVisibleProcedures()))


def units() -> tuple[tuple[str, str], ...]:
    """Return code and name of the units a list can be narrowed to."""
    return tuple((option.value, option.label) for option in ask(ListUnitsInScope()))
