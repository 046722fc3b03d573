"""The syntax of XPath's regular expressions (XML Schema part 2, appendix F) written as RE2 reads it."""

import re
from typing import Final

_BLOCKS: Final = {
    "BasicLatin": r"\x00-\x7F",
    "Latin-1Supplement": r"\x{80}-\x{FF}",
    "LatinExtended-A": r"\x{100}-\x{17F}",
    "LatinExtended-B": r"\x{180}-\x{24F}",
    "Greek": r"\x{370}-\x{3FF}",
    "Cyrillic": r"\x{400}-\x{4FF}",
    "Hebrew": r"\x{590}-\x{5FF}",
    "Arabic": r"\x{600}-\x{6FF}",
    "Thai": r"\x{E00}-\x{E7F}",
    "GeneralPunctuation": r"\x{2000}-\x{206F}",
    "CJKSymbolsandPunctuation": r"\x{3000}-\x{303F}",
    "Hiragana": r"\x{3040}-\x{309F}",
    "Katakana": r"\x{30A0}-\x{30FF}",
    "CJKUnifiedIdeographs": r"\x{4E00}-\x{9FFF}",
}
_NAME_START: Final = r"\p{L}_:"
_NAME_PART: Final = r"\p{L}\p{N}\p{M}_:.\-·"
_CLASSES: Final = {
    "d": (r"\p{Nd}", False), "D": (r"\p{Nd}", True),
    "s": (r"\t\n\r ", False), "S": (r"\t\n\r ", True),
    "i": (_NAME_START, False), "I": (_NAME_START, True),
    "c": (_NAME_PART, False), "C": (_NAME_PART, True),
    "W": (r"\p{P}\p{Z}\p{C}", False), "w": (r"\p{P}\p{Z}\p{C}", True),
}  # fmt: skip
_PROPERTY: Final = re.compile(r"\{(Is)?([A-Za-z0-9-]+)\}")
_BLANK: Final = frozenset("\t\n\r ")


class _UnknownPatternError(Exception):
    """The pattern is not XPath's, or cannot be said in RE2."""


def translate(pattern: str, flags: str) -> str | None:
    """Return the pattern for RE2, None when it is wrong."""
    if "x" in flags:
        pattern = _without_blanks(pattern)
    try:
        written = _Translator(pattern, flags).translated()
    except _UnknownPatternError:
        return None
    return f"(?m){written}" if "m" in flags else written


def _without_blanks(pattern: str) -> str:
    """Leave out blanks outside of character classes, as the flag x says."""
    kept: list[str] = []
    depth, escaped = 0, False
    for character in pattern:
        if character in _BLANK and not depth:
            continue
        if not escaped:
            depth += (character == "[") - (character == "]")
        escaped = character == "\\" and not escaped
        kept.append(character)
    return "".join(kept)


class _Translator:
    """Goes through a pattern once."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.dot = "(?s:.)" if "s" in flags else "[^\\n\\r]"
        self.at = 0

    def translated(self) -> str:
        """Return the whole pattern; raises _UnknownPatternError."""
        parts: list[str] = []
        while self.at < len(self.pattern):
            character = self.pattern[self.at]
            self.at += 1
            if character == "\\":
                parts.append(self._escape(inside=False))
            elif character == "[":
                parts.append(self._class())
            elif character == ".":
                parts.append(self.dot)
            elif (
                character == "("
                and self.pattern.startswith("?", self.at)
                and self.pattern[self.at : self.at + 2] != "?:"
            ):
                raise _UnknownPatternError
            else:
                parts.append(character)
        return "".join(parts)

    def _escape(self, *, inside: bool) -> str:
        if self.at >= len(self.pattern):
            raise _UnknownPatternError
        character = self.pattern[self.at]
        self.at += 1
        if character in _CLASSES:
            return _named_class(*_CLASSES[character], inside=inside)
        if character in "pP":
            return self._property(negated=character == "P", inside=inside)
        if character in r"nrt\|.?*+(){}[]^$-":
            return "\\" + character
        raise _UnknownPatternError

    def _property(self, *, negated: bool, inside: bool) -> str:
        found = _PROPERTY.match(self.pattern, self.at)
        if not found:
            raise _UnknownPatternError
        self.at = found.end()
        if not found.group(1):
            return f"\\{'P' if negated else 'p'}{{{found.group(2)}}}"
        block = _BLOCKS.get(found.group(2))
        if block is None:
            raise _UnknownPatternError
        return _named_class(block, negated, inside=inside)

    def _class(self) -> str:
        """Read a class, perhaps less another: `[A-Z-[OI]]` is what the first holds and the second does not."""
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        members: list[str] = []
        while not self.pattern.startswith("]", self.at) or not members:
            if self.pattern.startswith("-[", self.at) and members:
                self.at += 2
                return self._less(members, negated=negated)
            members.append(self._member())
        self.at += 1
        return f"[{'^' if negated else ''}{''.join(members)}]"

    def _member(self) -> str:
        if self.at >= len(self.pattern):
            raise _UnknownPatternError
        character = self.pattern[self.at]
        self.at += 1
        if character == "\\":
            return self._escape(inside=True)
        if character in "[]":
            raise _UnknownPatternError
        return "\\^" if character == "^" else character

    def _less(self, members: list[str], *, negated: bool) -> str:
        other = self._class()
        if not self.pattern.startswith("]", self.at):
            raise _UnknownPatternError
        self.at += 1
        points = _points("".join(members))
        removed = _points(other.strip("[]").removeprefix("^"))
        if negated or other.startswith("[^"):
            kept = (points & removed) if not negated else None
            if kept is None:
                return f"[^{''.join(members)}{other.strip('[]')}]"
            points = kept
        else:
            points -= removed
        if not points:
            raise _UnknownPatternError
        return "[" + "".join(f"\\x{{{point:X}}}" for point in sorted(points)) + "]"


def _named_class(members: str, negated: bool, *, inside: bool) -> str:
    if not inside:
        return f"[{'^' if negated else ''}{members}]"
    if not negated:
        return members
    simple = {r"\p{Nd}": r"\P{Nd}", r"\t\n\r ": r"\S"}
    if members not in simple:
        raise _UnknownPatternError
    return simple[members]


def _points(members: str) -> set[int]:
    """Return the characters of the inside of a class; only ASCII letters, digits, ranges and escapes of them."""
    points: set[int] = set()
    plain = re.sub(r"\\([^\w])", r"\1", members)
    index = 0
    while index < len(plain):
        start = ord(plain[index])
        end = ord(plain[index + 2]) if plain[index + 1 : index + 2] == "-" and index + 2 < len(plain) else start
        index += 3 if end != start or plain[index + 1 : index + 2] == "-" else 1
        if start == ord("\\") or end < start or end - start > 2000:
            raise _UnknownPatternError
        points.update(range(start, end + 1))
    return points
