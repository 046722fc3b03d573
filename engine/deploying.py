"""Deploying definitions: everything of a deployment is taken in, or nothing."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import insert, select

from engine.bpmn.check_drawing import drawings_in, name_of
from engine.bpmn.checks import DefinitionFile, Known, check_definitions
from engine.bpmn.reader import read_bpmn
from engine.command import Context
from engine.configured import Configured, read_documents
from engine.database import upsert
from engine.dmn import read_dmn
from engine.errors import InvalidDefinitionError, InvalidError, Problem
from engine.execution.start_timers import arm_starts
from engine.forms import read_form
from engine.model import tables
from engine.proving import ProveDefinitions, proof_problems
from engine.topics import TOPICS

# What is wrong with a diagram by these checks does not keep it from being run, so the proof is worth its time.
_PROVABLE = {"unreachable"}
CONFIG_KINDS = frozenset({"roles", "codes", "calendar", "deadlines", "ladder", "rules", "channels"})


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
class CheckDefinitions:
    """Check files against what the installation has, without deploying; returns errors and warnings."""

    files: tuple[DefinitionFile, ...]

    def execute(self, context: Context) -> tuple[Problem, ...]:
        """Check the definitions; configuration among the files counts as known."""
        config = {**dict(context.config), **read_config(self.files)}
        definitions = [file for file in self.files if not config_kind(file)]
        return check_definitions(definitions, known(context, config))


@dataclass(frozen=True)
class CheckAndProve:
    """Check files, and prove the procedures among them where they could run; returns errors and warnings."""

    files: tuple[DefinitionFile, ...]

    def execute(self, context: Context) -> tuple[Problem, ...]:
        """Check, then prove with the rules among the files, or else those in force."""
        problems = CheckDefinitions(self.files).execute(context)
        if {problem.rule for problem in problems if problem.severity == "error"} - _PROVABLE:
            return problems
        config = read_config(self.files)
        files = tuple(file for file in self.files if not config_kind(file))
        proofs = ProveDefinitions(files, config).execute(context)
        rules = {**dict(context.config), **config}.get("rules", {})
        return (*problems, *proof_problems(proofs, files, rules.get("publish", {}).get("refuse", ())))


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


def known(context: Context, config: Mapping[str, Any]) -> Known:
    """Return what the installation has, for the check."""
    forms = context.session.execute(select(tables.form_definition.c.key).distinct()).scalars()
    decisions = context.session.execute(select(tables.decision_definition.c.key).distinct()).scalars()
    return replace(
        _configured_known(config),
        processes=frozenset(one.key for one in context.catalog.all_latest()),
        decisions=frozenset(decisions),
        forms=frozenset(forms),
    )


def known_from_files(files: Sequence[DefinitionFile]) -> Known:
    """Return what files themselves bring, for a check without a database."""
    return _configured_known(read_config(files))


def config_kind(file: DefinitionFile) -> str | None:
    """Return the kind of a configuration file, or None for a definition."""
    parts = file.path.replace("\\", "/").split("/")
    name = parts[-1].removesuffix(".toml")
    return name if parts[-1].endswith(".toml") and name in CONFIG_KINDS else None


def read_config(files: Sequence[DefinitionFile]) -> dict[str, Any]:
    """Return the configuration among the files by kind, as JSON; raises InvalidDefinitionError naming the file."""
    found: dict[str, Any] = {}
    for file in files:
        kind = config_kind(file)
        if kind is None:
            continue
        try:
            found[kind] = _plain(tomllib.loads(file.content.decode("utf-8")))
            Configured.read({kind: found[kind]})
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, InvalidError) as wrong:
            raise InvalidDefinitionError([Problem(file.path, "config", f"无法读取：{wrong}")]) from wrong
    return found


def bump_catalog(context: Context) -> None:
    """Let every process look its newest definitions up again."""
    connection = context.session.connection()
    setting = tables.setting
    last = connection.execute(select(setting.c.value).where(setting.c.name == "catalog_version")).scalar()
    row = {"name": "catalog_version", "value": int(last or 0) + 1}
    connection.execute(upsert(connection, setting, ("name",), ("value",)), [row])


def _configured_known(config: Mapping[str, Any]) -> Known:
    configured = Configured.read(config)
    return Known(
        roles={row["id"] for row in config.get("roles", {}).get("role", ())} or None,
        deadlines={code: tuple(row.variants) for code, row in configured.deadlines.deadlines.items()} or None,
        codes={row["id"] for row in config.get("codes", {}).get("list", ())} or None,
        topics=frozenset(TOPICS),
        processes=frozenset(),
        decisions=frozenset(),
        forms=frozenset(),
        functions=configured.functions,
        read_form=read_form,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value


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
    read = {file.folder: _plain(tomllib.loads(file.content.decode("utf-8"))) for file in files
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
    read = read_bpmn(file.content, file.path)
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
