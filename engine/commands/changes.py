"""Changing a procedure: proposed by one person, approved by others (P34), and rolled back in one act."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select

from engine.bpmn.checks import DefinitionFile
from engine.command import Context
from engine.commands.drafts import StaleDraftError, approval_procedure, require_keeper
from engine.commands.process_instances import StartProcess
from engine.deploying import Deploy, Deployment
from engine.directory import members
from engine.errors import ConflictError, InvalidError
from engine.execution.answers import Started
from engine.execution.notices import Telling, tell
from engine.execution.version_files import SETTINGS, files_of, versions_of
from engine.model import tables
from engine.proposals import OPEN, Frozen, NothingChangedError, approve, draft_version, freeze, keep, told
from engine.text import read_text

ROLLED_BACK = "definition rolled back"


class ProposalOpenError(ConflictError):
    """One proposal of a procedure at a time."""

    words = "这个流程已有变更在审批（{number}），请等它办结或者撤回。"


class NoApprovalProcedureError(ConflictError):
    """The installation has no procedure that approves changes."""

    words = "没有部署变更审批流程，请在 config/rules.toml 的 [publish] 里写明 procedure 并部署该流程。"


@dataclass(frozen=True)
class ProposeChange:
    """Send the draft of a procedure to approval: a matter begins, with draft, check and comparison frozen in its file.

    `effective_on` is an ISO date; `row_version` that of the draft the page shows. Raises StaleDraftError,
    ProposalOpenError, NoApprovalProcedureError, InvalidSubmissionError, and what `freeze` raises.
    """

    key: str
    row_version: int | None
    reason: str
    impact: str
    effective_on: str
    law_basis: str = ""
    migrate: bool = False

    def execute(self, context: Context) -> Started:
        """Freeze the draft, start the matter, and put the comparison into its file."""
        require_keeper(context)
        procedure = approval_procedure(context)
        if procedure is None:
            raise NoApprovalProcedureError
        self._check_draft(context)
        frozen = freeze(context, self.key)
        started = StartProcess(procedure, self._filled(context, frozen), None).execute(context)
        proposal = keep(context, frozen, started.instance_id)
        _attach(context, started.instance_id, "版本对比.txt", "\n".join(frozen.changes))
        _attach(context, started.instance_id, "检查结论.txt", "\n".join(frozen.findings) or "检查没有发现问题。")
        context.record("change proposed", started.instance_id, subject=self.key, proposal=proposal)
        return started

    def _check_draft(self, context: Context) -> None:
        proposal = tables.change_proposal
        current = draft_version(context, self.key)
        if current is not None and current != self.row_version:
            raise StaleDraftError(who="其他人")
        instance = tables.process_instance
        asked = (
            select(instance.c.number)
            .join(proposal, proposal.c.instance_id == instance.c.id)
            .where(proposal.c.key == self.key, proposal.c.status == OPEN)
        )
        number = context.session.execute(asked).scalar()
        if number is not None:
            raise ProposalOpenError(number=number)

    def _filled(self, context: Context, frozen: Frozen) -> Mapping[str, Any]:
        title = context.catalog.latest_of(self.key).title
        return {
            "title": f"变更“{title}”"[:60], "object": "流程模型", "old_value": f"“{title}”第 {frozen.base_version} 版",
            "new_value": told(frozen), "reason": self.reason, "law_basis": self.law_basis,
            "impact": self.impact, "effective_on": self.effective_on, "migrate": "是" if self.migrate else "否",
        }  # fmt: skip


@dataclass(frozen=True)
class RollBack:
    """Put an earlier version of a procedure into force again, as a new version, which is returned.

    That version was approved once, so no new approval is asked; who approves changes is told. Running matters keep
    their version, and may go back with a migration. Raises InvalidError, NothingChangedError,
    ProcessDefinitionNotFoundError, and InvalidDefinitionError where today's checks or rules refuse it.
    """

    key: str
    version: int
    reason: str

    def execute(self, context: Context) -> int:
        """Deploy the old files as the next version."""
        require_keeper(context)
        reason = read_text(self.reason, "回退理由", least=2, most=500)
        newest = versions_of(context, self.key)[-1:]
        if newest and newest[0].version == self.version:
            raise InvalidError(reason="这已经是现行版本。")
        made = self._deploy(context, f"回退到第 {self.version} 版：{reason}"[:200])
        if not any(one.changed for one in made.definitions):
            raise NothingChangedError
        version: int = versions_of(context, self.key)[-1].version
        approve(context, self.key, version, {"migrate": True, "rolled_back_to": self.version}, None)
        context.record(
            ROLLED_BACK, subject=self.key, old=newest[0].version, new=version, to=self.version, reason=reason
        )
        self._tell(context, version, reason)
        return version

    def _deploy(self, context: Context, source: str) -> Deployment:
        found = files_of(context, self.key, self.version)
        settings = json.loads(found.pop(SETTINGS.format(key=self.key)))
        files = tuple(DefinitionFile(path, content) for path, content in found.items())
        return Deploy(files, source, {self.key: settings}).execute(context)

    def _tell(self, context: Context, version: int, reason: str) -> None:
        title = context.catalog.latest_of(self.key).title
        text = f"“{title}”已回退到第 {self.version} 版的内容（现为第 {version} 版）：{reason}"[:500]
        roles = context.config.get("rules", {}).get("publish", {}).get("told", ())
        found = context.directory.candidates(roles, (), context.actor.unit_code)
        people = members(context.session, context.directory, found, context.now)
        tell(context, people, Telling("change", text, f"rollback:{self.key}:{version}"))


def _attach(context: Context, instance_id: int, name: str, text: str) -> None:
    """Put a text into the file of a matter; it is small, so it may be written inside the transaction."""
    stored = context.files.keep(io.BytesIO(text.encode("utf-8")), name)
    row = {
        "id": str(uuid4()), "instance_id": instance_id, "task_id": None, "field": "", "name": stored.name,
        "size": stored.size, "content_type": stored.content_type, "sha256": stored.sha256, "sm3": stored.sm3,
        "category": "变更", "uploaded_by": context.actor.person_id, "at": context.now,
    }  # fmt: skip
    context.session.connection().execute(insert(tables.attachment), row)
    context.record("file attached", instance_id, subject=stored.name, sha256=stored.sha256)
