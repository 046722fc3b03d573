"""Item definitions: types of a model, checked when data enters and decisions answer (DMN 1.5 §7.3.2, §7.3.3)."""

from dataclasses import dataclass
from typing import Any, Final

from engine.dmn.xml import Element, attribute, child, children, local, text
from engine.feel.code import Code
from engine.feel.run import Env, Run
from engine.feel.types import ALIASES, Type, coerce, conforms, resolve

_DEEPEST: Final = 40


@dataclass(frozen=True)
class ItemDefinition:
    """A named type: its base or members, whether it is a list, and the values allowed."""

    name: str
    base: Type | None
    members: tuple[tuple[str, "ItemDefinition"], ...] | None
    function: Type | None
    is_collection: bool
    allowed: Code | None
    constraint: Code | None

    def conforms(self, run: Run, value: Any) -> bool:
        """Return whether a value is an instance."""
        if value is None:
            return False
        return self._checked(run, value, coercing=False)[0]

    def coerce(self, run: Run, value: Any) -> tuple[bool, Any]:
        """Return whether the value fits after coercion, and the value."""
        return self._checked(run, value, coercing=True)

    def _checked(self, run: Run, value: Any, *, coercing: bool) -> tuple[bool, Any]:
        run.charge(2)
        if value is None:
            return True, None
        fits, value = self._list(run, value, coercing) if self.is_collection else self._unwrapped(run, value, coercing)
        if not fits or (coercing and self.constraint is not None and not _allows(run, self.constraint, value)):
            return False, None
        return True, value

    def _unwrapped(self, run: Run, value: Any, coercing: bool) -> tuple[bool, Any]:
        if coercing and isinstance(value, list) and len(value) == 1 and not self._is_list(run):
            return self._single(run, value[0], coercing)
        return self._single(run, value, coercing)

    def _is_list(self, run: Run) -> bool:
        return self.structure_in(run, 0).name in {"list", "Any"}

    def _list(self, run: Run, value: Any, coercing: bool) -> tuple[bool, Any]:
        if not isinstance(value, list):
            if not coercing:
                return False, None
            value = [value]
        checked = [self._single(run, item, coercing) for item in value]
        return all(fits for fits, _ in checked), [item for _, item in checked]

    def _single(self, run: Run, value: Any, coercing: bool) -> tuple[bool, Any]:
        run.charge(2)
        if value is None:
            return True, None
        fits, value = self._shaped(run, value, coercing)
        if fits and coercing and self.allowed is not None:
            fits = _allows(run, self.allowed, value)
        return (True, value) if fits else (False, None)

    def _shaped(self, run: Run, value: Any, coercing: bool) -> tuple[bool, Any]:
        if self.members is not None:
            return self._context(run, value, coercing)
        wanted = self.function or self.base
        if wanted is None:
            return True, value
        return coerce(run, value, wanted) if coercing else (conforms(run, value, wanted), value)

    def _context(self, run: Run, value: Any, coercing: bool) -> tuple[bool, Any]:
        if not isinstance(value, dict):
            return False, None
        result = dict(value)
        for name, member in self.members or ():
            if name not in value:
                return False, None
            fits, result[name] = member._checked(run, value[name], coercing=coercing)  # noqa: SLF001 - own class
            if not fits:
                return False, None
        return True, result

    def structure(self) -> Type:
        """Return the type it stands for; names of other definitions stay names."""
        return self.structure_in(Run(), 0)

    def structure_in(self, run: Run, depth: int) -> Type:
        """Return the type it stands for, with the names known to a run followed."""
        if self.members is not None:
            inner = Type("context", members=tuple((name, member.structure()) for name, member in self.members))
        else:
            inner = self.function or self.base or Type("Any")
            item = resolve(run.types, inner)
            if isinstance(item, ItemDefinition) and depth < _DEEPEST:
                inner = item.structure_in(run, depth + 1)
        return Type("list", (inner,)) if self.is_collection else inner


def _allows(run: Run, tests: Code, value: Any) -> bool:
    return tests.run(Env({"?": value}, None, run)) is True


class ItemReader:
    """Reads item definitions; `compile_tests` compiles allowed values and reports what is wrong in them."""

    def __init__(self, compile_tests: Any) -> None:
        self._compile_tests = compile_tests

    def read(self, element: Element, depth: int = 0) -> ItemDefinition:
        """Return the definition of an `itemDefinition` or `itemComponent`."""
        components = children(element, "itemComponent")
        members = tuple((attribute(one, "name"), self.read(one, depth + 1)) for one in components[: 2000 - depth])
        return ItemDefinition(
            attribute(element, "name"),
            type_reference(element_text(child(element, "typeRef"))),
            members or None,
            _function(child(element, "functionItem")),
            attribute(element, "isCollection") == "true",
            self._tests(child(element, "allowedValues")),
            self._tests(child(element, "typeConstraint")),
        )

    def _tests(self, element: Element | None) -> Code | None:
        found: Code | None = self._compile_tests(element) if element is not None and text(element) else None
        return found


def element_text(element: Element | None) -> str:
    """Return the text directly inside an element."""
    return " ".join((element.text or "").split()) if element is not None else ""


def _function(element: Element | None) -> Type | None:
    if element is None:
        return None
    arguments = tuple(
        type_reference(attribute(one, "typeRef")) or Type("Any")
        for one in children(element)
        if local(one) == "parameters"
    )
    return Type("function", arguments, result=type_reference(attribute(element, "outputTypeRef")) or Type("Any"))


def type_reference(name: str) -> Type | None:
    """Return the type of a `typeRef`, None where there is none."""
    if not name:
        return None
    plain = name.rpartition(":")[2] if name.startswith(("feel:", "{")) or name.count(":") == 1 else name
    return Type(ALIASES.get(plain, plain))
