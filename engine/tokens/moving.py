"""Moving: a thread of control is put at another node, and every join in front of it still comes out right."""

from itertools import pairwise

from engine.errors import ConflictError
from engine.tokens.definition import Process
from engine.tokens.graph import JOINING
from engine.tokens.listening import arm, label
from engine.tokens.mappings import apply_inputs
from engine.tokens.regions import Region
from engine.tokens.run import Run
from engine.tokens.scopes import prepare
from engine.tokens.state import StuckError


class SurgeryRefusedError(ConflictError):
    """This cannot be done to the instance as it stands."""

    words = "不能这样处理：{reason}"


def move(run: Run, key: str, target: str) -> None:
    """Put the thread of a token at another node of its process or of a caller's. Raises SurgeryRefusedError."""
    key, scope, path = _common_scope(run, key, target)
    process = run.process(scope)
    node = process.nodes[target]
    if node.kind == "boundary" or (node.kind in JOINING and len(node.incoming) > 1):
        raise SurgeryRefusedError(reason=f"{label(node)}是附在活动上的事件或汇合的网关，请退回到环节")
    here, there = run.tokens[key]["n"], path[0]
    if any(process.nodes[node].loop is not None or process.nodes[node].by_event for node in path[:-1]):
        reason = f"{label(process.nodes[target])}在重复办理的子流程或事件子流程里面，请退回到它之前的环节"
        raise SurgeryRefusedError(reason=reason)
    regions = run.graph(scope).regions(run.around(scope))
    shared = [region for region in regions if _branch(process, region, here) and _branch(process, region, there)]
    apart = [region for region in shared if _branch(process, region, here) != _branch(process, region, there)]
    own = [region for region in shared if region not in apart]
    side = run.graph(scope).side(run.around(scope))
    deeper = any(node in process.graph.side(around) for around, node in pairwise(path))
    if deeper or (here in side) != (there in side):
        raise SurgeryRefusedError(reason="由不中断的事件引出的分支，只能在分支内部退回")
    if here in side:
        run.remove(key)
        entered: list[Region] = []
    elif apart:
        around = [region for region in regions if region not in own and _branch(process, region, there)]
        entered = _reopen(run, scope, around, there)
    else:
        _take_back(run, scope, _thread(run, scope, own, there), own, there)
        entered = [region for region in regions if region not in own and _branch(process, region, there)]
    _open(run, scope, path, entered)


def _common_scope(run: Run, key: str, target: str) -> tuple[str, str, list[str]]:
    """Climb to where token and target share a scope; return the token there, the scope, and the way down."""
    current: str | None = key
    while current is not None:
        scope = run.tokens[current]["s"]
        process = run.process(scope)
        if target in process.nodes and not run.is_repetition(scope):
            path = [target]
            while process.nodes[path[0]].scope != run.around(scope) and process.nodes[path[0]].scope in process.nodes:
                path.insert(0, process.nodes[path[0]].scope)
            if process.nodes[path[0]].scope == run.around(scope):
                return current, scope, path
        current = run.scopes[scope].get("up")
    raise SurgeryRefusedError(reason=f"流程里没有可以退回的环节“{target}”")


def _branch(process: Process, region: Region, node: str) -> str | None:
    """Return the branch of a region that holds a node; refuses drawings in which it is in several."""
    found = region.branches_of(node)
    if len(found) > 1:
        raise SurgeryRefusedError(reason=f"{label(process.nodes[node])}同时属于几个并行分支")
    return found[0] if found else None


def _thread(run: Run, scope: str, own: list[Region], there: str) -> frozenset[str]:
    """Return the nodes of the innermost branch around token and target, or of the whole scope."""
    branches = [region.branches[flow] for region in own for flow in region.branches_of(there)]
    everything = frozenset(node.id for node in run.graph(scope).children.get(run.around(scope), ()))
    return min(branches, key=len, default=everything)


def _reopen(run: Run, scope: str, around: list[Region], there: str) -> list[Region]:
    """Take back a branch beside the asking token's: the innermost one around the target whose region is at work.

    Returns the regions further inside, whose other branches count as done.
    """
    process = run.process(scope)
    around = sorted(around, key=lambda region: len(region.branches[region.branches_of(there)[0]]))
    tokens = [run.tokens[key] for key in run.inside(scope)]
    for index, region in enumerate(around):
        nodes = frozenset().union(*region.branches.values())
        exits = {flow for branch in region.branches for flow in region.exits(process, branch)}
        if any(token["n"] in nodes or (token["n"] == region.join and token.get("f") in exits) for token in tokens):
            _take_back(run, scope, region.branches[region.branches_of(there)[0]], [region], there)
            return around[:index]
    return around


def _take_back(run: Run, scope: str, thread: frozenset[str], regions: list[Region], there: str) -> None:
    """Remove what the thread has opened and where it arrived; side threads and event sub-processes go on."""
    process, graph = run.process(scope), run.graph(scope)
    side = graph.side(run.around(scope))
    arrived = {
        flow
        for region in regions
        for branch in region.branches_of(there)
        if region.branches[branch] == thread
        for flow in region.exits(process, branch)
    }
    for each in run.inside(scope):
        token = run.tokens.get(each)
        if token is None or token["n"] in side or process.nodes[token["n"]].by_event:
            continue
        if token["n"] in thread or (token.get("w") == "join" and token.get("f") in arrived):
            run.remove(each)
    _forget(run, scope, thread)


def _forget(run: Run, scope: str, thread: frozenset[str]) -> None:
    """Forget what the thread completed: it is done again, and undone once only."""
    record = run.scope(scope)
    if "done" in record:
        record["done"] = [done for done in record["done"] if done["n"] not in thread]
    if "fired" in record:
        record["fired"] = {join: flows for join, flows in record["fired"].items() if join not in thread}


def _open(run: Run, scope: str, path: list[str], entered: list[Region]) -> None:
    """Put a token at the target; joins it lies in front of are told that the branches not done again have arrived."""
    for index, name in enumerate(path):
        process, graph = run.process(scope), run.graph(scope)
        if index:
            entered = [region for region in graph.regions(run.around(scope)) if _branch(process, region, name)]
        _mark_arrived(run, scope, name, entered)
        if index == len(path) - 1:
            run.spawn(name, scope)
            return
        host = run.spawn(name, scope, None)
        try:
            arm(run, host, graph.edge(process.nodes[name]))
            apply_inputs(run, host, process.nodes[name])
            scope = run.open(run.scopes[scope]["p"], name, host)
            prepare(run, scope)
        except StuckError as refusal:
            raise SurgeryRefusedError(reason=refusal.details["reason"]) from None


def _mark_arrived(run: Run, scope: str, node: str, regions: list[Region]) -> None:
    process = run.process(scope)
    for region in regions:
        join = process.nodes.get(region.join)
        if join is None or join.kind != "parallel":
            continue
        own = region.branches_of(node)
        for flow in region.branches:
            if flow not in own:
                for each in region.exits(process, flow):
                    run.spawn(join.id, scope, f=each)
