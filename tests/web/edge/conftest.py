"""A desk for bad input: one task whose form has a field of every risky kind, and what its page posts."""

import io
import re
from dataclasses import dataclass

import pytest

from tests.factories import (
    DEADLINES,
    LADDER,
    DefinitionFile,
    deploy,
    form_file,
    line,
    procedure,
    props,
    read,
    start,
    text_field,
    user,
)
from tests.rows import PASSWORD, load_people
from tests.web.conftest import Browser

GOOD = {"report": "现场已核实，属实", "count": "1", "outcome": "同意"}
FIELDS = (
    text_field("report", "核查经过", type="textarea", validate={"required": True, "minLength": 4, "maxLength": 500}),
    {"type": "number", "id": "f_count", "key": "count", "label": "数目"},
    text_field("fixed", "来源", readonly=True, defaultValue="市局移送"),
    text_field("secret", "附加说明", conditional={"hide": "=not(count > 5)"}),
    {"type": "datetime", "subtype": "date", "id": "f_day", "key": "day", "label": "日期", "dateLabel": "日期"},
    *({"type": "datetime", "subtype": "datetime", "id": f"f_{key}", "key": key, "label": label, "dateLabel": label,
       "timeLabel": label, "timeSerializingFormat": kept}
      for key, label, kept in (("moment", "时刻", "utc_offset"), ("instant", "瞬间", "utc_normalized"))),
    {"type": "select", "id": "f_kind", "key": "kind", "label": "类别",
     "values": [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]},
    {"type": "filepicker", "id": "f_papers", "key": "papers", "label": "材料", "multiple": True},
    {"type": "radio", "id": "f_outcome", "key": "outcome", "label": "意见", "properties": {"bihuan:outcome": "true"},
     "values": [{"value": "同意", "label": "同意并办结"}, {"value": "退回", "label": "退回"}],
     "validate": {"required": True}},
)  # fmt: skip


@dataclass
class Desk:
    """A task that alice has claimed in her browser; bob might have, charlie may not know of it."""

    engine: object
    task_id: int
    matter: int
    browser: Browser

    def page_fields(self):
        """What the form of the page posts besides what is typed."""
        page = self.browser.text(f"/tasks/{self.task_id}")
        return dict(re.findall(r'<input type="hidden" name="(row_version|idempotency_key)" value="([^"]+)">', page))

    def submit(self, browser=None, headers=None, **typed):
        """Post the form: what the page posts and what is right, with changes; None takes a field out."""
        data = {**self.page_fields(), **GOOD, **typed}
        data = {name: value for name, value in data.items() if value is not None}
        return (browser or self.browser).post(f"/tasks/{self.task_id}/complete", data, headers=headers)

    def row(self):
        """The row of the task."""
        return read(self.engine, "user_task", id=self.task_id)[0]

    def completions(self):
        """How often history says that the step was completed."""
        return len(read(self.engine, "history_event", instance_id=self.matter, action="task completed"))

    def upload(self, name, content=b"%PDF-1.4 test", browser=None, **more):
        """Upload a file to the task as the page's script does."""
        data = {"file": (io.BytesIO(content), name), "task_id": self.task_id, "instance_id": self.matter, **more}
        return (browser or self.browser).post(
            "/attachments", data, headers={"Accept": "application/json"}, content_type="multipart/form-data"
        )


@pytest.fixture
def people(engine):
    """The organisation with its deadlines, everybody with the same password."""
    load_people(engine, PASSWORD)
    deploy(
        engine,
        DefinitionFile("config/deadlines.toml", DEADLINES.encode()),
        DefinitionFile("config/ladder.toml", LADDER.read_bytes()),
    )


@pytest.fixture
def desk(engine, people, browse):
    """A matter whose one open task alice has claimed."""
    group = 'camunda:candidateGroups="squad_officer" camunda:formRef="check" camunda:formRefBinding="latest"'
    step = user("work", name="核查", more=group, inside=props(deadline="T-LAW"))
    deploy(engine, *procedure("desk", line(step, keys=("work",))), form_file("desk", "check", *FIELDS))
    task = start(engine, "desk").tasks[0].task_id
    browser = browse("alice")
    assert browser.post(f"/tasks/{task}/claim").status_code == 303
    return Desk(engine, task, read(engine, "user_task", id=task)[0].instance_id, browser)
