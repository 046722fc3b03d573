"""What differs between two versions of a procedure's files, in words and by element."""

from engine.comparison.change import Change, Fact
from engine.comparison.files import Comparison, FileChanges, compare_files

__all__ = ["Change", "Comparison", "Fact", "FileChanges", "compare_files"]
