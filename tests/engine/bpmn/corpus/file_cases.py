"""Broken decisions, forms and procedure descriptions."""

from engine.bpmn.checks import DefinitionFile
from tests.engine.bpmn.corpus.builder import Case, form, sound

DMN = "processes/demo/triage.dmn"
FORM = "forms/demo/register.form"
TOML = "processes/demo/procedure.toml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">'
TABLE = (
    '<decision id="triage" name="研判"><decisionTable id="t" hitPolicy="{policy}"><input id="i" label="类型">'
    '<inputExpression id="e" typeRef="string"><text>{input}</text></inputExpression></input>'
    '<output id="o" name="level" typeRef="string"/><rule id="r1"><inputEntry id="c1"><text>{test}</text></inputEntry>'
    '<outputEntry id="v1"><text>{value}</text></outputEntry></rule></decisionTable></decision></definitions>'
)  # fmt: skip


def dmn(policy: str = "UNIQUE", input: str = "kind", test: str = '"a"', value: str = '"b"') -> str:  # noqa: A002
    """Return a decision file with one table."""
    return HEAD + TABLE.format(policy=policy, input=input, test=test, value=value)


def _decisions():
    good = dmn()
    texts = {
        "broken XML": good[:200],
        "an external entity": good.replace("?>", '?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>', 1),
        "an entity bomb": good.replace("?>", '?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', 1),
        "another root": "<html/>", "no root": "", "json": "{}",
        "an unknown hit policy": dmn(policy="MAYBE"),
        "a bad input expression": dmn(input="kind ++"),
        "a bad test": dmn(test="&lt; &lt;"),
        "a bad value": dmn(value='"b'),
        "a bad range": dmn(test="[1..}"),
    }  # fmt: skip
    for word, text in texts.items():
        yield Case(f"a decision with {word}", (DefinitionFile(DMN, text.encode()),), "*")
    utf16 = texts["an external entity"].replace("UTF-8", "UTF-16").encode("utf-16")
    yield Case("a decision with an external entity in UTF-16", (DefinitionFile(DMN, utf16),), "*")
    twice = (DefinitionFile(DMN, good.encode()), DefinitionFile("processes/demo/other.dmn", good.encode()))
    yield Case("a decision in two files", twice, "duplicate-decision", "triage")


def _forms():
    text = {"type": "textfield", "key": "a", "id": "F1", "label": "甲"}
    yield Case(
        "a form with html",
        (form([text, {"type": "html", "id": "F2", "content": "<script>1</script>"}]),),
        "form-component",
        "HTML",
    )
    yield Case(
        "a form with an iframe",
        (form([{"type": "iframe", "id": "F2", "url": "http://x"}]),),
        "form-component",
        "iframe",
    )
    hidden = {
        "type": "group",
        "id": "G",
        "components": [{"type": "dynamiclist", "path": "l", "components": [{"type": "html", "id": "F3"}]}],
    }
    yield Case("html deep inside a form", (form([hidden]),), "form-component", "HTML")
    for source, word in (("code:NOWHERE", "NOWHERE"), ("code:STOP_REASON+NOWHERE", "NOWHERE"), ("table:X", "table:X")):
        listed = {"type": "select", "key": "a", "id": "F3", "properties": {"bihuan:options": source}}
        yield Case(f"options from {source}", (form([listed]),), "unknown-options", word)
    yield Case("a component without type", (form([{"key": "a"}]),), "form", "type")
    yield Case("a component that is a text", (form(["textfield"]),), "form", "type")
    yield Case("components that are no list", (form({"a": 1}),), "form", "components")
    deep: dict = {"type": "group", "components": []}
    for _ in range(60):
        deep = {"type": "group", "components": [deep]}
    yield Case("a form 60 groups deep", (form([deep]),), "form-size", "40")
    yield Case("a form of 5,000 components", (form([text] * 5000),), "form-size", "2000")
    contents = {
        "not JSON": b"{", "a list": b"[]", "a number": b"1", "null": b"null", "empty": b"", "no UTF-8": b'{"a": "\xff"}',
        "100,000 brackets": b"[" * 100_000, "half a file": form([text]).content[:40],
        "a trailing comma": b'{"components": [1,],}',
        "100,000 nested lists": b'{"components": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    }  # fmt: skip
    for word, content in contents.items():
        yield Case(f"a form that is {word}", (DefinitionFile(FORM, content),), "*")
    yield Case(
        "a form above 2 MB",
        (DefinitionFile(FORM, b'{"components": [' + b" " * 2_200_000 + b"]}"),),
        "too-large",
        "2 MB",
    )


def _procedures():
    good = 'key = "demo"\ntitle = "演示"\ncode = "DM"\nnumber = "DM-{yyyy}-{nnnnn}"\n'
    texts = {
        "TOML": "key = ", "TOML ": "[[[", "title": good.replace('title = "演示"\n', ""), "code": good.replace('code = "DM"\n', ""),
        "key": good.replace("demo", "other"), "sensitivity": good + 'sensitivity = "S9"\n',
        "start_roles": good + 'start_roles = "squad_officer"\n', "start_roles ": good + 'start_roles = ["ghost"]\n',
        "archive": good + '[[archive]]\nname = "登记表"\nform = "ghost"\n', "number": good.replace("number", "no"),
    }  # fmt: skip
    for word, text in texts.items():
        yield Case(
            f"a procedure.toml with a wrong {word!r}", (sound(), DefinitionFile(TOML, text.encode())), "*", word.strip()
        )
    yield Case("a procedure.toml in GBK", (DefinitionFile(TOML, good.encode("gbk")),), "encoding", "UTF-8")
    yield Case("a procedure.toml with 50,000 brackets", (DefinitionFile(TOML, b"a = " + b"[" * 50_000),), "toml")


def cases() -> list[Case]:
    """Return every case of this kind."""
    return [*_decisions(), *_forms(), *_procedures()]
