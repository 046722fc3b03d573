"""Budgets, depth, size, deadlocks: what would hang or recurse elsewhere ends in an incident or simply works."""

from time import process_time

from engine.tokens import advance, effects, new_state
from engine.tokens.events import Complete, Start
from tests.engine.tokens.drawing import LINE, around, chain, flow, sub, user
from tests.engine.tokens.world import EPOCH, Instance, read


def test_two_thousand_nodes_in_a_row_work():
    names = [f"n{i}" for i in range(2000)]
    instance = Instance(read(chain(*((name, f'<task id="{name}"/>') for name in names)))).start()
    assert instance.status == "completed"


def test_fifty_nested_sub_processes_work():
    inner = user("t")
    for level in range(50):
        inner = sub(f"h{level}", inner)
    instance = Instance(read(chain(inner))).start()
    assert instance.tasks == ["t"]
    assert instance.complete("t").status == "completed"


def test_two_thousand_rounds_of_rework_cost_the_same_at_the_end_as_at_the_beginning():
    body = LINE + '<userTask id="t"/><exclusiveGateway id="g"/><exclusiveGateway id="m"/>'
    body += flow(("s", "m"), ("m", "t"), ("t", "g"), ("g", "m", "again = true"), ("g", "e", "again = false"))
    instance, sizes = Instance(read(body)).start(), []
    for _ in range(2000):
        instance.effects.clear()
        instance.complete("t", again=True)
        sizes.append(len(str(instance.state)))
    assert instance.complete("t", again=False).status == "completed"
    assert max(sizes) - min(sizes) < 10


def test_a_loop_without_a_wait_ends_in_an_incident_and_never_hangs():
    body = LINE + '<task id="t"/><exclusiveGateway id="g"/><exclusiveGateway id="m"/>'
    body += flow(("s", "m"), ("m", "t"), ("t", "g"), ("g", "m", "stop != true"), ("g", "e", "stop = true"))
    instance = Instance(read(body)).start()
    assert instance.status == "active"
    assert "超过 1000 步" in instance.incidents[0]
    assert "超过 1000 步" in instance.retry().incidents[1]
    instance.set(stop=True).retry()
    assert instance.status == "completed"


def test_five_hundred_joins_in_a_row_are_no_loop():
    body, pairs = LINE, []
    for i in range(500):
        body += f'<inclusiveGateway id="f{i}"/><inclusiveGateway id="j{i}"/><task id="a{i}"/><task id="b{i}"/>'
        pairs += [(f"j{i - 1}" if i else "s", f"f{i}"), (f"f{i}", f"a{i}"), (f"f{i}", f"b{i}")]
        pairs += [(f"a{i}", f"j{i}"), (f"b{i}", f"j{i}")]
    instance = Instance(read(body + flow(*pairs, ("j499", "e")))).start()
    assert (instance.status, instance.incidents) == ("completed", [])


def test_a_fork_bomb_ends_in_an_incident():
    body = LINE + '<parallelGateway id="g"/><exclusiveGateway id="m"/><task id="t"/><task id="u"/>'
    body += flow(("s", "m"), ("m", "g"), ("g", "t"), ("g", "u"), ("t", "m"), ("u", "m"), ("g", "e"))
    instance = Instance(read(body)).start()
    assert len(instance.incidents) == 1
    assert len(instance.state["tokens"]) < 3000


def test_a_process_that_calls_itself_ends_in_an_incident():
    instance = Instance(read(around('<callActivity id="t" calledElement="p"/>'))).start()
    assert "嵌套超过" in instance.incidents[0]
    twice = LINE + "".join(f'<callActivity id="c{i}" calledElement="p"/>' for i in "ab")
    twice += flow(("s", "ca"), ("s", "cb"), ("ca", "e"), ("cb", "e"))
    assert Instance(read(twice)).start().incidents


def test_an_endless_standard_loop_ends_in_an_incident():
    loop = "<standardLoopCharacteristics><loopCondition>true</loopCondition></standardLoopCharacteristics>"
    instance = Instance(read(around(f'<task id="t">{loop}</task>'))).start()
    assert instance.incidents


def test_a_join_after_an_exclusive_split_is_named_as_stuck():
    body = LINE + '<exclusiveGateway id="g"/><parallelGateway id="j" name="汇合"/><userTask id="a"/><userTask id="b"/>'
    body += flow(("s", "g"), ("g", "a", "x = 1"), ("g", "b", "x = 2"), ("a", "j"), ("b", "j"), ("j", "e"))
    instance = Instance(read(body), x=1).start()
    assert not instance.incidents
    assert instance.complete("a").incidents == [
        "并行网关“汇合”（j）还等待来自“b”的分支，而它不会再到达（多余的令牌停在这里）"
    ]


def test_a_join_with_a_token_too_many_is_named():
    body = LINE + '<parallelGateway id="g"/><exclusiveGateway id="m"/><parallelGateway id="j"/>'
    body += '<task id="a"/><task id="b"/><task id="c"/>'
    body += flow(
        ("s", "g"), ("g", "a"), ("g", "b"), ("g", "c"), ("a", "m"), ("b", "m"), ("m", "j"), ("c", "j"), ("j", "e")
    )
    instance = Instance(read(body)).start()
    assert instance.status == "active"
    assert "“j”" in instance.incidents[0]


def test_two_inclusive_joins_that_wait_for_each_other_are_both_named():
    body = (
        LINE + '<parallelGateway id="g"/><inclusiveGateway id="j"/><inclusiveGateway id="k"/><exclusiveGateway id="x"/>'
    )
    body += '<exclusiveGateway id="y"/><userTask id="a"/><userTask id="b"/>'
    body += flow(
        ("s", "g"), ("g", "a"), ("g", "b"), ("a", "j"), ("b", "k"), ("j", "x"), ("k", "y"), ("x", "k"), ("y", "j")
    )
    body += flow(("x", "e"), ("y", "e"))
    instance = Instance(read(body)).start().complete("a").complete("b")
    assert len(instance.incidents) == 2
    assert {effect.node for effect in instance.of(effects.IncidentRaised)} == {"j", "k"}


def test_several_tokens_on_one_flow_join_as_often_as_they_can():
    body = LINE + '<task id="a" completionQuantity="2"/><task id="b" completionQuantity="2"/><parallelGateway id="j"/>'
    body += '<userTask id="t"/>' + flow(("s", "a"), ("s", "b"), ("a", "j"), ("b", "j"), ("j", "t"), ("t", "e"))
    instance = Instance(read(body)).start()
    assert instance.tasks == ["t", "t"]
    assert instance.complete("t").complete("t").status == "completed"


def test_the_given_state_is_never_changed_and_unchanged_values_keep_their_identity():
    deployed = read(chain(user("t"), user("u")))
    big = {"rows": [1, 2, 3]}
    first = advance(deployed, new_state("p:1"), Start({"big": big}), EPOCH)
    before = repr(first.state)
    second = advance(deployed, first.state, Complete(next(iter(first.state["tokens"])), {"n": 1}), EPOCH)
    assert repr(first.state) == before
    root = first.state["root"]
    assert second.state["scopes"][root]["vars"]["big"] is first.state["scopes"][root]["vars"]["big"]


def test_the_same_event_always_gives_the_same_step():
    deployed = read(chain(user("t"), user("u")))
    state = advance(deployed, new_state("p:1"), Start({}), EPOCH).state
    event = Complete(next(iter(state["tokens"])), {"b": 1, "a": [2]})
    assert advance(deployed, state, event, EPOCH) == advance(deployed, state, event, EPOCH)


def test_a_step_is_cheap():
    deployed = read(chain(*(user(f"t{i}") for i in range(50))))
    state = advance(deployed, new_state("p:1"), Start({f"v{i}": i for i in range(100)}), EPOCH).state
    began = process_time()
    for i in range(50):
        state = advance(deployed, state, Complete(next(iter(state["tokens"])), {"n": i}), EPOCH).state
    assert state["status"] == "completed"
    assert (process_time() - began) / 50 < 0.002


def test_a_step_may_compute_only_so_much_and_a_retry_goes_on_where_it_stopped():
    costly = "x = count(for i in 1..2000 return i * 2)"
    names = [f"n{i}" for i in range(700)]
    tasks = [(name, f'<scriptTask id="{name}"><script>{costly}</script></scriptTask>') for name in names]
    instance = Instance(read(chain(*tasks))).start()
    assert "计算过多" in instance.incidents[0]
    passed = [effect.node for effect in instance.of(effects.Passed)]
    while instance.status == "active":
        instance.retry()
        passed += [effect.node for effect in instance.last if isinstance(effect, effects.Passed)]
    assert passed == ["s", *names, "e"]
    assert len(instance.incidents) < 10


def test_two_parallel_joins_that_wait_for_each_other_are_both_named():
    body = LINE + '<parallelGateway id="g"/><parallelGateway id="j"/><parallelGateway id="k"/>'
    body += '<userTask id="a"/><userTask id="b"/>'
    body += flow(("s", "g"), ("g", "a"), ("g", "b"), ("a", "j"), ("b", "k"), ("j", "k"), ("k", "j"), ("j", "e"))
    instance = Instance(read(body)).start().complete("a")
    assert not instance.incidents
    instance.complete("b")
    assert {effect.node for effect in instance.of(effects.IncidentRaised)} == {"j", "k"}
    assert all("不会再到达" in message for message in instance.incidents)
