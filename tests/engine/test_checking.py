"""What the installation has is known to the check: units, once there is an organisation."""

import pytest

from engine.errors import InvalidDefinitionError
from tests.factories import SQUAD, deploy, line, prepare, procedure, props, user


def in_unit(code):
    return procedure("demo", line(user("work", inside=props(unit=code, excludeUnit=code)), keys=("work",)))


def test_a_unit_that_the_organisation_does_not_have_is_refused(engine):
    prepare(engine)
    with pytest.raises(InvalidDefinitionError) as refusal:
        deploy(engine, *in_unit("999999"))
    told = [(one.rule, one.element, one.severity) for one in refusal.value.problems if one.rule == "unknown-unit"]
    assert told == [("unknown-unit", "work", "error")] * 2
    assert deploy(engine, *in_unit(SQUAD)).definitions[0].version == 1


def test_before_there_is_an_organisation_units_are_not_checked(engine):
    assert deploy(engine, *in_unit("999999")).definitions[0].version == 1
