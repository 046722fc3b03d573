"""The elements of a decision model, and the model itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.items import ItemDefinition
from engine.errors import InvalidError, Problem
from engine.feel.code import Code
from engine.feel.types import Type
from engine.feel.values import Function


class DecisionNotFoundError(InvalidError):
    """The model has no such decision."""

    words = "决策模型中没有“{decision}”。"


@dataclass(frozen=True)
class Reference:
    """What an element requires: the name under which its expressions see it, and where it is defined."""

    kind: str
    id: str
    alias: str | None = None


@dataclass(frozen=True)
class InputData:
    """Data given from outside."""

    id: str
    name: str
    type: Type | None


@dataclass(frozen=True)
class Decision:
    """A decision.

    `variables` are names its expressions use without requiring an element (tables drawn without input data);
    `inputs` are the names of all data it needs, over all decisions it requires.
    """

    id: str
    name: str
    type: Type | None
    logic: Code | None
    requires: tuple[Reference, ...]
    variables: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True)
class KnowledgeModel:
    """A business knowledge model: a function with a name."""

    id: str
    name: str
    parameters: tuple[str, ...]
    types: tuple[Type | None, ...]
    result: Type | None
    body: Code | None
    requires: tuple[Reference, ...]


@dataclass(frozen=True)
class DecisionService:
    """Decisions to be called as a function."""

    id: str
    name: str
    type: Type | None
    outputs: tuple[Reference, ...]
    inputs: tuple[Reference, ...]


Element = InputData | Decision | KnowledgeModel | DecisionService


@dataclass(frozen=True)
class DecisionResult:
    """The value, and how it came about as JSON for the file of the matter."""

    value: Any
    explanation: dict[str, Any]
    warnings: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True)
class Definitions:
    """The elements of a DMN file; `problems` is empty unless it was read leniently."""

    file: str
    name: str
    namespace: str
    decisions: Mapping[str, Decision]
    inputs: Mapping[str, InputData]
    knowledge: Mapping[str, KnowledgeModel]
    services: Mapping[str, DecisionService]
    items: Mapping[str, ItemDefinition]
    imports: Mapping[str, "Definitions"] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def decision(self, key: str) -> Decision:
        """Return the decision of an id or a name; raises DecisionNotFoundError."""
        found = self.decisions.get(key) or next((one for one in self.decisions.values() if one.name == key), None)
        if found is None:
            raise DecisionNotFoundError(decision=key)
        return found

    def service(self, key: str) -> DecisionService:
        """Return the decision service of an id or a name; raises DecisionNotFoundError."""
        found = self.services.get(key) or next((one for one in self.services.values() if one.name == key), None)
        if found is None:
            raise DecisionNotFoundError(decision=key)
        return found

    def element_names(self) -> set[str]:
        """Return the names of all elements, for expressions of models that import this one."""
        found: set[str] = set()
        for elements in (self.decisions, self.inputs, self.knowledge, self.services):
            found |= {element.name for element in elements.values()}
        return found

    def types(self) -> dict[str, ItemDefinition]:
        """Return the item definitions by the names under which expressions know them."""
        found: dict[str, ItemDefinition] = {}
        for alias, model in self.imports.items():
            for name, item in model.types().items():
                found[f"{alias}.{name}" if alias else name] = item
                found.setdefault(name, item)
        found.update(self.items)
        return found

    def find(self, reference: Reference) -> "tuple[Definitions, Element] | None":
        """Return the element a reference means, with the model that defines it."""
        model = self if reference.alias is None else self.imports.get(reference.alias)
        if model is None:
            return None
        for elements in (model.decisions, model.inputs, model.knowledge, model.services):
            element: Any = elements.get(reference.id)
            if element is not None:
                return model, element
        return None
