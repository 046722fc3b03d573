import pytest

from tests.engine.forms.builder import check, choices, field, form


def test_what_is_true_comes_back_and_nothing_else():
    one = form(field("textfield", "name"), field("number", "count"))
    checked = check(one, {"name": "甲", "count": "3", "role": "leader", "matter": {"id": 1}})
    assert checked.values == {"name": "甲", "count": 3}
    assert checked.errors == {}


def test_hidden_fields_are_dropped_and_owe_nothing():
    one = form(
        field("radio", "danger", values=choices("是", "否")),
        field("textfield", "place", conditional={"hide": '=danger != "是"'}, validate={"required": True}),
    )
    assert check(one, {"danger": "否", "place": "x"}).values == {"danger": "否"}
    assert check(one, {"danger": "是"}).errors == {"place": ["请填写“place”。"]}


def test_a_condition_that_gives_null_hides_as_in_form_js():
    one = form(field("number", "days"), field("textfield", "note", conditional={"hide": "=days <= 3"}))
    assert "note" not in check(one, {"note": "x"}).values
    assert check(one, {"days": 5, "note": "x"}).values["note"] == "x"


def test_a_hidden_field_counts_as_empty_for_what_depends_on_it():
    one = form(
        field("checkbox", "a"),
        field("textfield", "b", conditional={"hide": "=not(a)"}),
        field("textfield", "c", conditional={"hide": '=b != "x"'}),
    )
    assert check(one, {"a": True, "b": "x", "c": "y"}).values == {"a": True, "b": "x", "c": "y"}
    assert check(one, {"a": False, "b": "x", "c": "y"}).values == {"a": False}


def test_what_a_hidden_group_holds_is_dropped_with_it():
    group = {
        "type": "group",
        "id": "g",
        "label": "组",
        "path": "party",
        "conditional": {"hide": "=anonymous"},
        "components": [field("textfield", "name", validate={"required": True})],
    }
    one = form(field("checkbox", "anonymous"), group)
    assert check(one, {"anonymous": True, "party": {"name": "x"}}).values == {"anonymous": True}
    assert check(one, {"anonymous": False, "party": {}}).errors == {"party.name": ["请填写“name”。"]}


def test_disabled_fields_are_never_taken():
    one = form(field("textfield", "a", disabled=True), field("textfield", "b"))
    assert check(one, {"a": "forged", "b": "x"}).values == {"b": "x"}


def test_a_changed_read_only_field_is_an_error_and_keeps_its_value():
    one = form(field("textfield", "unit", readonly=True), field("number", "n", readonly=True))
    forged = check(one, {"unit": "B", "n": "4"}, {"unit": "A", "n": 4})
    assert forged.errors == {"unit": ["“unit”只能查看，不能修改。"]}
    assert forged.values == {"unit": "A", "n": 4}
    assert check(one, {}, {"unit": "A", "n": 4}).errors == {}


def test_read_only_may_depend_on_an_answer():
    one = form(field("checkbox", "locked"), field("textfield", "a", readonly="=locked"))
    assert "a" in check(one, {"locked": True, "a": "new"}, {"a": "old"}).errors
    assert check(one, {"locked": False, "a": "new"}, {"a": "old"}).values["a"] == "new"


def test_expression_and_automatic_fields_are_computed_by_the_server():
    one = form(
        field("number", "l"),
        field("number", "impact"),
        field("expression", "score", expression="=l * impact"),
        field("textfield", "who", **{"bihuan:auto": "=actor.name"}),
        field("textfield", "sign", **{"bihuan:type": "sign"}),
    )
    checked = check(
        one, {"l": 3, "impact": 4, "score": 1, "who": "forged", "sign": "forged"}, {"actor": {"name": "李敏"}}
    )
    assert checked.values == {"l": 3, "impact": 4, "score": 12, "who": "李敏", "sign": "李敏"}


def test_computed_fields_may_build_on_each_other_and_decide_what_is_shown():
    one = form(
        field("number", "a"),
        field("expression", "twice", expression="=a * 2"),
        field("expression", "four", expression="=twice * 2"),
        field("textfield", "why", conditional={"hide": "=four < 20"}, validate={"required": True}),
    )
    assert check(one, {"a": 2}).errors == {}
    assert check(one, {"a": 5}).errors == {"why": ["请填写“why”。"]}


@pytest.mark.parametrize(
    ("kind", "empty"),
    [("textfield", ""), ("textarea", "  \u3000"), ("number", ""), ("select", ""), ("radio", None), ("datetime", "")],
)
def test_required_fields_must_be_filled(kind, empty):
    more = {"values": choices("a")} if kind in {"select", "radio"} else {}
    one = form(field(kind, "x", "某项", validate={"required": True}, **more))
    assert list(check(one, {"x": empty}).errors) == ["x"]
    assert "某项" in check(one, {}).errors["x"][0]


def test_a_required_box_must_be_ticked():
    one = form(field("checkbox", "no_conflict", "无利害关系", validate={"required": True}))
    assert check(one, {"no_conflict": False}).errors == {"no_conflict": ["请确认并勾选“无利害关系”。"]}
    assert check(one, {"no_conflict": "true"}).values == {"no_conflict": True}


def test_required_if_follows_the_answers():
    one = form(
        field("radio", "met", values=choices("是", "否")),
        field("textarea", "why", **{"bihuan:requiredIf": '=met = "否"'}),
    )
    assert check(one, {"met": "是"}).errors == {}
    assert list(check(one, {"met": "否"}).errors) == ["why"]


def test_limits_of_numbers_are_exact():
    one = form(field("number", "x", validate={"min": 0.1, "max": 0.3}))
    assert check(one, {"x": "0.1"}).errors == {}
    assert check(one, {"x": "0.3"}).errors == {}
    assert check(one, {"x": "0.30000000000001"}).errors == {"x": ["“x”不能大于 0.3。"]}
    assert check(one, {"x": "0.09"}).errors == {"x": ["“x”不能小于 0.1。"]}


def test_limits_may_be_expressions():
    one = form(field("number", "total"), field("number", "done", validate={"max": "=total"}))
    assert check(one, {"total": 3, "done": 4}).errors == {"done": ["“done”不能大于 3。"]}


@pytest.mark.parametrize("bad", ["abc", "1,000", "NaN", "Infinity", "1e999", "０", "--1", True, [], {}, "1" * 40])
def test_what_is_no_number_is_told(bad):
    assert list(check(form(field("number", "x")), {"x": bad}).errors) == ["x"]


def test_digits_and_steps_of_numbers():
    one = form(field("number", "x", decimalDigits=1), field("number", "y", increment="0.25"))
    assert check(one, {"x": "1.5", "y": "1.75"}).errors == {}
    assert set(check(one, {"x": "1.55", "y": "1.8"}).errors) == {"x", "y"}


def test_money_is_not_negative_and_has_two_decimals():
    one = form(field("number", "x", **{"bihuan:type": "money"}))
    assert check(one, {"x": "12.50"}).values == {"x": 12.5}
    assert list(check(one, {"x": "-1"}).errors) == ["x"]
    assert list(check(one, {"x": "0.001"}).errors) == ["x"]


def test_lengths_count_as_the_browser_counts():
    one = form(field("textfield", "x", validate={"minLength": 2, "maxLength": 4}))
    assert check(one, {"x": "𠮷"}).errors == {}  # two UTF-16 units
    assert check(one, {"x": "𠮷𠮷a"}).errors["x"][0].startswith("“x”不能超过 4 字，现在是 5 字")
    assert check(one, {"x": " a "}).errors["x"][0].startswith("“x”不能少于 2 字，现在是 1 字")


def test_texts_have_a_default_limit():
    one = form(field("textarea", "x"))
    assert check(one, {"x": "字" * 2000}).errors == {}
    assert list(check(one, {"x": "字" * 2001}).errors) == ["x"]


def test_line_ends_are_those_of_the_page_and_one_line_stays_one_line():
    one = form(field("textarea", "a"), field("textfield", "b"))
    assert check(one, {"a": "x\r\ny", "b": "x\r\ny\tz"}).values == {"a": "x\ny", "b": "x y z"}


@pytest.mark.parametrize("bad", ["a\x00b", "\ud800", "x\udfff"])
def test_characters_no_database_keeps_are_refused_at_the_field(bad):
    one = form(field("textarea", "a"), field("dynamiclist", "rows", components=[field("textfield", "b")]))
    assert list(check(one, {"a": bad}).errors) == ["a"]
    assert list(check(one, {"rows": [{"b": bad}]}).errors) == ["rows[0].b"]


@pytest.mark.parametrize("bad", [["a"], {"a": 1}, True])
def test_texts_are_texts(bad):
    assert list(check(form(field("textfield", "a")), {"a": bad}).errors) == ["a"]


def test_patterns_search():
    one = form(field("textfield", "x", validate={"pattern": "\\d", "patternErrorMessage": "须含数字"}))
    assert check(one, {"x": "a1b"}).errors == {}
    assert check(one, {"x": "ab"}).errors == {"x": ["须含数字"]}


def test_choices_are_those_of_the_server():
    one = form(
        field("select", "p", **{"bihuan:options": "code:PRIORITY"}),
        field("taglist", "team", **{"bihuan:type": "persons"}),
        field("radio", "u", **{"bihuan:type": "unit"}),
    )
    good = check(one, {"p": "加急", "team": ["dj.li", "dj.li"], "u": "LJ"})
    assert good.values == {"p": "加急", "team": ["dj.li"], "u": "LJ"}
    forged = check(one, {"p": "最急", "team": ["dj.li", "root"], "u": "XX"})
    assert set(forged.errors) == {"p", "team", "u"}


def test_choices_may_come_from_data_and_expressions_and_need_not_be_texts():
    one = form(
        field("select", "a", valuesKey="lines"),
        field("select", "b", valuesExpression="=[1, 2]"),
        field("radio", "c", values=[{"value": True, "label": "通过"}, {"value": False, "label": "不通过"}]),
    )
    checked = check(one, {"a": "L1", "b": "2", "c": "false"}, {"lines": [{"value": "L1", "label": "一线"}]})
    assert checked.values == {"a": "L1", "b": 2, "c": False}
    assert list(check(one, {"a": "L2"}, {"lines": ["L1"]}).errors) == ["a"]


def test_choices_that_appear_only_through_another_choice_are_checked_too():
    one = form(
        field("radio", "a", values=[{"value": 1, "label": "一"}, {"value": 2, "label": "二"}]),
        field("select", "b", values=choices("x"), conditional={"hide": "=a != 2"}),
    )
    assert list(check(one, {"a": "2", "b": "forged"}).errors) == ["b"]


@pytest.mark.parametrize(
    ("subtype", "typed", "kept"),
    [
        ("date", "2026-02-28", "2026-02-28"),
        ("datetime", "2026-11-25T09:30", "2026-11-25T09:30:00+08:00"),
        ("datetime", "2026-11-25T09:30:05Z", "2026-11-25T09:30:05Z"),
        ("time", "09:30", "09:30:00+08:00"),
    ],
)
def test_dates_and_times_are_kept_as_iso_texts(subtype, typed, kept):
    assert check(form(field("datetime", "d", subtype=subtype)), {"d": typed}).values == {"d": kept}


@pytest.mark.parametrize(
    "bad", ["2026-02-30", "26-1-1", "25.11.2026", "2026-11-25T09:30", 5, "9999999-01-01", "2026-1-1"]
)
def test_dates_that_do_not_exist_are_refused(bad):
    assert list(check(form(field("datetime", "d", subtype="date")), {"d": bad}).errors) == ["d"]


@pytest.mark.parametrize("bad", ["2026-11-25", "2026-11-25T24:30", "2026-11-25T09:61", "T", "2026-11-25T09:30+99:99x"])
def test_instants_that_do_not_exist_are_refused(bad):
    assert list(check(form(field("datetime", "d", subtype="datetime")), {"d": bad}).errors) == ["d"]


def test_rows_are_checked_one_by_one_and_errors_name_them():
    row = [field("textfield", "name", "名称", validate={"required": True}), field("number", "n")]
    one = form(field("dynamiclist", "evidence", "证据清单", components=row))
    checked = check(one, {"evidence": [{"name": "录像", "n": "1", "extra": 1}, {"n": "x"}]})
    assert checked.values["evidence"] == [{"name": "录像", "n": 1}, {"name": "", "n": None}]
    assert list(checked.errors) == ["evidence[1].name", "evidence[1].n"]


def test_rows_see_themselves_and_what_is_around():
    row = [
        field("number", "l"),
        field("expression", "score", expression="=this.l * factor + i[1]"),
        field("textfield", "note", conditional={"hide": "=this.l < 3"}),
    ]
    one = form(field("number", "factor"), field("dynamiclist", "points", components=row))
    checked = check(one, {"factor": 10, "points": [{"l": 1, "note": "x"}, {"l": 5, "note": "y"}]})
    assert checked.values["points"] == [{"l": 1, "score": 11}, {"l": 5, "score": 52, "note": "y"}]


def test_rows_are_capped():
    one = form(field("dynamiclist", "rows", components=[field("textfield", "a")]))
    checked = check(one, {"rows": [{"a": "x"}] * 201})
    assert list(checked.errors) == ["rows"]
    assert "200" in checked.errors["rows"][0]
    few = form(field("dynamiclist", "rows", components=[field("textfield", "a")], **{"bihuan:maxRows": "2"}))
    assert list(check(few, {"rows": [{}] * 3}).errors) == ["rows"]


def test_lists_may_need_rows():
    one = form(field("dynamiclist", "rows", "清单", components=[field("textfield", "a")], **{"bihuan:minRows": "2"}))
    assert check(one, {"rows": [{"a": "x"}]}).errors == {"rows": ["“清单”至少填写 2 行。"]}
    assert check(one, {"rows": [{"a": "x"}, {"a": "y"}]}).errors == {}


@pytest.mark.parametrize("bad", ["x", 5, {"a": 1}, [1], ["x"], [None], [[]]])
def test_what_is_no_list_of_rows_is_told_at_the_list(bad):
    one = form(field("dynamiclist", "rows", components=[field("textfield", "a")]))
    assert list(check(one, {"rows": bad}).errors) == ["rows"]


def test_rows_that_are_fixed_can_be_neither_added_nor_removed():
    row = [field("textfield", "measure", readonly=True), field("textfield", "done")]
    one = form(field("dynamiclist", "rows", components=row, allowAddRemove=False))
    known = {"rows": [{"measure": "甲"}, {"measure": "乙"}]}
    good = check(one, {"rows": [{"done": "是"}, {"done": "否"}]}, known)
    assert good.errors == {}
    assert good.values["rows"] == [{"measure": "甲", "done": "是"}, {"measure": "乙", "done": "否"}]
    assert "rows" in check(one, {"rows": [{"done": "是"}]}, known).errors
    assert "rows[0].measure" in check(one, {"rows": [{"measure": "丙"}, {}]}, known).errors


def test_files_are_ids_of_this_matter():
    one = form(field("filepicker", "files", "附件", multiple=True, validate={"required": True}))
    mine = {"a-1": {"name": "现场.jpg", "size": 12}}

    def files(ids):
        return {key: value for key, value in mine.items() if key in ids}

    checked = check(one, {"files": ["a-1"]}, files=files)
    assert checked.values == {"files": [{"id": "a-1", "name": "现场.jpg", "size": 12}]}
    for forged in (["b-2"], ["a-1", "b-2"], ["../../x"], [{"name": "x"}], [5]):
        assert list(check(one, {"files": forged}, files=files).errors) == ["files"], forged
    assert check(one, {}, files=files).errors == {"files": ["请上传“附件”。"]}
    assert list(check(one, {"files": ["a-1"]}).errors) == ["files"]


def test_one_file_means_one_file():
    one = form(field("filepicker", "plan"))
    described = {"a": {"name": "a"}, "b": {"name": "b"}}
    assert list(check(one, {"plan": ["a", "b"]}, files=lambda ids: described).errors) == ["plan"]


def test_the_vault_is_kept_apart():
    one = form(field("textarea", "reporter", **{"bihuan:type": "vault"}), field("textfield", "a"))
    checked = check(one, {"reporter": "张三 13800000000", "a": "x"})
    assert checked.values == {"a": "x"}
    assert checked.vault == {"reporter": "张三 13800000000"}


def test_statements_about_fields_must_be_true():
    one = form(
        field("datetime", "start_on", "开始"),
        field(
            "datetime",
            "end_on",
            "结束",
            **{
                "bihuan:check": "=date(end_on) >= date(start_on)",
                "bihuan:checkMessage": "结束日期不能早于开始日期。",
                "bihuan:check2": '=date(end_on) - date(start_on) <= duration("P180D")',
                "bihuan:checkMessage2": "不能超过 180 日。",
            },
        ),
    )
    assert check(one, {"start_on": "2026-01-01", "end_on": "2026-02-01"}).errors == {}
    assert check(one, {"start_on": "2026-03-01", "end_on": "2026-02-01"}).errors == {
        "end_on": ["结束日期不能早于开始日期。"]
    }
    assert check(one, {"start_on": "2026-01-01", "end_on": "2026-12-01"}).errors == {"end_on": ["不能超过 180 日。"]}


def test_a_statement_that_cannot_be_decided_is_not_true():
    one = form(field("number", "a", **{"bihuan:check": "=a > missing", "bihuan:checkMessage": "不成立。"}))
    assert check(one, {"a": 1}).errors == {"a": ["不成立。"]}


def test_a_statement_about_a_faulty_field_says_nothing_new():
    one = form(
        field("number", "total", validate={"required": True}),
        field("number", "done", **{"bihuan:check": "=done <= total", "bihuan:checkMessage": "超过总数。"}),
    )
    assert list(check(one, {"done": 3}).errors) == ["total"]


def test_statements_about_lists_hold_for_empty_ones_too():
    rows = {"bihuan:check": "=count(rows) >= 2", "bihuan:checkMessage": "至少两行。"}
    one = form(field("dynamiclist", "rows", components=[field("textfield", "a")], **rows))
    assert check(one, {"rows": []}).errors == {"rows": ["至少两行。"]}


def test_deciding_against_the_suggestion_needs_a_reason():
    one = form(
        field("select", "level", values=choices("低", "中", "高"), **{"bihuan:suggestion": "=hint"}),
        field("textarea", "override_reason", "不采纳系统建议理由"),
    )
    assert check(one, {"level": "中"}, {"hint": "中"}).errors == {}
    assert list(check(one, {"level": "高"}, {"hint": "中"}).errors) == ["override_reason"]
    assert check(one, {"level": "高", "override_reason": "有新情况"}, {"hint": "中"}).errors == {}
    assert check(one, {"level": "高"}, {"hint": None}).errors == {}
    assert "override_reason" not in check(one, {"level": "中", "override_reason": "x"}, {"hint": "中"}).values


def test_a_form_that_suggests_asks_for_the_reason_by_itself():
    one = form(field("radio", "level", values=choices("低", "中"), **{"bihuan:suggestion": '="中"'}))
    assert list(check(one, {"level": "低"}).errors) == ["override_reason"]


def test_an_opinion_is_owed_unless_one_agrees():
    one = form(
        field("radio", "decision", values=choices("同意", "退回"), **{"bihuan:outcome": "true"}),
        field("textarea", "opinion", "意见", **{"bihuan:type": "opinion"}),
    )
    assert check(one, {"decision": "同意"}).errors == {}
    assert list(check(one, {"decision": "退回"}).errors) == ["opinion"]
    assert list(check(one, {"decision": "退回", "opinion": "太短"}).errors) == ["opinion"]
    assert check(one, {"decision": "退回", "opinion": "事实不清，请补充现场笔录和照片"}).errors == {}


def test_earlier_answers_to_what_is_hidden_now_are_named():
    one = form(
        field("checkbox", "a"),
        field("textfield", "b", conditional={"hide": "=not(a)"}),
    )
    assert check(one, {"a": False}, {"b": "old"}).cleared == ("b",)
    assert check(one, {"a": True, "b": "new"}, {"b": "old"}).cleared == ()


def test_keys_may_have_several_parts():
    one = form(field("textfield", "party.name"), field("number", "party.age"))
    assert check(one, {"party": {"name": "甲", "age": "3"}}).values == {"party": {"name": "甲", "age": 3}}


def test_lists_may_stand_in_lists():
    inner = field("dynamiclist", "items", components=[field("number", "n", validate={"max": 5})])
    one = form(field("dynamiclist", "units", components=[field("textfield", "u"), inner]))
    checked = check(one, {"units": [{"u": "A", "items": [{"n": 1}, {"n": 9}]}]})
    assert list(checked.errors) == ["units[0].items[1].n"]
    assert checked.values["units"][0]["items"][0] == {"n": 1}


def test_an_expression_out_of_budget_neither_hangs_nor_opens_anything():
    endless = "=count(for a in 1..100000, b in 1..100000 return a) > 0"
    one = form(
        field("textfield", "x", **{"bihuan:check": endless, "bihuan:checkMessage": "无法核对。"}),
        field("textfield", "y", conditional={"hide": endless}, validate={"required": True}),
    )
    assert check(one, {"x": "a"}).errors == {"x": ["无法核对。"], "y": ["请填写“y”。"]}
