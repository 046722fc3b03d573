"""Keeping what people type and attach: drafts, remarks, files."""

import io

import pytest

from engine.errors import (
    AttachmentNotFoundError,
    InvalidError,
    MatterNotFoundError,
    NotAllowedError,
    NotTheAssigneeError,
    TextNotStorableError,
    UserTaskNotFoundError,
)
from engine.queries.attachments import ListAttachments, ListOwnUploads, OpenAttachment
from engine.queries.matter import FindMatter, ListTimeline
from engine.queries.task import FindTask
from engine.task_actions.attach import AttachFile, AttachmentFiledError, RemoveAttachment
from engine.task_actions.comment import AddComment
from engine.task_actions.save_draft import DiscardDraft, DraftKeyError, DraftTooLargeError, SaveDraft
from tests.factories import claim, complete, open_task, read
from tests.rows import person

PDF = b"%PDF-1.7 example"


@pytest.fixture
def task_id(engine):
    task_id = open_task(engine)
    claim(engine, task_id, "alice")
    return task_id


@pytest.fixture
def matter(engine, task_id):
    return read(engine, "user_task", id=task_id)[0].instance_id


@pytest.fixture
def alice(engine, task_id):
    return person(engine, "alice")


@pytest.fixture
def stored(engine):
    return engine.files.keep(io.BytesIO(PDF), "现场照片.pdf")


def test_a_draft_is_kept_for_its_author_alone_and_replaced_by_the_next(engine, clock, alice, task_id):
    engine.run(SaveDraft(f"task:{task_id}", {"a": 1}), alice)
    clock.advance(minutes=1)
    engine.run(SaveDraft(f"task:{task_id}", {"a": 2, "rows": [{"b": "中文"}]}), alice)
    draft = engine.ask(FindTask(task_id), alice).draft
    assert (draft.values, draft.saved_at) == ({"a": 2, "rows": [{"b": "中文"}]}, clock.now())
    assert engine.ask(FindTask(task_id), person(engine, "bob")).draft is None
    engine.run(DiscardDraft(f"task:{task_id}"), alice)
    assert engine.ask(FindTask(task_id), alice).draft is None


def test_a_draft_belongs_to_a_task_one_has(engine, task_id):
    with pytest.raises(NotTheAssigneeError):
        engine.run(SaveDraft(f"task:{task_id}", {}), person(engine, "bob"))
    with pytest.raises(UserTaskNotFoundError):
        engine.run(SaveDraft(f"task:{task_id}", {}), person(engine, "western"))


@pytest.mark.parametrize(
    "key", ["", "task:", "task:x", "task:1;2", "other:1", "act:1", "task:" + "9" * 30, "start:../x"]
)
def test_a_key_of_a_draft_that_is_none_is_refused(engine, alice, key):
    with pytest.raises(DraftKeyError):
        engine.run(SaveDraft(key, {}), alice)


def test_a_draft_that_is_too_large_or_not_storable_is_refused(engine, alice, task_id):
    with pytest.raises(DraftTooLargeError):
        engine.run(SaveDraft(f"task:{task_id}", {"a": "x" * 600_000}), alice)
    for value in ("\x00", "\ud800", {"deep": ["\x00"]}, {"\x00": 1}):
        with pytest.raises(TextNotStorableError):
            engine.run(SaveDraft(f"task:{task_id}", {"a": value}), alice)


def test_a_remark_is_seen_by_all_who_see_the_matter(engine, alice, task_id, matter):
    engine.run(AddComment(matter, task_id, "  已联系当事人 <b>  "), alice)
    (remark,) = engine.ask(FindMatter(matter), person(engine, "bob")).comments
    assert (remark.text, remark.person_name, remark.step) == ("已联系当事人 <b>", "alice（示例）", "办理")
    assert [entry.text for entry in engine.ask(ListTimeline(matter), alice)][-1] == "留言"


def test_a_remark_needs_text_and_a_matter_one_may_see(engine, alice, matter):
    for text in ("", "  ", "长" * 1001, "a\x00"):
        with pytest.raises(InvalidError):
            engine.run(AddComment(matter, None, text), alice)
    with pytest.raises(MatterNotFoundError):
        engine.run(AddComment(matter, None, "看看"), person(engine, "western"))
    with pytest.raises(UserTaskNotFoundError):
        engine.run(AddComment(matter, 404, "看看"), alice)


def test_an_attachment_follows_the_scope_of_its_matter(engine, alice, task_id, matter, stored):
    made = engine.run(AttachFile(matter, task_id, "files", stored, "照片"), alice)
    (row,) = engine.ask(ListAttachments(matter), person(engine, "bob"))
    assert (row.id, row.name, row.size, row.step, row.uploaded_by_name) == (
        made, "现场照片.pdf", len(PDF), "办理", "alice（示例）",
    )  # fmt: skip
    assert (row.sha256, row.sm3) == (stored.sha256, stored.sm3)
    view, path = engine.ask(OpenAttachment(made), person(engine, "chief"))
    assert (view.id, path.read_bytes()) == (made, PDF)
    for who in ("western", "charlie", "system"):
        with pytest.raises(AttachmentNotFoundError):
            engine.ask(OpenAttachment(made), person(engine, who))


@pytest.mark.parametrize("name", ["", "1", "../../etc/passwd", "00000000-0000-0000-0000-000000000000", "\x00"])
def test_an_attachment_that_does_not_exist_is_not_found(engine, alice, name):
    with pytest.raises(AttachmentNotFoundError):
        engine.ask(OpenAttachment(name), alice)


def test_only_the_assignee_attaches_at_a_task_and_only_who_takes_part_at_the_matter(engine, task_id, matter, stored):
    with pytest.raises(NotTheAssigneeError):
        engine.run(AttachFile(matter, task_id, None, stored), person(engine, "bob"))
    with pytest.raises(NotAllowedError):
        engine.run(AttachFile(matter, None, None, stored), person(engine, "chief"))
    with pytest.raises(MatterNotFoundError):
        engine.run(AttachFile(matter, None, None, stored), person(engine, "western"))


def test_a_file_can_be_taken_out_by_its_uploader_until_the_step_is_submitted(engine, alice, task_id, matter, stored):
    first = engine.run(AttachFile(matter, task_id, None, stored), alice)
    second = engine.run(AttachFile(matter, task_id, None, stored), alice)
    with pytest.raises(NotAllowedError):
        engine.run(RemoveAttachment(first), person(engine, "bob"))
    engine.run(RemoveAttachment(first), alice)
    with pytest.raises(AttachmentNotFoundError):
        engine.ask(OpenAttachment(first), alice)
    complete(engine, task_id, alice)
    with pytest.raises(AttachmentFiledError):
        engine.run(RemoveAttachment(second), alice)
    assert [row.id for row in engine.ask(ListAttachments(matter), alice)] == [second]


def test_what_is_uploaded_before_a_matter_begins_is_the_uploaders_alone(engine, alice, stored):
    made = engine.run(AttachFile(None, None, "files", stored), alice)
    assert [row.id for row in engine.ask(ListOwnUploads(), alice)] == [made]
    assert engine.ask(ListOwnUploads(), person(engine, "bob")) == ()
    with pytest.raises(AttachmentNotFoundError):
        engine.ask(OpenAttachment(made), person(engine, "bob"))
    with pytest.raises(AttachmentNotFoundError):
        engine.run(RemoveAttachment(made), person(engine, "bob"))
    engine.run(RemoveAttachment(made), alice)
    assert engine.ask(ListOwnUploads(), alice) == ()
