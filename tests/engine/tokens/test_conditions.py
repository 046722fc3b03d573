"""Conditional events: which change of data makes them look (camunda:variableName), and where a process begins."""

import pytest

from engine.tokens import StuckError
from tests.engine.tokens.drawing import LINE, boundary, chain, event, flow, user
from tests.engine.tokens.world import Instance, read


def reminded(attributes, condition="a > 1 or b > 1"):
    """A task with a conditional boundary event beside it that opens `u`."""
    definition = event("conditional", f"<condition>{condition}</condition>", attributes)
    body = chain(user("t")) + boundary("b", "t", definition, stops=False) + '<userTask id="u"/>' + flow(("b", "u"))
    return Instance(read(body), a=0, b=0).start()


def test_every_change_is_looked_at_unless_a_variable_is_named():
    assert reminded("").set(b=2).tasks == ["t", "u"]


def test_a_named_variable_is_the_only_one_that_is_looked_at():
    instance = reminded('camunda:variableName="a"')
    assert instance.set(b=2).tasks == ["t"]
    assert instance.set(c=1).tasks == ["t"]
    assert instance.set(a=1).tasks == ["t", "u"]


def test_a_condition_that_holds_when_it_opens_fires_whatever_is_named():
    definition = event("conditional", "<condition>b = 1</condition>", 'camunda:variableName="a"')
    body = chain(("c", f'<intermediateCatchEvent id="c">{definition}</intermediateCatchEvent>'))
    assert Instance(read(body), b=1).start().status == "completed"


@pytest.mark.parametrize(
    ("kinds", "after_update", "after_creation"), [("update", 1, 1), ("create", 0, 1), ("create, update", 1, 1)]
)
def test_the_kind_of_change_may_be_named(kinds, after_update, after_creation):
    instance = reminded(f'camunda:variableEvents="{kinds}"', "a > 1 or c > 1")
    assert instance.set(a=2).tasks.count("u") == after_update
    assert instance.set(c=2).tasks.count("u") == after_creation


def test_a_condition_fires_within_the_step_in_which_a_script_changes_data():
    script = ("w", '<scriptTask id="w"><script>a = 5</script></scriptTask>')
    definition = event("conditional", "<condition>a = 5</condition>")
    body = LINE + "".join(xml for _, xml in (user("t"), script, user("u")))
    body += f'<parallelGateway id="f"/><intermediateCatchEvent id="c">{definition}</intermediateCatchEvent>'
    body += flow(("s", "f"), ("f", "c"), ("f", "t"), ("c", "u"), ("t", "w"), ("w", "e"), ("u", "e"))
    assert Instance(read(body), a=0).start().complete("t").tasks == ["u"]


def test_a_process_with_a_conditional_start_begins_when_the_condition_holds():
    definition = event("conditional", "<condition>level > 3</condition>")
    body = chain(user("t")).replace('<startEvent id="s"/>', f'<startEvent id="s">{definition}</startEvent>')
    assert Instance(read(body), level=4).start().tasks == ["t"]
    with pytest.raises(StuckError, match="没有可以直接开始"):
        Instance(read(body), level=3).start()
