"""Verbs of people on a user task, each a command with its own checks; TASK_ACTIONS names them as pages and API do."""

from engine.task_actions.attach import AttachFile, RemoveAttachment
from engine.task_actions.claim import ClaimTask
from engine.task_actions.comment import AddComment
from engine.task_actions.complete import CompleteTask
from engine.task_actions.extension import RequestExtension
from engine.task_actions.notices import MarkNoticesRead
from engine.task_actions.save_draft import DiscardDraft, SaveDraft
from engine.task_actions.transfer import TransferTask
from engine.task_actions.unclaim import UnclaimTask

TASK_ACTIONS = {
    "claim": ClaimTask,
    "unclaim": UnclaimTask,
    "complete": CompleteTask,
    "transfer": TransferTask,
    "save_draft": SaveDraft,
    "discard_draft": DiscardDraft,
    "comment": AddComment,
    "attach": AttachFile,
    "remove_attachment": RemoveAttachment,
    "extension": RequestExtension,
    "read_notices": MarkNoticesRead,
}
