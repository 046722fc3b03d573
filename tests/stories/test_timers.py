"""Time passes: lights, the ladder of reminders in the notices and by mail, days off worked and taken, and downtime."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser
from sqlalchemy import select

from engine.calendar import SHANGHAI, local
from engine.channels import EmailSettings
from engine.model import Notice, Outbox, UserTask
from engine.worker import Worker
from tests.procedures.story import Matter
from tests.stories.browser import SCREENS
from tests.stories.conftest import Site, serving
from tests.stories.steps import lead_at

LADDER = {
    "light:Y": {"lj.duizhang"},
    "light:P": {"lj.duizhang", "dj.fenguan"},
    "light:R": {"lj.duizhang", "dj.zhuren"},
    "light:R+1": {"lj.duizhang", "dj.fenban"},
    "light:R+3": {"lj.duizhang", "dj.fenguan"},
    "light:R+5": {"lj.duizhang", "shi.lingdao"},
}
WORDS = {"light:Y": "黄灯", "light:P": "红灯预警", "light:R": "红灯", "light:R+1": "逾期提醒", "light:R+3": "逾期督办",
         "light:R+5": "挂牌督办"}  # fmt: skip


class Postbox:
    """Keeps the letters that arrive."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Any]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, policy=default)
        self.letters += [(address, letter) for address in envelope.rcpt_tos]
        return "250 OK"


class FreePortController(Controller):
    """Listens on whichever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, EmailSettings]]:
    """A mail server on this machine."""
    box = Postbox()
    controller = FreePortController(box, hostname="127.0.0.1", port=0)
    controller.start()
    yield box, EmailSettings("127.0.0.1", "闭环提醒 <bihuan@example.org>", port=controller.port, timeout=5)
    controller.stop()


@pytest.fixture
def site(browser: Browser, tmp_path: Any, postbox: tuple[Postbox, EmailSettings]) -> Iterator[Site]:
    """A bureau of its own, whose clock nobody else minds, with mail."""
    with serving(tmp_path) as (bureau, address):
        site = Site(bureau, address, browser)
        site.worker = Worker(site.engine, {"email": postbox[1]})
        yield site
        site.leave()


def notices(site: Site, task_id: int) -> list[tuple[str, str]]:
    """Return kind and person of what was told of a task's light, in order."""
    asked = select(Notice.kind, Notice.person_id).where(Notice.task_id == task_id, Notice.kind.like("light:%"))
    return [(row[0], row[1]) for row in site._rows(asked.order_by(Notice.id))]


def mailed(box: Postbox) -> dict[str, list[str]]:
    """Return the lines of the letters by address; what comes together is one letter."""
    lines: dict[str, list[str]] = defaultdict(list)
    for address, letter in box.letters:
        lines[address] += letter.get_content().splitlines()
    return lines


def due_of(site: Site, matter: Matter, node: str) -> datetime:
    asked = select(UserTask.due_at).where(UserTask.instance_id == matter.id, UserTask.node_id == node)
    return local(site._rows(asked)[0][0])


def test_the_ladder_tells_each_person_once_and_by_mail(site: Site, postbox: tuple[Postbox, EmailSettings]):
    matter = lead_at(site, "lead_verify", "梯级提醒")
    task_id = matter._task("lead_verify", "lj.duizhang")
    due = due_of(site, matter, "lead_verify")
    lights = []
    seen: set[str] = set()
    for _ in range(40):
        site.pass_time(hours=24)
        for kind in dict.fromkeys(kind for kind, _ in notices(site, task_id)):
            if kind not in seen:
                seen.add(kind)
                lights.append((kind, local(site.clock.now()).date() > due.date()))
    assert [kind for kind, _ in lights] == list(LADDER)
    assert [late for _, late in lights][:2] == [False, False]
    told = Counter(notices(site, task_id))
    assert set(told.values()) == {1}, "each once"
    for kind, people in LADDER.items():
        got = {person for one, person in told if one == kind}
        assert people <= got, (kind, got)
        assert got <= people | {"dj.juzhang", "lj.fenguan", "lj.zhuren"}, (kind, got)

    asked = select(Outbox.person_id, Outbox.subject, Outbox.sent_at, Outbox.channel).where(
        Outbox.subject.contains(matter.number()) | Outbox.body.contains(matter.number())
    )
    rows = [row for row in site._rows(asked) if row.channel == "email"]
    assert rows
    assert all(row.sent_at for row in rows)
    lines = mailed(postbox[0])
    for kind, people in LADDER.items():
        for person in people:
            mine = [
                line for line in lines[f"{person}@example.invalid"]
                if f" 【{WORDS[kind]}】{matter.number()} " in line and "核查报告" in line
            ]  # fmt: skip
            assert len(mine) == 1, (kind, person, lines[f"{person}@example.invalid"])

    for screen in SCREENS:
        for person_id, words in (("dj.fenguan", "逾期督办"), ("shi.lingdao", "挂牌督办"), ("dj.zhuren", "红灯")):
            person = site.at(screen, person_id)
            person.open("/notices")
            assert f"【{words}】{matter.number()}" in person.text()
            assert person.fits()
        leader = site.at(screen, "lj.duizhang")
        leader.open(f"/work?search={matter.number()}")
        assert "逾期" in leader.page.locator("tr", has_text=matter.number()).first.inner_text()
        leader.open(f"/matters/{matter.id}/links")
        assert "督办" in leader.text()


def test_after_downtime_nobody_is_told_twice(site: Site, postbox: tuple[Postbox, EmailSettings]):
    matter = lead_at(site, "lead_review", "停机恢复")
    task_id = matter._task("lead_review", "dj.zhuren")
    site.clock.move_to(due_of(site, matter, "lead_review"))
    site.clock.advance(hours=72)
    site.worker.drain()
    site.worker.drain()
    told = Counter(person for _, person in notices(site, task_id))
    assert told
    assert set(told.values()) == {1}, told
    assert len({kind for kind, _ in notices(site, task_id)}) == 1, "of the present state only"
    for person, lines in mailed(postbox[0]).items():
        about = [line for line in lines if f"】{matter.number()} " in line and "审核" in line]
        assert len(about) <= 1, (person, about)


def test_days_off_and_days_worked_instead_count_as_the_calendar_says(site: Site):
    cases = (
        (datetime(2026, 4, 3, 9, 0, tzinfo=SHANGHAI), (4, 7), "4月7日"),  # 4–6 April are days off
        (datetime(2026, 5, 8, 9, 0, tzinfo=SHANGHAI), (5, 9), "明天"),  # a Saturday that is worked
    )
    for start, due, words in cases:
        site.clock.move_to(start)
        site.worker.drain()
        matter = lead_at(site, "lead_confirm", f"调休 {start:%m-%d}")
        end = due_of(site, matter, "lead_confirm")
        assert (end.month, end.day) == due
        for screen in SCREENS:
            person = site.at(screen, "dj.zhuren")
            person.open(f"/tasks/{matter._task('lead_confirm', 'dj.zhuren')}")
            assert words in person.page.locator(".task-head").inner_text()
            assert "剩余 1 个工作日" in person.page.locator(".task-head").inner_text()
        site.leave()


def test_an_administrator_moves_the_clock_and_an_officer_sees_it(site: Site):
    matter = lead_at(site, "lead_confirm", "拨动时钟")
    officer = site.at("desk", "dj.zhuren")
    officer.open("/work?tab=claimable")
    assert "剩余 1 个工作日" in officer.page.locator("tr", has_text=matter.number()).inner_text()
    officer.open("/system/clock")
    assert officer.page.locator("button[name=step]").count() == 0, "an officer may not"
    for screen, step in (("desk", "1 天"), ("phone", "7 天")):
        admin = site.at(screen, "xitong")
        admin.open("/system/clock")
        assert admin.fits()
        with admin.page.expect_navigation():
            admin.page.get_by_role("button", name=step, exact=True).click()
        assert "系统时间已拨到 2026年3月" in admin.text()
        site.worker.drain()
    for screen in SCREENS:
        person = site.at(screen, "dj.zhuren")
        person.open("/work?tab=claimable")
        assert "逾期" in person.page.locator("tr", has_text=matter.number()).first.inner_text()
        person.open("/notices")
        assert matter.number() in person.text()
