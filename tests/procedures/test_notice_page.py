"""告知与陈述申辩 on its pages: a statement of the party is registered from the matter (更多操作)."""

import re
from pathlib import Path

import pytest

from config.settings import Settings
from engine.actor import ENGINE
from engine.commands.organisation import LoadOrganisation
from tests.procedures.story import Bureau
from tests.procedures.test_shared_activities import told
from tests.rows import PASSWORD
from tests.web.conftest import Browser
from web import create_app

TYPED = {"who": "示例当事人", "at": "2026-03-02T08:30", "way": "口头", "content": "首次违法，请求从轻。"}


@pytest.fixture
def browser(bureau: Bureau, tmp_path: Path) -> Browser:
    """The browser of another squad leader of 临江中队, who may log in."""
    leader = {"id": "lj.second", "name": "示例队长", "unit": "310191901", "roles": ["squad_leader"]}
    bureau.engine.run(LoadOrganisation({"person": [leader]}, PASSWORD, keep_password=True), ENGINE)
    app = create_app(bureau.engine, Settings(data_dir=tmp_path, secret_key="k" * 64, example=True))
    browser = Browser(app.test_client())
    assert browser.log_in("lj.second").status_code == 303
    return browser


def test_a_statement_is_registered_once_from_the_page_of_the_matter(bureau: Bureau, browser: Browser) -> None:
    matter = told(bureau)
    page = browser.text(f"/matters/{matter.id}")
    links = dict(reversed(one) for one in re.findall(r'href="(/matters/\d+/acts/[^"]+)">(登记[^<]+)<', page))
    assert list(links) == ["登记陈述申辩", "登记书面放弃"]
    address = links["登记陈述申辩"]
    form = browser.text(address)
    assert "陈述申辩人" in form
    key = {"idempotency_key": re.search(r'name="idempotency_key" value="([^"]+)"', form)[1]}
    assert browser.post(f"{address}/draft", TYPED | {"content": "写到一半"}).status_code == 303
    assert "写到一半" in browser.text(address)
    assert browser.post(address, TYPED | key | {"way": "书面"}).status_code == 422
    for _ in range(2):
        assert browser.post(address, TYPED | key).status_code == 303
    assert (matter.steps(), matter.variable("who")) == (["not_hear"], TYPED["who"])
    page = browser.text(f"/matters/{matter.id}")
    assert "登记陈述申辩" in browser.text(f"/matters/{matter.id}/timeline")
    assert address not in page
    gone = browser.get(address)
    assert gone.status_code == 403
    assert "目前的阶段不能进行这一操作" in gone.get_data(as_text=True)
