"""Checks of timers and repetitions: bounds that keep one diagram from keeping the engine busy for ever."""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from engine.bpmn.check_tree import Node, Tree
from engine.bpmn.check_waits import Waits
from engine.bpmn.xml import B, C, local, text_in
from engine.errors import Problem

SHORTEST_CYCLE = 60
LONGEST_SECONDS = 3660 * 86_400
MOST_INSTANCES = 1000
_TIMES = ("timeDate", "timeDuration", "timeCycle")
_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile(
    rf"P(?=\d|T\d)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_SECONDS = (366 * 86_400, 31 * 86_400, 7 * 86_400, 86_400, 3600, 60, 1)
_CONSTANT = re.compile(r'(?:\$\{|=)\s*(?:duration|date and time|date)?\s*\(?\s*"([^"]*)"\s*\)?\s*\}?')
_WHOLE = re.compile(r"(?:\$\{|=)?\s*([+-]?\d+(?:\.\d+)?)\s*\}?")
_LONGEST_TEXT = 100
_MOST_DIGITS = 9


def check_times(tree: Tree, waits: Waits) -> Iterator[Problem]:
    """Yield what is wrong with timers, multi-instance and standard loops."""
    for process in tree.executable:
        for definition in process.iter(f"{B}timerEventDefinition"):
            yield from _check_timer(tree, definition)
        for node in tree.inside(process):
            yield from _check_repetition(tree, node, waits)


def seconds_of(text: str) -> float | None:
    """Return the seconds of an ISO 8601 duration (a year as 366 days, a month as 31); None if it is none."""
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        return None
    return sum(float(part) * factor for part, factor in zip(match.groups(), _SECONDS, strict=True) if part)


def _check_timer(tree: Tree, definition: etree._Element) -> Iterator[Problem]:
    entries = [child for child in definition.iterchildren(etree.Element) if local(child) in _TIMES]
    if len(entries) != 1 or not text_in(entries[0]):
        yield tree.problem("timer", definition, "定时器没有时间；请填写日期、时长或周期之一")
        return
    kind, text = local(entries[0]), text_in(entries[0])
    constant = _CONSTANT.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if constant:
        text = constant.group(1)
    elif text.startswith(("${", "=")):
        return
    yield from _check_text(tree, entries[0], kind, text)


def _check_text(tree: Tree, entry: etree._Element, kind: str, text: str) -> Iterator[Problem]:
    if kind == "timeDate":
        if not _is_instant(text):
            yield tree.problem(
                "timer", entry, f"“{text[:60]}”不是日期时间，请写作 2026-11-25T09:00:00+08:00 或 ${{表达式}}"
            )
    elif kind == "timeDuration":
        seconds = seconds_of(text)
        if seconds is None:
            yield tree.problem(
                "timer", entry, f"“{text[:60]}”不是时长，请写作 P1D、PT2H 这样的 ISO 8601 时长或 ${{表达式}}"
            )
        elif seconds > LONGEST_SECONDS:
            yield tree.problem("timer-too-long", entry, f"时长“{text[:60]}”超过 10 年，请缩短")
    else:
        yield from _check_cycle(tree, entry, text)


def _check_cycle(tree: Tree, entry: etree._Element, text: str) -> Iterator[Problem]:
    """Demand `R[n]/[start/]duration[/end]` (ISO 8601-1 §5.6) of at least a minute."""
    parts = text.split("/")
    spans = [seconds for part in parts[1:] if (seconds := seconds_of(part)) is not None]
    dates = [part for part in parts[1:] if seconds_of(part) is None]
    well_formed = re.fullmatch(rf"R\d{{0,{_MOST_DIGITS}}}", parts[0]) and len(spans) == 1 and len(dates) <= 1
    if not well_formed or not all(_is_instant(part) for part in dates):
        yield tree.problem(
            "timer", entry, f"“{text[:60]}”不是周期，请写作 R3/P1D 这样的 ISO 8601 周期；不支持 cron 写法"
        )
    elif spans[0] < SHORTEST_CYCLE:
        yield tree.problem("timer-too-short", entry, f"周期“{text[:60]}”短于 60 秒，会让系统不停工作；请加长")
    elif spans[0] > LONGEST_SECONDS:
        yield tree.problem("timer-too-long", entry, f"周期“{text[:60]}”超过 10 年，请缩短")


def _is_instant(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text)) and len(text) <= _LONGEST_TEXT
    except ValueError:
        return False


def _check_repetition(tree: Tree, node: Node, waits: Waits) -> Iterator[Problem]:
    standard = node.element.find(f"{B}standardLoopCharacteristics")
    if standard is not None:
        yield from _check_standard(tree, node, standard, waits)
    many = node.element.find(f"{B}multiInstanceLoopCharacteristics")
    if many is not None:
        yield from _check_many(tree, many)


def _check_standard(tree: Tree, node: Node, loop: etree._Element, waits: Waits) -> Iterator[Problem]:
    maximum = loop.get("loopMaximum")
    if maximum is None:
        if not waits.waits(node):
            reason = "循环活动里没有等待，也没有最大次数（loopMaximum），可能永不结束；请填写最大次数"
            yield tree.problem("loop-without-wait", loop, reason)
        if not text_in(loop.find(f"{B}loopCondition")):
            yield tree.problem("loop-without-end", loop, "循环没有条件也没有最大次数，永不结束；请填写其一")
    else:
        yield from _check_count(tree, loop, maximum, "最大次数")


def _check_many(tree: Tree, loop: etree._Element) -> Iterator[Problem]:
    count = text_in(loop.find(f"{B}loopCardinality"))
    items = loop.get(f"{C}collection") or text_in(loop.find(f"{B}loopDataInputRef"))
    if not count and not items:
        yield tree.problem("no-cardinality", loop, "多实例没有次数也没有集合；请填写循环次数（loopCardinality）或集合")
    elif count:
        yield from _check_count(tree, loop, count, "循环次数")


def _check_count(tree: Tree, loop: etree._Element, text: str, word: str) -> Iterator[Problem]:
    """Demand of a literal number of repetitions that it is whole and not more than a thousand."""
    match = _WHOLE.fullmatch(text.strip())
    if match is None:
        return
    number = match.group(1)
    if not number.isdigit():
        yield tree.problem("cardinality", loop, f"{word}“{number[:30]}”应为非负整数")
    elif len(number) > _MOST_DIGITS or int(number) > MOST_INSTANCES:
        yield tree.problem("cardinality", loop, f"{word}“{number[:30]}”超过 {MOST_INSTANCES}，请减少或改用集合")
