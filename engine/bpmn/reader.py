"""Reader: BPMN XML becomes processes the kernel executes; whatever it cannot execute is refused with its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from engine.bpmn.reader_check import check_process
from engine.bpmn.reader_nodes import GLOBALS
from engine.bpmn.reader_process import read_global_task, read_process
from engine.bpmn.source import Source
from engine.bpmn.xml import B, local, parse_xml
from engine.errors import InvalidBpmnError, Problem
from engine.tokens.definition import Process

_TABLES = {
    "messages": ("message", "name"),
    "signals": ("signal", "name"),
    "errors": ("error", "errorCode"),
    "escalations": ("escalation", "escalationCode"),
    "data_stores": ("dataStore", "name"),
}


@dataclass(frozen=True)
class BpmnFile:
    """What a file holds. `drawing_only`: nothing in it is executable, for the reasons given.

    The tables map ids to names or codes. `participants` maps a process id to the name of its pool.
    """

    file: str
    processes: Mapping[str, Process]
    drawing_only: bool = False
    reasons: tuple[Problem, ...] = ()
    messages: Mapping[str, str] = field(default_factory=dict)
    signals: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    escalations: Mapping[str, str] = field(default_factory=dict)
    data_stores: Mapping[str, str] = field(default_factory=dict)
    participants: Mapping[str, str] = field(default_factory=dict)


def read_bpmn(xml: bytes, file: str, functions: Mapping[str, Callable[..., Any]] | None = None) -> BpmnFile:
    """Read a file; `functions` are the host functions its expressions may call.

    A process with isExecutable="false" is only drawn; one that does not say is executed if it can be. A file that was
    read lately with the same functions is not read again: it is checked, proved, deployed and run from one reading.
    Raises InvalidBpmnError with every problem of the processes that are to be executed.
    """
    return _read_file(xml, file, tuple((functions or {}).items()))


@lru_cache(maxsize=128)
def _read_file(xml: bytes, file: str, functions: tuple[tuple[str, Callable[..., Any]], ...]) -> BpmnFile:
    root = parse_xml(xml, file)
    if root.tag != f"{B}definitions":
        raise InvalidBpmnError([Problem(file, "root", "不是 BPMN 2.0 文件：根元素应为 definitions", line=1)])
    processes: dict[str, Process] = {}
    reasons: list[Problem] = []
    source = Source(root, file, dict(functions))
    refused = source.taken()
    for element in root.iterchildren(f"{B}process", *(f"{B}{tag}" for tag in GLOBALS)):
        stated = element.get("isExecutable")
        process = _read(source, element)
        if stated in {"false", "0"}:
            source.problem("drawing", element, "标为不可执行（isExecutable=false）")
        found = source.taken()
        if found:
            (refused if stated in {"true", "1"} else reasons).extend(found)
        elif process is not None:
            processes[process.id] = process
    if refused:
        raise InvalidBpmnError(refused)
    tables = {name: _table(root, *what) for name, what in _TABLES.items()}
    return BpmnFile(file, processes, not processes, tuple(reasons), participants=_participants(root), **tables)


def _read(source: Source, element: etree._Element) -> Process | None:
    if not element.get("id"):
        source.problem("no-id", element, "流程没有标识（id）")
        return None
    if local(element) in GLOBALS:
        return read_global_task(source, element)
    process = read_process(source, element)
    check_process(source, process)
    return process


def _table(root: etree._Element, tag: str, attribute: str) -> dict[str, str]:
    return {
        str(element.get("id")): element.get(attribute) or element.get("name") or ""
        for element in root.iterchildren(f"{B}{tag}")
        if element.get("id")
    }


def _participants(root: etree._Element) -> dict[str, str]:
    return {
        str(element.get("processRef")).rpartition(":")[2]: element.get("name") or ""
        for element in root.iter(f"{B}participant")
        if element.get("processRef")
    }
