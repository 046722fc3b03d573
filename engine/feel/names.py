"""Names with blanks and operators in them, found by the longest match of tokens against the names known."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import Token, tokenize

_Entry = tuple[tuple[str, ...], str]
_GUARDED = frozenset({("date", "and", "time"), ("years", "and", "months", "duration")})
NAME_OPERATORS = frozenset({".", "/", "-", "'", "+", "*", "**"})


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, ...]:
    try:
        return tuple(token.text for token in tokenize(name)[:-1])
    except FeelSyntaxError:
        return ()


class NameTable:
    """The names in sight while parsing; only those of several tokens need to be looked for."""

    def __init__(self, names: Iterable[str] = (), parent: "NameTable | None" = None) -> None:
        self._long: dict[str, list[_Entry]] = {}
        self._parent = parent
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known from here on."""
        parts = _parts(name)
        if len(parts) < 2:
            return
        entries = self._long.setdefault(parts[0], [])
        if (parts, name) not in entries:
            entries.append((parts, name))
            entries.sort(key=lambda entry: -len(entry[0]))

    def match(self, tokens: Sequence[Token], position: int) -> tuple[int, str]:
        """Return how many tokens from `position` are the longest known name, and its spelling; (0, "") if none."""
        best = self._parent.match(tokens, position) if self._parent else (0, "")
        for parts, name in self._long.get(tokens[position].text, ()):
            if len(parts) <= best[0]:
                break
            if _agrees(parts, tokens, position):
                return len(parts), name
        return best


def _agrees(parts: tuple[str, ...], tokens: Sequence[Token], position: int) -> bool:
    if position + len(parts) >= len(tokens):
        return False
    if any(tokens[position + index].text != part for index, part in enumerate(parts)):
        return False
    # Built-ins such as `date and time` hold a keyword: two variables joined by `and` come first.
    return parts not in _GUARDED or tokens[position + len(parts)].text == "("


def spell(text: str) -> str:
    """Return a name as written, with every run of blanks as one."""
    return " ".join(text.split())
