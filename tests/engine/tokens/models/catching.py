"""Each kind of event caught at a boundary and by an event sub-process, interrupting or beside."""

from tests.engine.tokens.drawing import event, timer
from tests.engine.tokens.models.building import WAIT, catch, guarded, hosted, log, message, script, signal, throw, top

SELF = {"wait": 5}
CATCHING = [
    model
    for name, definition, thrower in (
        ("Signal", signal(), throw("x", signal())),
        ("Message", message(), throw("x", message())),
        ("Escalation", event("escalation", attributes='escalationRef="X"'),
         throw("x", event("escalation", attributes='escalationRef="X"'))),
        ("Escalation_any", event("escalation"), throw("x", event("escalation", attributes='escalationRef="X"'))),
        ("Timer", timer("PT1S"), WAIT),
        ("Timer_date", timer("2026-11-25T01:00:01Z", "timeDate"), WAIT),
        ("Timer_cycle", timer("R1/PT1S", "timeCycle"), WAIT),
        ("Conditional", event("conditional", "<condition>integerVariable >= 1</condition>"),
         script("x", "INCREMENT_INTEGER_VARIABLE")),
        ("Multiple", signal() + message(), throw("x", message())),
    )
    for inside in ([thrower, catch("hold", timer("PT1S")), log(1)],)
    for model in (
        hosted(definition, *inside, name=name, trace="3", variables={"integerVariable": 0}, **SELF),
        hosted(definition, *inside, name=name, stops=False, trace="1 3 4", variables={"integerVariable": 0}, **SELF),
        hosted(definition, *inside, name=name, tag="transaction", trace="3", variables={"integerVariable": 0}, **SELF),
        guarded(definition, *inside, name=name, trace="3 4", variables={"integerVariable": 0}, **SELF),
        guarded(definition, *inside, name=name, stops=False, trace="1 3 4", variables={"integerVariable": 0}, **SELF),
        top(definition, *inside, name=name, trace="3", variables={"integerVariable": 0}, **SELF),
        top(definition, *inside, name=name, stops=False, trace="1 3", variables={"integerVariable": 0}, **SELF),
    )
]  # fmt: skip
