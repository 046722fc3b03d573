"""Regular expressions of XPath/XQuery functions, carried out by RE2, which takes linear time on any pattern."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

from engine.feel.errors import FeelError
from engine.feel.regex_syntax import translate
from engine.feel.run import Run

PATTERN_LIMIT: Final = 1_000
MEMORY_LIMIT: Final = 256 << 10
FAILURE_COST: Final = 5_000
SIMULATION_WEIGHT: Final = 60
_PROPERTY: Final = re.compile(r"\\[pP]\{\^?[A-Za-z]+\}")
_FLAGS: Final = frozenset("smixq")
_DOLLAR: Final = re.compile(r"\\(.)|\$([0-9]+)|([\\$])", re.DOTALL)


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; `size` and `weight` tell what compiling it and reading a character with it may cost."""

    compiled: Any
    size: int
    weight: int

    def found_in(self, run: Run, text: str) -> bool:
        """Tell whether the pattern is found; pays for reading the text."""
        self._pay(run, len(text))
        return self.compiled.search(text) is not None

    def matches(self, run: Run, text: str) -> Iterator[Any]:
        """Go through the matches; each may have read on to the end of the text, and pays for it."""
        self._pay(run, len(text))
        for found in self.compiled.finditer(text):
            self._pay(run, (len(text) - found.end()) // 5)
            yield found

    def _pay(self, run: Run, characters: int) -> None:
        # Beyond this weight RE2 may have to fall back from its automaton to a simulation, which is much slower.
        run.charge(10 + characters * self.weight // (10 if self.weight > SIMULATION_WEIGHT else 100))


def compile_pattern(run: Run, pattern: str, flags: Any) -> Pattern:
    """Return the compiled pattern; raises FeelError when it or its flags are wrong."""
    if flags is not None and not isinstance(flags, str):
        raise FeelError("标志应为文本")
    if len(pattern) > PATTERN_LIMIT:
        raise FeelError("正则表达式过长")
    found = _compiled(pattern, flags or "")
    if (pattern, flags) not in run.patterns:
        run.patterns.add((pattern, flags))
        run.charge(FAILURE_COST if found is None else found.size)
    if found is None:
        raise FeelError("正则表达式有误")
    return found


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Pattern | None:
    if not _FLAGS.issuperset(flags):
        return None
    written = re2.escape(pattern) if "q" in flags else translate(pattern, flags)
    if written is None:
        return None
    options = _options(flags)
    try:
        compiled = re2.compile(written, options)
        # A class of many characters makes a large program that is not slower to run than a small one.
        shadow = re2.compile(_PROPERTY.sub("a", written), options)
    except (re2.error, ValueError, OverflowError):
        return None
    return Pattern(compiled, compiled.programsize, max(1, shadow.programsize))


def _options(flags: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY_LIMIT
    options.case_sensitive = "i" not in flags
    options.dot_nl = "s" in flags
    return options


def expand_replacement(replacement: str, groups: int, *, literal: bool) -> Callable[[Any], str]:
    """Return what writes the replacement of a match; raises FeelError for a stray `$` or backslash."""
    if literal:
        return lambda _found: replacement
    pieces: list[str | int] = []
    position = 0
    for found in _DOLLAR.finditer(replacement):
        pieces.append(replacement[position : found.start()])
        position = found.end()
        pieces += _piece(found, groups)
    pieces.append(replacement[position:])
    return lambda match: "".join(piece if isinstance(piece, str) else match.group(piece) or "" for piece in pieces)


def _piece(found: re.Match[str], groups: int) -> list[str | int]:
    escaped, number, stray = found.groups()
    if stray or (escaped and escaped not in "\\$"):
        raise FeelError("替换文本有误")
    if escaped:
        return [escaped]
    digits = number
    while len(digits) > 1 and int(digits) > groups:
        digits = digits[:-1]
    index = int(digits)
    return [index if index <= groups else "", number[len(digits) :]]
