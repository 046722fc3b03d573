"""SpiffWorkflow as its documentation has it run: the whole workflow read from JSON, one task done, all of it saved again."""

import io

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, insert, select, update

from tests.benchmarks.tables import timed
from tests.factories import flows

_INSIDE = (
    '<bpmn:startEvent id="start"/><bpmn:userTask id="work"/><bpmn:userTask id="check"/>'
    '<bpmn:exclusiveGateway id="gw" default="gw_end"/><bpmn:endEvent id="end"/>'
)
_XML = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="x">'
    '<bpmn:process id="rounds" isExecutable="true">{}</bpmn:process></bpmn:definitions>'
)
_SAVED = Table("spiff_workflow", MetaData(), Column("id", Integer, primary_key=True), Column("state", Text))
_READ = select(_SAVED.c.state).where(_SAVED.c.id == 1)
_SAVE = update(_SAVED).where(_SAVED.c.id == bindparam("i")).values(state=bindparam("v"))


class SpiffRounds:
    """The procedure of `completion.Rounds` on SpiffWorkflow; only its own work and the row of the state, no worklist."""

    def __init__(self, engine):
        self.engine = engine
        self.serializer = BpmnWorkflowSerializer()
        parser = BpmnParser()
        inside = _INSIDE + flows("start>work", "work>check", "check>gw", "gw>work?again", "gw>end")
        parser.add_bpmn_io(io.BytesIO(_XML.format(inside).encode()))
        workflow = BpmnWorkflow(parser.get_spec("rounds"))
        workflow.do_engine_steps()
        with engine.database.transaction() as session:
            _SAVED.drop(session.connection(), checkfirst=True)
            _SAVED.create(session.connection())
            session.execute(insert(_SAVED), {"id": 1, "state": self.serializer.serialize_json(workflow)})

    def submit(self):
        """Complete the open task; the milliseconds it took."""
        return timed(self._complete)[0]

    def _complete(self):
        with self.engine.database.transaction() as session:
            run = session.connection().execute
            workflow = self.serializer.deserialize_json(run(_READ).scalar_one())
            task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
            task.data.update(note="说明", again=True)
            task.run()
            workflow.do_engine_steps()
            run(_SAVE, {"i": 1, "v": self.serializer.serialize_json(workflow)})

    def size(self):
        """The bytes of the saved state."""
        with self.engine.database.transaction(write=False) as session:
            return len(session.connection().execute(_READ).scalar_one().encode())
