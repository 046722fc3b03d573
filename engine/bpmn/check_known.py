"""What a deployment may refer to: what the files bring themselves and what the installation already has."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DefinitionFile:
    """One file of a deployment: a path such as `processes/<key>/<key>.bpmn`, and its bytes."""

    path: str
    content: bytes

    @property
    def folder(self) -> str:
        """Return the folder the file lies in, which is the key of its procedure."""
        parts = self.path.replace("\\", "/").split("/")
        return parts[-2] if len(parts) > 1 else ""

    @property
    def suffix(self) -> str:
        """Return the ending of the file's name, with its dot, in small letters."""
        return "." + self.path.lower().rpartition(".")[2]


@dataclass(frozen=True)
class Known:
    """What the installation has; None means that it is not known here and is not checked.

    `deadlines`: code -> names of its variants. `processes`, `decisions` and `forms` (`<procedure>/<form>`) are
    those already deployed. `units` are the codes of the organisation. `functions` are the host functions of FEEL.
    `read_form` is engine.forms.read_form: it stands above this package and so is handed in.
    """

    roles: Collection[str] | None = None
    deadlines: Mapping[str, Collection[str]] | None = None
    codes: Collection[str] | None = None
    topics: Collection[str] | None = None
    processes: Collection[str] | None = None
    decisions: Collection[str] | None = None
    forms: Collection[str] | None = None
    units: Collection[str] | None = None
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    read_form: Callable[[Mapping[str, Any], str], Any] | None = None


@dataclass
class World:
    """Known things and those that the files of this deployment bring."""

    known: Known
    processes: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)
    forms: dict[str, frozenset[str]] = field(default_factory=dict)
    procedures: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def has_process(self, key: str) -> bool:
        """Tell whether a called process exists or cannot be checked."""
        return key in self.processes or self.known.processes is None or key in self.known.processes

    def has_decision(self, key: str) -> bool:
        """Tell whether a decision exists or cannot be checked."""
        return key in self.decisions or self.known.decisions is None or key in self.known.decisions

    def has_form(self, key: str) -> bool:
        """Tell whether a form exists or cannot be checked."""
        return key in self.forms or self.known.forms is None or key in self.known.forms

    def has_role(self, role: str) -> bool:
        """Tell whether a role id exists or cannot be checked."""
        return self.known.roles is None or role in self.known.roles

    def has_unit(self, code: str) -> bool:
        """Tell whether a unit exists or cannot be checked."""
        return self.known.units is None or code in self.known.units
