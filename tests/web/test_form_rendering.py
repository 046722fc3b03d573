import json

import pytest
from lxml import html
from werkzeug.datastructures import FileStorage, MultiDict

from tests.engine.forms.builder import choices, field, form
from tests.web.form_pages import form_app, markup, options, shipped, shipped_form
from web.form_rendering import field_id, parse_submission


def parsed(*components, **more):
    return html.fromstring(f"<main>{markup(form(*components), **more)}</main>")


def test_every_control_has_a_label():
    for key in shipped():
        page = html.fromstring(f"<main>{markup(shipped_form(key))}</main>")
        for control in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
            if control.get("type") in {"radio", "checkbox"}:
                assert control.xpath("ancestor::label"), (key, control.get("name"))
            else:
                labelled = page.xpath(f"//label[@for='{control.get('id')}']") if control.get("id") else []
                assert labelled or control.get("aria-label"), (key, control.get("name"))


def test_ids_are_unique_on_every_shipped_form():
    for key in shipped():
        page = html.fromstring(f"<main>{markup(shipped_form(key))}</main>")
        for template in page.xpath("//template"):
            template.getparent().remove(template)
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), (key, [one for one in ids if ids.count(one) > 1])


def test_nothing_inline_that_the_content_security_policy_would_block():
    for key in shipped():
        page = html.fromstring(f"<main>{markup(shipped_form(key))}</main>")
        assert not page.xpath("//script | //style | //@style | //@*[starts-with(name(), 'on')]"), key


def test_what_people_wrote_is_text_and_never_markup():
    evil = '"><script>alert(1)</script>'
    page = str(
        markup(form(field("textfield", "a", evil), field("textarea", "b")), {"a": evil, "b": f"</textarea>{evil}"})
    )
    assert "<script>alert" not in page
    shown = str(markup(form(field("textarea", "a")), {"a": evil}, mode="read"))
    assert "<script>alert" not in shown


def test_shown_texts_are_a_little_markdown_and_no_html():
    page = parsed({"type": "text", "id": "t", "text": "# 头\n\n**重要** <b>x</b>\n第二行\n\n- 一\n- 二"})
    text = page.xpath("//div[@data-field='#t']")[0]
    assert [child.tag for child in text] == ["h3", "p", "ul"]
    assert text.findtext("p/strong") == "重要"
    assert "<b>x</b>" in text.find("p").text_content()


@pytest.mark.parametrize(("multiple", "known", "many"), [
    (True, {}, True), (False, {}, False), ("=kind = 2", {"kind": 2}, True), ("=kind = 2", {"kind": 1}, False),
    ("=kind", {"kind": "yes"}, False),
])  # fmt: skip
def test_a_field_takes_several_files_where_its_expression_is_true_of_the_data(multiple, known, many):
    page = parsed(field("filepicker", "files", multiple=multiple), variables=known)
    (picker,), (words,) = page.xpath("//input[@type='file']"), page.xpath("//*[@data-many]")
    assert (picker.get("multiple") is not None, words.get("hidden") is None) == (many, many)


def test_the_script_learns_of_a_label_only_where_an_answer_can_change_it():
    labels = {"a": '="共 " + string(n)', "b": "{{known}} 份", "c": "份"}
    page = parsed(field("number", "n"), *(field("textfield", key, text) for key, text in labels.items()))
    told = {one.get("data-field"): one.get("data-says") for one in page.xpath("//*[@data-field]")}
    assert told == {"n": None, "a": json.dumps([['"共 " + string(n)']], ensure_ascii=False), "b": None, "c": None}


def test_hidden_fields_are_there_but_hidden_for_the_script_to_show():
    page = parsed(field("checkbox", "a"), field("textfield", "b", conditional={"hide": "=not(a)"}))
    (hidden,) = page.xpath("//*[@data-field='b']")
    assert hidden.get("hidden") is not None
    assert hidden.get("data-hide") == "not(a)"


def test_the_outcome_is_not_among_the_fields():
    page = parsed(field("radio", "decision", values=choices("同意", "退回"), **{"bihuan:outcome": "true"}))
    assert not page.xpath("//input")


def test_errors_stand_at_the_field_and_are_announced_with_it():
    page = parsed(field("textfield", "a", "甲"), errors={"a": ["请填写“甲”。"]})
    control = page.get_element_by_id(field_id("a"))
    assert control.get("aria-invalid") == "true"
    assert page.get_element_by_id(control.get("aria-describedby")).text == "请填写“甲”。"


def test_typed_values_stay_even_where_they_are_wrong():
    page = parsed(field("number", "n"), field("select", "s", values=choices("x")), values={"n": "12x", "s": "gone"})
    assert page.get_element_by_id("field-n").get("value") == "12x"
    assert page.xpath("//option[@selected]/@value") == ["gone"]
    assert "已不在可选范围" in page.xpath("//option[@selected]")[0].text


def test_instants_are_shown_in_the_time_of_shanghai():
    page = parsed(field("datetime", "d", subtype="datetime"), values={"d": "2026-11-25T01:30:00Z"})
    assert page.get_element_by_id("field-d").get("value") == "2026-11-25T09:30"


def test_filed_data_reads_as_words():
    one = form(
        field("checkbox", "a", "核对"),
        field("datetime", "d", "日期"),
        field("select", "p", "紧急", **{"bihuan:options": "code:PRIORITY"}),
        field("number", "m", "经费", **{"bihuan:type": "money"}),
        field("textfield", "none", "空"),
        field("filepicker", "f", "附件"),
        field("dynamiclist", "rows", "清单", components=[field("textfield", "x", "名称")]),
    )
    filed = {
        "a": True, "d": "2026-11-05", "p": "加急", "m": 12000, "none": "", "f": [{"id": "u-1", "name": "现场.jpg"}],
        "rows": [{"x": "录像"}],
    }  # fmt: skip
    page = html.fromstring(f"<main>{markup(one, filed, mode='read')}</main>")
    pairs = {pair.findtext("dt"): pair.find("dd").text_content().strip() for pair in page.xpath("//dl/div")}
    assert pairs == {
        "核对": "是",
        "日期": "2026年11月5日",
        "紧急": "加急",
        "经费": "12,000.00 元",
        "空": "—",
        "附件": "现场.jpg",
    }
    assert page.xpath("//table//td")[0].text_content() == "录像"
    assert page.xpath("//a/@href") == ["/attachments/u-1"]


def test_a_form_travels_to_the_page_and_back():
    one = form(
        field("textfield", "a"),
        field("checkbox", "c"),
        field("checklist", "l", values=choices("x", "y")),
        {"type": "group", "id": "g", "label": "组", "path": "g", "components": [field("number", "n")]},
        field("dynamiclist", "rows", components=[field("textfield", "x"), field("checkbox", "k")]),
    )
    values = {"a": "甲", "c": True, "l": ["y"], "g": {"n": 5}, "rows": [{"x": "1", "k": False}, {"x": "2", "k": True}]}
    page = html.fromstring(f"<form>{markup(one, values)}</form>")
    for template in page.xpath("//template"):
        template.getparent().remove(template)
    back = parse_submission(
        one, MultiDict(page.xpath("//form")[0].form_values() if page.tag != "form" else page.form_values())
    )
    assert one.check(back.values, {}, options, None).values == values


def test_unknown_and_computed_names_are_dropped():
    one = form(field("textfield", "a"), field("textfield", "auto", **{"bihuan:auto": "=1"}))
    assert parse_submission(one, MultiDict({"a": "x", "auto": "9", "role": "r", "csrf_token": "t"})).values == {
        "a": "x"
    }


def test_rows_are_added_and_removed_without_script():
    one = form(field("dynamiclist", "rows", components=[field("textfield", "x")]))
    typed = [("rows[0]._row", "1"), ("rows[0].x", "a"), ("rows[2]._row", "1"), ("rows[2].x", "b")]
    added = parse_submission(one, MultiDict([*typed, ("_add", "rows")]))
    assert (added.redraw, added.values) == (True, {"rows": [{"x": "a"}, {"x": "b"}, {}]})
    removed = parse_submission(one, MultiDict([*typed, ("_remove", "rows[0]")]))
    assert (removed.redraw, removed.values) == (True, {"rows": [{"x": "b"}]})
    assert parse_submission(one, MultiDict(typed)).redraw is False


def test_rows_in_which_nothing_is_filled_are_dropped():
    row = [field("textfield", "x"), field("select", "s", values=choices("p"), defaultValue="p"), field("checkbox", "c")]
    one = form(field("dynamiclist", "rows", components=row))
    blank = [("rows[0]._row", "1"), ("rows[0].x", ""), ("rows[0].s", "p"), ("rows[1]._row", "1"), ("rows[1].x", "a")]
    assert parse_submission(one, MultiDict(blank)).values["rows"] == [{"x": "a"}]


def test_files_that_come_with_the_form_are_kept_and_dropped_ones_are_not():
    one = form(field("filepicker", "f", multiple=True))
    kept = []

    def attach(path, file):
        kept.append((path, file.filename))
        return {"id": "new", "name": file.filename}

    known = MultiDict([("f", "u-1/旧.pdf"), ("f", "u-2/x/y.pdf"), ("_drop", "f:u-1")])
    upload = MultiDict([("f", FileStorage(filename="新.pdf"))])
    found = parse_submission(one, known, upload, attach)
    assert found.values == {"f": [{"id": "u-2", "name": "x/y.pdf"}, {"id": "new", "name": "新.pdf"}]}
    assert kept == [("f", "新.pdf")]
    assert found.redraw


def test_millions_of_rows_are_not_read():
    one = form(field("dynamiclist", "rows", components=[field("textfield", "x")]))
    names = MultiDict([(f"rows[{number}].x", "a") for number in range(3000)] + [("rows[99999999999].x", "a")])
    assert len(parse_submission(one, names).values["rows"]) == 1000


@pytest.mark.parametrize("key", shipped())
def test_every_shipped_form_can_be_drawn_sent_empty_and_drawn_again(key):
    with form_app().test_client() as client:
        assert client.get(f"/forms/{key}").status_code == 200
        answer = client.post(f"/forms/{key}", data={})
        assert answer.status_code in {200, 422}
        if answer.status_code == 422:
            page = html.fromstring(answer.get_data(as_text=True))
            for told in page.xpath("//*[@data-path]"):
                assert any("\u4e00" <= letter <= "\u9fff" for letter in told.text_content())
                path = told.get("data-path")
                fields = page.xpath(f"//*[@data-field={json.dumps(path)}]")
                assert fields, (key, path)
                assert fields[0].get("hidden") is None, (key, path)
