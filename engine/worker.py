"""The worker: its heartbeat acquires due jobs and runs each as a command."""

import logging
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from engine.actor import ENGINE
from engine.channels import CHANNELS
from engine.engine import Engine
from engine.errors import EngineError, JobError, UnavailableError
from engine.jobs import acquire
from engine.jobs.acquire import AcquiredJob, AcquireJobs, SettleFailure
from engine.jobs.archive_matters import EnsureArchiving
from engine.jobs.heartbeat import Beat, StopBeating
from engine.jobs.keep_house import EnsureHouse, KeepHouse
from engine.jobs.run_together import RunTogether, command_of, together
from engine.jobs.send_notification import KeepUnsent, MarkSent, TakeOutgoing
from engine.queries.attachments import ListKeptContent

log = logging.getLogger("bihuan.worker")
BATCH = 20
BEAT = timedelta(seconds=5)
# While more is due than one batch, each so-manieth batch takes from every procedure alike.
FAIR_TURN = 4
ORPHAN_AGE = timedelta(days=1)


class Worker:
    """Acquires due jobs under a lease, runs each in a transaction of its own, and settles failures.

    `channels` maps a channel's name to its settings; messages for a channel without settings stay in the outbox.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Any] | None = None,
        anchor_file: Path | None = None,
        archive_days: int = 90,
    ) -> None:
        """Name this worker by host process and thread."""
        self.engine = engine
        self.channels = dict(channels or {})
        self.anchor_file = anchor_file
        self.archive_days = archive_days
        self.name = f"{os.uname().nodename}:{os.getpid()}"
        self.last_tick: datetime | None = None
        self._started = engine.clock.now()
        self._beaten: datetime | None = None
        self._full = 0
        self._swept: datetime | None = None
        self._scheduler: BackgroundScheduler | None = None
        self._stopping = threading.Event()
        self._turn = threading.Lock()

    def start(self, seconds: float) -> None:
        """Look every `seconds`, and at once when the engine in this process has written a due job."""
        self.engine.run(EnsureHouse(), ENGINE)
        self.engine.run(EnsureArchiving(self.archive_days), ENGINE)
        self._live()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(self._beat, "interval", seconds=seconds, max_instances=1, coalesce=True)
        self._scheduler.start()
        threading.Thread(target=self._listen, name="bihuan-wake", daemon=True).start()

    def stop(self) -> None:
        """Finish the job at hand, stop, and say so."""
        self._stopping.set()
        self.engine.worker_event.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
        with suppress(UnavailableError):
            self.engine.run(StopBeating(self.name), ENGINE)

    def tick(self, limit: int = BATCH) -> int:
        """Run the jobs due now, up to `limit`; return how many were acquired.

        What could not be begun in the first half of the lease, since others took long, is left for whoever comes next.
        """
        with self._turn:
            latest = self.engine.clock.now() + acquire.LEASE / 2
            jobs = self.engine.run(AcquireJobs(self.name, limit, self._full % FAIR_TURN == FAIR_TURN - 1), ENGINE)
            self._full = self._full + 1 if len(jobs) == limit else 0
            done = self._run_together(together(jobs))
            for job in jobs:
                if job not in done and self.engine.clock.now() < latest:
                    self._run(job)
                    self._live()
            self.last_tick = self.engine.clock.now()
            return len(jobs)

    def drain(self, most: int = 1000) -> int:
        """Run jobs until none is due; return how many ran."""
        done = 0
        while done < most and (count := self.tick()):
            done += count
        return done

    def _beat(self) -> None:
        try:
            self._live()
            while not self._stopping.is_set() and self.tick():
                self._live()
        except UnavailableError:
            log.warning("database unavailable; the worker tries again at its next beat")

    def _live(self) -> None:
        """Let the heartbeat be seen, every few seconds."""
        now = self.engine.clock.now()
        if self._beaten is None or not timedelta(0) <= now - self._beaten < BEAT:
            self._beaten = now
            self.engine.run(Beat(self.name, self._started, now), ENGINE)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            self.engine.worker_event.wait()
            self.engine.worker_event.clear()
            if not self._stopping.is_set():
                self._beat()

    def _run_together(self, jobs: tuple[AcquiredJob, ...]) -> tuple[AcquiredJob, ...]:
        """Run jobs in one transaction; return none where one of them fails: then each is run alone."""
        if len(jobs) < 2:
            return ()
        try:
            self.engine.run(RunTogether(tuple(command_of(job) for job in jobs)), ENGINE)
        except Exception as error:  # noqa: BLE001 - whatever it is, the job that raised it raises it again
            log.info("%d jobs are run one by one, since together they failed: %r", len(jobs), error)
            return ()
        return jobs

    def _run(self, job: AcquiredJob) -> None:
        """Run one job; whatever it raises becomes a retry or an incident, so that no job stops the others."""
        try:
            if job.kind == "notification":
                self._notify(job)
            else:
                self._command(job)
        except UnavailableError:
            raise
        except EngineError as error:
            permanent = isinstance(error, JobError) and error.permanent
            self.engine.run(SettleFailure(job, str(error), permanent), ENGINE)
        except Exception as error:
            log.exception("job %s (%s) failed", job.id, job.kind)
            self.engine.run(SettleFailure(job, f"{type(error).__name__}: {error}"), ENGINE)

    def _command(self, job: AcquiredJob) -> None:
        command = command_of(job)
        line: Any = self.engine.run(command, ENGINE)
        if isinstance(command, KeepHouse):
            self._sweep_files()
        if isinstance(command, KeepHouse) and line and self.anchor_file is not None:
            with self.anchor_file.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    def _sweep_files(self) -> None:
        """Once a day, remove content that was kept for a command that was refused then (security R5)."""
        now = self.engine.clock.now()
        if self._swept is None or now - self._swept >= ORPHAN_AGE:
            self._swept = now
            self.engine.files.sweep(self.engine.ask(ListKeptContent()), now - ORPHAN_AGE)

    def _notify(self, job: AcquiredJob) -> None:
        outgoing = self.engine.run(TakeOutgoing(job, tuple(self.channels)), ENGINE)
        if outgoing is not None and outgoing.channel not in self.channels:
            self.engine.run(KeepUnsent(job), ENGINE)
            return
        if outgoing is not None:
            CHANNELS[outgoing.channel].send(outgoing.message, self.channels[outgoing.channel])
        self.engine.run(MarkSent(job), ENGINE)
