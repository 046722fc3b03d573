"""Hostile and broken XML: entities, external files, size, depth, encodings, and files that are something else."""

from engine.bpmn.checks import DefinitionFile
from tests.engine.bpmn.corpus.builder import HEAD, PATH, TAIL, Case, definitions, flows, process, sound

_GOOD = sound().content.decode()
_BODY = _GOOD.split("?>", 1)[1]
_XXE = '<!DOCTYPE bpmn:definitions [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_HTTP = '<!DOCTYPE bpmn:definitions [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>'
_PARAMETER = '<!DOCTYPE bpmn:definitions [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'
_EXTERNAL = '<!DOCTYPE bpmn:definitions SYSTEM "file:///etc/passwd">'
_PUBLIC = '<!DOCTYPE bpmn:definitions PUBLIC "-//x" "http://127.0.0.1:9/x.dtd">'
_PLAIN = "<!DOCTYPE bpmn:definitions>"
_LAUGHS = (
    '<!DOCTYPE bpmn:definitions [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
_QUADRATIC = f'<!DOCTYPE bpmn:definitions [<!ENTITY b "{"b" * 50_000}">]>'
_ATTLIST = '<!DOCTYPE bpmn:definitions [<!ATTLIST bpmn:userTask id CDATA "x">]>'
_RECURSIVE = '<!DOCTYPE bpmn:definitions [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'


def _with(doctype: str, entity: str = "", encoding: str = "UTF-8") -> bytes:
    body = _BODY.replace('name="办理"', f'name="{entity or "办理"}"') if "SYSTEM" not in doctype else _BODY
    if entity and "SYSTEM" in doctype:
        body = body.replace("<bpmn:startEvent", f"<bpmn:documentation>{entity}</bpmn:documentation><bpmn:startEvent", 1)
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return (head + doctype + body).encode("utf-8" if encoding == "UTF-8" else encoding)


def _nested(depth: int, tag: str = "subProcess") -> bytes:
    opening = "".join(f'<bpmn:{tag} id="s{n}">' for n in range(depth))
    return definitions(process(opening + f"</bpmn:{tag}>" * depth))


_ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32": "UTF-32", "utf-32-le": "UTF-32", "utf-32-be": "UTF-32", "utf-7": "UTF-7", "gb18030": "GB18030",
    "gbk": "GBK", "big5": "Big5", "latin-1": "ISO-8859-1", "ascii": "US-ASCII", "cp037": "EBCDIC-CP-US",
}  # fmt: skip


def _doctypes():
    kinds = {
        "an external file": (_XXE, "&x;"), "an external address": (_HTTP, "&x;"), "a parameter entity": (_PARAMETER, ""),
        "an external subset": (_EXTERNAL, ""), "a public subset": (_PUBLIC, ""), "a plain doctype": (_PLAIN, ""),
        "a billion laughs": (_LAUGHS, "&a9;"), "a quadratic blow-up": (_QUADRATIC, "&b;" * 50),
        "an attribute list": (_ATTLIST, ""), "a recursive entity": (_RECURSIVE, "&a;"),
    }  # fmt: skip
    for word, (doctype, entity) in kinds.items():
        for encoding, declared in _ENCODINGS.items():
            head = f'<?xml version="1.0" encoding="{declared}"?>'
            content = _with(doctype, entity).decode().split("?>", 1)[1]
            written = (head + content).encode(encoding, "xmlcharrefreplace")
            yield Case(f"{word} in {encoding}", (DefinitionFile(PATH, written),), "*")


def _broken():
    texts = {
        "nothing": b"", "blanks": b"  \n\t", "a word": b"hello", "a NUL": b"\x00", "binary": bytes(range(256)),
        "a zip": b"PK\x03\x04" + b"\x00" * 200, "an html page": b"<html><body>hi</body></html>",
        "json": b'{"a": 1}', "half a file": _GOOD.encode()[: len(_GOOD) // 2],
        "a closing tag too few": _GOOD.replace("</bpmn:process>", "").encode(),
        "two roots": _GOOD.encode() + _BODY.encode(),
        "an undeclared prefix": _GOOD.replace('<bpmn:startEvent id="start"/>', '<foo:startEvent id="start"/>').encode(),
        "an undeclared entity": _GOOD.replace('name="办理"', 'name="&unknown;"').encode(),
        "a control character": _GOOD.replace('name="办理"', 'name="\x01"').encode(),
        "a character reference to NUL": _GOOD.replace('name="办理"', 'name="&#0;"').encode(),
        "a lone surrogate reference": _GOOD.replace('name="办理"', 'name="&#xD800;"').encode(),
        "the same attribute twice": _GOOD.replace('name="办理"', 'name="a" name="b"').encode(),
        "a wrong encoding": _GOOD.replace("UTF-8", "GBK").encode("utf-8")[:-40],
        "bytes that are no UTF-8": _GOOD.encode().replace("办理".encode(), b"\xff\xfe\xfd"),
        "an unknown encoding": _GOOD.replace("UTF-8", "EVIL-1").encode(),
        "an old BPMN 1 root": b'<definitions xmlns="http://schema.omg.org/spec/BPMN/1.0"/>',
        "an XPDL root": b'<Package xmlns="http://www.wfmc.org/2008/XPDL2.1"/>',
        "an SVG root": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "a root without namespace": b"<definitions/>",
        "an unclosed comment": _GOOD.replace("<bpmn:startEvent", "<!-- <bpmn:startEvent", 1).encode(),
        "an unclosed CDATA": _GOOD.replace("<bpmn:startEvent", "<![CDATA[<bpmn:startEvent", 1).encode(),
    }  # fmt: skip
    for word, content in texts.items():
        yield Case(f"a file that is {word}", (DefinitionFile(PATH, content),), "*")


def _large():
    blanks = _GOOD.replace("</bpmn:process>", " " * (2 * 1024 * 1024) + "</bpmn:process>")
    many = "".join(f'<bpmn:userTask id="t{n}"/>' for n in range(5001))
    elements = "".join("<bpmn:documentation/>" for _ in range(20_001))
    yield Case("a file above 2 MB", (DefinitionFile(PATH, blanks.encode()),), "*", "2 MB")
    yield Case("more than 5,000 nodes", (DefinitionFile(PATH, definitions(process(many))),), "too-many-nodes", "demo")
    yield Case("more than 20,000 elements", (DefinitionFile(PATH, definitions(elements + process(""))),), "*", "20")
    pairs = range(1240)
    joins = "".join(f'<bpmn:{kind}Gateway id="{kind[0]}{n}"/>' for n in pairs for kind in ("parallel", "inclusive"))
    rows = flows(*(f"p{n}>i{n}" for n in pairs), *(f"p{n}>i{(n + 1) % 1240}" for n in pairs))
    yield Case("1,240 joins", (DefinitionFile(PATH, definitions(process(joins + rows))),), "too-many-joins", "demo")
    for where, inside in (("flat", "<bpmn:text/>" * 100_000), ("in pairs", "<a><b/></a>" * 50_000)):
        extended = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"
        content = definitions(process(extended))
        yield Case(f"100,000 elements, {where}", (DefinitionFile(PATH, content),), "*", "100")
    for depth in (51, 100, 250, 400, 5000, 50_000):
        yield Case(f"{depth} sub-processes in each other", (DefinitionFile(PATH, _nested(depth)),), "*")
    deep = "<bpmn:extensionElements>" + "<a>" * 3000 + "</a>" * 3000 + "</bpmn:extensionElements>"
    yield Case("3,000 levels of extensions", (DefinitionFile(PATH, definitions(process(deep))),), "*")
    wide = "".join(f' a{n}="{n}"' for n in range(100_000))
    yield Case("100,000 attributes", (DefinitionFile(PATH, definitions(f"<bpmn:process id='demo'{wide}/>")),), "*")
    long = f'<bpmn:userTask id="work" name="{"长" * 600_000}"/>'
    yield Case("a name of 1.8 MB", (DefinitionFile(PATH, definitions(process(long))),), "*")
    spaces = "".join(f' xmlns:n{n}="urn:{n}"' for n in range(20_000))
    yield Case("20,000 namespaces", (DefinitionFile(PATH, definitions(f"<bpmn:process id='demo'{spaces}/>")),), "*")
    yield Case("an include", (DefinitionFile(PATH, definitions(
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
        + process(""))),), "*")  # fmt: skip
    yield Case("a style sheet", (DefinitionFile(PATH, (
        '<?xml version="1.0"?><?xml-stylesheet href="file:///etc/passwd"?>' + HEAD.split("?>", 1)[1] + TAIL
    ).encode()),), "no-process")  # fmt: skip
    yield Case("a schema location of elsewhere", (DefinitionFile(PATH, (HEAD + TAIL).replace(
        'id="Definitions_1"', 'id="Definitions_1" xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"').encode()),),
        "no-process")  # fmt: skip


def _long():
    groups = ",".join(f"role{number}" for number in range(1200))
    crowd = "".join(f'<bpmn:userTask id="t{n}" camunda:candidateGroups="{groups}"/>' for n in range(150))
    many = '<bpmn:userTask id="work" camunda:assignee="{}"/>'
    timer = (
        '<bpmn:intermediateCatchEvent id="work"><bpmn:timerEventDefinition><bpmn:timeDuration>${{{}}}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )
    texts = {
        "180,000 unknown roles": crowd,
        "300,000 expressions": many.format("${a}" * 300_000),
        "900,000 blanks in a timer": timer.format(" " * 900_000),
        "400,000 unclosed expressions": many.format("${" * 400_000),
        "600,000 digits in a timer": timer.format("9" * 600_000),
    }
    for word, inside in texts.items():
        yield Case(word, (DefinitionFile(PATH, definitions(process(inside))),), "*")


def cases() -> list[Case]:
    """Return every case of this kind."""
    return [*_doctypes(), *_broken(), *_large(), *_long()]
