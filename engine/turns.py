"""Turns: the writers of one SQLite file, in all processes, one after the other, none waiting for ever.

SQLite's own busy handler lets some writers starve for seconds; an advisory lock on a file beside the database wakes
them in their order (security D3).
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import UnavailableError


class WriterTurns:
    """The queue of writers at one lock file."""

    def __init__(self, path: Path) -> None:
        """Name the lock file; it is made when somebody first writes."""
        self.path = path
        self._local = threading.local()

    @contextmanager
    def turn(self, seconds: float | None) -> Iterator[None]:
        """Wait for this thread's turn, at most so many seconds (None: as long as it takes).

        Raises UnavailableError where the turn does not come, FileNotFoundError where the file's folder is not there.
        """
        file = self._file()
        if not self._locked(file, seconds):
            self._local.file = None  # it belongs to the waiter now, who closes it
            raise UnavailableError
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _file(self) -> int:
        file: int | None = getattr(self._local, "file", None)
        if file is None:
            file = self._local.file = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        return file

    def _locked(self, file: int, seconds: float | None) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _Waiter(file).wait(seconds)
        return True


class _Waiter:
    """Waits for the lock in a thread of its own, since flock knows no time limit and asking again loses one's place."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._mutex = threading.Lock()
        self._granted = threading.Event()
        self._given_up = False
        threading.Thread(target=self._lock, name="bihuan-turn", daemon=True).start()

    def wait(self, seconds: float | None) -> bool:
        """Return whether the lock was granted in time; if not, the file is closed once it is."""
        if self._granted.wait(seconds):
            return True
        with self._mutex:
            self._given_up = not self._granted.is_set()
            return not self._given_up

    def _lock(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        with self._mutex:
            if self._given_up:
                os.close(self._file)
            else:
                self._granted.set()
