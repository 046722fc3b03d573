"""Sound files with random damage: the check and the reader answer with problems, never with an exception of their own."""

import os
import random
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.checks import DefinitionFile, check_definitions
from engine.bpmn.reader import read_bpmn
from engine.errors import InvalidDefinitionError
from tests.engine.bpmn.corpus.builder import KNOWN
from tests.engine.tokens.models.building import DEFINED, Model
from tests.engine.tokens.test_models import MODELS

PARTS = 2
NUMBER = 10_000 if os.environ.get("BIHUAN_TEST_LONG") else 200
FIRST = int(os.environ.get("BIHUAN_RANDOM_SEED", "0"))
SHIPPED = sorted(Path("processes").glob("*/*.bpmn"))
DRAWN = "http://www.omg.org/spec/BPMN/20100524/DI"
VALUES = (
    "", "true", "false", "-1", "0", "999999999", "x", "${", "${a}", "${1/0}", "=a", "a b", "..", "P1D", "R/PT0S", "中",
    "a:b:c", "None", "1e999", "a" * 5000, "null", "{}", "[]",
)  # fmt: skip


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_file_gives_problems_with_words(part):
    for seed in range(FIRST + part, FIRST + NUMBER, PARTS):
        dice = random.Random(f"damage {seed}")
        file = damaged(dice)
        for problem in check_definitions([file], KNOWN):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in problem.message), f"seed {seed}: {problem}"
        with suppress(InvalidDefinitionError):
            read_bpmn(file.content, file.path)


def damaged(dice):
    """A shipped procedure or one of our models with one to four places changed."""
    if dice.random() < 0.2:
        chosen = dice.choice(SHIPPED)
        path, xml = chosen.as_posix(), chosen.read_bytes()
    else:
        model = dice.choice(MODELS)
        path, xml = "processes/demo/drawn.bpmn", Model(**{**vars(model), "beside": DEFINED + model.beside}).xml
    root = etree.fromstring(xml)
    for _ in range(dice.randint(1, 4)):
        damage(root, dice)
    return DefinitionFile(path, etree.tostring(root))


def damage(root, dice):
    """Remove, copy, rename or move an element, or change one of its attributes or its text."""
    elements = [each for each in root.iter(etree.Element) if DRAWN not in str(each.tag)]
    chosen, other = dice.choice(elements), dice.choice(elements)
    values = (*VALUES, *(each.get("id") or "" for each in elements[:20]))
    parent, kind = (
        chosen.getparent(),
        dice.choice(["remove", "twice", "inside", "rename", "attribute", "value", "text"]),
    )
    if kind == "remove" and parent is not None:
        parent.remove(chosen)
    elif kind == "twice" and parent is not None:
        parent.append(deepcopy(chosen))
    elif kind == "inside" and len(elements) < 1000:
        other.append(deepcopy(chosen))
    elif kind == "rename" and parent is not None:
        chosen.tag = other.tag
    elif kind == "attribute" and chosen.attrib:
        del chosen.attrib[dice.choice(list(chosen.attrib))]
    elif kind == "value" and chosen.attrib:
        chosen.set(dice.choice(list(chosen.attrib)), dice.choice(values))
    elif kind == "text":
        chosen.text = dice.choice(values)
