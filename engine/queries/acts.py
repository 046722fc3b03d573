"""Acts: what the actor may do with a task or a matter, and in Chinese why not."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.command import Context, with_variables
from engine.execution.by_hand import PARTS, Place, find_place, is_wanted, places_of, wanted_at
from engine.execution.matter import ENDED
from engine.execution.nodes import form_key
from engine.handover import is_candidate, may_have
from engine.model import ProcessInstance, UserTask, Variable
from engine.queries.views import Act
from engine.tokens.definition import Node
from engine.tokens.events import StartActivity

_LABELS = {
    "claim": "签收",
    "unclaim": "退回待领",
    "complete": "提交",
    "save_draft": "保存草稿",
    "transfer": "转交",
    "assign": "指派",
    "comment": "写意见",
    "attach": "上传材料",
    "extension": "申请延期",
}
PAUSED = "事项已中止，恢复之前不能办理。"
NOT_NOW = "目前的阶段不能进行这一操作。"
_DONE = "任务已经办结或被收回。"
_NOT_YOURS = "这项任务不由您办理。"


def task_acts(context: Context, task: UserTask, matter_status: str, node: Node, *, leads: bool) -> dict[str, Act]:
    """Return every act on a task by name, each with whether it is allowed and the reason why not."""
    mine = task.assignee is not None and task.assignee == context.actor.person_id
    over = "" if task.status == "open" else _DONE
    own = over or ("" if mine else _NOT_YOURS)
    paused = matter_status == "suspended" and node.extensions.property("whileSuspended") != "true"
    reasons = {
        "claim": over or _why_no_claim(context, task),
        "unclaim": own or ("" if task.candidates else "任务直接指派给您，没有可退回的岗位。"),
        "complete": own or (PAUSED if paused else may_have(context, task, context.actor.person_id)),
        "save_draft": own,
        "transfer": own,
        "assign": over or ("" if leads else "只有该岗位的直接领导可以指派。"),
        "comment": "",
        "attach": own,
        "extension": own or _why_no_extension(context, task),
    }
    label = node.extensions.property("submitLabel")
    labels = _LABELS | ({"complete": label} if label else {})
    return {name: Act(name, labels[name], not reason, reason) for name, reason in reasons.items()}


def matter_acts(context: Context, matter: ProcessInstance) -> tuple[Act, ...]:
    """Return the acts that a running matter offers beside its tasks (`bihuan:startableBy`, contract of forms)."""
    places = _places(context, matter)
    needs = any(one.event and not _is_literal(one) for one in places)
    state = known_state(context, matter) if needs else matter.state or {}
    return tuple(_act(context, matter, one, state) for one in places)


def find_act(context: Context, matter: ProcessInstance, address: str) -> tuple[Act, Mapping[str, Any], str] | None:
    """Return the act of an address, the matter's state with its variables, and the token or scope that waits for it."""
    place = find_place(_places(context, matter), address)
    if place is None:
        return None
    state = known_state(context, matter)
    return _act(context, matter, place, state), state, place.owner


def known_state(context: Context, matter: ProcessInstance) -> dict[str, Any]:
    """Return the state of a running matter with its variables in their scopes."""
    rows = context.session.execute(
        select(Variable.scope, Variable.name, Variable.value).where(Variable.instance_id == matter.id)
    )
    state: Mapping[str, Any] = matter.state or {"scopes": {}, "tokens": {}}
    return with_variables(state, [tuple(row) for row in rows])


def _places(context: Context, matter: ProcessInstance) -> tuple[Place, ...]:
    return places_of(context.catalog, matter.state or {}, context.catalog.deployed(matter.definition_id))


def _is_literal(place: Place) -> bool:
    return place.node.extensions.properties["bihuan:startableBy"].is_literal


def _act(context: Context, matter: ProcessInstance, place: Place, state: Mapping[str, Any]) -> Act:
    over = "事项已经结束。" if matter.status in ENDED else ""
    reason = over or _why_no_act(context, matter, place, state)
    form = None if isinstance(place.event, StartActivity) else form_key(place.deployed.key, place.node)
    return Act("trigger", place.label, not reason, reason, place.address, form)


def _why_no_act(context: Context, matter: ProcessInstance, place: Place, state: Mapping[str, Any]) -> str:
    """Tell why the actor may not do an act; an empty text where he may."""
    if place.event is None:
        return NOT_NOW
    wanted = wanted_at(context, place, state)
    if is_wanted(context, matter, wanted):
        return ""
    names = [context.directory.role_name(group) for group in wanted if group not in PARTS]
    names += [label for part, label in PARTS.items() if part in wanted]
    return f"这一操作由{'、'.join(names)}办理。"


def _why_no_claim(context: Context, task: UserTask) -> str:
    if task.assignee == context.actor.person_id:
        return "您已签收。"
    if task.assignee is not None:
        return "这项任务已由他人签收。"
    if not is_candidate(context.actor, task):
        return "您不在这项任务的候选人之列，不能签收。"
    return may_have(context, task, context.actor.person_id)


def _why_no_extension(context: Context, task: UserTask) -> str:
    if not task.deadline_code or task.due_at is None:
        return "这项任务没有登记时限。"
    row = context.deadlines.deadlines.get(task.deadline_code)
    if row is None or row.extension is None:
        return f"{task.deadline_code} 不允许延期。"
    if (task.extensions_used or 0) >= row.extension.times:
        return f"{task.deadline_code} 最多延期 {row.extension.times} 次，已用完。"
    return "期限已过，不能再申请延期。" if context.now >= task.due_at else ""
