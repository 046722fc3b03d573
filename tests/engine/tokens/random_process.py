"""Random block-structured processes, and an independent model that says which tasks are open after each step.

The model knows nothing of tokens: it walks the blocks, and a block tells the one around it when it is done.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import count, pairwise

from tests.engine.tokens.world import read

KINDS = ("task", "seq", "xor", "and", "or", "loop", "sub", "mi", "call", "guarded")


@dataclass
class Block:
    """A piece of a process: its kind, its name, its parts, and details of its kind."""

    kind: str
    name: str
    parts: list = field(default_factory=list)
    way: str = ""
    size: int = 0


def generate(seed, depth=3):
    """Return a random block."""
    dice, names = random.Random(seed), count(1)

    def block(level):
        kind = dice.choice(KINDS) if level else "task"
        name = f"{kind[0]}{next(names)}"
        if kind == "seq":
            return Block(kind, name, [block(level - 1) for _ in range(dice.randint(2, 3))])
        if kind in {"xor", "and", "or"}:
            way = dice.choice(["gateway", "flows"])
            return Block(kind, name, [block(level - 1) for _ in range(dice.randint(2, 3))], way)
        if kind == "mi":
            return Block(kind, name, [block(level - 1)], dice.choice(["parallel", "sequential"]), dice.randint(0, 3))
        if kind == "guarded":
            return Block(
                kind,
                name,
                [block(level - 1), block(level - 1)],
                dice.choice(["stop timer", "stop message", "go message"]),
            )
        return Block(kind, name, [block(level - 1)] if kind != "task" else [])

    return Block("seq", "top", [block(depth), block(depth)])


class Xml:
    """Draws a block as BPMN."""

    def __init__(self):
        self.flow = count(1)
        self.called = {}

    def deploy(self, block):
        body = self.scope(block)
        messages = "".join(f'<message id="m_{name}" name="{name}"/>' for name in self.messages(block))
        return read(p=body, beside=messages, **self.called)

    def messages(self, block):
        own = [block.name] if block.kind == "guarded" and block.way.endswith("message") else []
        return own + [name for part in block.parts for name in self.messages(part)]

    def scope(self, block):
        start, end = f"start_{block.name}", f"end_{block.name}"
        entry, exit_, xml = self.draw(block)
        return (
            f'<startEvent id="{start}"/><endEvent id="{end}"/>' + xml + self.link(start, entry) + self.link(exit_, end)
        )

    def link(self, source, target, condition=None):
        inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        return (
            f'<sequenceFlow id="f{next(self.flow)}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'
        )

    def draw(self, block):
        """Return (first node, last node, XML)."""
        return getattr(self, f"draw_{block.kind}")(block)

    def draw_task(self, block):
        return block.name, block.name, f'<userTask id="{block.name}"/>'

    def draw_seq(self, block):
        drawn = [self.draw(part) for part in block.parts]
        links = [self.link(before[1], after[0]) for before, after in pairwise(drawn)]
        return drawn[0][0], drawn[-1][1], "".join(each[2] for each in drawn) + "".join(links)

    def split(self, block, gateway):
        """A task that decides, a gateway (or none), the branches and a join."""
        name, fork, join = block.name, f"{block.name}_s", f"{block.name}_j"
        xml = f'<userTask id="{name}"/><{gateway} id="{join}"/>'
        if block.way == "gateway" or gateway == "exclusiveGateway":
            xml += f'<{gateway} id="{fork}"/>' + self.link(name, fork)
        else:
            fork = name
        for index, part in enumerate(block.parts):
            entry, exit_, inner = self.draw(part)
            test = {"xor": f"{name} = {index}", "or": f"list contains({name}, {index})"}.get(block.kind)
            xml += inner + self.link(fork, entry, test) + self.link(exit_, join)
        return name, join, xml

    def draw_xor(self, block):
        return self.split(block, "exclusiveGateway")

    def draw_and(self, block):
        return self.split(block, "parallelGateway")

    def draw_or(self, block):
        return self.split(block, "inclusiveGateway")

    def draw_loop(self, block):
        name, merge, fork = block.name, f"{block.name}_m", f"{block.name}_s"
        entry, exit_, inner = self.draw(block.parts[0])
        xml = f'<exclusiveGateway id="{merge}"/><userTask id="{name}"/><exclusiveGateway id="{fork}"/><task id="{name}_o"/>'
        links = [
            (merge, entry),
            (exit_, name),
            (name, fork),
            (fork, merge, f"{name} = 1"),
            (fork, f"{name}_o", f"{name} = 0"),
        ]
        return merge, f"{name}_o", xml + inner + "".join(self.link(*each) for each in links)

    def draw_sub(self, block, more=""):
        return block.name, block.name, f'<subProcess id="{block.name}">{more}{self.scope(block.parts[0])}</subProcess>'

    def draw_mi(self, block):
        sequential = "true" if block.way == "sequential" else "false"
        inside = f"<loopCardinality>{block.size}</loopCardinality>"
        loop = (
            f'<multiInstanceLoopCharacteristics isSequential="{sequential}">{inside}</multiInstanceLoopCharacteristics>'
        )
        return self.draw_sub(block, loop)

    def draw_call(self, block):
        self.called[f"c_{block.name}"] = self.scope(block.parts[0])
        return block.name, block.name, f'<callActivity id="{block.name}" calledElement="c_{block.name}"/>'

    def draw_guarded(self, block):
        name, edge, join = block.name, f"{block.name}_b", f"{block.name}_x"
        _, _, xml = self.draw_sub(Block("sub", name, block.parts[:1]))
        kind = f'<messageEventDefinition messageRef="m_{name}"/>'
        if block.way.endswith("timer"):
            kind = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
        stops = "true" if block.way.startswith("stop") else "false"
        xml += f'<boundaryEvent id="{edge}" attachedToRef="{name}" cancelActivity="{stops}">{kind}</boundaryEvent>'
        if stops == "false":
            side = f"{name}_n"
            return name, name, xml + f'<userTask id="{side}"/>' + self.link(edge, side)
        entry, exit_, inner = self.draw(block.parts[1])
        links = self.link(name, join) + self.link(edge, entry) + self.link(exit_, join)
        return name, join, xml + inner + f'<exclusiveGateway id="{join}"/>' + links


@dataclass
class Scope:
    """What must be done before a scope is over."""

    left: int
    over: object
    alive: bool = True
    inner: list = field(default_factory=list)

    def stop(self):
        self.alive = False
        for scope in self.inner:
            scope.stop()

    def one_less(self):
        self.left -= 1
        if self.left == 0 and self.alive:
            self.alive = False
            self.over()


class Model:
    """Runs a block; `open` maps the number of each open task to (name, indexes of the repetitions around it)."""

    def __init__(self, block):
        self.number = count()
        self.open = {}
        self.guards = {}
        self.finished = False
        top = Scope(1, self.finish)
        self.run(block, (), top, top.one_less)

    def finish(self):
        self.finished = True

    def tasks(self):
        return Counter(key for key, _, scope in self.open.values() if scope.alive)

    def armed(self):
        return Counter(key for key, _, scope, guarded in self.guards.values() if scope.alive and guarded.alive)

    def complete(self, key, value):
        number = next(n for n, (known, _, scope) in self.open.items() if known == key and scope.alive)
        _, then, _ = self.open.pop(number)
        then(value)

    def trigger(self, key):
        number = next(
            n for n, (known, _, scope, guarded) in self.guards.items() if known == key and scope.alive and guarded.alive
        )
        self.guards[number][1]()

    def task(self, name, where, scope, then):
        self.open[next(self.number)] = ((name, where), then, scope)

    def run(self, block, where, scope, done):
        getattr(self, f"run_{block.kind}")(block, where, scope, done)

    def run_task(self, block, where, scope, done):
        self.task(block.name, where, scope, lambda _: done())

    def run_seq(self, block, where, scope, done, at=0):
        if at == len(block.parts):
            done()
        else:
            self.run(block.parts[at], where, scope, lambda: self.run_seq(block, where, scope, done, at + 1))

    def run_xor(self, block, where, scope, done):
        self.task(block.name, where, scope, lambda value: self.run(block.parts[value], where, scope, done))

    def run_all(self, parts, where, scope, done):
        left = [len(parts)]

        def one():
            left[0] -= 1
            if left[0] == 0:
                done()

        for part in parts:
            self.run(part, where, scope, one)

    def run_and(self, block, where, scope, done):
        self.task(block.name, where, scope, lambda _: self.run_all(block.parts, where, scope, done))

    def run_or(self, block, where, scope, done):
        self.task(
            block.name, where, scope, lambda value: self.run_all([block.parts[i] for i in value], where, scope, done)
        )

    def run_loop(self, block, where, scope, done):
        def again(value):
            if value:
                self.run_loop(block, where, scope, done)
            else:
                done()

        self.run(block.parts[0], where, scope, lambda: self.task(block.name, where, scope, again))

    def inside(self, block, where, scope, done):
        inner = Scope(1, done)
        scope.inner.append(inner)
        self.run(block, where, inner, inner.one_less)
        return inner

    def run_sub(self, block, where, scope, done):
        self.inside(block.parts[0], where, scope, done)

    run_call = run_sub

    def run_mi(self, block, where, scope, done):
        if block.size == 0:
            done()
            return
        left = [block.size]

        def one():
            left[0] -= 1
            if left[0] == 0:
                done()
            elif block.way == "sequential":
                self.inside(block.parts[0], (*where, block.size - left[0]), scope, one)

        for index in range(block.size if block.way == "parallel" else 1):
            self.inside(block.parts[0], (*where, index), scope, one)

    def run_guarded(self, block, where, scope, done):
        inner = None

        def stop():
            inner.stop()
            self.run(block.parts[1], where, scope, done)

        def go():
            scope.left += 1
            self.task(f"{block.name}_n", where, scope, lambda _: scope.one_less())

        inner = self.inside(block.parts[0], where, scope, done)
        action = stop if block.way.startswith("stop") else go
        self.guards[next(self.number)] = ((f"{block.name}_b", where), action, scope, inner)
