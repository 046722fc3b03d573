"""Fire a timer: the instance gets it once, however often the job is acquired."""

from dataclasses import dataclass
from datetime import timedelta

from engine.command import Context
from engine.execution.applying import run_event
from engine.execution.matter import ENDED, load
from engine.jobs.acquire import AcquiredJob, postpone, take
from engine.tokens.events import Trigger
from engine.tokens.state import StaleEventError

AGAIN = timedelta(minutes=15)


@dataclass(frozen=True)
class FireTimer:
    """Trigger the subscription that a timer was armed for; the timers of a paused matter wait until it goes on."""

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Trigger in the transaction that deletes the job."""
        assert self.job.instance_id is not None
        matter = load(context, self.job.instance_id)
        if matter.status == "suspended":
            postpone(context, self.job, AGAIN)
            return
        if not take(context, self.job) or matter.status in ENDED:
            return
        try:
            run_event(context, matter, Trigger(str(self.job.token), str(self.job.catcher), self.job.event_index or 0))
        except StaleEventError:
            return
        context.record("timer fired", matter.id, subject=str(self.job.catcher))
