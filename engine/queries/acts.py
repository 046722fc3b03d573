"""Acts: what the actor may do with a task or a matter, and in Chinese why not."""

from sqlalchemy import select

from engine.command import Context
from engine.execution.by_hand import is_by_hand, open_around
from engine.execution.nodes import form_key
from engine.handover import is_candidate, may_have
from engine.model import Participant, ProcessInstance, Subscription, UserTask
from engine.queries.views import Act
from engine.task_rules import texts
from engine.tokens.definition import Node

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
_DONE = "任务已经办结或被收回。"
_PARTS = {"starter": "登记人", "participants": "参与办理的人员"}
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
    """Return the acts that a running matter offers beside its tasks (`bihuan:startableBy`, contract of forms).

    Event sub-processes that a message starts, and the activities of an open ad-hoc sub-process.
    """
    process = context.catalog.process_of(matter.definition_id)
    offered = [node for node in process.nodes.values() if _is_act(node) or is_by_hand(process, node)]
    over = "事项已经结束。" if matter.status in {"completed", "terminated"} else ""
    made = []
    for node in offered:
        reason = over or _why_no_act(context, matter, node)
        label = node.extensions.property("label") or node.name or "办理"
        form = form_key(matter.key, node) if node.kind == "start" else None
        made.append(Act("trigger", label, not reason, reason, node.id, form))
    return tuple(made)


def _is_act(node: Node) -> bool:
    messages = any(event.kind == "message" for event in node.events)
    return node.kind == "start" and messages and node.extensions.property("startableBy") is not None


def _why_no_act(context: Context, matter: ProcessInstance, node: Node) -> str:
    """Tell why the actor may not begin an act; an empty text where he may."""
    waits = _is_waiting(context, matter.id, node.id) if node.kind == "start" else open_around(matter.state, node)
    if not waits:
        return "目前的阶段不能进行这一操作。"
    wanted = texts(node.extensions.properties.get("bihuan:startableBy"), {}, context)
    if "participants" in wanted and _takes_part(context, matter.id):
        return ""
    if "starter" in wanted and matter.started_by == context.actor.person_id:
        return ""
    groups = [group for group in wanted if group not in _PARTS]
    allowed = set(context.directory.candidates(groups, (), matter.unit_code))
    if allowed & context.actor.principals:
        return ""
    names = [context.directory.role_name(group) for group in groups]
    names += [label for part, label in _PARTS.items() if part in wanted]
    return f"这一操作由{'、'.join(names)}办理。"


def _is_waiting(context: Context, instance_id: int, node_id: str) -> bool:
    """Tell whether the matter listens to this start event now."""
    found = select(Subscription.owner).where(Subscription.instance_id == instance_id, Subscription.catcher == node_id)
    return context.session.execute(found.limit(1)).first() is not None


def _takes_part(context: Context, instance_id: int) -> bool:
    found = select(Participant.person_id).where(
        Participant.instance_id == instance_id,
        Participant.person_id == context.actor.person_id,
        Participant.kind != "cc",
    )
    return context.session.execute(found.limit(1)).first() is not None


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
