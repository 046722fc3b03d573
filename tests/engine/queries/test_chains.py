"""The verifier of chains: every way to change the history behind the engine's back shows (security D10)."""

import json

import pytest
from sqlalchemy import delete, insert, select, update

from engine.actor import ENGINE
from engine.execution.saving import entry_hash
from engine.jobs.keep_house import EnsureHouse
from engine.model import tables
from engine.queries.chains import ListBrokenChains
from engine.worker import Worker
from tests.factories import complete, open_task, read

KEY = b""
EVENT, MATTER, ANCHOR = tables.history_event, tables.process_instance, tables.anchor


@pytest.fixture
def kept(engine, clock, tmp_path):
    """The file of anchors outside the database, after one matter was done and anchored."""
    path = tmp_path / "anchors.jsonl"
    complete(engine, open_task(engine, deadline="T-WD"))
    engine.run(EnsureHouse(), ENGINE)
    clock.advance(minutes=10)
    Worker(engine, anchor_file=path).drain(most=1)
    return path


def broken(engine, kept=None):
    """Where the verifier finds a chain broken."""
    lines = kept.read_text("utf-8").splitlines() if kept else ()
    return engine.ask(ListBrokenChains(KEY, lines)).broken


def test_where_nothing_was_changed_every_chain_holds(engine, kept):
    report = engine.ask(ListBrokenChains(KEY, kept.read_text("utf-8").splitlines()))
    assert report.broken == ()
    assert report.events == len(read(engine, "history_event")) + len(read(engine, "audit_event"))
    assert (report.chains, report.anchors) == (2, 1)


def test_with_another_key_every_event_shows(engine, kept):
    assert len(engine.ask(ListBrokenChains(b"another")).broken) == engine.ask(ListBrokenChains(KEY)).events


def change_an_event(session):
    session.execute(update(EVENT).where(EVENT.c.seq == 2).values(actor="bob"))


def change_an_event_and_its_hash(session):
    """Whoever has no key can only guess the hash."""
    session.execute(update(EVENT).where(EVENT.c.seq == 2).values(actor="bob", hash="0" * 64))


def remove_an_event(session):
    session.execute(delete(EVENT).where(EVENT.c.seq == 2))


def add_an_event(session):
    last = session.execute(select(EVENT).order_by(EVENT.c.seq.desc()).limit(1)).mappings().one()
    row = {**last, "id": last["id"] + 100, "seq": last["seq"] + 1, "previous_hash": last["hash"], "hash": "0" * 64}
    session.execute(insert(EVENT), row)


def swap_two_events(session):
    for before, after in ((2, 1002), (3, 2), (1002, 3)):
        session.execute(update(EVENT).where(EVENT.c.seq == before).values(seq=after))


def cut_the_tail_off(session):
    last = session.execute(select(EVENT.c.seq).order_by(EVENT.c.seq.desc()).limit(1)).scalar_one()
    session.execute(delete(EVENT).where(EVENT.c.seq == last))
    return last


def cut_the_tail_off_and_set_the_head_back(session):
    last = cut_the_tail_off(session) - 1
    head = session.execute(select(EVENT.c.hash).where(EVENT.c.seq == last)).scalar_one()
    session.execute(update(MATTER).values(chain_head=head, chain_seq=last))


def change_an_audit_event(session):
    session.execute(update(tables.audit_event).where(tables.audit_event.c.seq == 1).values(object="other"))


def change_an_anchor(session):
    session.execute(update(ANCHOR).values(heads={}))


@pytest.mark.parametrize(
    "tampering",
    [
        change_an_event,
        change_an_event_and_its_hash,
        remove_an_event,
        add_an_event,
        swap_two_events,
        cut_the_tail_off,
        cut_the_tail_off_and_set_the_head_back,
        change_an_audit_event,
        change_an_anchor,
    ],
    ids=lambda one: one.__name__,
)
def test_checker_detects_a_tampering(engine, kept, tampering):
    with engine.database.transaction() as session:
        tampering(session)
    assert broken(engine)


def test_checker_detects_a_tail_cut_off_by_somebody_who_rewrote_the_anchors_too(engine, kept):
    """Only the anchors outside the database show it then."""
    with engine.database.transaction() as session:
        cut_the_tail_off_and_set_the_head_back(session)
        row = session.execute(select(ANCHOR)).mappings().one()
        head, seq = session.execute(select(MATTER.c.chain_head, MATTER.c.chain_seq)).one()
        heads = {**row["heads"], "1": [head, seq]}
        content = {"at": row["at"], "heads": heads, "previous_hash": ""}
        session.execute(update(ANCHOR).values(heads=heads, hash=entry_hash(b"anchor", "", content)))
    assert broken(engine) == ()
    assert broken(engine, kept)


def test_checker_detects_an_anchor_outside_that_cannot_be_read(engine, kept):
    with kept.open("a", encoding="utf-8") as file:
        file.write("{\n")
        file.write(json.dumps({"at": "", "hash": "unknown", "heads": {}}) + "\n")
    assert [line.partition(", ")[0] for line in broken(engine, kept)] == ["anchors kept outside"] * 2
