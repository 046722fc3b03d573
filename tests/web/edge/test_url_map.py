"""Every route of the product for everybody: no fault anywhere, and a new route without an entry here fails."""

import pytest

WHO = (None, "alice", "modeller", "system", "security", "audit")
# Endpoint: what each of WHO gets for a GET of a thing that exists. P: posts only.
P, LOGIN, PAGE, NONE = (), 302, 200, 404
_ALL = (LOGIN, PAGE, PAGE, PAGE, PAGE, PAGE)
_CASE = (LOGIN, PAGE, NONE, NONE, NONE, NONE)
_OFFICE = (LOGIN, NONE, PAGE, NONE, NONE, NONE)
_ANY = None  # depends on rights that other tests look at; must only be no fault
EXPECTED = {
    "static": (PAGE,) * 6, "account.login": (PAGE,) * 6, "account.help": (PAGE,) * 6, "account.health": (PAGE,) * 6,
    "metrics.show": (PAGE,) * 6, "metrics.ready": (503,) * 6,  # no worker runs beside these tests
    "account.logout": P, "account.password": _ALL, "account.show": _ALL, "account.end_session": P,
    "account.appearance": P, "account.more": _ALL, "worklist.home": _ANY, "worklist.index": _ALL,
    "tasks.show": _CASE, "tasks.claim": P, "tasks.unclaim": _CASE, "tasks.transfer": _CASE, "tasks.extension": _CASE,
    "tasks.comment": P, "tasks.draft": P, "tasks.complete": P, "matters.index": _ANY, "matters.show": _CASE,
    "matters.part": _CASE, "matters.picture": _CASE, "matters.comment": P, "start.index": _ANY, "start.form": _ANY,
    "start.begin": P, "start.draft": P, "start.trigger": (LOGIN, NONE, NONE, NONE, NONE, NONE), "start.do_trigger": P,
    "start.trigger_draft": P, "ledgers.index": _ANY, "ledgers.show": _ANY, "ledgers.export": _ANY,
    "attachments.download": _CASE, "attachments.upload": P, "attachments.remove": P, "notices.index": _ALL,
    "notices.open_one": P, "notices.read_all": P, "definitions.index": _OFFICE, "definitions.show": _OFFICE,
    "definitions.picture": _ANY, "definitions.xml": _OFFICE, "definitions.editor": _OFFICE,
    "definitions.draft_xml": _OFFICE, "definitions.save_draft": P,
    "draft_files.editor": (LOGIN, NONE, NONE, NONE, NONE, NONE), "draft_files.save": P, "draft_files.check": P,
    "draft_files.content": (LOGIN, NONE, NONE, NONE, NONE, NONE), "draft_files.begin": P,
    "modeler.version": (401,) * 6, "modeler.deployments": (401,) * 6, "modeler.create": P,
    "deploy_tokens.index": _OFFICE, "deploy_tokens.create": P, "deploy_tokens.revoke": P,
    "definitions.check": P, "definitions.publish": P, "definitions.discard": P, "operations.index": _ANY,
    "operations.people": (LOGIN, NONE, NONE, PAGE, PAGE, NONE),
    "operations.incidents": (LOGIN, NONE, PAGE, PAGE, NONE, NONE), "operations.retry": P, "operations.clock": _ANY,
    "changes.compare": _ALL, "changes.picture": _ALL, "changes.proposal": (LOGIN, NONE, NONE, NONE, NONE, NONE),
    "changes.proposed": (LOGIN, NONE, NONE, NONE, NONE, NONE), "changes.replay": _ANY, "changes.propose": P, "changes.proposing": _ANY, "changes.drafted": _ANY, "changes.roll_back": P,
    "migrations.plan": _OFFICE, "migrations.picture": _OFFICE, "migrations.index": _OFFICE, "migrations.begin": P,
    "migrations.show": (LOGIN, NONE, NONE, NONE, NONE, NONE), "migrations.pause": P, "migrations.resume": P,
    "migrations.undo": P, "play.begin": P, "play.inside": (LOGIN, NONE, NONE, NONE, NONE, NONE), "play.act_as": P,
    "play.move_clock": P, "play.save": P, "play.end": P, "play.drop": P, "play.scenarios": _OFFICE, "operations.move_clock": P, "reports.index": _ANY, "reports.export": _ANY,
}  # fmt: skip


def test_every_route_has_an_entry(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(EXPECTED)


@pytest.mark.parametrize("who", WHO)
def test_every_route_answers_everybody_as_it_should(app, desk, browse, who):
    browser = browse(who)
    upload = desk.upload("a.pdf")
    values = {
        "task_id": desk.task_id, "instance_id": desk.matter, "notice_id": 1, "incident_id": 1, "key": "desk",
        "node_id": "work", "part": "timeline", "name": "open_work", "session_id": "x", "filename": "css/base.css",
        "attachment_id": upload.json["id"], "side": "before", "batch": 1,
        "token": "none", "token_id": 1, "rest": "work", "scenario_id": 1,
    }  # fmt: skip
    place = WHO.index(who)
    wrong = []
    for rule in app.url_map.iter_rules():
        with app.test_request_context():
            path = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)[1]
        if "GET" in rule.methods:
            answer = browser.get(path)
            expected = EXPECTED[rule.endpoint]
            fits = answer.status_code < 500 if not expected else answer.status_code == expected[place]
            if not fits:
                wrong.append((rule.endpoint, "GET", answer.status_code))
            answer.close()
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods and rule.endpoint not in {"account.logout", "account.login"}:
            with app.test_request_context():
                path = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)[1]
            answer = browser.post(path, {"text": "", "step": ""})
            bad = answer.status_code >= 500 or (who is None and answer.status_code != 401)
            if bad:
                wrong.append((rule.endpoint, "POST", answer.status_code))
            answer.close()
    assert wrong == []
