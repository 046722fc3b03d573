"""Boxed expressions into code (DMN 1.5 §7.3, §10.2.1): the same closures as FEEL's, over the same scopes."""

from collections.abc import Callable
from typing import Any

from engine.dmn.items import type_reference
from engine.dmn.tables import TableReader
from engine.dmn.xml import Element, attribute, child, children, line_of, local, text
from engine.errors import Problem
from engine.feel.code import Code, enclosing
from engine.feel.compile_calls import invoke_named, user_function
from engine.feel.compiler import compile_node
from engine.feel.errors import FeelSyntaxError
from engine.feel.expression import compile_code, compile_tests_code
from engine.feel.nodes import Compiled, Filter, For, FunctionOf, Iterator, Quantified
from engine.feel.run import NESTING_LIMIT, Env
from engine.feel.types import Type, coerce

_Compiler = Callable[[str, frozenset[str]], tuple[Code, frozenset[str]]]
_NULL = Code(lambda _env: None)


class BoxedReader:
    """Compiles the expressions of one file; what is wrong is collected in `problems` and evaluates to null."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.names: frozenset[str] = frozenset()
        self.free: set[str] = set()
        self.problems: list[Problem] = []
        self._depth = 0
        self._tables = TableReader(self.text_code, self.tests_code)

    def problem(self, element: Element, rule: str, message: str) -> None:
        """Note what is wrong with an element."""
        owner: Element | None = element
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        place = None if owner is None else str(owner.get("id"))
        self.problems.append(Problem(self.file, f"dmn-{rule}", message, place, line_of(element)))

    def text_code(self, element: Element | None) -> Code:
        """Compile the expression in the child `text`; an empty one is null."""
        return self._compile(element, compile_code)

    def tests_code(self, element: Element | None) -> Code:
        """Compile the unary tests in the child `text`; an empty one always holds."""
        return self._compile(element, compile_tests_code) if text(element) else Code(lambda _env: True)

    def _compile(self, element: Element | None, compiler: _Compiler) -> Code:
        written = text(element)
        if element is None or not written:
            return _NULL
        try:
            code, free = compiler(written, self.names)
        except FeelSyntaxError as problem:
            self.problem(element, "feel", f"{problem} ——“{written[:80]}”")
            return _NULL
        self.free |= free
        return code

    def logic_of(self, element: Element) -> Code | None:
        """Return the code of the expression that is a child of `element`, None where there is none."""
        for one in children(element):
            if local(one) in _READERS:
                return self.read(one)
        return None

    def _part(self, element: Element, name: str) -> Code:
        holder = child(element, name)
        return _NULL if holder is None else self.logic_of(holder) or _NULL

    def read(self, element: Element) -> Code:
        """Return the code of a boxed expression."""
        self._depth += 1
        if self._depth > NESTING_LIMIT:
            self.problem(element, "depth", "表达式嵌套过深")
            code = _NULL
        else:
            code = _typed(_READERS[local(element)](self, element), type_reference(attribute(element, "typeRef")))
        self._depth -= 1
        return code

    def literal(self, element: Element) -> Code:
        """Read a literal expression."""
        return self.text_code(element)

    def table(self, element: Element) -> Code:
        """Read a decision table."""
        return self._tables.read(element, self.problem)

    def context(self, element: Element) -> Code:
        """Read a boxed context: named entries, and perhaps a last one that is the result."""
        names: list[str | None] = []
        codes: list[Code] = []
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            code = self.logic_of(entry) or _NULL
            if variable is not None:
                code = _typed(code, type_reference(attribute(variable, "typeRef")))
            names.append(None if variable is None else attribute(variable, "name"))
            codes.append(code)
        return enclosing(_context_closure(tuple(zip(names, codes, strict=True))), *codes)

    def list_of(self, element: Element) -> Code:
        """Read a boxed list."""
        codes = [self.read(one) for one in children(element) if local(one) in _READERS]
        return enclosing(lambda env: [code.run(env) for code in codes], *codes)

    def relation(self, element: Element) -> Code:
        """Read a relation: a list of contexts."""
        names = [attribute(column, "name") for column in children(element, "column")]
        rows = [[self.read(one) for one in children(row) if local(one) in _READERS] for row in children(element, "row")]

        def run(env: Env) -> list[dict[str, Any]]:
            return [{name: code.run(env) for name, code in zip(names, row, strict=False)} for row in rows]

        return enclosing(run, *(code for row in rows for code in row))

    def invocation(self, element: Element) -> Code:
        """Read a boxed invocation: the function, and an expression per parameter."""
        target = self.logic_of(element) or _NULL
        bindings: list[tuple[str, Code]] = []
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            name = "" if parameter is None else attribute(parameter, "name")
            bindings.append((name, self.logic_of(binding) or _NULL))

        def run(env: Env) -> Any:
            return invoke_named(env.run, target.run(env), {name: code.run(env) for name, code in bindings})

        return enclosing(run, target, *(code for _, code in bindings), extra=5)

    def function(self, element: Element) -> Code:
        """Read a function definition; those of kind Java or PMML have no value here."""
        parameters = children(element, "formalParameter")
        names = tuple(attribute(parameter, "name") for parameter in parameters)
        types = tuple(type_reference(attribute(parameter, "typeRef")) for parameter in parameters)
        if attribute(element, "kind") not in {"", "FEEL"}:
            return compile_node(FunctionOf(names, types, None))
        body = self.logic_of(element) or _NULL
        return enclosing(lambda env: user_function("function", names, types, body, env), body)

    def conditional(self, element: Element) -> Code:
        """Read a boxed conditional."""
        condition, yes, no = (self._part(element, name) for name in ("if", "then", "else"))

        def run(env: Env) -> Any:
            found = condition.run(env)
            if found is not None and not isinstance(found, bool):
                env.run.warn("条件应为真假值")
                return None
            return yes.run(env) if found else no.run(env)

        return enclosing(run, condition, yes, no)

    def filter(self, element: Element) -> Code:
        """Read a boxed filter."""
        return compile_node(Filter(Compiled(self._part(element, "in")), Compiled(self._part(element, "match"))))

    def _iterator(self, element: Element) -> tuple[Iterator, ...]:
        return (Iterator(attribute(element, "iteratorVariable"), Compiled(self._part(element, "in"))),)

    def for_each(self, element: Element) -> Code:
        """Read a boxed `for`."""
        return compile_node(For(self._iterator(element), Compiled(self._part(element, "return"))))

    def quantified(self, element: Element) -> Code:
        """Read a boxed `some` or `every`."""
        condition = Compiled(self._part(element, "satisfies"))
        return compile_node(Quantified(local(element) == "every", self._iterator(element), condition))


def _typed(code: Code, wanted: Type | None) -> Code:
    """Return code whose value is null where it does not fit a declared type."""
    if wanted is None or wanted.name == "Any":
        return code

    def run(env: Env) -> Any:
        value = code.run(env)
        fits, coerced = coerce(env.run, value, wanted)
        if not fits:
            env.run.warn(f"结果不是类型“{wanted.name}”")
        return coerced if fits else None

    return enclosing(run, code)


def _context_closure(entries: tuple[tuple[str | None, Code], ...]) -> Callable[[Env], Any]:
    def run(env: Env) -> Any:
        values: dict[str, Any] = {}
        inner = env.child(values)
        for name, code in entries:
            value = code.run(inner)
            if name is None:
                return value
            values[name] = value
        return values

    return run


_READERS: dict[str, Callable[[BoxedReader, Element], Code]] = {
    "literalExpression": BoxedReader.literal,
    "decisionTable": BoxedReader.table,
    "context": BoxedReader.context,
    "list": BoxedReader.list_of,
    "relation": BoxedReader.relation,
    "invocation": BoxedReader.invocation,
    "functionDefinition": BoxedReader.function,
    "conditional": BoxedReader.conditional,
    "filter": BoxedReader.filter,
    "for": BoxedReader.for_each,
    "some": BoxedReader.quantified,
    "every": BoxedReader.quantified,
}
