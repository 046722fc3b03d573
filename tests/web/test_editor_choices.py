"""What the pickers of the diagram editor are given: messages, units and correlation keys of what is in force."""

import json
import re

import pytest

from engine.actor import ENGINE
from engine.commands.messages import CorrelateMessage
from tests.factories import deploy, flows, form_file, line, number_field, procedure, props, service, text_field, user
from tests.rows import CITY, SQUAD

CALLED = '<bpmn:message id="m_call" name="CALLED"/><bpmn:message id="m_any" name="${chosen}"/>'
WAITING = (
    '<bpmn:startEvent id="start"/>'
    f'<bpmn:receiveTask id="wait" name="等待回电" messageRef="m_call">{props(correlation="${matter_no}", brings="call_no")}'
    "</bpmn:receiveTask>"
    '<bpmn:intermediateCatchEvent id="any" name="其他"><bpmn:messageEventDefinition messageRef="m_any"/>'
    '</bpmn:intermediateCatchEvent><bpmn:endEvent id="end"/>' + flows("start>wait", "wait>any", "any>end")
)
CALLING = line(
    user("work", 'camunda:candidateGroups="squad_officer" camunda:formRef="begin"'),
    service("number", "number.assign", name="编号", result="case_no", inputs={"pattern": "A-{nnn}"}),
    '<bpmn:sendTask id="call" name="回电" messageRef="m_call"/>',
    keys=("work", "number", "call"),
)
FIELDS = (
    text_field("doc_no", "文书文号"),
    number_field("case_no", "案号"),
    {"type": "checkbox", "id": "f_yes", "key": "agreed", "label": "同意"},
    {"type": "select", "id": "f_to", "key": "to_unit", "label": "承办单位", "properties": {"bihuan:type": "unit"}},
    {"type": "taglist", "id": "f_co", "key": "co_units", "label": "协办单位", "properties": {"bihuan:type": "units"}},
    {
        "type": "dynamiclist",
        "id": "f_rows",
        "path": "rows",
        "label": "行",
        "components": [text_field("row_no", "行号")],
    },
)


@pytest.fixture
def choices(engine, browse):
    """The choices of the procedure that calls; another one waits for its message."""
    deploy(engine, *procedure("waiting", WAITING, more=CALLED))
    deploy(engine, *procedure("calling", CALLING, more=CALLED), form_file("calling", "begin", *FIELDS))
    engine.run(CorrelateMessage("FROM_OUTSIDE"), ENGINE)

    def read(key="calling"):
        page = browse("modeller").text(f"/definitions/{key}/editor")
        found = json.loads(re.search(r"<script[^>]*data-choices>(.*?)</script>", page, re.DOTALL)[1])
        return {kind: {one.get("value"): one for one in some} for kind, some in found.items()}

    return read


def test_messages_tell_who_waits_for_them_and_who_sends_them(choices):
    found = choices()["messages"]
    assert set(found) == {"CALLED", "FROM_OUTSIDE"}
    assert found["CALLED"]["label"] == "等待回电、回电"
    assert found["CALLED"]["note"] == "接收：waiting流程；发送：calling流程"
    assert found["FROM_OUTSIDE"] == {
        "value": "FROM_OUTSIDE", "label": "FROM_OUTSIDE", "note": "外来消息，尚无流程接收"
    }  # fmt: skip


def test_units_go_by_name_and_fields_that_hold_one_follow(choices):
    found = choices()["units"]
    assert found[SQUAD]["label"]
    assert SQUAD not in found[SQUAD]["label"]
    assert list(found).index(CITY) < list(found).index(SQUAD) < list(found).index("${to_unit}")
    assert found["${to_unit}"]["label"] == "承办单位"
    assert "${matter_unit}" in found
    assert not any("co_units" in value for value in found)


def test_correlation_keys_are_what_tells_matters_apart(choices):
    found = choices()["keys"]
    assert list(found) == ["${matter_no}", "${case_no}", "${doc_no}"]
    assert found["${matter_no}"] == {"value": "${matter_no}", "label": "事项编号", "note": "已用于消息：等待回电"}
    assert [found[value]["label"] for value in ("${case_no}", "${doc_no}")] == ["案号", "文书文号"]
    brought = choices("waiting")["keys"]
    assert brought["${call_no}"]["label"] == "等待回电（call_no）"


@pytest.mark.parametrize("content", ["[]", '{"components": 1}', '{"components": [null, {"components": {}}]}', "{"])
def test_a_broken_form_in_the_draft_takes_no_choices_away(choices, browse, content):
    browser = browse("modeller")
    form = {"xml": content, "row_version": None}
    path = "/definitions/calling/files/begin.form/draft"
    assert browser.client.post(path, json=form, headers={"X-CSRFToken": browser.token()}).status_code == 200
    assert list(choices()["keys"]) == ["${matter_no}", "${case_no}"]
