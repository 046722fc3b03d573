"""Random block-structured processes: sequences, choices, parallel and inclusive blocks, loops, sub-processes, events."""

from random import Random

from engine.bpmn.checks import DefinitionFile
from tests.engine.bpmn.corpus.builder import diagram, user

VALUES = ("甲", "乙", "丙")
TIMER = '<bpmn:timerEventDefinition id="{}_t"><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>'


class Maker:
    """Makes one process; `entry` and `exit` of each block are node ids to be joined by sequence flows."""

    def __init__(self, seed: int, *, joins_in_loops: bool = False) -> None:
        self.random = Random(seed)
        self.count = 0
        self.joins_in_loops = joins_in_loops
        self.parts: list[str] = []

    def process(self, depth: int = 3) -> DefinitionFile:
        """Return a file with one random process `demo`."""
        self.level(depth, in_loop=False, prefix="")
        return diagram("\n".join(self.parts))

    def level(self, depth: int, *, in_loop: bool, prefix: str) -> None:
        """Write start, a block and end of one level."""
        start, end = self.key("start"), self.key("end")
        self.parts.append(f'<bpmn:startEvent id="{start}"/><bpmn:endEvent id="{end}"/>')
        entry, exit_ = self.block(depth, in_loop)
        self.flow(start, entry)
        self.flow(exit_, end)

    def key(self, word: str) -> str:
        self.count += 1
        return f"{word}{self.count}"

    def flow(self, source: str, target: str, condition: str = "") -> str:
        key = self.key("f")
        inner = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
        ends = f'name="{"成立" if condition else ""}" sourceRef="{source}" targetRef="{target}"'
        self.parts.append(f'<bpmn:sequenceFlow id="{key}" {ends}>{inner if condition else ""}</bpmn:sequenceFlow>')
        return key

    def condition(self) -> str:
        return f'${{v{self.random.randint(1, 3)} = "{self.random.choice(VALUES)}"}}'

    def block(self, depth: int, in_loop: bool) -> tuple[str, str]:
        kinds = [self.task] if depth == 0 else [
            self.task, self.sequence, self.sequence, self.choice, self.parallel, self.inclusive, self.loop, self.sub,
            self.wait,
        ]  # fmt: skip
        if in_loop and not self.joins_in_loops:
            kinds = [kind for kind in kinds if kind not in (self.parallel, self.inclusive)]
        return self.random.choice(kinds)(depth - 1, in_loop)

    def task(self, depth: int, in_loop: bool) -> tuple[str, str]:
        key = self.key("task")
        self.parts.append(user(key))
        return key, key

    def wait(self, depth: int, in_loop: bool) -> tuple[str, str]:
        key = self.key("wait")
        self.parts.append(
            f'<bpmn:intermediateCatchEvent id="{key}" name="一天后">{TIMER.format(key)}</bpmn:intermediateCatchEvent>'
        )
        return key, key

    def sequence(self, depth: int, in_loop: bool) -> tuple[str, str]:
        first, last = self.block(depth, in_loop), self.block(depth, in_loop)
        self.flow(first[1], last[0])
        return first[0], last[1]

    def choice(self, depth: int, in_loop: bool) -> tuple[str, str]:
        split, join = self.key("choice"), self.key("merge")
        blocks = [self.block(depth, in_loop) for _ in range(self.random.randint(2, 3))]
        default = self.flow(split, blocks[0][0])
        for entry, _ in blocks[1:]:
            self.flow(split, entry, self.condition())
        for _, exit_ in blocks:
            self.flow(exit_, join)
        self.parts.append(
            f'<bpmn:exclusiveGateway id="{split}" name="选择" default="{default}"/><bpmn:exclusiveGateway id="{join}"/>'
        )
        return split, join

    def parallel(self, depth: int, in_loop: bool) -> tuple[str, str]:
        split, join = self.key("fork"), self.key("join")
        self.parts.append(f'<bpmn:parallelGateway id="{split}"/><bpmn:parallelGateway id="{join}"/>')
        for _ in range(self.random.randint(2, 3)):
            entry, exit_ = self.block(depth, in_loop)
            self.flow(split, entry)
            self.flow(exit_, join)
        return split, join

    def inclusive(self, depth: int, in_loop: bool) -> tuple[str, str]:
        split, join = self.key("some"), self.key("gather")
        blocks = [self.block(depth, in_loop) for _ in range(self.random.randint(2, 3))]
        default = self.flow(split, blocks[0][0])
        for entry, _ in blocks[1:]:
            self.flow(split, entry, self.condition())
        for _, exit_ in blocks:
            self.flow(exit_, join)
        self.parts.append(
            f'<bpmn:inclusiveGateway id="{split}" name="选择" default="{default}"/><bpmn:inclusiveGateway id="{join}"/>'
        )
        return split, join

    def loop(self, depth: int, in_loop: bool) -> tuple[str, str]:
        merge, again = self.key("merge"), self.key("again")
        entry, exit_ = self.block(depth, in_loop=True)
        work, _ = self.task(0, in_loop)
        self.flow(merge, entry)
        self.flow(exit_, work)
        self.flow(work, again)
        self.flow(again, merge, self.condition())
        after, _ = self.task(0, in_loop)
        default = self.flow(again, after)
        self.parts.append(
            f'<bpmn:exclusiveGateway id="{merge}"/><bpmn:exclusiveGateway id="{again}" name="重办" default="{default}"/>'
        )
        return merge, after

    def sub(self, depth: int, in_loop: bool) -> tuple[str, str]:
        key, outer = self.key("sub"), self.parts
        self.parts = []
        self.level(depth, in_loop=False, prefix=key)
        inner, self.parts = "\n".join(self.parts), outer
        self.parts.append(f'<bpmn:subProcess id="{key}">{inner}</bpmn:subProcess>')
        return key, key
