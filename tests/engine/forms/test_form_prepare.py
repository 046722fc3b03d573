from engine.forms import Option
from tests.engine.forms.builder import NOW, PEOPLE, choices, field, form, options, prepared_field, visible


def test_fields_start_with_what_is_known_else_their_default():
    one = form(field("textfield", "a"), field("textfield", "b", defaultValue="x"), field("checkbox", "c"))
    prepared = one.prepare({"a": "甲"}, options, NOW)
    assert {each.path: each.value for each in prepared} == {"a": "甲", "b": "x", "c": False}


def test_nobody_sees_the_last_ones_answer():
    one = form(
        field("radio", "decision", values=choices("同意", "退回"), **{"bihuan:outcome": "true"}),
        field("textarea", "opinion", **{"bihuan:type": "opinion"}),
        field("checkbox", "no_conflict", validate={"required": True}),
        field("textarea", "reporter", **{"bihuan:type": "vault"}),
        field("textfield", "once", **{"bihuan:fresh": "true"}),
    )
    known = {"decision": "同意", "opinion": "可以", "no_conflict": True, "reporter": "x", "once": "x"}
    values = {each.path: each.value for each in one.prepare(known, options, NOW)}
    assert values == {"decision": None, "opinion": "", "no_conflict": False, "reporter": "", "once": ""}


def test_what_was_typed_is_never_lost():
    one = form(
        field("number", "n"),
        field("select", "p", **{"bihuan:options": "code:PRIORITY"}),
        field("textfield", "fixed", readonly=True),
        field("dynamiclist", "rows", components=[field("textfield", "a")]),
    )
    typed = {"n": "12x", "p": "加急", "fixed": "forged", "rows": [{"a": "x"}, {"a": "y"}]}
    values = {each.path: each.value for each in one.prepare({"n": 1, "fixed": "A"}, options, NOW, typed)}
    assert values["n"] == "12x"
    assert values["p"] == "加急"
    assert values["fixed"] == "A"
    assert [values["rows[0].a"], values["rows[1].a"]] == ["x", "y"]


def test_typed_texts_count_as_what_they_will_be():
    one = form(field("number", "days"), field("textfield", "note", conditional={"hide": "=days <= 3"}))
    assert visible(one, values={"days": "5", "note": ""}) == ["days", "note"]


def test_conditions_are_worked_out():
    one = form(field("checkbox", "a"), field("textfield", "b", conditional={"hide": "=not(a)"}))
    assert visible(one) == ["a"]
    assert visible(one, {"a": True}) == ["a", "b"]


def test_choices_come_with_labels():
    one = form(field("select", "who", **{"bihuan:type": "person"}))
    who = prepared_field(one, "who", {"who": "dj.li"})
    assert who.options == PEOPLE
    assert who.label_of("dj.li") == "李敏（临江中队）"
    assert who.label_of("gone") == "gone"


def test_the_outcome_is_found():
    one = form(field("radio", "decision", values=choices("同意"), **{"bihuan:outcome": "true"}))
    assert one.prepare({}, options, NOW).outcome.options == (Option("同意", "同意"),)
    assert form(field("textfield", "a")).prepare({}, options, NOW).outcome is None


def test_lists_have_a_blank_row_to_add():
    row = [field("textfield", "a"), field("number", "n", defaultValue=1)]
    one = form(field("dynamiclist", "rows", components=row))
    rows = prepared_field(one, "rows", {"rows": [{"a": "x"}]})
    assert [cell.path for cell in rows.rows[0]] == ["rows[0].a", "rows[0].n"]
    assert [(cell.path, cell.value) for cell in rows.blank_row] == [("rows[1].a", ""), ("rows[1].n", 1)]


def test_a_suggestion_comes_with_the_facts_it_rests_on():
    one = form(
        field("number", "residual", "剩余分"),
        field(
            "select",
            "level",
            values=[{"value": "M", "label": "中风险"}, {"value": "L", "label": "低风险"}],
            **{"bihuan:suggestion": '=if residual >= 8 then "M" else "L"'},
        ),
    )
    suggestion = prepared_field(one, "level", {"residual": 9}).suggestion
    assert (suggestion.value, suggestion.label) == ("M", "中风险")
    assert suggestion.why == (("剩余分", "9"),)


def test_a_suggestion_may_bring_its_own_reason():
    explained = {"decision": "ra_level", "inputs": {"剩余分": 9}, "matched": [{"index": 4, "annotation": "中"}]}
    more = {"bihuan:suggestion": "=hint", "bihuan:why": "=hint_explanation"}
    one = form(field("select", "level", values=choices("中"), **more))
    suggestion = prepared_field(one, "level", {"hint": "中", "hint_explanation": explained}).suggestion
    assert suggestion.why == (("剩余分", "9"), ("符合规则", "第 4 条 中"))


def test_a_suggestion_from_a_decision_table_names_the_rule_that_matched():
    explained = {
        "decision": "lead_triage",
        "inputs": {"现实危险": "否", "可观察事实数": 3},
        "matched": [{"index": 4, "rule_id": "r4", "annotation": "核查后移送公安", "outputs": {"class": "HE"}}],
    }
    one = form(field("select", "class", "类别", values=choices("HE", "YB"), **{"bihuan:suggestion": "=triage.class"}))
    known = {"triage": {"class": "HE"}, "decisions": {"triage": explained}}
    assert prepared_field(one, "class", known).suggestion.why == (
        ("现实危险", "否"),
        ("可观察事实数", "3"),
        ("符合规则", "第 4 条 核查后移送公安"),
    )


def test_the_reason_is_asked_only_when_an_answer_differs():
    one = form(field("radio", "level", values=choices("低", "中"), **{"bihuan:suggestion": '="中"'}))
    assert visible(one) == ["level"]
    assert visible(one, {"level": "低"}) == ["level", "override_reason"]
    assert prepared_field(one, "override_reason", {"level": "低"}).required


def test_texts_are_filled_in():
    one = form({"type": "text", "id": "t", "text": "编号 {{matter.number}}，共 {{count(rows)}} 行"})
    shown = prepared_field(one, "#t", {"matter": {"number": "LD-1"}, "rows": [1, 2]})
    assert shown.text == "编号 LD-1，共 2 行"


def test_tables_show_data():
    one = form(
        {"type": "table", "id": "t", "label": "表", "dataSource": "=rows", "columns": [{"key": "a", "label": "甲"}]}
    )
    assert prepared_field(one, "#t", {"rows": [{"a": 1}]}).value == [{"a": 1}]


def test_the_page_is_told_only_the_variables_its_rules_read():
    one = form(field("textfield", "a", conditional={"hide": '=matter.sensitivity = "S3"'}))
    context = one.prepare({"matter": {"sensitivity": "S2"}, "secret": 1}, options, NOW).context
    assert context == {"matter": {"sensitivity": "S2"}}


def test_filed_data_is_shown_as_it_was_filed():
    one = form(
        field("textfield", "a"),
        field("textfield", "hidden_then"),
        field("textfield", "at", **{"bihuan:auto": "=now()"}),
        field("dynamiclist", "rows", components=[field("textfield", "x")]),
    )
    prepared = one.filed({"a": "甲", "at": "2026-01-01", "rows": [{"x": "1"}]}, options, NOW)
    shown = {each.path: each.value for each in prepared if each.visible and each.field.keyed}
    assert shown == {"a": "甲", "at": "2026-01-01", "rows[0].x": "1"}
    assert all(each.read_only for each in prepared)


def test_a_shown_text_tells_codes_dates_and_nothing_in_words():
    words = {"bihuan:options": "code:PRIORITY"}
    one = form(
        {"type": "text", "id": "t1", "text": "**缓急**：{{p}}", "properties": words},
        {
            "type": "text",
            "id": "t2",
            "text": "{{on}}，{{at}}，{{gone}}，{{none}}，{{many}}，{{done}}",
            "properties": words,
        },
        {"type": "text", "id": "t4", "text": "{{p + at}}"},
    )
    values = {"p": "U", "on": "2026-11-25", "at": "2026-11-25T01:30:00Z", "none": [], "many": ["U", "N"], "done": True}
    sources = {"code:PRIORITY": (Option("U", "特急"), Option("N", "普通"))}
    prepared = one.prepare(values, sources.__getitem__, NOW)
    texts = [field.text for field in prepared.fields]
    assert texts[0] == "**缓急**：特急"
    assert texts[1] == "2026年11月25日，2026年11月25日 09:30，—，—，特急、普通，是"
    assert texts[2] == "U2026-11-25T01:30:00Z"
