"""Call a connector: the topics of service tasks that work on the product's own data, each in one transaction."""

from dataclasses import dataclass

from engine.command import Context
from engine.errors import BpmnError, ConnectorError
from engine.execution.applying import run_event
from engine.execution.matter import ENDED, load
from engine.jobs.acquire import AcquiredJob, take
from engine.tokens import variables_in_sight
from engine.tokens.events import Complete, ThrowError
from engine.topics import TOPICS
from engine.topics.topic import Call


@dataclass(frozen=True)
class CallConnector:
    """Do the work of a service task and let its token go on; raises ConnectorError (retry, then incident)."""

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Work, report and delete the job in one transaction."""
        topic = TOPICS.get(self.job.topic or "")
        if topic is None:
            raise ConnectorError(reason=f"没有主题“{self.job.topic}”的连接器", permanent=True)
        assert self.job.instance_id is not None
        matter = load(context, self.job.instance_id)
        token = str(self.job.token)
        if not take(context, self.job) or matter.status in ENDED or token not in matter.state["tokens"]:
            return
        call = Call(
            context, matter, token, str(self.job.payload.get("node", "")), variables_in_sight(matter.state, token)
        )
        try:
            result = topic(call)
        except BpmnError as error:
            run_event(context, matter, ThrowError(token, error.code, error.variables))
            return
        run_event(context, matter, Complete(token, result))
