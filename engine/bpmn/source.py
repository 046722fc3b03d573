"""Source: one BPMN file being read: its elements by id, its expressions compiled, its problems collected."""

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from engine.bpmn.check_tree import label, named
from engine.bpmn.xml import B, reference, text_in
from engine.errors import Problem
from engine.feel import Expression, FeelSyntaxError, compile_expression, parse_assignments
from engine.tokens.values import Value, read_expression, read_value

FEEL_LANGUAGES = frozenset({"", "feel"})


class Source:
    """A BPMN file: looks up, compiles and collects what is wrong instead of stopping at the first problem."""

    def __init__(self, root: etree._Element, file: str, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Index the elements by id; an id used twice is a problem."""
        self.root = root
        self.file = file
        self.functions = functions
        self.problems: list[Problem] = []
        self.ids: dict[str, etree._Element] = {}
        self.correlation_bindings = tuple(root.iter(f"{B}correlationPropertyBinding"))
        refs = (ref for key in root.iter(f"{B}correlationKey") for ref in key.iterfind(f"{B}correlationPropertyRef"))
        self.correlation_properties = tuple(dict.fromkeys(reference(ref.text or "") for ref in refs))
        for element in root.iter(etree.Element):
            key = element.get("id")
            if key and str(element.tag).startswith(B):
                if key in self.ids:
                    self.problem("id-twice", element, f"标识“{key}”用了两次")
                else:
                    self.ids[key] = element

    def taken(self) -> list[Problem]:
        """Return the problems found since the last call."""
        found, self.problems = self.problems, []
        return found

    def problem(self, rule: str, element: etree._Element | None, message: str) -> None:
        """Note what is wrong, with the element's words and line."""
        place = named(element)
        line = element.sourceline if element is not None else None
        self.problems.append(
            Problem(
                file=self.file,
                rule=rule,
                message=f"{label(place)}：{message}" if place is not None else message,
                element=place.get("id") if place is not None else None,
                line=int(line) if isinstance(line, int) else None,
            )
        )

    def find(self, ref: str | None, element: etree._Element, what: str) -> etree._Element | None:
        """Return what a reference names; a reference to nothing is a problem."""
        if not ref:
            return None
        found = self.ids.get(reference(ref))
        if found is None:
            self.problem("reference", element, f"引用的{what}“{ref}”不存在")
        return found

    def value(self, text: str | None, element: etree._Element) -> Value | None:
        """Compile an attribute's text, in which `${...}` is FEEL."""
        if text is None or not text.strip():
            return None
        try:
            return read_value(text.strip(), self.functions)
        except FeelSyntaxError as error:
            self._not_feel(text, element, error)
            return None

    def expression(self, text: str | None, element: etree._Element) -> Expression | None:
        """Compile a condition."""
        if text is None or not text.strip():
            return None
        try:
            return read_expression(text, self.functions)
        except FeelSyntaxError as error:
            self._not_feel(text, element, error)
            return None

    def expression_in(self, parent: etree._Element | None, tag: str) -> Expression | None:
        """Compile the expression in a child element; other languages than FEEL are a problem."""
        child = parent.find(f"{B}{tag}") if parent is not None else None
        if child is None or not self.is_feel(child, "language"):
            return None
        return self.expression(text_in(child), child)

    def formula_in(self, parent: etree._Element, tag: str) -> Value | None:
        """Compile a number, `${...}` or plain FEEL in a child element as a value."""
        child = parent.find(f"{B}{tag}")
        text = text_in(child)
        if child is None or not text or not self.is_feel(child, "language"):
            return None
        found = self.expression(text, child)
        return Value(text, (found,)) if found is not None else None

    def variable(self, name: str) -> Expression:
        """Return the expression that reads one variable, whatever its name."""
        try:
            return compile_expression(name, self.functions)
        except FeelSyntaxError:
            return compile_expression("null")

    def script(self, element: etree._Element) -> tuple[tuple[str, Expression], ...]:
        """Compile the assignments of a script task."""
        if not self.is_feel(element, "scriptFormat"):
            return ()
        text = text_in(element.find(f"{B}script"))
        if not text:
            self.problem("script", element, "脚本为空；请每行写一条“变量 = 表达式”")
            return ()
        try:
            return parse_assignments(text, self.functions)
        except FeelSyntaxError as error:
            self._not_feel(text, element, error)
            return ()

    def is_feel(self, element: etree._Element, attribute: str) -> bool:
        """Tell whether an expression is written in FEEL; that it is not is a problem."""
        language = (element.get(attribute) or "").strip()
        if language.lower() in FEEL_LANGUAGES or "FEEL" in language:
            return True
        self.problem("language", element, f"“{language[:40]}”不能执行；请改用 FEEL")
        return False

    def _not_feel(self, text: str, element: etree._Element, error: FeelSyntaxError) -> None:
        self.problem("feel", element, f"表达式“{' '.join(text.split())[:60]}”{error}")


def line_of(element: etree._Element) -> int | None:
    """Return the line an element stands at."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def is_true(element: etree._Element, attribute: str, *, default: bool) -> bool:
    """Read an xsd:boolean attribute."""
    text = element.get(attribute)
    return default if text is None else text.strip() in {"true", "1"}
