"""Send back (退回), withdraw (撤回), add and drop a signer (加签, 减签), migrate."""

import random

import pytest

from engine.tokens import StaleEventError, effects
from engine.tokens.migration import Migrate
from engine.tokens.moving import SurgeryRefusedError
from engine.tokens.surgery import AddSign, DropSign, SendBack, Withdraw, operate
from tests.engine.tokens.drawing import LINE, around, boundary, chain, event, flow, sub, timer, user
from tests.engine.tokens.random_process import Xml, generate
from tests.engine.tokens.test_random import choose, kinds_of
from tests.engine.tokens.world import Deployed, Instance, read

FORK = LINE + '<parallelGateway id="g"/><parallelGateway id="j"/>'
TWO = FORK + "".join(user(name)[1] for name in ("first", "a", "b", "a2", "last"))
TWO += flow(
    ("s", "first"),
    ("first", "g"),
    ("g", "a"),
    ("g", "b"),
    ("a", "a2"),
    ("a2", "j"),
    ("b", "j"),
    ("j", "last"),
    ("last", "e"),
)


def act(instance, operation):
    step = operate(instance.deployed, instance.state, operation, instance.now)
    instance.state = step.state
    instance.last = list(step.effects)
    instance.effects += instance.last
    return instance


def send_back(instance, node, target, **variables):
    return act(instance, SendBack(instance.open(node)[0], target, variables))


def finish(instance, *nodes):
    for node in nodes:
        instance.complete(node)
    return instance


def test_work_goes_back_to_an_earlier_task_with_the_reason():
    instance = finish(Instance(read(chain(user("a"), user("b"), user("c")))).start(), "a", "b")
    send_back(instance, "c", "a", reason="材料不全")
    assert instance.tasks == ["a"]
    assert instance.root == {"reason": "材料不全"}
    assert effects.TaskClosed in [type(effect) for effect in instance.last]
    assert finish(instance, "a", "b", "c").status == "completed"


def test_going_back_within_a_branch_leaves_the_other_branch_alone():
    instance = finish(Instance(read(TWO)).start(), "first", "a")
    send_back(instance, "a2", "a")
    assert instance.tasks == ["a", "b"]
    assert finish(instance, "b", "a", "a2", "last").status == "completed"
    assert not instance.incidents


def test_going_back_before_the_split_takes_all_branches_back():
    instance = finish(Instance(read(TWO)).start(), "first", "b")
    send_back(instance, "a", "first")
    assert instance.tasks == ["first"]
    assert finish(instance, "first", "a", "b", "a2", "last").status == "completed"


def test_going_back_into_one_branch_from_after_the_join_does_not_repeat_the_other():
    instance = finish(Instance(read(TWO)).start(), "first", "a", "b", "a2")
    send_back(instance, "last", "a")
    assert instance.tasks == ["a"]
    assert finish(instance, "a", "a2", "last").status == "completed"
    assert not instance.incidents


def test_going_back_into_another_branch_opens_it_again_and_keeps_the_asking_task():
    instance = finish(Instance(read(TWO)).start(), "first", "a", "a2")
    send_back(instance, "b", "a")
    assert instance.tasks == ["a", "b"]
    assert finish(instance, "b", "a", "a2", "last").status == "completed"
    assert not instance.incidents


def test_going_back_into_another_branch_leaves_what_runs_beside_the_target_there_alone():
    body = TWO.replace('<sequenceFlow id="g__a" sourceRef="g" targetRef="a"></sequenceFlow>', "")
    body += '<parallelGateway id="k"/><parallelGateway id="l"/>' + user("a0")[1]
    body = body.replace('<sequenceFlow id="a__a2" sourceRef="a" targetRef="a2"></sequenceFlow>', "")
    body = body.replace('<sequenceFlow id="a2__j" sourceRef="a2" targetRef="j"></sequenceFlow>', "")
    body += flow(("g", "k"), ("k", "a0"), ("a0", "a"), ("k", "a2"), ("a", "l"), ("a2", "l"), ("l", "j"))
    instance = finish(Instance(read(body)).start(), "first", "a0", "a")
    send_back(instance, "b", "a0")
    assert instance.tasks == ["a0", "a2", "b"]
    assert finish(instance, "a0", "a", "a2", "b", "last").status == "completed"
    assert not instance.incidents


def test_one_signer_sends_the_whole_back():
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    instance = Instance(read(chain(user("draft"), ("sign", f'<userTask id="sign">{loop}</userTask>')))).start()
    instance.complete("draft").complete("sign")
    send_back(instance, "sign", "draft")
    assert instance.tasks == ["draft"]
    assert finish(instance, "draft", "sign", "sign", "sign").status == "completed"


def test_going_back_out_of_and_into_a_sub_process():
    body = chain(user("a"), sub("h", user("b"), user("c")), user("d")) + boundary("t", "h", timer("P1D"))
    body += user("late")[1] + flow(("t", "late"))
    instance = finish(Instance(read(body)).start(), "a", "b")
    send_back(instance, "c", "a")
    assert instance.tasks == ["a"]
    assert not instance.armed()
    finish(instance, "a", "b", "c")
    send_back(instance, "d", "c")
    assert instance.tasks == ["c"]
    assert len(instance.armed()) == 1
    assert finish(instance, "c", "d").status == "completed"


def test_going_back_out_of_a_called_process():
    deployed = read(
        p=chain(user("a"), ("call", '<callActivity id="call" calledElement="q"/>')), q=around('<userTask id="x"/>', "x")
    )
    instance = send_back(Instance(deployed).start().complete("a"), "x", "a")
    assert instance.tasks == ["a"]
    assert finish(instance, "a", "x").status == "completed"


def test_the_side_thread_of_a_non_interrupting_event_goes_on():
    body = (
        chain(user("a"), user("b"))
        + boundary("t", "b", timer("P1D"), stops=False)
        + user("side")[1]
        + flow(("t", "side"))
    )
    instance = Instance(read(body)).start().complete("a").pass_time(days=1)
    send_back(instance, "b", "a")
    assert instance.tasks == ["a", "side"]
    with pytest.raises(SurgeryRefusedError):
        send_back(instance, "side", "a")
    assert finish(instance, "a", "b", "side").status == "completed"


def test_what_was_done_again_is_undone_once():
    undo = (f'<boundaryEvent id="u" attachedToRef="a">{event("compensate")}</boundaryEvent><userTask id="h" isForCompensation="true"/>'
            '<association id="as" sourceRef="u" targetRef="h"/>')  # fmt: skip
    throw = ("x", f'<intermediateThrowEvent id="x">{event("compensate")}</intermediateThrowEvent>')
    instance = Instance(read(chain(user("a"), user("b"), throw, user("c")) + undo)).start().complete("a")
    send_back(instance, "b", "a")
    finish(instance, "a", "b")
    assert instance.tasks == ["h"]
    assert instance.complete("h").tasks == ["c"]


@pytest.mark.parametrize("target", ["join", "edge"])
def test_work_goes_back_to_no_joining_gateway_and_no_boundary_event(target):
    body = chain(user("a"), ("join", '<parallelGateway id="join"/>'), user("last")) + flow(("a", "join", None))
    body = body.replace('id="a__join"', 'id="again"', 1) + boundary("edge", "a", timer("PT1H"))
    body += user("late")[1] + flow(("edge", "late"))
    instance = Instance(read(body)).start().complete("a")
    tokens = dict(instance.state["tokens"])
    with pytest.raises(SurgeryRefusedError, match="请退回到环节"):
        send_back(instance, instance.tasks[0], target)
    assert instance.state["tokens"] == tokens


@pytest.mark.parametrize("target", ["nowhere", "in"])
def test_targets_that_make_no_sense_are_refused(target):
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    name, xml = sub("h", user("in"))
    body = chain((name, xml.replace(">", f">{loop}", 1)), user("last"))
    instance = finish(Instance(read(body)).start(), "in", "in")
    before = repr(instance.state)
    with pytest.raises(SurgeryRefusedError):
        send_back(instance, "last", target)
    assert repr(instance.state) == before


def test_a_completed_task_is_withdrawn_while_nobody_has_acted():
    instance = Instance(read(TWO)).start()
    task = instance.open("first")[0]
    instance.complete("first")
    assert act(instance, Withdraw(task, "first")).tasks == ["first"]
    task = instance.open("first")[0]
    finish(instance, "first", "b")
    with pytest.raises(SurgeryRefusedError, match="后续环节已经办理"):
        act(instance, Withdraw(task, "first"))


def test_another_branch_does_not_hinder_withdrawing():
    instance = Instance(read(TWO)).start().complete("first")
    task = instance.open("a")[0]
    finish(instance, "a", "b")
    assert act(instance, Withdraw(task, "a")).tasks == ["a"]
    assert finish(instance, "a", "a2", "last").status == "completed"


def signers(attributes=""):
    loop = f'<multiInstanceLoopCharacteristics {attributes} camunda:collection="team" camunda:elementVariable="who"/>'
    return read(around(f'<userTask id="t">{loop}</userTask>'))


def who(instance):
    return [instance.state["tokens"][key]["v"]["who"] for key in instance.open("t")]


def test_a_signer_is_added_and_dropped_in_parallel():
    instance = Instance(signers(), team=["甲", "乙"]).start()
    act(instance, AddSign(instance.open()[0], "丙"))
    assert who(instance) == ["甲", "乙", "丙"]
    act(instance, DropSign(instance.open()[1]))
    assert who(instance) == ["甲", "丙"]
    assert finish(instance, "t", "t").status == "completed"


def test_dropping_the_last_open_signer_ends_the_activity_when_others_have_signed():
    instance = Instance(signers(), team=["甲", "乙"]).start().complete("t")
    assert act(instance, DropSign(instance.open()[0])).status == "completed"


def test_the_only_signer_cannot_be_dropped():
    instance = Instance(signers(), team=["甲"]).start()
    with pytest.raises(SurgeryRefusedError):
        act(instance, DropSign(instance.open()[0]))


def test_signers_in_sequence_are_added_next_or_last_and_dropped_before_their_turn():
    instance = Instance(signers('isSequential="true"'), team=["甲", "乙"]).start()
    host = instance.state["scopes"][instance.state["tokens"][instance.open()[0]]["s"]]["up"]
    act(act(instance, AddSign(host, "丁")), AddSign(host, "丙", first=True))
    act(instance, DropSign(host, "乙"))
    seen = []
    while instance.status == "active":
        seen += who(instance)
        instance.complete("t")
    assert seen == ["甲", "丙", "丁"]


def test_the_current_signer_in_a_sequence_is_dropped_and_the_next_comes():
    instance = Instance(signers('isSequential="true"'), team=["甲", "乙"]).start()
    act(instance, DropSign(instance.open()[0]))
    assert who(instance) == ["乙"]
    assert instance.complete("t").status == "completed"


def versions(old, new):
    return Both(read(old).processes["p"], read(new).processes["p"])


class Both(Deployed):
    def __init__(self, old, new):
        self.versions = {"p:1": old, "p:2": new}

    def process(self, ref):
        return self.versions[ref]


def test_an_instance_goes_over_to_a_new_version():
    instance = Instance(versions(chain(user("a"), user("b")), chain(user("a"), user("new"), user("b")))).start()
    act(instance, Migrate("p:1", "p:2"))
    assert instance.state["p"] == "p:2"
    assert finish(instance, "a", "new", "b").status == "completed"


def test_a_renamed_node_keeps_its_timer():
    old = chain(user("a")) + boundary("t", "a", timer("P1D")) + user("late")[1] + flow(("t", "late"))
    new = chain(user("z")) + boundary("u", "z", timer("P9D")) + user("late")[1] + flow(("u", "late"))
    instance = Instance(versions(old, new)).start()
    due = instance.armed()[0][2]
    act(instance, Migrate("p:1", "p:2", {"a": "z", "t": "u"}))
    assert [(at, entry) for _, at, entry in instance.armed()] == [("u/0", due)]
    assert instance.pass_time(days=1).tasks == ["late"]


def test_a_new_boundary_event_is_listened_to_and_one_that_is_gone_is_not():
    old = chain(user("a")) + boundary("t", "a", timer("P1D")) + user("late")[1] + flow(("t", "late"))
    instance = Instance(versions(old, chain(user("a")))).start()
    act(instance, Migrate("p:1", "p:2"))
    assert [type(effect) for effect in instance.last] == [effects.TimerDisarmed]
    instance = Instance(versions(chain(user("a")), old)).start()
    assert isinstance(act(instance, Migrate("p:1", "p:2")).last[0], effects.TimerArmed)


def test_a_branch_that_is_new_counts_as_done():
    more = TWO + user("c")[1] + flow(("g", "c"), ("c", "j"))
    instance = Instance(versions(TWO, more)).start().complete("first")
    act(instance, Migrate("p:1", "p:2"))
    assert finish(instance, "a", "b", "a2", "last").status == "completed"


@pytest.mark.parametrize("new", [chain(user("b")), chain(("a", '<manualTask id="a"/>')), chain(sub("h", user("a")))])
def test_a_token_without_a_place_in_the_new_version_is_refused_by_name(new):
    instance = Instance(versions(chain(user("a")), new)).start()
    with pytest.raises(SurgeryRefusedError, match="“a”"):
        act(instance, Migrate("p:1", "p:2"))


def test_nothing_is_done_to_an_instance_that_is_over():
    instance = Instance(read(chain(user("a")))).start()
    token = instance.open()[0]
    instance.complete("a")
    with pytest.raises(StaleEventError):
        act(instance, SendBack(token, "a"))


@pytest.mark.parametrize("part", range(4))
def test_random_processes_come_to_their_end_however_often_work_is_sent_back(part):
    acted = sum(wander(seed) for seed in range(part, 400, 4))
    assert acted > 100


def wander(seed):
    """Send back at random, then complete everything; returns how often it was done."""
    block, dice, acted = generate(seed), random.Random(f"back {seed}"), 0
    deployed, kinds = Xml().deploy(block), kinds_of(block)
    instance = Instance(deployed).start()
    nodes = [
        node.id for process in deployed.processes.values() for node in process.nodes.values() if node.task == "user"
    ]
    for step in range(400):
        if instance.status != "active":
            break
        key = dice.choice(instance.open())
        if step < 40 and dice.random() < 0.25:
            try:
                act(instance, SendBack(key, dice.choice(nodes)))
                acted += 1
            except SurgeryRefusedError:
                pass
            continue
        name = instance.state["tokens"][key]["n"]
        value = choose(kinds.get(name), dice, calm=step > 60)
        instance.complete(name, instance.open(name).index(key), **({} if value is None else {name: value}))
    assert instance.status == "completed", f"seed {seed}: {instance.tasks} {instance.incidents[:2]}"
    assert not instance.incidents, f"seed {seed}: {instance.incidents[:2]}"
    return acted
