"""Runs every hostile text at every place, watched: what it opened, started or compiled, how long and how much it took."""

import json
import resource
import sys
import time
from contextlib import suppress

from engine.errors import EngineError
from engine.feel import FeelBudgetError
from tests.engine.hostile.places import PLACES
from tests.engine.hostile.texts import TEXTS

WATCHED = ("os.", "subprocess.", "socket.", "exec", "compile", "open", "import", "ctypes.", "shutil.", "pty.")
# Time zones are looked up on disk, once.
FIRST = ("1", TEXTS["budget zones"], TEXTS["zone path"])
HARMLESS = ("os.listdir", "os.scandir")


def main(names):
    """Print one JSON line: outcomes per place, what was done that no expression may do, and the slowest."""
    for place in PLACES.values():  # whatever is loaded at first use is loaded now
        for text in FIRST:
            with suppress(EngineError, FeelBudgetError):
                place(text)
    done, watching, current = [], [False], [""]

    def watch(event, arguments):
        if watching[0] and event.startswith(WATCHED) and not event.startswith(HARMLESS):
            done.append(f"{current[0]}: {event} {str(arguments)[:80]}")

    sys.addaudithook(watch)
    outcomes, slowest, failures = {}, (0.0, ""), []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in names:
        counted = outcomes.setdefault(name, {})
        for label, text in TEXTS.items():
            current[0] = f"{name} / {label}"
            began, watching[0] = time.process_time(), True
            try:
                outcome = PLACES[name](text)
            except (EngineError, FeelBudgetError) as error:
                outcome = type(error).__name__
            except Exception as error:  # noqa: BLE001 - the test wants to know of every other
                outcome = "fault"
                failures.append(f"{current[0]}: {type(error).__name__}: {str(error)[:120]}")
            watching[0] = False
            slowest = max(slowest, (time.process_time() - began, current[0]))
            counted[outcome] = counted.get(outcome, 0) + 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(json.dumps({"outcomes": outcomes, "done": done, "slowest": slowest, "failures": failures, "grown": grown}))


main(sys.argv[1:] or list(PLACES))
