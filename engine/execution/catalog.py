"""The catalog: deployed definitions, compiled once per process and kept by id, since they never change."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.bpmn.reader import read_bpmn
from engine.command import Deployed, DeployedForm
from engine.dmn import DecisionResult, DmnModel, read_dmn
from engine.errors import ProcessDefinitionNotFoundError
from engine.execution.bindings import bound_decision, bound_process
from engine.execution.data_stores import stored_value
from engine.forms import read_form
from engine.model import DecisionDefinition, FormDefinition, ProcessDefinition
from engine.tokens.definition import Binding, Process

Functions = Mapping[str, Callable[..., Any]]

_PROCESS = select(ProcessDefinition).where(ProcessDefinition.id == bindparam("id"))
_PROCESS_REF = select(ProcessDefinition.id).where(
    ProcessDefinition.key == bindparam("key"), ProcessDefinition.version == bindparam("version")
)
_LATEST_PROCESSES = (
    select(ProcessDefinition.key, ProcessDefinition.id)
    .where(ProcessDefinition.executable)
    .order_by(ProcessDefinition.version)
)
_LATEST_FORMS = select(FormDefinition.key, FormDefinition.id).order_by(FormDefinition.version)
_LATEST_DECISIONS = select(DecisionDefinition.key, DecisionDefinition.id).order_by(DecisionDefinition.version)


class CatalogCache:
    """What one process has compiled so far; shared by all its threads."""

    def __init__(self, functions: Functions) -> None:
        """Start empty; `functions` are given to every expression."""
        self.functions = functions
        self.processes: dict[int, Deployed] = {}
        self.refs: dict[str, int] = {}
        self.forms: dict[int, DeployedForm] = {}
        self.models: dict[int, DmnModel] = {}
        self.version: Any = None
        self.latest: dict[str, dict[str, int]] = {}
        self.lock = threading.Lock()


class SessionCatalog:
    """The catalog as one transaction sees it; implements `engine.command.Catalog` and the kernel's `Definitions`."""

    def __init__(self, session: Session, cache: CatalogCache, version: Any) -> None:
        """Look up in the cache first; `version` changes with each deployment."""
        self._session = session
        self._cache = cache
        self._version = version

    def process_of(self, definition_id: int) -> Any:
        """Return the compiled process of a definition."""
        return self.deployed(definition_id).process

    def deployed(self, definition_id: int) -> Deployed:
        """Return a definition by id; raises ProcessDefinitionNotFoundError."""
        found = self._cache.processes.get(definition_id)
        return found or self._compile(definition_id)

    def latest(self, key: str) -> str:
        """Return `key:version` of the latest executable version; raises KeyError as the kernel expects."""
        found = self._newest("process", _LATEST_PROCESSES).get(key)
        if found is None:
            raise KeyError(key)
        return self.deployed(found).ref

    def latest_of(self, key: str) -> Deployed:
        """Return the latest executable version of a procedure; raises ProcessDefinitionNotFoundError."""
        found = self._newest("process", _LATEST_PROCESSES).get(key)
        if found is None:
            raise ProcessDefinitionNotFoundError(key=key)
        return self.deployed(found)

    def all_latest(self) -> list[Deployed]:
        """Return the latest executable version of every procedure."""
        return [self.deployed(one) for one in self._newest("process", _LATEST_PROCESSES).values()]

    def by_ref(self, ref: str) -> Deployed:
        """Return the definition of `key:version`; raises KeyError."""
        known = self._cache.refs.get(ref)
        if known is None:
            key, _, version = ref.rpartition(":")
            known = self._session.execute(_PROCESS_REF, {"key": key, "version": int(version)}).scalar()
            if known is None:
                raise KeyError(ref)
            self._cache.refs[ref] = known
        return self.deployed(known)

    def process(self, ref: str) -> Any:
        """Return the compiled process of `key:version`."""
        return self.by_ref(ref).process

    def form(self, form_id: int) -> DeployedForm:
        """Return a form by id."""
        found = self._cache.forms.get(form_id)
        if found is None:
            row = self._session.get_one(FormDefinition, form_id)
            form = read_form(row.schema, row.key, self._cache.functions)
            found = self._cache.forms[form_id] = DeployedForm(row.id, row.key, row.version, form, row.schema)
        return found

    def latest_form(self, key: str) -> DeployedForm | None:
        """Return the latest version of a form, or None."""
        found = self._newest("form", _LATEST_FORMS).get(key)
        return None if found is None else self.form(found)

    def bound(self, key: str, binding: Binding) -> str:
        """Return `key:version` of the version that a call means; raises KeyError where there is none."""
        found = bound_process(self._session, key, binding)
        return self.deployed(found).ref

    def stored(self, name: str) -> Any:
        """Return what a data store holds; null where it holds nothing."""
        return stored_value(self._session, name)

    def decide(
        self, decision_key: str, variables: Mapping[str, Any], now: datetime, binding: Binding | None = None
    ) -> DecisionResult:
        """Evaluate the version of a decision that is meant, else the latest; raises KeyError where there is none."""
        model_id = (
            self._newest("decision", _LATEST_DECISIONS)[decision_key]
            if binding is None
            else bound_decision(self._session, decision_key, binding)
        )
        model = self._cache.models.get(model_id)
        if model is None:
            row = self._session.get_one(DecisionDefinition, model_id)
            model = self._cache.models[model_id] = read_dmn(row.xml, row.file, functions=self._cache.functions)
        return model.evaluate(decision_key, variables, now)

    def _compile(self, definition_id: int) -> Deployed:
        row = self._session.execute(_PROCESS, {"id": definition_id}).scalar()
        if row is None:
            raise ProcessDefinitionNotFoundError(key=str(definition_id))
        read = read_bpmn(row.xml, row.file, functions=self._cache.functions) if row.executable else None
        process = read.processes[row.key] if read else Process(row.key, {}, {}, row.title)  # a drawing runs nothing
        found = Deployed(row.id, row.key, row.version, row.title, row.procedure, process)
        self._cache.processes[definition_id] = found
        self._cache.refs[found.ref] = found.id
        return found

    def _newest(self, kind: str, statement: Any) -> dict[str, int]:
        """Return key -> id of the newest versions, read again after each deployment."""
        with self._cache.lock:
            if self._cache.version != self._version:
                self._cache.version, self._cache.latest = self._version, {}
            known = self._cache.latest.get(kind)
        if known is None:
            known = {row.key: row.id for row in self._session.execute(statement)}
            with self._cache.lock:
                if self._cache.version == self._version:
                    self._cache.latest[kind] = known
        return known
