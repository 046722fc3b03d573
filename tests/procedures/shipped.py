"""The shipped definitions as tests read them: files, decisions, forms, and a submission of the example values."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from engine.bpmn.checks import DefinitionFile, Known
from engine.calendar import Calendar, host_functions
from engine.dmn import DmnModel, read_dmn
from engine.forms import Form, read_form

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
TOPICS = frozenset(
    {
        "number.assign", "register.put", "register.get", "matter.start", "matter.suspend", "matter.resume",
        "matter.archive", "deadline.extend", "notify", "sensitivity.raise", "access.grant", "change.work",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One option of a field."""

    value: str
    label: str


@cache
def config(name: str) -> Mapping[str, Any]:
    """Return a parsed document of config/."""
    return tomllib.loads((ROOT / "config" / f"{name}.toml").read_text("utf-8"))


@cache
def functions() -> Mapping[str, Any]:
    """Return the host functions of the shipped calendar."""
    return host_functions(Calendar.from_config(config("calendar")))


def files() -> list[DefinitionFile]:
    """Return every shipped definition."""
    paths = (path for folder in ("processes", "forms") for path in sorted((ROOT / folder).rglob("*")))
    return [DefinitionFile(path.relative_to(ROOT).as_posix(), path.read_bytes()) for path in paths if path.is_file()]


def known() -> Known:
    """Return what the shipped definitions may refer to."""
    return Known(
        roles={role["id"] for role in config("roles")["role"]},
        deadlines={row["code"]: set(row.get("variants", {})) for row in config("deadlines")["deadline"]},
        codes={table["id"] for table in config("codes")["list"]},
        topics=TOPICS,
        processes=set(),
        decisions=set(),
        forms=set(),
        functions=functions(),
        read_form=read_form,
    )


@cache
def model(path: str) -> DmnModel:
    """Return the decisions of a file under processes/."""
    return read_dmn((ROOT / "processes" / f"{path}.dmn").read_bytes(), path)


def decide(path: str, **variables: Any) -> Any:
    """Evaluate the decision that is named like its file."""
    return model(path).evaluate(path.rpartition("/")[2], variables, NOW).value


@cache
def form(key: str) -> Form:
    """Return a shipped form by `<procedure>/<form>`."""
    schema = json.loads((ROOT / "forms" / f"{key}.form").read_text("utf-8"))
    return read_form(schema, key, functions())


def options(source: str) -> list[Choice]:
    """Return the options of code lists, the example people and units, and one entry of each register."""
    kind, _, rest = source.partition(":")
    organisation = config("example/organisation")
    if kind == "code":
        lists = {table["id"]: table["items"] for table in config("codes")["list"]}
        return [Choice(item["value"], item["label"]) for name in rest.split("+") for item in lists[name]]
    if kind == "people":
        return [Choice(person["id"], person["name"]) for person in organisation["person"]]
    if kind == "units":
        levels = {int(level) for level in rest.partition("=")[2].split(",") if level}
        return [Choice(u["code"], u["name"]) for u in organisation["unit"] if not levels or u["level"] in levels]
    return [Choice("WP-310191-2026-001", "稳评"), Choice("YA-310191-2026-001", "预案")]


def errors(key: str, values: Mapping[str, Any], **variables: Any) -> dict[str, list[str]]:
    """Submit a form and return the faults by field."""
    given = {
        "actor": {"id": "dj.zhuren", "name": "孙启明", "unit": "310191", "roles": []},
        "matter": {"id": 1, "number": "LD-310191-2026-00001"},
        "starter": "lj.duiyuan1",
        **variables,
    }
    described = {"a1": {"id": "a1", "name": "照片.jpg", "size": 1}}
    return form(key).check(values, given, options, NOW, lambda ids: {one: described[one] for one in ids}).errors
