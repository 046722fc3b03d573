"""Files compared one by one: diagrams, decision tables, forms and procedure.toml."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.comparison.change import ADDED, MOVED, REMOVED, Change, Part, compare_parts
from engine.comparison.decisions import decision_parts
from engine.comparison.diagrams import diagram_parts
from engine.comparison.forms import form_parts
from engine.comparison.settings import setting_parts

Reader = Callable[[bytes, str], Mapping[str, Part]]
READERS: dict[str, tuple[str, Reader]] = {
    ".bpmn": ("流程图", diagram_parts),
    ".dmn": ("决策表", decision_parts),
    ".form": ("表单", form_parts),
    ".toml": ("流程设置", setting_parts),
    ".json": ("流程设置", setting_parts),
}


@dataclass(frozen=True)
class FileChanges:
    """What changed in one file; `kind` is its kind in Chinese, `status` added, removed or changed."""

    path: str
    kind: str
    status: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Comparison:
    """What changed between two versions, by file; empty where nothing did."""

    files: tuple[FileChanges, ...]

    @property
    def count(self) -> int:
        """Return the number of changes that are more than another place in the drawing."""
        return sum(change.kind != MOVED for file in self.files for change in file.changes)

    def elements(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the diagram's elements with a kind of change, for colouring."""
        return tuple(
            change.element
            for file in self.files
            if file.path.endswith(".bpmn")
            for change in file.changes
            if change.kind == kind
        )


def compare_files(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Comparison:
    """Compare two sets of files by path; files of other kinds are left out. Raises InvalidDefinitionError."""
    paths = sorted({*before, *after}, key=lambda path: (_order(path), path))
    found = [_compare(path, before.get(path), after.get(path)) for path in paths if _suffix(path) in READERS]
    return Comparison(tuple(one for one in found if one.changes or one.status != "changed"))


def _compare(path: str, before: bytes | None, after: bytes | None) -> FileChanges:
    kind, read = READERS[_suffix(path)]
    changes = compare_parts(read(before, path) if before else {}, read(after, path) if after else {})
    status = ADDED if before is None else REMOVED if after is None else "changed"
    return FileChanges(path, kind, status, changes)


def _suffix(path: str) -> str:
    return f".{path.rpartition('.')[2]}"


def _order(path: str) -> int:
    suffix = _suffix(path)
    return list(READERS).index(suffix) if suffix in READERS else len(READERS)
