"""Data in BPMN's own words (§10.4): inputs, outputs and collections of repeated activities, and what events carry."""

from engine.tokens import effects
from tests.engine.tokens.drawing import around, boundary, chain, event, flow, sub, user
from tests.engine.tokens.world import Instance, read

LISTS = '<dataObject id="people" isCollection="true"/><dataObject id="votes" isCollection="true"/>'
EACH = (
    '<userTask id="t"><ioSpecification id="io"><dataInput id="in" name="all" isCollection="true"/>'
    '<dataOutput id="out" name="given" isCollection="true"/><inputSet id="i"/><outputSet id="o"/></ioSpecification>'
    '<dataInputAssociation id="a"><sourceRef>people</sourceRef><targetRef>in</targetRef></dataInputAssociation>'
    '<dataOutputAssociation id="b"><sourceRef>out</sourceRef><targetRef>votes</targetRef></dataOutputAssociation>'
    "<multiInstanceLoopCharacteristics><loopDataInputRef>in</loopDataInputRef><loopDataOutputRef>out</loopDataOutputRef>"
    '<inputDataItem id="who" name="who"/><outputDataItem id="vote" name="vote"/></multiInstanceLoopCharacteristics>'
    "</userTask>"
)
CARRIED = (
    '<dataInput id="{0}_i" name="{1}"/><dataInputAssociation id="{0}_a"><targetRef>{0}_i</targetRef><assignment>'
    "<from>{2}</from><to>{1}</to></assignment></dataInputAssociation>"
)
BESIDE = '<message id="M" name="m"/><signal id="S" name="s"/><error id="E" errorCode="e"/>'


def test_a_collection_comes_in_by_an_association_and_results_go_out_by_one():
    instance = Instance(read(LISTS + around(EACH)), people=["甲", "乙"]).start()
    seen = [instance.state["tokens"][key]["v"] for key in instance.open("t")]
    assert [(own["who"], "all" in own) for own in seen] == [("甲", False), ("乙", False)]
    instance.complete("t", index=1, vote="反对").complete("t", vote="同意")
    assert instance.root["votes"] == ["同意", "反对"]
    assert "given" not in instance.root


def test_an_empty_collection_gives_an_empty_one():
    instance = Instance(read(LISTS + around(EACH)), people=[]).start()
    assert (instance.status, instance.root["votes"]) == ("completed", [])


def test_a_message_carries_what_its_data_inputs_say_and_nothing_else():
    inside = CARRIED.format("x", "level", "n + 1") + event("message", attributes='messageRef="M"')
    instance = Instance(
        read(chain(("x", f'<intermediateThrowEvent id="x">{inside}</intermediateThrowEvent>')), beside=BESIDE), n=1
    )
    assert instance.start().of(effects.MessageThrown)[0].variables == {"level": 2}
    assert "level" not in instance.root


def test_an_error_carries_what_its_data_inputs_say_to_whoever_catches_it():
    inside = CARRIED.format("h_e", "why", '"坏了"') + event("error", attributes='errorRef="E"')
    name, xml = sub("h", ("t", '<task id="t"/>'))
    body = chain((name, xml.replace('<endEvent id="h_e"/>', f'<endEvent id="h_e">{inside}</endEvent>')))
    body += boundary("b", "h", event("error", attributes='errorRef="E"')) + user("u")[1] + flow(("b", "u"))
    instance = Instance(read(body, beside=BESIDE)).start()
    assert (instance.tasks, instance.root["why"]) == (["u"], "坏了")


def test_a_catching_event_has_inputs_of_its_own_for_what_it_waits_for():
    mapping = (
        '<extensionElements><camunda:inputOutput><camunda:inputParameter name="days">${n * 2}</camunda:inputParameter>'
        "</camunda:inputOutput></extensionElements>"
    )
    inside = (
        mapping
        + '<timerEventDefinition><timeDuration>=duration("P" + string(days) + "D")</timeDuration></timerEventDefinition>'
    )
    body = chain(("c", f'<intermediateCatchEvent id="c">{inside}</intermediateCatchEvent>'), user("t"))
    instance = Instance(read(body), n=2).start()
    assert instance.pass_time(days=3, hours=23).tasks == []
    assert instance.pass_time(hours=2).tasks == ["t"]
    assert "days" not in instance.root


STORE = '<dataStore id="ds" name="黑名单"/>'
KEPT = '<dataStoreReference id="list" dataStoreRef="ds"/>'


def storing(name):
    """A task that takes what the store holds as `known` and puts `found` in its place."""
    return name, (
        f'<scriptTask id="{name}"><dataInputAssociation id="{name}_a"><sourceRef>list</sourceRef>'
        f'<targetRef>{name}_i</targetRef></dataInputAssociation><dataOutputAssociation id="{name}_b">'
        f"<sourceRef>{name}_o</sourceRef><targetRef>list</targetRef></dataOutputAssociation>"
        f'<ioSpecification id="{name}_io"><dataInput id="{name}_i" name="known"/><dataOutput id="{name}_o" name="found"/>'
        '<inputSet id="{0}_is"/><outputSet id="{0}_os"/></ioSpecification>'
        "<script>found = (if known = null then [] else known)\nfound = append(found, who)</script></scriptTask>"
    ).replace("{0}", name)


def test_a_data_store_outlives_the_instance_that_wrote_it():
    deployed = read(KEPT + chain(storing("t")), beside=STORE)
    first = Instance(deployed, who="甲").start()
    assert deployed.stores == {"黑名单": ["甲"]}
    assert "黑名单" not in first.root
    Instance(deployed, who="乙").start()
    assert deployed.stores == {"黑名单": ["甲", "乙"]}


def test_what_a_step_stores_it_reads_again_in_the_same_step():
    deployed = read(KEPT + chain(storing("t"), storing("u")), beside=STORE)
    Instance(deployed, who="甲").start()
    assert deployed.stores == {"黑名单": ["甲", "甲"]}
