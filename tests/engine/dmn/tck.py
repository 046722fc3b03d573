"""Runs the DMN TCK's cases and prints a table per folder: `python -m tests.engine.dmn.tck [folder …]`."""

import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from lxml import etree

from engine.dmn import call_service, read_dmn
from engine.feel.compare import equal
from engine.feel.errors import FeelBudgetError
from engine.feel.run import Run
from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.values import Function

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
CASES = Path(os.environ.get("BIHUAN_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / "dmn"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
EXTERNAL = {"0076-feel-external-java", "0076-feel-external-java-extended"}


@dataclass
class Folder:
    """Results of one folder of cases."""

    level: str
    name: str
    total: int = 0
    failures: list[str] = field(default_factory=list)


def _tag(element):
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _parts(element, *names):
    return [one for one in element if _tag(one) in names]


def _value(element):
    """The value of an input or expected node: a value, a list, or components."""
    for part in _parts(element, "value", "list", "component"):
        if _tag(part) == "value":
            return _plain(part)
        if _tag(part) == "list":
            if part.get(f"{XSI}nil") == "true":
                return None
            return [_value(item) for item in _parts(part, "item")]
        return {one.get("name"): _value(one) for one in _parts(element, "component")}
    return None


def _plain(element):
    if element.get(f"{XSI}nil") == "true":
        return None
    kind = (element.get(f"{XSI}type") or "xsd:string").rpartition(":")[2]
    text = element.text or ""
    readers = {
        "boolean": lambda: text.strip() == "true",
        "decimal": lambda: Decimal(text.strip()),
        "double": lambda: Decimal(text.strip()),
        "integer": lambda: Decimal(text.strip()),
        "date": lambda: parse_date(text.strip()),
        "time": lambda: parse_time(text.strip()),
        "dateTime": lambda: parse_date_time(text.strip()),
        "duration": lambda: parse_duration(text.strip()),
    }
    return readers.get(kind, lambda: text)()


def same(expected, actual):
    """Equality as the TCK's own runner sees it: numbers to eight places."""
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(expected - actual) <= Decimal("1e-8") * max(1, abs(expected))
    if isinstance(expected, (list, dict)):
        return type(actual) is type(expected) and _same_parts(expected, actual)
    if isinstance(actual, Function):
        return False
    return equal(Run(), expected, actual) is True


def _same_parts(expected, actual):
    if len(expected) != len(actual):
        return False
    if isinstance(expected, dict):
        return all(name in actual and same(one, actual[name]) for name, one in expected.items())
    return all(same(one, other) for one, other in zip(expected, actual, strict=True))


def _models(folder):
    """Read all models of a folder, imported ones first."""
    waiting = {path.name: path.read_bytes() for path in sorted(folder.glob("*.dmn"))}
    read = {}
    for _ in range(len(waiting) + 1):
        for name, xml in list(waiting.items()):
            root = etree.fromstring(xml)
            wanted = {one.get("namespace") for one in root if _tag(one) == "import"}
            own = {etree.fromstring(other).get("namespace") for other in waiting.values()}
            if not wanted & own:
                read[name] = read_dmn(xml, name, list(read.values()), lenient=True)
                del waiting[name]
    return read


def run_folder(folder):
    """Run every case of a folder."""
    result = Folder(folder.parent.name, folder.name)
    models = _models(folder)
    for path in sorted(folder.glob("*-test-*.xml")):
        root = etree.parse(str(path)).getroot()
        model = models[next(one.text.strip() for one in root if _tag(one) == "modelName")]
        for case in _parts(root, "testCase"):
            _run_case(result, model, case)
    return result


def _run_case(result, model, case):
    inputs = {one.get("name"): _value(one) for one in _parts(case, "inputNode")}
    for node in _parts(case, "resultNode"):
        result.total += 1
        expected = next((_value(one) for one in _parts(node, "expected")), None)
        try:
            actual, warnings = _answer(model, case, node.get("name"), inputs)
        except FeelBudgetError as problem:
            actual, warnings = problem, ()
        if not same(expected, actual):
            problems = [str(one) for one in model.problems][:2]
            result.failures.append(
                f"{case.get('id')} {node.get('name')}: expected {expected!r}, got {actual!r} {warnings} {problems}"
            )


def _answer(model, case, name, inputs):
    if case.get("type") == "decisionService":
        found = call_service(model, case.get("invocableName"), inputs, NOW)
        value = found.value
        if len(model.service(case.get("invocableName")).outputs) > 1 and isinstance(value, dict):
            value = value.get(name)
        return value, found.warnings
    found = model.evaluate(name, inputs, NOW)
    return found.value, found.warnings


def run_all(only=()):
    """Run every folder, or those whose names hold one of the texts given."""
    folders = sorted(path for path in CASES.glob("compliance-level-*/*") if path.is_dir())
    return [run_folder(path) for path in folders if not only or any(text in path.name for text in only)]


def table(results):
    """The results as text, one line per folder and a sum per level."""
    lines = [f"{one.level[-1]}  {one.name:50} {one.total - len(one.failures):5}/{one.total:<5}" for one in results]
    for level in sorted({one.level for one in results}):
        own = [one for one in results if one.level == level and one.name not in EXTERNAL]
        total = sum(one.total for one in own)
        passed = total - sum(len(one.failures) for one in own)
        lines.append(f"{level} without external functions: {passed}/{total} = {100 * passed / max(total, 1):.2f} %")
    return "\n".join(lines)


if __name__ == "__main__":
    found = run_all(sys.argv[1:])
    for one in found:
        if one.failures and (one.name not in EXTERNAL or sys.argv[1:]):
            print(one.name)
            for failure in one.failures:
                print("   ", failure[:400])
    print(table(found))
