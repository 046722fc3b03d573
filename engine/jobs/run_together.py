"""Run jobs of several matters in one transaction: much of what one costs is its beginning and its commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.command import Command, Context
from engine.jobs import JOBS
from engine.jobs.acquire import AcquiredJob

# What they do is done in this database and nowhere else, and they are many at once.
KINDS = frozenset({"timer", "light"})


@dataclass(frozen=True)
class RunTogether:
    """Run commands of jobs one after the other, all or none, each once as if alone."""

    commands: tuple[Command[Any], ...]

    def execute(self, context: Context) -> None:
        """Run them; raises what the first of them raises."""
        for command in self.commands:
            command.execute(context)


def together(jobs: Sequence[AcquiredJob]) -> tuple[AcquiredJob, ...]:
    """Return those of some jobs that may run together: one of each matter, in an order all workers keep to."""
    first = {job.instance_id: job for job in reversed(jobs) if job.kind in KINDS}
    return tuple(sorted(first.values(), key=lambda job: job.instance_id or 0))


def command_of(job: AcquiredJob) -> Command[Any]:
    """Return the command that does a job."""
    found: Any = JOBS[job.kind](job)
    return found  # type: ignore[no-any-return]
