"""Start a matter by the timer of its procedure's start event."""

from dataclasses import dataclass

from engine.command import Context
from engine.execution.applying import write_jobs
from engine.execution.start_timers import start_job
from engine.execution.starting import Beginning, begin_matter, unit_in
from engine.jobs.acquire import AcquiredJob, take
from engine.tokens.timers import following


@dataclass(frozen=True)
class StartMatter:
    """Begin a matter at the highest unit; a cycle goes on; rounds missed in downtime are not made up."""

    job: AcquiredJob

    def execute(self, context: Context) -> None:
        """Begin in the transaction that deletes the job; a version that was followed by another starts nothing."""
        if not take(context, self.job):
            return
        deployed = context.catalog.latest_of(str(self.job.topic))
        if deployed.version != self.job.payload["version"]:
            return
        begin_matter(
            context,
            Beginning(deployed, unit_in(context, {}), {}, str(self.job.catcher), index=self.job.event_index or 0),
        )
        every = self.job.payload["every"]
        more = following(self.job.due_at, self.job.payload["left"], every, context.now) if every else None
        if more is not None:
            key, node, index = deployed.key, str(self.job.catcher), self.job.event_index or 0
            write_jobs(context, [start_job(key, deployed.version, node, index, more)])
