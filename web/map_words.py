"""Words on the map: wrapped by estimated widths, since a server has no font to measure with."""

_SIZE = 12
_MOST_LINES = 5


def wrapped(words: str, width: float) -> list[str]:
    """Return the words in lines of at most `width` pixels; what does not fit ends in an ellipsis."""
    lines, line, used = [], "", 0.0
    for letter in " ".join(words.split()):
        wide = _width(letter)
        if line and used + wide > width:
            lines.append(line.strip())
            line, used = "", 0.0
        line, used = line + letter, used + wide
    lines.append(line.strip())
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][:-1] + "…"]
    return lines


def _width(letter: str) -> float:
    return _SIZE if ord(letter) > 0x2E7F else _SIZE * 0.56
