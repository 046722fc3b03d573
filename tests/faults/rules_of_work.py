"""The procedure of the state machine, and the two desks at which people do the acts: the engine, and the pages."""

from engine.commands.process_instances import StartProcess, TriggerEvent
from engine.errors import EngineError
from engine.task_actions.claim import ClaimTask
from engine.task_actions.complete import CompleteTask
from engine.task_actions.transfer import TransferTask
from engine.task_actions.unclaim import UnclaimTask
from tests.factories import flows, form_file, person, procedure, props, read, text_field, user

GROUP = 'camunda:candidateGroups="squad_officer,squad_leader"'
FORM = 'camunda:formRef="decide" camunda:formRefBinding="latest"'
HOURS = 4
WITHDRAW = (
    '<bpmn:subProcess id="interrupt" triggeredByEvent="true">'
    '<bpmn:startEvent id="withdraw" name="撤回" isInterrupting="true" camunda:formRef="note">'
    + props(startableBy="starter", label="撤回")
    + '<bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent><bpmn:endEvent id="withdrawn"/>'
    + flows("withdraw>withdrawn")
    + "</bpmn:subProcess>"
)
# Registered by the starter, checked by another person; sent back, or passed on by time to the leader.
INSIDE = (
    '<bpmn:startEvent id="start"/>' + user("register", "", props(sameAs="start"))
    + user("check", f"{GROUP} {FORM}", props(notSameAs="register")) + user("escalated", 'camunda:candidateGroups="squad_leader"')
    + '<bpmn:exclusiveGateway id="way" default="way_end"/><bpmn:endEvent id="end"/><bpmn:endEvent id="late"/>'
    + '<bpmn:boundaryEvent id="edge" attachedToRef="check"><bpmn:timerEventDefinition>'
    + f"<bpmn:timeDuration>PT{HOURS}H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    + flows("start>register", "register>check", "check>way", "way>end", 'way>register?${outcome = "退回"}',
            "edge>escalated", "escalated>late")
    + WITHDRAW
)  # fmt: skip
FILES = (
    *procedure("ruled", INSIDE, more='<bpmn:message id="m" name="WITHDRAW"/>', roles="squad_officer,squad_leader"),
    form_file("ruled", "note", text_field("note")),
    form_file("ruled", "decide", text_field("outcome", "意见")),
)


class EngineDesk:
    """Acts as commands; each tells whether it was done."""

    def __init__(self, engine):
        self.engine = engine

    def start(self, name):
        return self.engine.run(StartProcess("ruled", {}), person(self.engine, name)).instance_id

    def claim(self, task, name):
        return self._done(ClaimTask(task), name)

    def release(self, task, name):
        return self._done(UnclaimTask(task), name)

    def transfer(self, task, name, to):
        return self._done(TransferTask(task, to, "请代办"), name)

    def complete(self, task, name, outcome, key):
        return self._done(CompleteTask(task, {"outcome": outcome}, None, key), name)

    def withdraw(self, matter, name):
        return self._done(TriggerEvent(matter, "withdraw", {}), name)

    def _done(self, command, name):
        try:
            self.engine.run(command, person(self.engine, name))
        except EngineError:
            return False
        return True


class WebDesk:
    """The same acts as forms of pages; a refusal is an answer of 400 to 499."""

    def __init__(self, engine, browse):
        self.engine = engine
        self._browse = browse
        self._browsers = {}

    def start(self, name):
        assert self._post(name, "/start/ruled", {})
        return max(row.id for row in read(self.engine, "process_instance"))

    def claim(self, task, name):
        return self._post(name, f"/tasks/{task}/claim", {})

    def release(self, task, name):
        return self._post(name, f"/tasks/{task}/unclaim", {})

    def transfer(self, task, name, to):
        return self._post(name, f"/tasks/{task}/transfer", {"to_person": to, "reason": "请代办"})

    def complete(self, task, name, outcome, key):
        version = read(self.engine, "user_task", id=task)[0].row_version
        fields = {"outcome": outcome, "row_version": str(version), "idempotency_key": key}
        return self._post(name, f"/tasks/{task}/complete", fields)

    def withdraw(self, matter, name):
        return self._post(name, f"/matters/{matter}/acts/withdraw", {})

    def _post(self, name, path, fields):
        answer = self._send(name, path, fields)
        if answer.status_code == 401:  # the session ended with the time that passed
            del self._browsers[name]
            answer = self._send(name, path, fields)
        assert answer.status_code == 303 or 402 <= answer.status_code < 500, (path, answer.status_code)
        return answer.status_code == 303

    def _send(self, name, path, fields):
        if name not in self._browsers:
            browser = self._browse(name)
            self._browsers[name] = (browser, browser.token())
        browser, token = self._browsers[name]
        return browser.client.post(path, data={"csrf_token": token, **fields})
