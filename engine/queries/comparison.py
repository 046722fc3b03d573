"""Two versions of a procedure side by side: diagrams, and what changed in words."""

from dataclasses import dataclass

from engine.command import Context
from engine.comparison import Comparison, compare_files
from engine.errors import ProcessDefinitionNotFoundError
from engine.execution.version_files import files_of, versions_of


@dataclass(frozen=True)
class ComparisonView:
    """Two versions with their diagrams as XML and the changes from the older one to the newer one."""

    key: str
    title: str
    before: int
    after: int
    versions: tuple[int, ...]
    before_xml: str
    after_xml: str
    comparison: Comparison


@dataclass(frozen=True)
class CompareVersions:
    """Compare two versions of a procedure; versions are for everybody to see (domain P34).

    Raises ProcessDefinitionNotFoundError.
    """

    key: str
    before: int
    after: int

    def execute(self, context: Context) -> ComparisonView:
        """Read both versions with the forms and decisions that were in force with them."""
        rows = {row.version: row for row in versions_of(context, self.key)}
        if self.before not in rows or self.after not in rows:
            raise ProcessDefinitionNotFoundError(key=self.key[:80])
        files = [files_of(context, self.key, version) for version in (self.before, self.after)]
        one, other = rows[self.before], rows[self.after]
        return ComparisonView(
            self.key, other.title, self.before, self.after, tuple(sorted(rows, reverse=True)),
            one.xml.decode("utf-8"), other.xml.decode("utf-8"), compare_files(*files),
        )  # fmt: skip
