"""A parallel multi-instance of a thousand items: opening it, and completing one of them beside a normal task."""

from engine.task_actions.complete import CompleteTask
from tests.benchmarks.completion import FORM, Rounds, times
from tests.benchmarks.tables import milliseconds, p50, timed
from tests.factories import claim, deploy, flows, form_file, person, procedure, props, start, text_field, user

_LOOP = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"


def measure(engines, *, quick):
    """Open everything at once; complete some, each beside a completion of a matter with one token."""
    items, rows = 100 if quick else 1000, []
    for name, engine in engines.items():
        deploy_many(engine, items)
        alice = person(engine, "alice")
        start(engine, "many", alice)
        opened, answer = timed(lambda e=engine, a=alice: start(e, "many", a))
        normal, own, beside = Rounds(engine), [], []
        for task in answer.tasks[: 30 if quick else 200]:
            own.append(_submit(engine, task.task_id, alice))
            beside.append(normal.submit())
        figures = [f"{opened / 1000:.2f} s", milliseconds(p50(own)), milliseconds(p50(beside)), times(own, beside)]
        rows.append([name, items, *figures])
    columns = ["database", "items", "opened in", "p50 of a completion", "of a normal one", "times"]
    return "Parallel multi-instance", columns, rows


def deploy_many(engine, items):
    """A procedure whose one step is done by many at once."""
    step = user("sign", FORM, props(deadline="T-WD") + _LOOP.format(items))
    inside = '<bpmn:startEvent id="start"/>' + step + '<bpmn:endEvent id="end"/>' + flows("start>sign", "sign>end")
    deploy(engine, *procedure("many", inside), form_file("many", "work", text_field("note", "说明")))


def _submit(engine, task, alice):
    claim(engine, task, alice)
    command = CompleteTask(task, {"note": "同意"}, None, f"many-{task}")
    return timed(lambda: engine.run(command, alice))[0]
