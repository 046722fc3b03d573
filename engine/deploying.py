"""Deploying definitions: everything of a deployment is taken in, or nothing."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select

from engine.bpmn.check_drawing import drawings_in, name_of
from engine.bpmn.checks import DefinitionFile
from engine.bpmn.reader import read_bpmn
from engine.calendar import host_functions
from engine.checking import CheckAndProve, plain, read_config
from engine.command import Context
from engine.configured import Configured, read_documents
from engine.database import upsert
from engine.dmn import read_dmn
from engine.errors import InvalidDefinitionError, Problem
from engine.execution.start_timers import arm_starts
from engine.model import tables


@dataclass(frozen=True)
class DeployedDefinition:
    """One definition of a deployment; `changed` is false where the same content was there already."""

    kind: str
    key: str
    version: int
    changed: bool


@dataclass(frozen=True)
class Deployment:
    """What a deployment brought, with the warnings of the check."""

    definitions: tuple[DeployedDefinition, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Deploy:
    """Take definition files in; unchanged ones make no new version, running matters keep theirs.

    Files are `processes/<key>/…`, `forms/<key>/…` and `config/<kind>.toml`; `settings` are those of procedures by
    folder as kept with a version, where no procedure.toml is among the files. Raises InvalidDefinitionError with every
    problem; nothing is kept then.
    """

    files: tuple[DefinitionFile, ...]
    source: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def execute(self, context: Context) -> Deployment:
        """Check everything, then write."""
        problems = CheckAndProve(self.files).execute(context)
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            raise InvalidDefinitionError(errors)
        row = {"source": self.source[:200], "deployed_by": context.actor.person_id, "deployed_at": context.now}
        table = tables.deployment
        deployment = context.session.connection().execute(insert(table).returning(table.c.id), row).scalar_one()
        drawings = drawings_in(problems)
        made = _config(context, self.files)
        for file in self.files:
            made += _drawing(context, deployment, file) if file.path in drawings else ()
        files = [file for file in self.files if file.path not in drawings]
        made += _definitions(context, deployment, files, self.settings)
        if any(one.changed for one in made):
            bump_catalog(context)
        changed = [f"{one.kind} {one.key} v{one.version}" for one in made if one.changed]
        context.record("definitions deployed", subject=self.source, changed=changed)
        warnings = tuple(problem for problem in problems if problem.severity != "error")
        return Deployment(tuple(made), warnings)


def bump_catalog(context: Context) -> None:
    """Let every process look its newest definitions up again."""
    connection = context.session.connection()
    setting = tables.setting
    last = connection.execute(select(setting.c.value).where(setting.c.name == "catalog_version")).scalar()
    row = {"name": "catalog_version", "value": int(last or 0) + 1}
    connection.execute(upsert(connection, setting, ("name",), ("value",)), [row])


def _config(context: Context, files: Sequence[DefinitionFile]) -> list[DeployedDefinition]:
    documents = read_config(files)
    Configured.read({**read_documents(context.session), **documents})
    table = tables.config_document
    made = []
    for kind, content in sorted(documents.items()):
        version, changed = _next(context, table, table.c.kind == kind, _hash(content))
        if changed:
            row = {
                "kind": kind,
                "version": version,
                "hash": _hash(content),
                "content": content,
                "deployed_at": context.now,
            }
            context.session.connection().execute(insert(table), row)
        made.append(DeployedDefinition("config", kind, version, changed))
    return made


def _definitions(
    context: Context, deployment: int, files: Sequence[DefinitionFile], settings: Mapping[str, Any]
) -> list[DeployedDefinition]:
    read = {file.folder: plain(tomllib.loads(file.content.decode("utf-8"))) for file in files
            if file.path.endswith("procedure.toml")}  # fmt: skip
    procedures = {**settings, **read}
    made: list[DeployedDefinition] = []
    for file in files:
        if file.suffix == ".bpmn":
            made += _processes(context, deployment, file, procedures.get(file.folder))
        elif file.suffix == ".dmn":
            made += _decisions(context, deployment, file)
        elif file.suffix == ".form":
            made.append(_form(context, deployment, file))
    return made


def _processes(
    context: Context, deployment: int, file: DefinitionFile, procedure: Mapping[str, Any] | None
) -> list[DeployedDefinition]:
    read = read_bpmn(file.content, file.path, host_functions(context.calendar))
    table = tables.process_definition
    made = []
    for key, process in read.processes.items():
        known_one = _newest(context, table, table.c.key == key)
        about = procedure if procedure is not None else (known_one.procedure if known_one else {})
        hashed = _hash([file.content.decode("utf-8", "replace"), about])
        version, changed = _next(context, table, table.c.key == key, hashed)
        if changed:
            row = {
                "deployment_id": deployment, "key": key, "version": version, "hash": hashed, "file": file.path,
                "xml": file.content, "title": about.get("title") or process.name or key, "procedure": about,
                "executable": not read.drawing_only, "svg": None,
            }  # fmt: skip
            context.session.connection().execute(insert(table), row)
            arm_starts(context, key, version, process)
        made.append(DeployedDefinition("process", key, version, changed))
    return made


def _drawing(context: Context, deployment: int, file: DefinitionFile) -> list[DeployedDefinition]:
    """Keep a file that only draws: it is shown and compared, and never started or called."""
    key, title = name_of(file)
    table = tables.process_definition
    hashed = _hash([file.content.decode("utf-8", "replace"), {}])
    version, changed = _next(context, table, table.c.key == key, hashed)
    if changed:
        row = {
            "deployment_id": deployment, "key": key, "version": version, "hash": hashed, "file": file.path,
            "xml": file.content, "title": title or key, "procedure": {}, "executable": False, "svg": None,
        }  # fmt: skip
        context.session.connection().execute(insert(table), row)
    return [DeployedDefinition("drawing", key, version, changed)]


def _decisions(context: Context, deployment: int, file: DefinitionFile) -> list[DeployedDefinition]:
    table = tables.decision_definition
    hashed = hashlib.sha256(file.content).hexdigest()
    made = []
    for key in read_dmn(file.content, file.path).decisions:
        version, changed = _next(context, table, table.c.key == key, hashed)
        if changed:
            row = {"deployment_id": deployment, "key": key, "version": version, "hash": hashed, "file": file.path,
                   "xml": file.content}  # fmt: skip
            context.session.connection().execute(insert(table), row)
        made.append(DeployedDefinition("decision", key, version, changed))
    return made


def _form(context: Context, deployment: int, file: DefinitionFile) -> DeployedDefinition:
    table = tables.form_definition
    schema = json.loads(file.content)
    key = f"{file.folder}/{file.path.rpartition('/')[2].rpartition('.')[0]}"
    version, changed = _next(context, table, table.c.key == key, _hash(schema))
    if changed:
        row = {"deployment_id": deployment, "key": key, "version": version, "hash": _hash(schema), "schema": schema}
        context.session.connection().execute(insert(table), row)
    return DeployedDefinition("form", key, version, changed)


def _newest(context: Context, table: Any, condition: Any) -> Any:
    asked = select(table).where(condition).order_by(table.c.version.desc()).limit(1)
    return context.session.execute(asked).first()


def _next(context: Context, table: Any, condition: Any, hashed: str) -> tuple[int, bool]:
    """Return the version this content has or gets, and whether it is new."""
    newest = context.session.execute(
        select(table.c.version, table.c.hash).where(condition).order_by(table.c.version.desc()).limit(1)
    ).first()
    if newest is None:
        return 1, True
    return (newest.version, False) if newest.hash == hashed else (newest.version + 1, True)


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
