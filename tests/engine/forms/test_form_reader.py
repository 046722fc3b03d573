import pytest

from engine.errors import InvalidFormError
from engine.forms import read_form
from tests.engine.forms.builder import choices, field, form, schema


def problems(*components, **more):
    with pytest.raises(InvalidFormError) as refusal:
        read_form({**schema(*components), **more}, "demo/form.form")
    return [(problem.rule, problem.element) for problem in refusal.value.problems]


@pytest.mark.parametrize("kind", ["html", "iframe", "image", "documentPreview", "button2", "script", ""])
def test_components_that_bring_foreign_content_or_are_unknown_are_refused(kind):
    assert problems(field(kind, "x"))[0][0] == "form-component"


def test_a_refusal_names_the_component_and_the_reason_in_chinese():
    with pytest.raises(InvalidFormError) as refusal:
        form(field("html", "intro", content="<script>alert(1)</script>"))
    assert "intro" in refusal.value.problems[0].message
    assert "HTML" in str(refusal.value)


@pytest.mark.parametrize("broken", ["=1 +", "=(", '="a', "=for x in"])
def test_broken_feel_is_refused_wherever_it_stands(broken):
    assert problems(field("textfield", "a", conditional={"hide": broken})) == [("form-feel", "a")]
    assert problems(field("expression", "a", expression=broken)) == [("form-feel", "a")]
    assert problems(field("textfield", "a", **{"bihuan:requiredIf": broken})) == [("form-feel", "a")]
    assert problems(field("textfield", "a", **{"bihuan:check": broken, "bihuan:checkMessage": "x"})) == [
        ("form-feel", "a")
    ]
    assert problems(field("number", "a", validate={"min": broken})) == [("form-feel", "a")]
    assert problems(field("textfield", "a", readonly=broken)) == [("form-feel", "a")]


def test_a_condition_without_equals_sign_is_refused_rather_than_ignored():
    assert problems(field("textfield", "a", conditional={"hide": "days > 3"})) == [("form-feel", "a")]


def test_every_problem_of_a_file_is_told_at_once():
    found = problems(
        field("html", "a"), field("textfield", "b c"), field("select", "d"), field("textfield", "e", label=" ")
    )
    assert [rule for rule, _ in found] == ["form-component", "form-key", "form-options", "form-label"]


@pytest.mark.parametrize("key", ["matter", "actor", "task", "this", "1st", "a-b", "", "_x", "a..b"])
def test_keys_that_expressions_could_not_read_or_the_system_uses_are_refused(key):
    component = {"type": "textfield", "id": "x", "key": key, "label": "甲"}
    assert problems(component)[0][0] == "form-key"


def test_a_key_may_be_used_once_per_scope():
    assert problems(field("textfield", "a"), field("number", "a")) == [("form-key", "a")]
    row = [field("textfield", "a")]
    assert form(field("textfield", "a"), field("dynamiclist", "rows", components=row))


def test_a_group_without_a_path_shares_the_scope_around_it():
    inner = {"type": "group", "id": "g", "label": "组", "components": [field("textfield", "a")]}
    assert problems(field("textfield", "a"), inner) == [("form-key", "a")]


def test_a_choice_needs_choices_from_somewhere():
    assert problems(field("radio", "a", values=[{"value": "x"}])) == [("form-options", "a")]
    assert form(
        field("select", "a", values=choices("x")),
        field("select", "b", valuesKey="list"),
        field("select", "c", valuesExpression="=list"),
        field("select", "d", **{"bihuan:options": "code:PRIORITY"}),
        field("select", "e", **{"bihuan:type": "person"}),
    )


def test_patterns_that_need_more_than_linear_time_are_refused():
    assert problems(field("textfield", "a", validate={"pattern": r"(?=x)y"})) == [("form-pattern", "a")]
    assert problems(field("textfield", "a", validate={"pattern": r"(a)\1"})) == [("form-pattern", "a")]
    assert problems(field("textfield", "a", validate={"pattern": "("})) == [("form-pattern", "a")]


def test_slips_in_product_properties_are_told():
    assert problems(field("textfield", "a", **{"bihuan:requierdIf": "=true"})) == [("form-property", "a")]
    assert problems(field("textfield", "a", **{"bihuan:type": "persona"})) == [("form-property", "a")]
    assert problems(field("textfield", "a", **{"bihuan:check": "=true"})) == [("form-check", "a")]
    assert problems(field("textfield", "a", **{"bihuan:outcome": "true"})) == [("form-outcome", "a")]


def test_only_one_field_can_be_the_outcome():
    outcome = {"values": choices("同意", "不同意"), "bihuan:outcome": "true"}
    assert problems(field("radio", "a", **outcome), field("radio", "b", **outcome)) == [("form-outcome", None)]


@pytest.mark.parametrize("bad", [None, [], "x", 7, {}, {"components": "x"}, {"components": {}}])
def test_what_is_no_form_is_refused(bad):
    with pytest.raises(InvalidFormError):
        read_form(bad, "x.form")


def test_newer_versions_than_known_are_refused():
    assert problems(field("textfield", "a"), schemaVersion=99) == [("form-version", None)]


def test_huge_and_deep_files_are_refused():
    assert problems(*(field("textfield", f"a{n}") for n in range(700)))[0][0] == "form-size"
    deep = field("textfield", "x")
    for number in range(40):
        deep = field("dynamiclist", f"list{number}", components=[deep])
    assert ("form-nesting", None) in problems(deep)


def test_templates_in_texts_may_interpolate_but_not_loop():
    assert problems({"type": "text", "id": "t", "text": "{{#loop x}}a{{/loop}}"})[0][0] == "form-text"
    assert form({"type": "text", "id": "t", "text": "编号 {{matter.number}}"})
