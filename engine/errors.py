"""Every error the engine raises on purpose: the family decides the HTTP status, the class decides the words."""

import errno
from dataclasses import dataclass
from typing import Any

# What the system says where a file can grow no more.
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class EngineError(Exception):
    """Something the engine refuses or cannot do; `details` are ids and states, never form data."""

    words = "系统无法完成这一操作。"

    def __init__(self, **details: Any) -> None:
        """Keep the details, which fill the placeholders of `words`."""
        super().__init__()
        self.details = details

    def __str__(self) -> str:
        """Return the Chinese sentence shown to people."""
        return self.words.format_map(_Lenient(self.details))


class _Lenient(dict[str, Any]):
    """Leaves a placeholder without a detail empty rather than failing while an error is being told."""

    def __missing__(self, key: str) -> str:
        return ""


class InvalidError(EngineError):
    """What was given cannot be accepted (422)."""

    words = "填写的内容不符合要求：{reason}"


class NotFoundError(EngineError):
    """There is no such thing, or the actor may not know of it (404)."""

    words = "没有找到，或者您无权知悉。"


class NotAllowedError(EngineError):
    """The actor may know of it but not do this (403)."""

    words = "您没有办理这一操作的权限。{reason}"


class ConflictError(EngineError):
    """The state of things has changed meanwhile (409)."""

    words = "情况已经变化，请刷新后再办理。{reason}"


class JobError(EngineError):
    """A job failed; seen by operators only. `permanent=True` means that a retry is of no use."""

    words = "后台作业失败：{reason}"

    def __init__(self, *, permanent: bool = False, **details: Any) -> None:
        """Keep whether a retry can help."""
        super().__init__(**details)
        self.permanent = permanent


class UnavailableError(EngineError):
    """The database cannot be reached just now (503)."""

    words = "数据库暂时无法连接，您填写的内容没有丢失，请稍后重试。"


class StorageFullError(UnavailableError):
    """There is no space left for the database or the attachments (507)."""

    words = "服务器的存储空间已满，没有保存任何内容。您填写的内容仍在本页，请联系系统管理员清理空间后再提交。"


class DatabaseAwayError(UnavailableError):
    """The file of the embedded database, or its folder, is not where it was (503)."""

    words = "数据目录不存在、无法写入或数据库文件已被替换，没有保存任何内容。请联系系统管理员检查数据目录。"


class BpmnError(Exception):
    """No failure: a modelled result of a connector, caught by a boundary event (BPMN 2.0.2 §10.5.6)."""

    def __init__(self, code: str, **variables: Any) -> None:
        """Name the error code and the variables that go with it."""
        super().__init__(code)
        self.code = code
        self.variables = variables


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a definition: where, which rule, and what to do, in Chinese.

    `trace` is the run that shows it, where a proof found it (`engine.proof.TraceStep`).
    """

    file: str
    rule: str
    message: str
    element: str | None = None
    line: int | None = None
    severity: str = "error"
    trace: tuple[Any, ...] = ()

    def __str__(self) -> str:
        """Return `file:line element rule message` for consoles and logs."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return " ".join(part for part in (place, self.element, f"[{self.rule}]", self.message) if part)


class InvalidDefinitionError(InvalidError):
    """Definition files were refused; nothing of them was kept."""

    words = "流程文件未通过检查，没有保存任何内容：{summary}"

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        """Keep every problem found."""
        super().__init__(summary="；".join(problem.message for problem in problems[:3]))
        self.problems = tuple(problems)


class InvalidBpmnError(InvalidDefinitionError):
    """A BPMN file was refused."""


class InvalidDmnError(InvalidDefinitionError):
    """A DMN file was refused."""


class InvalidFormError(InvalidDefinitionError):
    """A form file was refused."""


class InvalidSubmissionError(InvalidError):
    """Fields of a form were not filled as required; `fields` maps a field path to its messages."""

    words = "有 {count} 处填写不符合要求，请按提示修改。"

    def __init__(self, fields: dict[str, list[str]]) -> None:
        """Keep the messages per field path."""
        super().__init__(count=len(fields))
        self.fields = fields


class TextNotStorableError(InvalidError):
    """A text holds NUL or a lone surrogate, which no database stores."""

    words = "“{field}”含有无法保存的字符，请删除后重试。"


class ProcessDefinitionNotFoundError(NotFoundError):
    """No such procedure or version."""

    words = "没有找到流程“{key}”。"


class UserTaskNotFoundError(NotFoundError):
    """No such task, or the actor may not know of it."""


class MatterNotFoundError(NotFoundError):
    """No such matter, or the actor may not know of it."""


class AttachmentNotFoundError(NotFoundError):
    """No such attachment, or the actor may not know of it."""


class PersonNotFoundError(NotFoundError):
    """No such person."""

    words = "没有找到人员“{person_id}”。"


class NotACandidateError(NotAllowedError):
    """The actor is not among those who may claim the task."""

    words = "您不在这项任务的候选人之列，不能签收。"


class NotTheAssigneeError(NotAllowedError):
    """Only who claimed the task may do this."""

    words = "这项任务不由您办理。"


class SeparationOfDutiesError(NotAllowedError):
    """The same person may not do both (domain section 4)."""

    words = "按照职责分离要求，您已办理“{other}”，不能再办理“{task}”。"


class TaskAlreadyClaimedError(ConflictError):
    """Somebody else was first."""

    words = "这项任务已由 {assignee} 签收。"


class TaskNotOpenError(ConflictError):
    """The task was completed or withdrawn meanwhile."""

    words = "这项任务已经办结或被收回，不能重复提交。"


class StaleTaskError(ConflictError):
    """The page was older than the task."""

    words = "这个页面打开之后，任务已有变化。您填写的内容已保留，请核对后再提交。"


class MatterSuspendedError(ConflictError):
    """The matter is paused."""

    words = "事项已中止，恢复之前不能办理。"


class ConnectorError(JobError):
    """A connector's call failed."""


class ChannelError(JobError):
    """A notification could not be handed over."""
