"""Why the product does not run on SpiffWorkflow: the smallest processes that 3.2.0 gets wrong.

Each test states what BPMN 2.0.2 demands and what SpiffWorkflow does instead. When a later release mends one of them, the
test fails here, and the lint of engine/bpmn/referee_lint.py can be loosened.
"""

from lxml import etree

from engine.bpmn.check_tree import Tree
from engine.bpmn.referee import Data, SecondEngine
from engine.bpmn.referee_copy import copy_for_referee
from engine.bpmn.referee_lint import unsound
from tests.engine.bpmn.corpus.builder import diagram, flows, user

DATA = Data(
    lambda text, variables: bool(variables.get(text)),
    lambda _script, _variables: {},
    lambda _node, _variables, given: given,
    lambda _call, _variables: {},
    lambda _call, _variables: {},
)
# start - merge - split - (a | b) - join - again? - back to merge, else end
JOIN_IN_A_LOOP = (
    '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="merge"/><bpmn:parallelGateway id="split"/>'
    + user("a") + user("b")
    + '<bpmn:parallelGateway id="join"/><bpmn:exclusiveGateway id="again" default="again_end"/><bpmn:endEvent id="end"/>'
    + flows("start>merge", "merge>split", "split>a", "split>b", "a>join", "b>join", "join>again",
            "again>merge?more", "again>end")
)  # fmt: skip


def tree_of(body: str) -> Tree:
    file = diagram(body)
    return Tree(etree.fromstring(file.content), file.path)


def second_engine(tree: Tree) -> SecondEngine:
    engine = SecondEngine({tree.file: copy_for_referee(tree)}, "demo", DATA)
    engine.start({})
    return engine


def test_a_join_in_a_loop_fires_without_waiting_for_all_its_branches():
    """BPMN 2.0.2 §13.4.1: a parallel join takes one token of each incoming flow; in round two only `b` has come."""
    engine = second_engine(tree_of(JOIN_IN_A_LOOP))
    engine.complete("a", {"more": True})
    engine.complete("b", {})
    assert engine.open() == ["a", "b"], "round two has begun as it should"
    engine.complete("b", {})
    demanded = ["a"]
    assert engine.open() != demanded, "mended: loosen the lint JOIN_ON_CYCLE"
    assert engine.open() == ["a", "a", "b"], "round three runs although `a` of round two was never done"


def test_the_lint_names_the_join_that_lies_on_a_cycle():
    reasons = unsound({"demo": tree_of(JOIN_IN_A_LOOP)}, "demo")
    assert [reason for reason in reasons if "并行网关（join）是循环上的汇聚" in reason] == reasons != []


def test_a_split_and_join_that_lie_on_no_cycle_are_judged():
    once = JOIN_IN_A_LOOP.replace('<bpmn:sequenceFlow id="again_merge"', '<bpmn:sequenceFlow id="gone"').replace(
        'targetRef="merge"><bpmn:cond', 'targetRef="end"><bpmn:cond'
    )
    assert unsound({"demo": tree_of(once)}, "demo") == []


def test_what_spiffworkflow_does_not_read_is_named():
    conditional = '<bpmn:startEvent id="start"/>' + user("a") + '<bpmn:endEvent id="end"/><bpmn:endEvent id="other"/>'
    reasons = unsound({"demo": tree_of(conditional + flows("start>a", "a>end?x", "a>other"))}, "demo")
    assert reasons == ["用户任务“办理”（a）：活动后的条件顺序流，SpiffWorkflow 不支持"]
