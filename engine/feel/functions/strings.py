"""String functions (DMN 1.5 §10.3.4.3). Regular expressions run on RE2, which takes linear time on any pattern."""

from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import whole
from engine.feel.errors import FeelError
from engine.feel.functions.registry import builtin
from engine.feel.regex import compile_pattern, expand_replacement
from engine.feel.run import Run


@builtin("substring(string: string, start position: number, length?: number)")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> str:
    """Return part of a text; positions count from 1, or from the end when negative."""
    run.charge_text(len(text))
    begin = whole(start)
    if begin == 0:
        raise FeelError("起始位置不能为 0")
    begin = begin - 1 if begin > 0 else len(text) + begin
    if not 0 <= begin < max(len(text), 1):
        raise FeelError("起始位置超出文本")
    if length is None:
        return text[begin:]
    count = whole(length)
    if count < 1:
        raise FeelError("长度应为正数")
    return text[begin : begin + count]


@builtin("string length(string: string)")
def string_length(_run: Run, text: str) -> Decimal:
    """Return the number of code points."""
    return Decimal(len(text))


@builtin("upper case(string: string)")
def upper_case(run: Run, text: str) -> str:
    """Return the text in capitals."""
    run.charge_text(len(text))
    return text.upper()


@builtin("lower case(string: string)")
def lower_case(run: Run, text: str) -> str:
    """Return the text in small letters."""
    run.charge_text(len(text))
    return text.lower()


@builtin("substring before(string: string, match: string)")
def substring_before(run: Run, text: str, match: str) -> str:
    """Return what stands before the first match."""
    run.charge_text(len(text))
    index = text.find(match)
    return text[:index] if index > 0 else ""


@builtin("substring after(string: string, match: string)")
def substring_after(run: Run, text: str, match: str) -> str:
    """Return what stands after the first match."""
    run.charge_text(len(text))
    index = text.find(match)
    return text[index + len(match) :] if index >= 0 else ""


@builtin("contains(string: string, match: string)")
def contains(run: Run, text: str, match: str) -> bool:
    """Tell whether a text holds another."""
    run.charge_text(len(text))
    return match in text


@builtin("starts with(string: string, match: string)")
def starts_with(run: Run, text: str, match: str) -> bool:
    """Tell whether a text begins with another."""
    run.charge_text(len(match))
    return text.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(run: Run, text: str, match: str) -> bool:
    """Tell whether a text ends with another."""
    run.charge_text(len(match))
    return text.endswith(match)


@builtin("trim(string: string)")
def trim(run: Run, text: str) -> str:
    """Return the text without blanks at its ends."""
    run.charge_text(len(text))
    return text.strip()


@builtin("matches(input: string, pattern: string, flags?: any)")
def matches(run: Run, text: str, pattern: str, flags: Any = None) -> bool:
    """Tell whether a pattern of XPath is found in a text."""
    return compile_pattern(run, pattern, flags).found_in(run, text)


@builtin("replace(input: string, pattern: string, replacement: string, flags?: any)")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: Any = None) -> str:
    """Replace every match; `$1` in the replacement is the first group."""
    compiled = compile_pattern(run, pattern, flags)
    if compiled.found_in(run, ""):
        raise FeelError("正则表达式不能匹配空文本")
    expand = expand_replacement(replacement, compiled.compiled.groups, literal="q" in (flags or ""))
    cost = 5 * (1 + replacement.count("$"))
    parts: list[str] = []
    position = 0
    for found in compiled.matches(run, text):
        part = expand(found)
        run.charge(cost + len(part) // 5)
        parts += [text[position : found.start()], part]
        position = found.end()
    parts.append(text[position:])
    run.charge_text(sum(map(len, parts)))
    return "".join(parts)


@builtin("split(string: string, delimiter: string)")
def split(run: Run, text: str, delimiter: str) -> list[str]:
    """Return the parts between matches of a pattern."""
    compiled = compile_pattern(run, delimiter, None)
    if not delimiter:
        run.charge_items(len(text))
        return list(text)
    parts: list[str] = []
    position = 0
    for found in compiled.matches(run, text):
        if found.end() == found.start():
            continue
        parts.append(text[position : found.start()])
        position = found.end()
    return [*parts, text[position:]]


@builtin("extract(input: string, pattern: string, flags?: any)")
def extract(run: Run, text: str, pattern: str, flags: Any = None) -> list[str]:
    """Return every match of a pattern."""
    return [found.group() for found in compile_pattern(run, pattern, flags).matches(run, text)]


@builtin(
    "string join(list: list, delimiter?: any)", "string join(list: list, delimiter: any, prefix: any, suffix: any)"
)
def string_join(run: Run, items: list[Any], delimiter: Any = None, prefix: Any = None, suffix: Any = None) -> str:
    """Join the texts of a list, leaving out null."""
    run.charge_items(len(items))
    if any(item is not None and not isinstance(item, str) for item in [*items, delimiter, prefix, suffix]):
        raise FeelError("列表中有非文本的值")
    texts = [item for item in items if item is not None]
    glue = delimiter or ""
    run.charge_text(sum(map(len, texts)) + len(glue) * len(texts))
    return (prefix or "") + glue.join(texts) + (suffix or "")
