"""Bindings: which version of a called process or decision is meant where it is not the latest (Camunda 7's words)."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.bpmn.xml import C, parse_xml
from engine.model import DecisionDefinition, ProcessDefinition
from engine.tokens.definition import Binding

_TAGS = (f"{C}versionTag", "{http://camunda.org/schema/1.0/dmn}versionTag")


def bound_process(session: Session, key: str, binding: Binding) -> int:
    """Return the id of the executable version that is meant. Raises KeyError where there is none."""
    table = ProcessDefinition
    versions = select(table).where(table.key == key, table.executable).order_by(table.version.desc())
    return _found(session, key, binding, _narrowed(session, versions, table, binding))


def bound_decision(session: Session, key: str, binding: Binding) -> int:
    """Return the id of the version of a decision that is meant. Raises KeyError where there is none."""
    table = DecisionDefinition
    versions = select(table).where(table.key == key).order_by(table.version.desc())
    return _found(session, key, binding, _narrowed(session, versions, table, binding))


def _narrowed(session: Session, versions: Select[Any], table: Any, binding: Binding) -> Select[Any]:
    if binding.kind == "version":
        number = int(binding.wanted) if binding.wanted.isdigit() else -1
        return versions.where(table.version == number)
    if binding.kind == "deployment":
        return versions.where(table.deployment_id <= _deployment(session, binding.caller))
    return versions


def _deployment(session: Session, caller: str) -> int:
    """Return the deployment that brought the calling version.

    Content that a deployment brings unchanged gets no new version, so the version that was the newest by then is the
    one of that deployment.
    """
    key, _, version = caller.rpartition(":")
    table = ProcessDefinition
    asked = select(table.deployment_id).where(table.key == key, table.version == int(version))
    return session.execute(asked).scalar_one()


def _found(session: Session, key: str, binding: Binding, versions: Select[Any]) -> int:
    if binding.kind != "versionTag":
        versions = versions.limit(1)
    for one in session.execute(versions).scalars():
        if binding.kind != "versionTag" or _tag(one) == binding.wanted:
            return int(one.id)
    raise KeyError(key)


def _tag(definition: ProcessDefinition | DecisionDefinition) -> str | None:
    """Return camunda:versionTag of a process or decision."""
    root = parse_xml(definition.xml, definition.file)
    found = next((each for each in root if each.get("id") == definition.key), None)
    tags = [found.get(name) for name in _TAGS] if found is not None else []
    return next((tag for tag in tags if tag), None)
