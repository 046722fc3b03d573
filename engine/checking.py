"""Checking definitions against what the installation has, and proving the procedures among them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from engine.bpmn.checks import DefinitionFile, Known, check_definitions
from engine.command import Context
from engine.configured import Configured
from engine.errors import InvalidDefinitionError, InvalidError, Problem
from engine.forms import read_form
from engine.model import tables
from engine.proving import ProveDefinitions, proof_problems
from engine.topics import TOPICS

# What is wrong with a diagram by these checks does not keep it from being run, so the proof is worth its time.
_PROVABLE = {"unreachable"}
CONFIG_KINDS = frozenset({"roles", "codes", "calendar", "deadlines", "ladder", "rules", "channels"})


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
        return (*problems, *proof_problems(context, proofs, files, rules.get("publish", {}).get("refuse", ())))


def known(context: Context, config: Mapping[str, Any]) -> Known:
    """Return what the installation has, for the check."""
    forms = context.session.execute(select(tables.form_definition.c.key).distinct()).scalars()
    decisions = context.session.execute(select(tables.decision_definition.c.key).distinct()).scalars()
    return replace(
        _configured_known(config),
        processes=frozenset(one.key for one in context.catalog.all_latest()),
        decisions=frozenset(decisions),
        forms=frozenset(forms),
        # Before the organisation is loaded nobody has a unit, and the definitions come first.
        units=frozenset(context.directory.units) or None,
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
            found[kind] = plain(tomllib.loads(file.content.decode("utf-8")))
            Configured.read({kind: found[kind]})
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, InvalidError) as wrong:
            raise InvalidDefinitionError([Problem(file.path, "config", f"无法读取：{wrong}")]) from wrong
    return found


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


def plain(value: Any) -> Any:
    """Return what TOML gives as JSON: instants, dates and times become text."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value
