"""DMN 1.1-1.5 XML into models (DMN 1.5 §6.3)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from engine.dmn.boxed import BoxedReader
from engine.dmn.evaluation import DmnModel
from engine.dmn.graph import find_cycles, input_names
from engine.dmn.items import ItemDefinition, ItemReader, type_reference
from engine.dmn.model import Decision, DecisionService, InputData, KnowledgeModel, Reference
from engine.dmn.xml import Element, attribute, child, children, line_of, local, parse_xml
from engine.errors import InvalidDmnError
from engine.feel.expression import Functions, host_function
from engine.feel.types import Type
from engine.feel.values import Function

_NAMED = frozenset({"variable", "formalParameter", "column", "output"})


def read_dmn(
    xml: bytes,
    file: str,
    imported: Sequence[DmnModel] = (),
    *,
    functions: Functions | None = None,
    lenient: bool = False,
) -> DmnModel:
    """Read and compile a DMN file; `imported` are the models its `import` elements may mean.

    `functions` are host functions that every expression of the file may call.

    Raises InvalidDmnError with every problem found; a lenient reading keeps them in `problems` instead, and
    expressions that are wrong evaluate to null.
    """
    hosts = {name: host_function(name, body) for name, body in (functions or {}).items()}
    model = _ModelReader(parse_xml(xml, file), file, imported, hosts).read()
    if model.problems and not lenient:
        raise InvalidDmnError(model.problems)
    return model


def _names_within(element: Element) -> set[str]:
    """Return the names an element declares inside itself: parameters, context entries, columns, iterators."""
    found = {attribute(one, "name") for one in element.iter() if isinstance(one.tag, str) and local(one) in _NAMED}
    return found | {str(one.get("iteratorVariable")) for one in element.iter() if one.get("iteratorVariable")}


def _member_names(items: Iterable[ItemDefinition]) -> set[str]:
    found: set[str] = set()
    for item in items:
        for name, member in item.members or ():
            found |= {name} | _member_names([member])
    return found


class _ModelReader:
    """Reads one file."""

    def __init__(self, root: Element, file: str, imported: Sequence[DmnModel], functions: dict[str, Function]) -> None:
        self.functions = functions
        self.root = root
        self.file = file
        self.imports = self._imports(imported)
        self.boxed = BoxedReader(file)
        self._elements = {attribute(one, "id"): attribute(one, "name") for one in children(root)}
        self._members: set[str] = set()
        self._check_imports()

    def _imports(self, imported: Sequence[DmnModel]) -> dict[str, DmnModel]:
        known = {model.namespace: model for model in imported}
        found: dict[str, DmnModel] = {}
        for one in children(self.root, "import"):
            model = known.get(attribute(one, "namespace"))
            if model is not None:
                found[attribute(one, "name")] = model
        return found

    def _check_imports(self) -> None:
        for one in children(self.root, "import"):
            kind = attribute(one, "importType")
            if attribute(one, "name") not in self.imports and "/DMN/" in kind:
                self.boxed.problem(one, "import", f"没有找到引用的模型“{attribute(one, 'namespace')}”")

    def read(self) -> DmnModel:
        """Return the model."""
        items = self._items()
        self._members = _member_names(
            [*items.values(), *(i for m in self.imports.values() for i in m.types().values())]
        )
        decisions = {one.id: one for one in map(self._decision, children(self.root, "decision"))}
        inputs = {one.id: one for one in map(self._input, children(self.root, "inputData"))}
        knowledge = {one.id: one for one in map(self._knowledge, children(self.root, "businessKnowledgeModel"))}
        services = {one.id: one for one in map(self._service, children(self.root, "decisionService"))}
        model = DmnModel(
            self.file, attribute(self.root, "name"), attribute(self.root, "namespace"), decisions, inputs, knowledge,
            services, items, self.imports, self.functions,
        )  # fmt: skip
        self._check(model)
        named = {key: replace(one, inputs=input_names(model, one)) for key, one in decisions.items()}
        return replace(model, decisions=named, problems=tuple(self.boxed.problems))

    def _check(self, model: DmnModel) -> None:
        by_id = {one.get("id"): one for one in children(self.root)}
        owners: list[Decision | KnowledgeModel] = [*model.decisions.values(), *model.knowledge.values()]
        for owner in owners:
            for reference in owner.requires:
                if model.find(reference) is None:
                    self.boxed.problem(by_id[owner.id], "requirement", f"“{owner.name}”引用的“{reference.id}”不存在")
        for decision in find_cycles(model):
            self.boxed.problem(by_id[decision.id], "cycle", f"决策“{decision.name}”依赖于自身")

    def _items(self) -> dict[str, ItemDefinition]:
        reader = ItemReader(self.boxed.tests_code)
        return {attribute(one, "name"): reader.read(one) for one in children(self.root, "itemDefinition")}

    def _variable_type(self, element: Element) -> Type | None:
        variable = child(element, "variable")
        return None if variable is None else type_reference(attribute(variable, "typeRef"))

    def _id(self, element: Element) -> str:
        return attribute(element, "id") or attribute(element, "name")

    def _input(self, element: Element) -> InputData:
        return InputData(self._id(element), attribute(element, "name"), self._variable_type(element))

    def _look_from(self, element: Element, requires: tuple[Reference, ...]) -> set[str]:
        """Let expressions know the names an element sees: what it requires, declares, and members of types."""
        names = _names_within(element) | {attribute(element, "name")} | self.functions.keys()
        for reference in requires:
            if reference.alias is None:
                names.add(self._elements.get(reference.id, ""))
            elif reference.alias in self.imports:
                names.add(reference.alias)
                names |= self.imports[reference.alias].element_names()
        self.boxed.names = frozenset((names | self._members) - {""})
        self.boxed.free = set()
        return names

    def _decision(self, element: Element) -> Decision:
        requires = self._requirements(element)
        names = self._look_from(element, requires)
        logic = self.boxed.logic_of(element)
        return Decision(
            self._id(element),
            attribute(element, "name"),
            self._variable_type(element),
            logic,
            requires,
            tuple(sorted(self.boxed.free - names - set(self._elements.values()))),
            line=line_of(element),
        )

    def _knowledge(self, element: Element) -> KnowledgeModel:
        logic = child(element, "encapsulatedLogic")
        parameters = [] if logic is None else children(logic, "formalParameter")
        requires = self._requirements(element)
        self._look_from(element, requires)
        outside = logic is not None and attribute(logic, "kind") not in {"", "FEEL"}
        return KnowledgeModel(
            self._id(element),
            attribute(element, "name"),
            tuple(attribute(one, "name") for one in parameters),
            tuple(type_reference(attribute(one, "typeRef")) for one in parameters),
            self._result_type(element),
            None if logic is None or outside else self.boxed.logic_of(logic),
            requires,
        )

    def _result_type(self, element: Element) -> Type | None:
        """Return the type of what a function answers; the variable may name a function type instead."""
        wanted = self._variable_type(element)
        if wanted is None:
            return None
        for item in children(self.root, "itemDefinition"):
            function = child(item, "functionItem")
            if attribute(item, "name") == wanted.name and function is not None:
                return type_reference(attribute(function, "outputTypeRef"))
        return wanted

    def _service(self, element: Element) -> DecisionService:
        return DecisionService(
            self._id(element),
            attribute(element, "name"),
            self._result_type(element),
            self._references(children(element, "outputDecision")),
            self._references(children(element, "inputData") + children(element, "inputDecision")),
        )

    def _requirements(self, element: Element) -> tuple[Reference, ...]:
        holders = children(element, "informationRequirement", "knowledgeRequirement")
        return self._references([one for holder in holders for one in children(holder)])

    def _references(self, elements: list[Any]) -> tuple[Reference, ...]:
        return tuple(self._reference(one) for one in elements if one.get("href"))

    def _reference(self, element: Element) -> Reference:
        namespace, _, key = attribute(element, "href").rpartition("#")
        if not namespace or namespace == attribute(self.root, "namespace"):
            return Reference(local(element), key)
        alias = next((name for name, model in self.imports.items() if model.namespace == namespace), namespace)
        return Reference(local(element), key, alias)
