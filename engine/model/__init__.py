"""The nouns: one table per class; `tables` holds the same as plain tables for Core statements."""

from types import SimpleNamespace

from engine.model.archive import ArchivedTask, EveryEvent, EveryTask, EveryVariable, every_event
from engine.model.base import Base
from engine.model.batches import MigrationBatch, MigrationItem
from engine.model.changes import ChangeProposal, Scenario
from engine.model.definitions import (
    ConfigDocument,
    DecisionDefinition,
    DefinitionDraft,
    Deployment,
    FormDefinition,
    ProcessDefinition,
)
from engine.model.history import Anchor, AuditEvent, HistoryEvent
from engine.model.instances import (
    MatterLink,
    NumberSequence,
    Participant,
    ProcessInstance,
    RegisterEntry,
    Variable,
    VaultEntry,
)
from engine.model.people import DeployToken, LoginSession, PasswordHistory, Person, Position, Unit
from engine.model.tasks import Attachment, Comment, DeadlineChange, TaskAccess, TaskDraft, UserTask
from engine.model.work import (
    Idempotency,
    Incident,
    Job,
    Message,
    Notice,
    Outbox,
    Setting,
    Subscription,
    WorkerHeartbeat,
)

tables = SimpleNamespace(**Base.metadata.tables)

__all__ = [
    "Anchor",
    "ArchivedTask",
    "Attachment",
    "AuditEvent",
    "Base",
    "ChangeProposal",
    "Comment",
    "ConfigDocument",
    "DeadlineChange",
    "DecisionDefinition",
    "DefinitionDraft",
    "DeployToken",
    "Deployment",
    "EveryEvent",
    "EveryTask",
    "EveryVariable",
    "FormDefinition",
    "HistoryEvent",
    "Idempotency",
    "Incident",
    "Job",
    "LoginSession",
    "MatterLink",
    "Message",
    "MigrationBatch",
    "MigrationItem",
    "Notice",
    "NumberSequence",
    "Outbox",
    "Participant",
    "PasswordHistory",
    "Person",
    "Position",
    "ProcessDefinition",
    "ProcessInstance",
    "RegisterEntry",
    "Scenario",
    "Setting",
    "Subscription",
    "TaskAccess",
    "TaskDraft",
    "Unit",
    "UserTask",
    "Variable",
    "VaultEntry",
    "WorkerHeartbeat",
    "every_event",
    "tables",
]
