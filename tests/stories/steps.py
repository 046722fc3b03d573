"""Steps of a story in the browser: starting a matter, doing its tasks, and reading what the page says."""

from typing import Any

from engine.queries.starting import FindStartForm
from engine.queries.task import FindTask
from tests.procedures.story import Bureau, Matter
from tests.stories.conftest import Site


def start(site: Site, screen: str, procedure: str, person_id: str, **values: Any) -> Matter:
    """Start a matter with its start form; the example values fill what is not given."""
    actor = site.person(person_id)
    view = site.engine.ask(FindStartForm(procedure), actor)
    person = site.at(screen, person_id)
    person.open(f"/start/{procedure}")
    assert person.fits(), f"{procedure} start form is wider than the {screen}"
    person.fill(site.filled(view.form, view.variables, values, actor, None))
    person.submit()
    site.worker.drain()
    assert "请按提示修改" not in person.text(), person.text()[:1500]
    return site.newest(procedure)


_LEAD: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("lead_confirm", "dj.zhuren", {}),
    ("lead_classify", "dj.fenban", {"lead_class": "YB", "priority": "一般", "lead_route": "组织核查",
                                    "override_reason": "有举报人，先组织核查再定处理方式。"}),
    ("lead_assign", "dj.fenban", {}),
    ("lead_sign", "lj.duizhang", {}),
    ("lead_check", "lj.duizhang", {}),
    ("lead_verify", "lj.duizhang", {}),
)  # fmt: skip


def lead_at(site: Bureau, node: str, title: str, **values: Any) -> Matter:
    """Return a new lead that stands at a node; what comes before it was done by its people."""
    given = {"title": title, "reporter_mode": "实名", "reporter": "（示例）", "wants_reply": "是", "source": "06"}
    matter = site.start("lead_handling", "lj.duiyuan1", **given | values)
    for step, person, more in _LEAD:
        if step == node:
            break
        matter.do(step, person, **more)
    assert node in matter.steps()
    return matter


def do(  # noqa: PLR0917
    site: Site, screen: str, matter: Matter, node: str, person_id: str, outcome: str | None = None, **values: Any
) -> None:
    """Claim (where nobody has it) and submit the task at a node."""
    person = site.at(screen, person_id)
    task_id = matter._task(node, person_id)
    person.open(f"/tasks/{task_id}")
    assert person.fits(), f"{node} is wider than the {screen}"
    claim = person.page.locator("form[action$='/claim'] button:visible").first
    if claim.count():
        with person.page.expect_navigation():
            claim.click()
    task = site.engine.ask(FindTask(task_id), site.person(person_id))
    person.fill(site.filled(task.form, task.variables, values, site.person(person_id), matter.id))
    person.submit(outcome)
    site.worker.drain()
    done = site.engine.ask(FindTask(task_id)).row.status
    assert done == "completed", f"{node}: {_errors(person.text())}"


def _errors(text: str) -> str:
    start = text.find("请按提示修改")
    return text[max(0, start - 100) : start + 900] if start >= 0 else text[:900]
