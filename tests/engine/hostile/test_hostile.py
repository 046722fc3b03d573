"""At every place where a text of a definition is evaluated, more than a hundred hostile ones do no harm.

They run in a process of their own, under an audit hook that sees whatever opens, starts or compiles anything.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import InvalidDefinitionError
from tests.engine.hostile.places import PLACES
from tests.engine.hostile.texts import ESCAPES, MARK, TEXTS
from tests.engine.tokens.world import read

ROOT = Path(__file__).resolve().parents[3]
# The budget of an expression aims at 50 ms; a busy machine is given twenty times that, reading and steps included.
SECONDS = 1.0
MEBIBYTES = 200


@pytest.fixture(scope="module")
def outcome():
    """What became of every text at every place."""
    command = [sys.executable, "-m", "tests.engine.hostile.child"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_there_are_more_than_a_hundred_texts_at_each_place(outcome):
    assert len(TEXTS) > 100
    assert {place: sum(counted.values()) for place, counted in outcome["outcomes"].items()} == dict.fromkeys(
        PLACES, len(TEXTS)
    )


def test_nothing_was_opened_started_or_compiled(outcome):
    assert outcome["done"] == []
    assert not (ROOT / MARK).exists()


def test_nothing_fails_in_a_way_nobody_expects(outcome):
    assert outcome["failures"] == []


def test_none_takes_long_or_much(outcome):
    assert outcome["slowest"][0] < SECONDS, outcome["slowest"]
    assert outcome["grown"] < MEBIBYTES


@pytest.mark.parametrize("place", PLACES)
def test_every_place_refuses_some_and_runs_the_rest(outcome, place):
    counted = outcome["outcomes"][place]
    assert counted.get("refused", 0) > 20
    assert len(counted) > 1


def test_the_watch_sees_what_it_should(tmp_path):
    """The control: the same hook, and something that does open a file."""
    code = (
        "import sys; seen = []; sys.addaudithook(lambda event, _: seen.append(event));"
        f"open({str(tmp_path / 'x')!r}, 'w').close(); compile('1', '', 'eval');"
        "print('open' in seen and 'compile' in seen)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "True"


@pytest.mark.parametrize("number", ["9" * 9000, "²", "-" * 5000 + "1", "0x10", "1e3", " ", ESCAPES["import"]])
def test_a_number_that_is_none_is_refused_by_name(number):
    number = number.replace('"', "&quot;")
    body = (
        f'<startEvent id="s"/><userTask id="a" startQuantity="{number}"/><endEvent id="e"/>'
        '<sequenceFlow id="f" sourceRef="s" targetRef="a"/><sequenceFlow id="g" sourceRef="a" targetRef="e"/>'
    )
    with pytest.raises(InvalidDefinitionError, match="startQuantity"):
        read(body)
