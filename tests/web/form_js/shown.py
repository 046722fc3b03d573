"""Random components that hold no value: texts, tables, lines, room and buttons."""

import random
from collections.abc import Callable
from typing import Any

from tests.web.form_js.values import CONDITIONS, SAYINGS, Component, Made

CELLS: tuple[Any, ...] = (0, 1, 2.5, "甲", "x", None)


def text(rng: random.Random) -> Made:
    """Return words that read the data."""
    made = bare("text")(rng)[0][0]
    made["text"] = rng.choice(SAYINGS)
    return [made], {}


def table(rng: random.Random) -> Made:
    """Return a table over rows of the data."""
    made = bare("table")(rng)[0][0]
    made["columns"] = [{"label": "名", "key": "p"}, {"label": "数", "key": "q"}][: rng.choice((1, 2))]
    made["dataSource"] = rng.choice(("=lines", "=lines[q > 1]", "=missing", "=for x in n return {p: x, q: x + 1}"))
    lines = [{"p": rng.choice(CELLS), "q": rng.choice(CELLS)} for _ in range(rng.randrange(4))]
    return [made], {"lines": lines}


def bare(kind: str) -> Callable[[random.Random], Made]:
    """Return the maker of a component beside a field that depends on the same facts."""

    def make(rng: random.Random) -> Made:
        made: Component = {"type": kind, "id": f"S_{kind}", "label": kind}
        if rng.random() < 0.5:
            made["conditional"] = {"hide": rng.choice(CONDITIONS)}
        return [made], {}

    return make
