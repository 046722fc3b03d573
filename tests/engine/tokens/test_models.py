"""Every element and attribute that the outside suite's shown part leaves out, in models of our own."""

import pytest

from tests.engine.tokens.betsy import observe, verdict
from tests.engine.tokens.models.activities import ACTIVITIES, BASICS
from tests.engine.tokens.models.building import DEFINED, Model
from tests.engine.tokens.models.catching import CATCHING
from tests.engine.tokens.models.data import DATA, ERRORS
from tests.engine.tokens.models.events import EVENTS
from tests.engine.tokens.models.gateways import GATEWAYS, PATTERNS

MODELS = [*ACTIVITIES, *BASICS, *GATEWAYS, *PATTERNS, *CATCHING, *EVENTS, *DATA, *ERRORS]


def test_no_model_is_there_twice():
    assert len({model.name for model in MODELS}) == len(MODELS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_gives_its_trace(model):
    own = Model(**{**vars(model), "beside": DEFINED + model.beside})
    observed = observe(own.xml, own.case, own.name)
    assert verdict(own.case["expected"], observed), observed
